"""How often signs are seen of those who pay attention, learned from groups that were probed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from yutang.communities.methods.belief import Floats
from yutang.communities.methods.evidence import RATES, Rate

#: Days of attentive members for which the given rates count as seen: so much of an own past outweighs them.
_GIVEN_FOR = 3_000.0


def learned_rates(
    *, seen: Mapping[str, Floats], members: Floats, attentive: Floats, given: Mapping[str, Rate] = RATES
) -> dict[str, Rate]:
    """Return rates as the probed groups show them, shrunk towards the given ones.

    A probe tells how many pay attention; what was seen of the group in the days around it then tells how often such a member
    is seen: ``(seen - others x the rest) / attentive member-days``, with the given rate as if it had been seen for 3,000
    member-days. At most it goes to half and to double of what is given: two probes are no reason to believe anything.

    Args:
        seen: members seen on one day, by sign; NaN where nobody tells. Shape ``(k,)``, a row for each day of a probed group.
        members: members on that day. Shape ``(k,)``.
        attentive: of these, who paid attention by the probe. Shape ``(k,)``.
        given: rates to begin with.

    Source:
        Posterior mean of a Poisson rate with a Gamma prior: Gelman et al. (2013), "Bayesian Data Analysis", eq. 2.15.
    """
    found: dict[str, Rate] = {}
    for name, rate in given.items():
        values = seen.get(name)
        if values is None or rate.attentive < rate.others:
            found[name] = rate
            continue
        rows = ~np.isnan(values)
        days = float(attentive[rows].sum())
        mistaken = float(((members - attentive)[rows] * rate.others).sum())
        own = max(float(values[rows].sum()) - mistaken, 0.0)
        mean = (own + rate.attentive * _GIVEN_FOR) / (days + _GIVEN_FOR)
        mean = min(max(mean, rate.attentive / 2, rate.others * 1.5), rate.attentive * 2)
        found[name] = Rate(mean, rate.others, rate.trust)
    return found
