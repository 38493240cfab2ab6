"""What needs a human today: the most urgent groups on the lists of those who look after them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, When

from yutang.communities.advice import ADVICE
from yutang.communities.finding import BY_ONE_POST_Q
from yutang.communities.models import Community
from yutang.communities.registering import living
from yutang.communities.tasks_for_people import SUBJECT, TEND_GROUP
from yutang.foundation.access import Actor
from yutang.kit.text import N_, Sentence
from yutang.worklist.actions import Draft, lapse, propose

#: Of each owner's groups so many are proposed on a day; all of them stand on the page of the fleet.
_OF_ONE_OWNER, _AT_ALL = 5, 200
REASONS = {
    "probe": N_("Nobody knows how alive “%(name)s” is: ask for a sign of life."),
    "revive": N_("“%(name)s” falls asleep: %(share)s of 100 members pay attention."),
    "rest": N_("People leave “%(name)s” while much is posted: let it rest."),
    "merge": N_("“%(name)s” is small and falls asleep; a similar group has room for its people."),
    "split": N_("The members of “%(name)s” differ: two groups of people who are alike live longer."),
    "open": N_("“%(name)s” is full: open the next one."),
    "close": N_("Nobody pays attention in “%(name)s” any more: close it."),
}


def propose_care(*, now: datetime) -> int:
    """Propose what to do about the most urgent groups, take off the lists what is settled, and return how many are new."""
    system = Actor.system()
    # Who is to make the next group was asked for it when it was wanted, and has it on the list.
    urgent = living().filter(urgency__gt=0).exclude(advice="").exclude(advice="open", opening__isnull=False)
    # What one post does for many groups is proposed for single ones only where nothing else needs the owner.
    rows = (
        urgent.select_related("group")
        .annotate(_by_one_post=Case(When(BY_ONE_POST_Q, then=1), default=0))
        .order_by("_by_one_post", "-urgency", "pk")
    )
    drafts: list[Draft] = []
    counted: dict[int, int] = {}
    for row in rows[: 20 * _AT_ALL]:
        owner = row.owner_id or 0
        counted[owner] = counted.get(owner, 0) + 1
        if counted[owner] <= _OF_ONE_OWNER and row.advice in ADVICE and len(drafts) < _AT_ALL:
            drafts.append(_draft(row))
    holding = {
        _key(row)
        for row in living().filter(urgency__gt=0).exclude(advice="").only("pk", "advice", "life_since", "judged_on")
    }
    lapse(actor=system, kind=TEND_GROUP.code, holding=holding, now=now)
    return propose(actor=system, drafts=drafts, now=now).proposed


def _draft(row: Community) -> Draft:
    reason = Sentence(
        REASONS[row.advice], {"name": row.group.name or row.group.chat_id, "share": round(100 * (row.share or 0))}
    )
    return Draft(
        kind=TEND_GROUP.code,
        dedupe_key=_key(row),
        reason=reason,
        rank=round(100 * row.urgency),
        stake_minor=0,
        store_id=row.store_id,
        staff_id=row.owner_id,
        subject={"room": SUBJECT, "id": row.pk},
    )


def _key(row: Community) -> str:
    """Return what makes a proposal one: what nobody saw to is proposed again each fortnight."""
    fortnight = row.judged_on.toordinal() // 14 if row.judged_on else 0
    return f"{TEND_GROUP.code}:{row.pk}:{row.advice}:{row.life_since}:{fortnight}"
