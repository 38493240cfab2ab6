"""The difference between an arm and those held out, narrowed by what the same people did before the draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yutang.experiments.methods.moments import Moments, Sample, a_head

#: A variance wants two units of each arm.
_LEAST = 2


@dataclass(frozen=True)
class Difference:
    """How much more an arm has a head than those held out.

    Attributes:
        value: the difference, with what was there before taken out.
        variance: of `value`.
        freedom: degrees of freedom of the variance.
        raw: the difference as it stands, nothing taken out.
        raw_variance: of `raw`.
        theta: how much of a difference before is taken out of the difference after.
        treated_mean: a head of the arm; `held_out_mean` likewise.
        units: of both arms. Count.
        effective_units: ``1 / (1 / treated + 1 / held out)``, of all draws together: what precision goes by.
    """

    value: float
    variance: float
    freedom: float
    raw: float
    raw_variance: float
    theta: float
    treated_mean: float
    held_out_mean: float
    units: int
    effective_units: float

    @property
    def narrowing(self) -> float:
        """Share of the variance that what was known before took away. 0-1."""
        return max(0.0, 1 - self.variance / self.raw_variance) if self.raw_variance > 0 else 0.0


def difference_of(*, treated: Sequence[Moments], held_out: Sequence[Moments]) -> Difference | None:
    """Return the difference between two arms.

    Where the shares were changed on the way, the arms are compared among those who were drawn at the same shares, and the
    differences are weighed by their people: else the arms would hold people of different days.

    Args:
        treated: the arm, one entry for each set of shares. Shape (k,).
        held_out: those held out, aligned by position. Shape (k,).

    Returns:
        None where no set of shares has two units of both arms.

    Source:
        Adjustment: Deng, Xu, Kohavi & Walker (2013), "Improving the sensitivity of online controlled experiments by utilizing
        pre-experiment data" (CUPED), equations 2 to 5, theta pooled over the arms. Degrees of freedom: Welch (1947), "The
        generalization of Student's problem when several different population variances are involved", with Satterthwaite
        (1946), equation 17. Weighing: Miratrix, Sekhon & Yu (2013), "Adjusting treatment effect estimates by
        post-stratification in randomized experiments".
    """
    pairs = [
        (a_head(arm), a_head(rest))
        for arm, rest in zip(treated, held_out, strict=True)
        if min(arm.units, rest.units) >= _LEAST and arm.people > 0 and rest.people > 0
    ]
    if not pairs:
        return None
    theta = _theta([sample for pair in pairs for sample in pair])
    people = sum(arm.people + rest.people for arm, rest in pairs)
    weights = [(arm.people + rest.people) / people for arm, rest in pairs]
    value, variance, freedom = _weighed(pairs, weights, theta)
    raw, raw_variance, _ = _weighed(pairs, weights, 0.0)
    return Difference(
        value=value,
        variance=variance,
        freedom=freedom,
        raw=raw,
        raw_variance=raw_variance,
        theta=theta,
        treated_mean=sum(w * arm.mean for w, (arm, _) in zip(weights, pairs, strict=True)),
        held_out_mean=sum(w * rest.mean for w, (_, rest) in zip(weights, pairs, strict=True)),
        units=sum(arm.units + rest.units for arm, rest in pairs),
        effective_units=sum(1 / (1 / arm.units + 1 / rest.units) for arm, rest in pairs),
    )


def _theta(samples: Sequence[Sample]) -> float:
    """Return the slope of after on before within arms, pooled; 0 where nothing was there before."""
    before = sum((one.units - 1) * one.before_var for one in samples)
    return sum((one.units - 1) * one.cov for one in samples) / before if before > 0 else 0.0


def _weighed(
    pairs: Sequence[tuple[Sample, Sample]], weights: Sequence[float], theta: float
) -> tuple[float, float, float]:
    """Return the weighed difference, its variance, and the degrees of freedom of that."""
    value = variance = spent = 0.0
    for weight, (arm, rest) in zip(weights, pairs, strict=True):
        value += weight * (arm.mean - rest.mean - theta * (arm.before - rest.before))
        for one in (arm, rest):
            part = weight**2 * _variance(one, theta) / one.units
            variance += part
            spent += part**2 / (one.units - 1)
    least = min(one.units - 1 for pair in pairs for one in pair)
    return value, variance, variance**2 / spent if spent > 0 else float(least)


def _variance(one: Sample, theta: float) -> float:
    return max(one.var - 2 * theta * one.cov + theta**2 * one.before_var, 0.0)
