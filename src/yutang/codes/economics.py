"""Codes that state a cost and a budget are programmes of the economics: what they cost, who came, stayed and left is told there.

A code without either is not held to anything, and nothing is told of it. Who the shop knew before is no newcomer; what they cost counts.
"""

from __future__ import annotations

from datetime import datetime

from yutang.codes.guards import plug_in, programme_of
from yutang.codes.models import Code, Newcomer
from yutang.customers.queries import NoSuchCustomer
from yutang.economics import actions
from yutang.economics.actions import NoSuchProgramme, Statement, WorthIsNotKnown
from yutang.foundation.access import Actor


class Economics:
    """Tells the room of economics; that of risk is not asked here, so that everybody may join."""

    def verdict(self, *, newcomer: Newcomer, now: datetime) -> str:
        """Return that everybody may join."""
        return "allow"

    def state(self, *, code: Code, now: datetime) -> None:
        """State a code that has a cost and a budget; where nothing knows yet what a newcomer is worth, the next change states it."""
        if not 0 < code.unit_cost_minor <= code.budget_minor or code.currency != "CNY":
            return
        statement = Statement(
            programme=programme_of(code.pk),
            title=code.name,
            unit_cost_fen=code.unit_cost_minor,
            budget_fen=code.budget_minor,
            margin_percent=code.margin_percent,
        )
        try:
            actions.state(actor=Actor.system(), programme=statement, now=now)
        except WorthIsNotKnown:
            return

    def cost(self, *, code: Code, key: str, amount_minor: int, now: datetime) -> None:
        """Tell that something was paid, or taken back."""
        _note(code.pk, kind="cost", key=key, amount_fen=amount_minor, customer_id=None, now=now)

    def note(self, *, newcomer: Newcomer, kind: str, now: datetime) -> None:
        """Tell that somebody came, with what that cost, stayed or left."""
        person, key = newcomer.customer_id, f"{kind}:{newcomer.pk}"
        if kind == "joined" and newcomer.code.unit_cost_minor:
            gift = newcomer.code.unit_cost_minor
            _note(
                newcomer.code_id, kind="cost", key=f"gift:{newcomer.pk}", amount_fen=gift, customer_id=person, now=now
            )
        if not newcomer.was_known:
            _note(newcomer.code_id, kind=kind, key=key, amount_fen=0, customer_id=person, now=now)


plug_in(Economics())


def _note(code_id: int, *, kind: str, key: str, amount_fen: int, customer_id: int | None, now: datetime) -> None:
    try:
        actions.note(
            actor=Actor.system(),
            programme=programme_of(code_id),
            kind=kind,
            key=key,
            amount_fen=amount_fen,
            customer_id=customer_id,
            now=now,
        )
    except (NoSuchProgramme, NoSuchCustomer):
        # Nothing was stated of this code, or the person was erased meanwhile.
        return
