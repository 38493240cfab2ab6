"""Links by which a person asks for another look without a log-in: signed for one decision, as long as an answer may take."""

from __future__ import annotations

from datetime import datetime, timedelta

from yutang.foundation.signed_links import SignedLinkIsUnknown, read, sign
from yutang.risk.asks import Verdict
from yutang.risk.models import Appeal, Decision, Settled
from yutang.risk.refusals import NoSuchDecision
from yutang.risk.views import AnotherLook, AppealPage
from yutang.risk.words import told_customer, told_why

_PURPOSE = "appeal"
#: So long the page can be opened: to ask, and to come back for the answer.
LASTS = timedelta(days=90)


def appeal_token(*, decision_id: int, now: datetime) -> str:
    """Return what the address of the page ends in; whoever stops something shows it to the person."""
    return sign(_PURPOSE, str(decision_id), until=now + LASTS)


def appeal_page(*, token: str, now: datetime) -> AppealPage:
    """Return what the page of a link shows: what was stopped, and what became of the appeal.

    Raises:
        NoSuchDecision: the link is none of ours, or the decision was forgotten.
        SignedLinkIsOver: its time is over.
    """
    try:
        number = int(read(token, _PURPOSE, now=now).ref)
    except SignedLinkIsUnknown as error:
        raise NoSuchDecision(decision="") from error
    row = Decision.objects.filter(pk=number).first()
    if row is None:
        raise NoSuchDecision(decision="")
    made = Appeal.objects.filter(decision_id=row.pk).first()
    verdict = "allow" if row.settled == "let_through" else row.verdict
    return AppealPage(
        row.pk,
        row.key,
        row.kind,
        row.at,
        told_why(row.reasons),
        verdict,
        made.state if made else "",
        made.answer if made else "",
    )


def another_look(*, key: str, now: datetime) -> AnotherLook | None:
    """Return what whoever asked under a key is told of why they were stopped, and how they ask for another look.

    Args:
        key: idempotency key of the ask.
        now: aware UTC.

    Returns:
        None where nothing is stopped, or the decision was forgotten.
    """
    row = Decision.objects.filter(key=key).first()
    if row is None or row.verdict == Verdict.ALLOW or row.settled == Settled.LET_THROUGH:
        return None
    # What a person looked at and kept stopped waits for nobody any more.
    told = told_customer(Verdict.REFUSE if row.settled else row.verdict)
    return AnotherLook(told, told_why(row.reasons), appeal_token(decision_id=row.pk, now=now))
