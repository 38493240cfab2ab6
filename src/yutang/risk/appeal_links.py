"""Links by which a person asks for another look without a log-in: the number of a decision and a keyed hash of it."""

from __future__ import annotations

import hmac

from yutang.foundation.sealing import digest16
from yutang.risk.models import Appeal, Decision
from yutang.risk.refusals import NoSuchDecision
from yutang.risk.views import AppealPage

_LONGEST = 60


def appeal_token(*, decision_id: int) -> str:
    """Return what the address of the page ends in; whoever stops something shows it to the person."""
    return f"{decision_id}-{_mark(decision_id)}"


def appeal_page(*, token: str) -> AppealPage:
    """Return what the page of a link shows: what was stopped, and what became of the appeal.

    Raises:
        NoSuchDecision: the link is none of ours, or the decision was forgotten.
    """
    number, _dash, mark = token[:_LONGEST].partition("-")
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    if not is_number or not hmac.compare_digest(mark.encode(), _mark(int(number)).encode()):
        raise NoSuchDecision(decision="")
    row = Decision.objects.filter(pk=int(number)).first()
    if row is None:
        raise NoSuchDecision(decision="")
    made = Appeal.objects.filter(decision_id=row.pk).first()
    verdict = "allow" if row.settled == "let_through" else row.verdict
    return AppealPage(row.pk, row.kind, row.at, verdict, made.state if made else "", made.answer if made else "")


def _mark(decision_id: int) -> str:
    return digest16("guard-appeal", "", str(decision_id)).hex()
