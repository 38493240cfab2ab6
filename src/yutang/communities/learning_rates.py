"""How often signs are seen, learned from the shop's own probes."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from yutang.communities.gathering import SIGNS
from yutang.communities.methods.evidence import RATES, Rate, packet_rate
from yutang.communities.methods.learning import learned_rates
from yutang.communities.models import Probe, ProbeKind, Vitality
from yutang.communities.organisation import LEARNS_RATES
from yutang.foundation.settings_kept import kept_setting

#: Probes of so many days teach, by what was seen so many days before and after each.
_TAUGHT, _AROUND = timedelta(days=90), timedelta(days=3)


def current_rates(last: date) -> dict[str, Rate]:
    """Return how often each sign is seen of one member on one day, as of a day."""
    if not kept_setting(LEARNS_RATES):
        return dict(RATES)
    probes = Probe.objects.filter(kind=ProbeKind.RED_PACKET, takers__isnull=False, were_all_taken=False)
    probes = probes.filter(day__gt=last - _TAUGHT, day__lte=last).order_by("pk")
    rows = list(probes.values_list("community_id", "day", "members", "takers", "minutes"))
    if not rows:
        return dict(RATES)
    around = {
        (key, day): (members, min(takers / float(packet_rate(np.array(minutes))), members))
        for key, day, members, takers, minutes in rows
        if takers is not None
    }
    names = ("community_id", "day", "ordered", *SIGNS.values())
    days = Vitality.objects.filter(
        community_id__in={key for key, _day in around}, day__gt=last - _TAUGHT - _AROUND, day__lte=last
    ).order_by("community_id", "day")
    found: list[tuple[float, float, list[float]]] = []
    for key, day, *signs in days.values_list(*names):
        near = next((one for one in _days_around(day) if (key, one) in around), None)
        if near is not None:
            members, attentive = around[key, near]
            found.append((members, attentive, [np.nan if one is None else float(one) for one in signs]))
    if not found:
        return dict(RATES)
    table = np.array([signs for _members, _attentive, signs in found])
    seen = {"orders": table[:, 0]} | {kind: table[:, place + 1] for place, kind in enumerate(SIGNS)}
    return learned_rates(
        seen=seen,
        members=np.array([members for members, _attentive, _signs in found]),
        attentive=np.array([attentive for _members, attentive, _signs in found]),
    )


def _days_around(day: date) -> list[date]:
    """Return the days on which a probe tells of this day, the nearest first."""
    reach = _AROUND.days
    return sorted(
        (day + timedelta(days=n) for n in range(-reach, reach + 1)), key=lambda one: (abs((one - day).days), one)
    )
