"""Pairs of records that wait for a decision: the more the two have spent, the more a mistake costs."""

from __future__ import annotations

from yutang.customers.queries import open_review_pairs
from yutang.insight.models import Score
from yutang.insight.proposals.kinds import IDENTITY_REVIEW
from yutang.kit.text import N_, Sentence
from yutang.worklist.actions import Draft
from yutang.worklist.queries import living_proposals

#: Pairs that are looked at, and of these the ones that are proposed: a person decides some tens a day.
_LOOKED_AT, _PROPOSED = 2_000, 20


def review_drafts(*, currency: str) -> list[Draft]:
    """Return a draft for the open pairs between which most money lies."""
    pairs = open_review_pairs(limit=_LOOKED_AT)
    spent = _spent({customer for _, *both in pairs for customer in both})
    weighed = [(min(spent.get(first, 0), spent.get(second, 0)), case) for case, first, second in pairs]
    best = sorted(weighed, key=lambda each: (-each[0], each[1]))[:_PROPOSED]
    return [_draft(case, stake, currency) for stake, case in best]


def reviews_that_hold() -> set[str]:
    """Return the keys of living proposals whose pair is still open."""
    living = living_proposals(kind=IDENTITY_REVIEW.code)
    by_case = {int(key.rpartition(":")[2]): key for key in living}
    return {by_case[case] for case, *_ in open_review_pairs(among=by_case, limit=len(by_case))}


def _draft(case: int, stake: int, currency: str) -> Draft:
    return Draft(
        kind=IDENTITY_REVIEW.code,
        dedupe_key=f"{IDENTITY_REVIEW.code}:{case}",
        reason=Sentence(
            N_(
                "Two records share a key and contradict each other; what the smaller one spent, %(spend_minor)s, is in doubt."
            ),
            {"spend_minor": stake, "currency": currency},
        ),
        rank=stake,
        subject={"room": "review", "id": case},
    )


def _spent(customers: set[int]) -> dict[int, int]:
    ids = sorted(customers)
    spent: dict[int, int] = {}
    for start in range(0, len(ids), 500):
        rows = Score.objects.filter(pk__in=ids[start : start + 500])
        spent.update(rows.values_list("pk", "spend_minor"))
    return spent
