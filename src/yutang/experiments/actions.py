"""Every change of the room: beginning, changing and ending experiments, drawing people and groups, reading what followed."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from django.db import IntegrityError, transaction

from yutang.experiments import drawing
from yutang.experiments.assignment import SALT_BYTES, WHOLE, Ints
from yutang.experiments.drawing import Drawn
from yutang.experiments.figures import read_figures
from yutang.experiments.measures import MEASURES
from yutang.experiments.models import Experiment, Reading, Unit
from yutang.experiments.standing import DrawnDay, NoSuchExperiment, drawn_of, experiment_named, horizon_of, is_followed
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.ingest.lake_sync import sync_lake
from yutang.insight.lake_reading import business_today, open_engine, require_answerable
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

__all__ = [
    "Drawn",
    "NoSuchExperiment",
    "begin_experiment",
    "change_shares",
    "draw_groups",
    "draw_people",
    "end_experiment",
    "read_results",
]

#: Name of the arm that is left out.
HELD_OUT = "held_out"
_KEY = re.compile(r"[a-z][a-z_]*:[A-Za-z0-9_.-]+")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,19}")
_LONGEST_KEY, _LONGEST_TITLE = 60, 120
_PERCENT = WHOLE // 100
_MOST_DAYS = 365


class ExperimentIsThere(DomainError):
    """The key is taken."""

    code: ClassVar[str] = "experiment_is_there"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("There is an experiment %(key)s already.")


class ExperimentIsWrong(DomainError):
    """An experiment cannot be set up like this."""

    code: ClassVar[str] = "experiment_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "An experiment cannot have this %(what)s: %(value)s. A key reads like campaign:summer, a title has 1 to 120 characters, 1 to "
        "95 percent are held out, arms have short names and positive shares, 1 to 365 days count."
    )


class ExperimentHasEnded(DomainError):
    """Nobody new is drawn."""

    code: ClassVar[str] = "experiment_has_ended"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The experiment %(key)s has ended: nobody is drawn any more.")


class UnitIsAnother(DomainError):
    """People were given to an experiment on groups, or groups to one on people."""

    code: ClassVar[str] = "unit_is_another"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The experiment %(key)s draws %(unit)s, nothing else.")


def begin_experiment(
    *,
    actor: Actor,
    key: str,
    title: str,
    unit: str = "person",
    held_out_percent: float = 10,
    arms: Mapping[str, int] | None = None,
    within_days: int = 30,
    wanted_ratio: float = 0.02,
    salt: bytes | None = None,
    now: datetime,
) -> int:
    """Begin an experiment and return its key in the store.

    Args:
        actor: needs ``channels.send``: whoever plans messages holds some people back.
        key: what it belongs to, such as ``playbook:3`` or ``campaign:summer``; used once. At most 60 characters.
        title: what people call it. 1 to 120 characters.
        unit: ``person``, or ``group`` for whole groups.
        held_out_percent: of all, who is left out. 1 to 95.
        arms: weights of the others by name; None: one arm, ``treated``.
        within_days: days after the day of the draw in which what happens counts. 1 to 365.
        wanted_ratio: smallest difference of the share of buyers that one wants to see. In (0, 1).
        salt: by which people are drawn, where the caller has one by which it foresees them; None: a new one. 16 bytes and more.
        now: when. Aware UTC.

    Raises:
        ExperimentIsWrong: something of this cannot be.
        ExperimentIsThere: the key is taken.
        EngineLacksWords: the chosen engine cannot answer what the experiment is measured by.
    """
    actor.require("channels.send")
    shares = _shares(held_out_percent, arms or {"treated": 1})
    _require("key", key, len(key) <= _LONGEST_KEY and _KEY.fullmatch(key) is not None)
    _require("title", title, 0 < len(title.strip()) <= _LONGEST_TITLE)
    _require("unit", unit, unit in Unit.values)
    _require("within_days", within_days, 1 <= within_days <= _MOST_DAYS)
    _require("wanted_ratio", wanted_ratio, 0 < wanted_ratio < 1)
    require_answerable(*sorted({one.query for one in MEASURES}))
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = Experiment.objects.create(
                    key=key,
                    title=title.strip(),
                    unit=unit,
                    salt=salt or secrets.token_bytes(SALT_BYTES),
                    versions=[{"since": now.isoformat(), "shares": list(shares.items())}],
                    within_days=within_days,
                    wanted_ratio=wanted_ratio,
                    begun_at=now,
                    begun_by_id=actor.staff_id,
                )
        except IntegrityError as error:
            raise ExperimentIsThere(key=key) from error
        _audit(actor, "experiments.begin", row, {"name": row.title, "value": shares}, now)
    return row.pk


@transaction.atomic
def change_shares(
    *, actor: Actor, key: str, held_out_percent: float, arms: Mapping[str, int] | None = None, now: datetime
) -> None:
    """Change the shares by which is drawn from now on; who was drawn before stays where they are.

    Args:
        actor: needs ``channels.send``.
        key: of the experiment.
        held_out_percent: of all, who is left out. 1 to 95.
        arms: weights of the others by name, the same names as before; None: as they were to each other.
        now: when. Aware UTC.

    Raises:
        NoSuchExperiment: there is none.
        ExperimentHasEnded: it has.
        ExperimentIsWrong: a share cannot be, or there are other arms than before.
    """
    actor.require("channels.send")
    row = _running(key)
    before = row.shares()
    weights = arms or {code: share for code, share in before.items() if code != HELD_OUT}
    shares = _shares(held_out_percent, weights)
    _require("arms", ", ".join(weights), list(shares) == list(before))
    if shares == before:
        return
    row.versions = [*row.versions, {"since": now.isoformat(), "shares": list(shares.items())}]
    row.save(update_fields=["versions"])
    _audit(actor, "experiments.change_shares", row, {"before": before, "value": shares}, now)


@transaction.atomic
def end_experiment(*, actor: Actor, key: str, now: datetime) -> None:
    """End an experiment: nobody new is drawn; what followed is read on until the days of the last ones are over.

    Raises:
        NoSuchExperiment: there is none.
        ExperimentHasEnded: it has already.
    """
    actor.require("channels.send")
    row = _running(key)
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    _audit(actor, "experiments.end", row, {}, now)


@transaction.atomic
def draw_people(*, actor: Actor, key: str, customer_ids: Sequence[int] | Ints, now: datetime) -> Drawn:
    """Return the arm of each person; who was not drawn before is drawn now, for ever.

    Args:
        actor: needs ``channels.send``.
        key: of the experiment.
        customer_ids: people, in any order, each as often as one likes. Shape (n,).
        now: when. Aware UTC.

    Raises:
        NoSuchExperiment: there is none.
        ExperimentHasEnded: somebody is new, and it has ended.
        UnitIsAnother: it draws groups.
    """
    actor.require("channels.send")
    row = _drawing(key, Unit.PERSON)
    found = drawing.people_of(row, customer_ids)
    if found.new and row.ended_at is not None:
        raise ExperimentHasEnded(key=key)
    return drawing.keep_people(row, found, now=now)


@transaction.atomic
def draw_groups(*, actor: Actor, key: str, members: Mapping[str, Sequence[int]], now: datetime) -> dict[str, str]:
    """Return the arm of each group; one that was not drawn before is drawn now, with the people who are in it now.

    Args:
        actor: needs ``channels.send``.
        key: of the experiment.
        members: people in each group, by the group's key (at most 64 characters).
        now: when. Aware UTC.

    Raises:
        NoSuchExperiment: there is none.
        ExperimentHasEnded: a group is new, and it has ended.
        UnitIsAnother: it draws people.
    """
    actor.require("channels.send")
    row = _drawing(key, Unit.GROUP)
    kept = drawing.kept_groups(row, members)
    new = sorted(set(members) - set(kept))
    if new and row.ended_at is not None:
        raise ExperimentHasEnded(key=key)
    places = kept | drawing.keep_groups(row, {group: members[group] for group in new}, now=now)
    codes = list(row.shares())
    return {group: codes[places[group]] for group in members}


def read_results(*, actor: Actor, told: Callable[[int, int], None] = lambda done, total: None, now: datetime) -> int:
    """Read what followed of every experiment that is not over, keep it by day, and return how many were read.

    Args:
        actor: needs ``experiments.view``.
        told: called after each with how many are done, and of how many.
        now: when. Aware UTC.
    """
    actor.require("experiments.view")
    followed = [row for row in Experiment.objects.order_by("pk") if is_followed(row, now=now)]
    if not followed:
        return 0
    sync_lake(now=now)
    with open_engine() as engine:
        as_of, currency = horizon_of(engine, today=business_today(now))
        drawn = drawn_of(followed)
        for done, row in enumerate(followed, 1):
            figures = read_figures(engine, experiment=row, as_of=as_of, currency=currency)
            Reading.objects.update_or_create(
                experiment=row,
                as_of=as_of,
                defaults={
                    "currency": currency,
                    "taken_at": now,
                    "drawn": _days(drawn[row.pk]),
                    "figures": figures.as_json(),
                },
            )
            told(done, len(followed))
    return len(followed)


def _shares(held_out_percent: float, weights: Mapping[str, int]) -> dict[str, int]:
    """Return the ten-thousandths of each arm, the one held out first; what does not divide goes to the first arms."""
    _require("held_out_percent", held_out_percent, 1 <= held_out_percent <= 95)
    names = all(_CODE.fullmatch(code) and code != HELD_OUT for code in weights)
    _require("arms", dict(weights), bool(weights) and names and all(weight > 0 for weight in weights.values()))
    held_out = round(held_out_percent * _PERCENT)
    rest, whole = WHOLE - held_out, sum(weights.values())
    ends = [rest * sum(list(weights.values())[: place + 1]) // whole for place in range(len(weights))]
    shares = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    _require("arms", dict(weights), min(shares) > 0)
    return {HELD_OUT: held_out, **dict(zip(weights, shares, strict=True))}


def _require(what: str, value: object, is_right: bool) -> None:
    if not is_right:
        raise ExperimentIsWrong(what=what, value=str(value))


def _days(drawn: Sequence[DrawnDay]) -> list[list[object]]:
    return [[one.day.isoformat(), one.arm, one.units] for one in drawn]


def _running(key: str) -> Experiment:
    row = experiment_named(key, locked=True)
    if row.ended_at is not None:
        raise ExperimentHasEnded(key=key)
    return row


def _drawing(key: str, unit: Unit) -> Experiment:
    row = experiment_named(key)
    if row.unit != unit:
        raise UnitIsAnother(key=key, unit=str(Unit(row.unit).label))
    return row


def _audit(actor: Actor, action: str, row: Experiment, detail: Mapping[str, object], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="experiment", subject_id=row.key, detail=dict(detail), now=now)
