"""Every newcomer of a code is judged by the guard against abuse; a code that states a cost and a budget is a programme of the economics.

The economics are told what such a code costs, who came, stayed and left; of a code without either, nothing. Who the shop knew before is
no newcomer: nobody judges them, and only what they cost counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum

from yutang.codes.guards import ask_of, plug_in, programme_of
from yutang.codes.models import Code, Newcomer
from yutang.codes.watching import why_unstated
from yutang.customers.queries import NoSuchCustomer
from yutang.economics import actions
from yutang.economics.actions import NoSuchProgramme, Statement, WorthIsNotKnown
from yutang.economics.models import BEFORE
from yutang.economics.queries import is_stated
from yutang.foundation.access import Actor
from yutang.risk.actions import judge, note_outcome
from yutang.risk.asks import Ask
from yutang.risk.refusals import NoSuchDecision

#: Who leaves within this time left at once.
_AT_ONCE = timedelta(days=1)


class Guarded:
    """Asks the guard against abuse, and tells it and the economics."""

    def verdict(self, *, newcomer: Newcomer, now: datetime) -> str:
        """Return what the guard says of a newcomer; whom the shop knew may come again."""
        if newcomer.was_known or newcomer.customer_id is None:
            return "allow"
        ask = Ask(
            kind="join",
            key=ask_of(newcomer.pk),
            person_id=newcomer.customer_id,
            programme=programme_of(newcomer.code_id),
            store_id=newcomer.store_id,
            value_fen=newcomer.code.unit_cost_minor if newcomer.code.currency == "CNY" else 0,
        )
        return str(judge(actor=Actor.system(), ask=ask, now=now).verdict)

    def state(self, *, code: Code, now: datetime) -> None:
        """State a code that has a cost and a budget; where nothing knows yet what a newcomer is worth, the next change states it.

        What was paid and given before is told with the first statement, so that the ledger holds all that the code cost.
        """
        if why_unstated(code):
            return
        statement = Statement(
            programme=programme_of(code.pk),
            title=code.name,
            unit_cost_fen=code.unit_cost_minor,
            budget_fen=code.budget_minor,
            margin_percent=code.margin_percent,
            came_before=_told(code).count(),
        )
        is_first = not is_stated(statement.programme)
        try:
            actions.state(actor=Actor.system(), programme=statement, now=now)
        except WorthIsNotKnown:
            return
        if is_first:
            given = _told_all(code).aggregate(minor=Sum("cost_minor", default=0))["minor"]
            self._tell_before(code, key=f"{BEFORE}stated", cost_minor=given, now=now)
            for one in code.costs.order_by("pk"):
                self.cost(code=code, key=f"cost:{one.pk}", amount_minor=one.amount_minor, now=now)

    def cost(self, *, code: Code, key: str, amount_minor: int, now: datetime) -> None:
        """Tell that something was paid, or taken back."""
        _note(code.pk, kind="cost", key=key, amount_fen=amount_minor, customer_id=None, now=now)

    def earlier(self, *, code: Code, people: int, cost_minor: int, now: datetime) -> None:
        """Tell that so many more came before, and what they cost: what was paid for the code is theirs, too."""
        actions.note_earlier(actor=Actor.system(), programme=programme_of(code.pk), people=people, now=now)
        latest = code.newcomers.order_by("-pk").values_list("pk", flat=True).first()
        self._tell_before(code, key=f"{BEFORE}{latest}", cost_minor=cost_minor, now=now)

    def note(self, *, newcomer: Newcomer, kind: str, now: datetime) -> None:
        """Tell that somebody came, with what that cost, stayed or left."""
        person, key = newcomer.customer_id, f"{kind}:{newcomer.pk}"
        if kind == "joined" and newcomer.cost_minor:
            gift = newcomer.cost_minor
            _note(
                newcomer.code_id, kind="cost", key=f"gift:{newcomer.pk}", amount_fen=gift, customer_id=person, now=now
            )
        if not newcomer.was_known:
            _note(newcomer.code_id, kind=kind, key=key, amount_fen=0, customer_id=person, now=now)
            _tell_guard(newcomer, kind=kind, now=now)

    def _tell_before(self, code: Code, *, key: str, cost_minor: int, now: datetime) -> None:
        """Tell what those cost who are no newcomers of the ledger: it is spent, and borne by nobody else."""
        if cost_minor:
            self.cost(code=code, key=key, amount_minor=cost_minor, now=now)


plug_in(Guarded())


def _told(code: Code) -> QuerySet[Newcomer]:
    """Return the newcomers of whom was told when they came, or who came before the code was kept here."""
    return _told_all(code).filter(was_known=False)


def _told_all(code: Code) -> QuerySet[Newcomer]:
    """Return the same, with those whom the shop knew before: they got the gift too."""
    return Newcomer.objects.filter(code=code).exclude(noted="")


def _tell_guard(newcomer: Newcomer, *, kind: str, now: datetime) -> None:
    """Tell what became of a newcomer, as far as it says something about who brought them."""
    is_short = newcomer.left_at is not None and newcomer.left_at - newcomer.added_at < _AT_ONCE
    outcome = "kept" if kind == "kept" else "left_at_once" if kind == "left" and is_short else ""
    if not outcome:
        return
    try:
        note_outcome(actor=Actor.system(), key=ask_of(newcomer.pk), outcome=outcome, now=now)
    except NoSuchDecision:
        # They came before the guard was asked.
        return


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
