"""The kind of proposal that tells whom it concerns that many friendships of one member of staff ended."""

from __future__ import annotations

from yutang.foundation.queries import staff_members
from yutang.kit.text import N_, Sentence
from yutang.wecom.models import Account, EndedBy, MassDeletion
from yutang.worklist.actions import Draft
from yutang.worklist.kinds import KINDS, Outcome, ProposalKind

MANY_LOST = KINDS.register(
    ProposalKind(
        code="many_lost",
        title=N_("Find out why many friendships ended"),
        advice=N_(
            "Talk to the member of staff first. See what the customers were sent last; "
            "who was deleted by staff can be invited again or handed over."
        ),
        ordinal=4,
        due_days=0,
        lapses_after_days=30,
        outcomes=(
            Outcome("mended", N_("Found out and mended")),
            Outcome("on_purpose", N_("Was meant so")),
            Outcome("handed_over", N_("Customers handed over")),
        ),
        is_capped=False,
        is_heard=True,
    )
)
#: What a proposal names as its place of work.
SUBJECT = "wecom"
_REASONS = {
    EndedBy.STAFF: N_("%(staff)s deleted at least %(count)s customers within a short time."),
    EndedBy.CUSTOMERS: N_("At least %(count)s customers deleted %(staff)s within a short time."),
}


def alarm_drafts(alarm: MassDeletion) -> list[Draft]:
    """Return a draft for each owner and each manager of a store of the member of staff, but for nobody about themselves."""
    concerned: list[int | None] = [*_concerned(alarm.account)]
    reason = Sentence(_REASONS[EndedBy(alarm.by)], {"staff": _name(alarm.account), "count": alarm.deleted})
    return [
        Draft(
            kind=MANY_LOST.code,
            dedupe_key=f"{MANY_LOST.code}:{alarm.pk}:{staff_id or 0}",
            reason=reason,
            rank=alarm.deleted,
            staff_id=staff_id,
            subject={"room": SUBJECT, "id": alarm.pk},
        )
        for staff_id in concerned or [None]
    ]


def _concerned(account: Account) -> list[int]:
    people = {one.id: one for one in staff_members() if one.is_active}
    own = people.get(account.staff_id or 0)
    stores = own.store_ids if own else frozenset()
    return [
        one.id
        for one in people.values()
        if one.id != account.staff_id
        and (one.role == "owner" or (one.role == "store_manager" and one.store_ids & stores))
    ]


def _name(account: Account) -> str:
    return account.staff.display_name if account.staff else account.userid
