"""The models that values stand on: one pair for all, and own ones of groups of customers where those foresee better."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from yutang.insight.lake_reading import answer
from yutang.insight.methods import bg_nbd, gamma_gamma
from yutang.insight.methods.bg_nbd import BgNbd
from yutang.insight.methods.gamma_gamma import GammaGamma
from yutang.insight.methods.purchases import WEEK_DAYS, FloatArray, IntArray
from yutang.insight.valuing import Lookahead, Summary, values_of
from yutang.lake.engines.base import Engine

#: Positions of customers; a slice where they are all.
Rows: TypeAlias = IntArray | slice
#: What customers can be grouped by: what is known of the first sale.
PLACES = ("region", "store", "platform")


@dataclass(frozen=True)
class ModelPair:
    """A model of orders, in weeks, and one of spend, in whole units of the main currency."""

    orders: BgNbd
    spend: GammaGamma


@dataclass(frozen=True)
class Places:
    """Where customers bought first.

    Attributes:
        keys: of the places: ``region:3``, ``store:8``, ``platform:taobao``; nothing behind the colon where there is none.
        customer_id: ascending. Shape (n,).
        place: of each customer, a position in `keys`. Shape (n,).
    """

    keys: tuple[str, ...]
    customer_id: IntArray
    place: IntArray

    def of(self, customer_id: IntArray) -> IntArray:
        """Return the positions in `keys` of some customers, -1 of who is not known; shape (m,)."""
        if not len(self.customer_id):
            return np.full(len(customer_id), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.customer_id, customer_id), len(self.customer_id) - 1)
        return np.where(self.customer_id[at] == customer_id, self.place[at], -1)


@dataclass(frozen=True)
class ValueModels:
    """The models in use.

    Attributes:
        shared: for everybody without an own pair.
        own: by key of the group; a pair has the shared model where only the other one is the group's own.
        by: one of `PLACES`; empty where nobody has an own pair.
    """

    shared: ModelPair
    own: Mapping[str, ModelPair] = field(default_factory=dict)
    by: str = ""

    def of(self, key: str) -> ModelPair:
        """Return the pair of a group."""
        return self.own.get(key, self.shared)

    def parts(self, customer_id: IntArray, places: Places | None) -> Iterator[tuple[str, ModelPair, Rows]]:
        """Yield key (empty for the shared pair), pair and positions of the customers for whom it stands; each once."""
        if places is None or not self.own:
            yield "", self.shared, slice(None)
            return
        order = {key: number for number, key in enumerate(self.own, 1)}
        numbers = np.array([*(order.get(key, 0) for key in places.keys), 0], dtype=np.int64)
        found = numbers[places.of(customer_id)]
        for key, number in {"": 0, **order}.items():
            rows = np.flatnonzero(found == number)
            if len(rows):
                yield key, self.of(key), rows

    def mixed(
        self, customer_id: IntArray, places: Places | None, told: Callable[[ModelPair, Rows], FloatArray]
    ) -> FloatArray:
        """Return what each customer's own model tells; shape of the customers, with what `told` puts behind."""
        found: FloatArray | None = None
        for _, pair, rows in self.parts(customer_id, places):
            part = told(pair, rows)
            if isinstance(rows, slice):
                return part
            if found is None:
                found = np.zeros((len(customer_id), *part.shape[1:]))
            found[rows] = part
        return np.zeros(0) if found is None else found


def places_of(engine: Engine, *, by: str, as_of: date) -> Places:
    """Return where everybody with a sale before a day bought first; `by` is one of `PLACES`."""
    rows = answer(engine, "insight.first_places", {"as_of": as_of, "by": by})
    encoded = rows["place"].combine_chunks().dictionary_encode()
    return Places(
        keys=tuple(f"{by}:{place}" for place in encoded.dictionary.to_pylist()),
        customer_id=rows["customer_id"].to_numpy().astype(np.int64, copy=False),
        place=encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64),
    )


def places_for(engine: Engine, models: ValueModels, *, as_of: date) -> Places | None:
    """Return the places by which customers find their models; None where all have the same."""
    return places_of(engine, by=models.by, as_of=as_of) if models.own else None


def bg_nbd_of(fits: Mapping[str, Any]) -> BgNbd:
    """Return the model of orders from fits as they are kept."""
    return BgNbd(**{name: fits["bg_nbd"][name] for name in bg_nbd.NAMES})


def gamma_gamma_of(fits: Mapping[str, Any]) -> GammaGamma:
    """Return the model of spend from fits as they are kept."""
    return GammaGamma(**{name: fits["gamma_gamma"][name] for name in gamma_gamma.NAMES})


def value_models_of(fits: Mapping[str, Any], choice: Mapping[str, Any]) -> ValueModels:
    """Return the models in use from fits and the choice of groups as they are kept."""
    shared = ModelPair(bg_nbd_of(fits), gamma_gamma_of(fits))
    own = {
        group["key"]: ModelPair(
            bg_nbd_of(group["fits"]) if "bg_nbd" in group["fits"] else shared.orders,
            gamma_gamma_of(group["fits"]) if "gamma_gamma" in group["fits"] else shared.spend,
        )
        for group in choice.get("groups", ())
        if group["fits"]
    }
    return ValueModels(shared, own, choice["by"] if own else "")


def values_by_models(
    summary: Summary, *, models: ValueModels, places: Places | None, as_of: date, currency: str
) -> pa.Table:
    """Return the rows of `values_of`, each by the customer's own models, with the key of the group in `model_group`."""
    parts = []
    for key, pair, rows in models.parts(summary.customer_id, places):
        some = summary if isinstance(rows, slice) else summary.of(rows)
        valued = values_of(some, model=pair.orders, spend_model=pair.spend, as_of=as_of, currency=currency)
        parts.append(valued.append_column("model_group", pa.repeat(key, valued.num_rows)))
    return pa.concat_tables(parts)


@dataclass(frozen=True)
class Foresight:
    """What a model foresees of customers in some days after the summary. Arrays of shape ``(n,)``.

    Attributes:
        alive: chance to be a customer still, at the end of the summary. 0-1.
        orders: expected orders.
        some: chance of an order or more. 0-1.
    """

    alive: FloatArray
    orders: FloatArray
    some: FloatArray


def foresight(summary: Summary, *, model: BgNbd, days: int) -> Foresight:
    """Return what one model foresees of everybody; `days` are 1 or more."""
    ahead = Lookahead(summary, model)
    outlook = ahead.outlook(days)
    alive = bg_nbd.p_alive(model=model, x=summary.x, t_x=summary.t_x / WEEK_DAYS, T=summary.T / WEEK_DAYS)
    return Foresight(alive, alive * outlook.orders[ahead.place], alive * (1 - outlook.none)[ahead.place])


def foresight_by_models(summary: Summary, *, models: ValueModels, places: Places | None, days: int) -> Foresight:
    """Return what each customer's own model foresees."""

    def told(pair: ModelPair, rows: Rows) -> FloatArray:
        part = foresight(summary.of(rows), model=pair.orders, days=days)
        return np.column_stack([part.alive, part.orders, part.some])

    found = models.mixed(summary.customer_id, places, told).reshape(-1, 3)
    return Foresight(found[:, 0], found[:, 1], found[:, 2])
