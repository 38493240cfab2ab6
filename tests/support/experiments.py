"""An experiment as if it had been drawn and read: its people, and the sums of what they did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from yutang.experiments.actions import begin_experiment
from yutang.experiments.figures import Figures
from yutang.experiments.methods.moments import Moments
from yutang.experiments.models import Assignment, Experiment, Reading
from yutang.foundation.access import Actor

#: (units, share who bought, orders a head, value a head in minor units, share who unsubscribed) of each arm.
Arm = tuple[int, float, float, float, float]


def told_experiment(
    *,
    arms: Mapping[str, Arm],
    key: str = "campaign:summer",
    title: str = "夏季唤醒",
    ended: bool = False,
    now: datetime,
) -> Experiment:
    """Write an experiment whose people were drawn 60 days ago and whose days are over, and what was read of them.

    Args:
        arms: what each arm did, the one held out first.
        key: of the experiment.
        title: what it is called.
        ended: whether it has ended.
        now: when it was read.
    """
    begun = now - timedelta(days=60)
    rest = {code: units for code, (units, *_) in list(arms.items())[1:]}
    everybody = sum(units for units, *_ in arms.values())
    begin_experiment(
        actor=Actor.system(),
        key=key,
        title=title,
        held_out_percent=max(1, min(95, round(100 * next(iter(arms.values()))[0] / everybody))),
        arms=rest,
        now=begun,
    )
    row = Experiment.objects.get(key=key)
    if ended:
        Experiment.objects.filter(pk=row.pk).update(ended_at=now - timedelta(days=20))
    _draw(row, [units for units, *_ in arms.values()], begun)
    cells = {
        measure: {
            (0, place): _moments(measure, arm, next(iter(arms.values()))) for place, arm in enumerate(arms.values())
        }
        for measure in ("bought", "orders", "value", "unsubscribed")
    }
    figures = Figures(date(2026, 3, 11), "CNY", cells)
    drawn = [[begun.date().isoformat(), place, units] for place, (units, *_) in enumerate(arms.values())]
    told = {"currency": "CNY", "taken_at": now, "drawn": drawn, "figures": figures.as_json()}
    Reading.objects.create(experiment=row, as_of=figures.as_of, **told)
    return row


def _draw(row: Experiment, sizes: list[int], begun: datetime) -> None:
    first = 1_000_000 * row.pk
    arms = [arm for arm, size in enumerate(sizes) for _ in range(size)]
    Assignment.objects.bulk_create(
        Assignment(
            experiment=row,
            customer_id=first + place,
            arm=arm,
            version=0,
            assigned_at=begun,
            assigned_date=begun.date(),
        )
        for place, arm in enumerate(arms)
    )


def _moments(measure: str, arm: Arm, usual: Arm) -> Moments:
    """Return sums with a plausible spread; before the draw both arms did what those held out do, which tells a third of it."""
    units, mean, before = arm[0], _mean(measure, arm), _mean(measure, usual)
    if measure in {"bought", "unsubscribed"}:
        var = mean * (1 - mean) * units / (units - 1)
    else:
        var = 3 * mean if measure == "orders" else 9 * mean * mean
    return Moments(units, units, mean, before, 1.0, var, var, 0.0, 0.55 * var)


def _mean(measure: str, arm: Arm) -> float:
    units, bought, orders, value, left = arm
    if measure in {"bought", "unsubscribed"}:
        return round(units * (bought if measure == "bought" else left)) / units
    return orders if measure == "orders" else value
