"""What became of the messages of a campaign part by part, such as step by step of a playbook; read through `queries`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from yutang.channels.models import DeliveryState, LinkVisit, Touch, TouchState
from yutang.channels.within import rows_within
from yutang.foundation.access import Actor

_WITH_STAFF = (DeliveryState.CREATED, DeliveryState.NOTIFIED)
_ARRIVED = (DeliveryState.CONFIRMED, DeliveryState.DELIVERED)


@dataclass(frozen=True)
class PartResults:
    """What became of the messages of one part. Counts.

    Attributes:
        planned: wait for their time.
        sent: let out by the policy.
        waits_for_staff: of these, nobody of the staff has confirmed.
        delivered: of these, confirmed or delivered, as far as the platform says.
        failed: did not go out, or did not arrive.
        stopped: refused when they were to go out.
        clicked: people who followed a link; where many got the same words, visits of people.
    """

    planned: int = 0
    sent: int = 0
    waits_for_staff: int = 0
    delivered: int = 0
    failed: int = 0
    stopped: int = 0
    clicked: int = 0


def results_by_part(
    *, access: Actor, campaign: str, parts: Sequence[str], contents: Mapping[str, str]
) -> dict[str, PartResults]:
    """Return what became of the messages of each part of a campaign, to people within reach, in three questions.

    Args:
        access: needs ``channels.view``.
        campaign: key of the campaign or playbook.
        parts: what stands between colons in the keys of a part's messages.
        contents: part by what its messages say, for links that many got.
    """
    access.require("channels.view")
    if not parts:
        return {}
    touches = Touch.objects.filter(rows_within(access), campaign=campaign).order_by()
    counts = {f"p{n}": Count("pk", filter=Q(key__contains=f":{part}:")) for n, part in enumerate(parts)}
    found = [dict.fromkeys(PartResults.__dataclass_fields__, 0) for _ in parts]
    rows = touches.values_list("state", "delivery__state").annotate(**counts)
    for state, delivered, *numbers in rows:
        for one, number in zip(found, numbers, strict=True):
            for name in _names_of(state, delivered):
                one[name] += number
    for n, clicked in enumerate(_clicked(access, campaign, parts, contents)):
        found[n]["clicked"] = clicked
    return {part: PartResults(**one) for part, one in zip(parts, found, strict=True)}


def _names_of(state: str, delivered: str | None) -> list[str]:
    if state == TouchState.PLANNED:
        return ["planned"]
    if state == TouchState.REFUSED:
        return ["stopped"]
    if state == TouchState.FAILED:
        return ["failed"]
    return ["sent"] + ["waits_for_staff"] * (delivered in _WITH_STAFF) + ["delivered"] * (delivered in _ARRIVED)


def _clicked(access: Actor, campaign: str, parts: Sequence[str], contents: Mapping[str, str]) -> list[int]:
    visits = LinkVisit.objects.filter(
        rows_within(access, at="link__touch__"), link__campaign=campaign, kind="person"
    ).order_by()
    own = {
        f"p{n}": Count("link__touch__customer_id", filter=Q(link__touch__key__contains=f":{part}:"), distinct=True)
        for n, part in enumerate(parts)
    }
    shared = {
        f"s{n}": Count(
            "pk", filter=Q(link__touch=None, link__content__in=[c for c, of in contents.items() if of == part])
        )
        for n, part in enumerate(parts)
    }
    told = visits.aggregate(**own, **shared)
    return [told[f"p{n}"] + told[f"s{n}"] for n in range(len(parts))]
