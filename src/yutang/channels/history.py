"""Messages that went out, with what was known of who had them, from the figures: what a replay needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from yutang.channels.audience import lake_for_policy, places_of
from yutang.channels.holding_out import experiment_key
from yutang.channels.models import Grievance
from yutang.channels.policy import LONGEST_WINDOW_DAYS
from yutang.channels.replaying import Open, Past, Said, Sending
from yutang.channels.rules import Contact
from yutang.experiments.queries import ExperimentView, Result, Unit, latest_results
from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, open_engine
from yutang.kit.arrays import distinct
from yutang.lake.engines.base import Engine


@dataclass(frozen=True)
class History:
    """What went out between two instants.

    Attributes:
        sendings: of everybody, or of one in so many people.
        pasts: what was known of each of them.
        one_in: 1 where it is everybody.
        known_until: when the figures were written: what went out later is not in them. Aware UTC.
    """

    sendings: tuple[Sending, ...]
    pasts: Mapping[int | str, Past]
    one_in: int
    known_until: datetime


def kept_history(*, access: Actor, begin_at: datetime, end_at: datetime, most: int | None = None) -> History:
    """Return the messages to people within reach that went out in a time.

    Args:
        access: whose reach bounds the people.
        begin_at: aware.
        end_at: exclusive. Aware.
        most: where about more messages went out, all those of one in so many people are taken; None: all are.

    Raises:
        FiguresAreNotReady: the lake was never written, or by a version that did not hold touches.
    """
    with open_engine(lake_for_policy()) as engine:
        return _Reading(engine, access, begin_at, end_at).history(most)


class _Reading:
    """Reads the history of one time."""

    def __init__(self, engine: Engine, access: Actor, begin_at: datetime, end_at: datetime) -> None:
        self._engine, self._access, self._begin, self._end = engine, access, begin_at, end_at

    def history(self, most: int | None) -> History:
        """Return the messages and what was known."""
        within = {"begin_at": _plain(self._begin), "end_at": _plain(self._end)}
        count = answer(self._engine, "channels.sending_count", within)["sendings"][0].as_py()
        one_in = 1 if most is None else max(1, -(-count // most))
        rows = answer(self._engine, "channels.sendings", {**within, "one_in": one_in})
        pasts = self._pasts(distinct(rows["customer_id"]), one_in)
        measured = self._measured(set(rows["campaign"].unique().to_pylist()))
        sendings = tuple(one for one in _sendings(rows, measured) if one.receiver in pasts)
        return History(sendings, pasts, one_in, datetime.fromisoformat(self._engine.snapshot.written_at))

    def _pasts(self, people: Any, one_in: int) -> dict[int | str, Past]:
        audience = {"audience": pa.table({"customer_id": pa.array(people, type=pa.int64())})}
        rows = answer(self._engine, "channels.audience_people", inputs=audience)
        zone, zones, is_known = places_of(rows, self._access)
        said = self._said(audience)
        contacts = self._contacts(one_in)
        value = answer(self._engine, "channels.value_before", {"begin_at": _plain(self._begin)}, audience)
        touches = dict(zip(value["customer_id"].to_pylist(), value["value_touches"].to_pylist(), strict=True))
        grievances = _grievances()
        joined = rows["joined_at"].to_pylist()
        return {
            key: Past(
                joined_at=joined[place].replace(tzinfo=UTC),
                zone=zones[zone[place]],
                said=tuple(said.get(key, ())),
                grievances=tuple(grievances.get(key, ())),
                contacts=tuple(contacts.get(key, ())),
                value_touches=touches.get(key, 0),
            )
            for place, key in enumerate(rows["customer_id"].to_pylist())
            if is_known[place]
        }

    def _measured(self, campaigns: Collection[str]) -> dict[str, int]:
        """Return what one message of each campaign or playbook was measured to bring; without those of which nothing is known yet.

        Minor units: what the people who were not held out brought more, shared among all messages that they were sent.
        """
        if self._access.store_ids is not None or not self._access.can("experiments.view"):
            return {}
        # A playbook is called alike here and there.
        keys = {key: name for name in campaigns if name for key in (name, experiment_key(name))}
        told = {keys[key]: _brought(*one) for key, one in latest_results(access=self._access, keys=keys).items()}
        if not any(brought is not None for brought in told.values()):
            return {}
        rows = answer(self._engine, "channels.campaign_messages")
        sent = dict(zip(rows["campaign"].to_pylist(), rows["messages"].to_pylist(), strict=True))
        return {
            name: round(brought / sent[name]) for name, brought in told.items() if brought is not None and name in sent
        }

    def _said(self, audience: Mapping[str, pa.Table]) -> dict[int, list[Said]]:
        said: dict[int, list[Said]] = defaultdict(list)
        for row in _rows(answer(self._engine, "channels.consent_entries", inputs=audience)):
            since = row["occurred_at"].replace(tzinfo=UTC)
            said[row["customer_id"]].append(Said(since, row["purpose"], row["channel"], bool(row["granted"])))
        return said

    def _contacts(self, one_in: int) -> dict[int, list[Contact]]:
        since = self._begin - timedelta(days=LONGEST_WINDOW_DAYS)
        before = {"begin_at": _plain(since), "end_at": _plain(self._begin), "one_in": one_in}
        contacts: dict[int, list[Contact]] = defaultdict(list)
        for one in _sendings(answer(self._engine, "channels.sendings", before)):
            if one.intent != "transactional" and isinstance(one.receiver, int):
                contacts[one.receiver].append(Contact(one.at, one.channel, one.intent))
        return contacts


def _brought(view: ExperimentView, result: Result) -> float | None:
    """Return what everybody who was not held out is reckoned to have brought more; None where nothing can be said. Minor units."""
    people = sum(one.people for one in result.worth)
    if not people or view.unit != Unit.PERSON:
        return None
    held_out = {one.code for one in result.arms if one.is_held_out}
    drawn = sum(units for code, units in view.drawn.items() if code not in held_out)
    return sum(one.minor for one in result.worth) / people * drawn


def _sendings(rows: pa.Table, measured: Mapping[str, int] | None = None) -> Iterator[Sending]:
    """Yield messages; what none was expected to bring has its measured worth, where there is one."""
    known = measured or {}
    for row in _rows(rows):
        expected = row["expected_minor"] or None
        yield Sending(
            receiver=row["customer_id"],
            at=row["touch_at"].replace(tzinfo=UTC),
            channel=row["channel"],
            intent=row["intent"],
            content=row["content"] or "",
            worth_minor=expected or known.get(row["campaign"]),
            is_measured=expected is None and row["campaign"] in known,
        )


def _grievances() -> dict[int, list[Open]]:
    found: dict[int, list[Open]] = defaultdict(list)
    rows = Grievance.objects.order_by("id").values_list("customer_id", "kind", "opened_at", "closed_at")
    for customer_id, kind, opened_at, closed_at in rows.iterator():
        found[customer_id].append(Open(kind, opened_at, closed_at))
    return found


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=50_000):
        yield from batch.to_pylist()


def _plain(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
