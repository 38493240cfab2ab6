"""Random facts, requests and policies, and the same facts as columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import strategies as st

from yutang.channels.columns import NONE_YET, FactColumns, contacts_in_order, microseconds
from yutang.channels.policy import CHANNELS, INTENTS, PURPOSE_OF, Policy
from yutang.channels.rules import STANDINGS, Contact, Facts, Request

MOMENT = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)
ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/London")

#: Instants around the moment; many of them fall on the edges of windows exactly.
instants = st.one_of(
    st.integers(-40 * 24, 10 * 24).map(lambda hours: MOMENT + timedelta(hours=hours)),
    st.sampled_from([1, 7, 14, 30]).map(lambda days: MOMENT - timedelta(days=days)),
    st.sampled_from([1, 7, 14, 30]).map(lambda days: MOMENT - timedelta(days=days, microseconds=-1)),
    st.integers(-40 * 86_400_000_000, 0).map(lambda micros: MOMENT + timedelta(microseconds=micros)),
)
moments = st.integers(0, 24 * 60 * 30).map(lambda minutes: MOMENT + timedelta(minutes=minutes))


@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    """Return one message before or after the moment."""
    at = draw(instants)
    intent = draw(st.sampled_from([intent for intent in INTENTS if intent != "transactional"]))
    return Contact(at, draw(st.sampled_from(CHANNELS)), intent, is_planned=at > MOMENT or draw(st.booleans()))


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Return what may be known of somebody; mostly somebody to whom something can be sent."""
    said = {purpose: draw(st.sampled_from([True, True, None, False])) for purpose in set(PURPOSE_OF.values())}
    return Facts(
        joined_at=draw(instants),
        zone=draw(st.sampled_from(ZONES)),
        is_reachable=draw(st.sampled_from([True, True, True, False])),
        consents={purpose: word for purpose, word in said.items() if word is not None},
        contacts=tuple(draw(st.lists(contacts(), max_size=8))),
        value_touches=draw(st.integers(0, 5)),
        has_complaint=draw(st.sampled_from([False, False, True])),
        mood_fell_at=draw(st.one_of(st.none(), instants)),
        had_content_at=draw(st.one_of(st.none(), instants)),
        standing=draw(st.sampled_from([*STANDINGS, "alive", "alive"])),
        standing_since=draw(st.one_of(st.none(), instants)),
        quota_free_at=draw(st.one_of(st.none(), st.integers(1, 40).map(lambda h: MOMENT + timedelta(hours=h)))),
    )


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Return something that somebody wants to send; promotion more often than not."""
    moment = draw(moments)
    latest = draw(st.one_of(st.none(), st.integers(-5, 200).map(lambda hours: moment + timedelta(hours=hours))))
    intent = draw(st.sampled_from([*INTENTS, "promotion", "promotion", "promotion"]))
    channel = draw(st.sampled_from(CHANNELS))
    return Request(intent, channel, moment, content=draw(st.sampled_from(["", "poster"])), latest=latest)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Return a policy with values as an organisation may set them."""
    small = st.integers(0, 4)
    return Policy(
        value_touches=draw(small),
        days_before_promotion=draw(st.integers(0, 20)),
        promotion_percent=draw(st.sampled_from([0, 20, 25, 33, 50, 100])),
        mood_rest_days=draw(st.integers(0, 30)),
        person_day=draw(small),
        person_week=draw(small),
        person_month=draw(st.integers(0, 8)),
        wecom_week=draw(small),
        sms_month=draw(small),
        email_month=draw(small),
        phone_month=draw(small),
        promotion_month=draw(small),
        group_day=draw(small),
        group_week=draw(small),
        group_promotion_month=draw(small),
        fatigued_rest_days=draw(st.integers(0, 20)),
        same_content_days=draw(st.integers(0, 30)),
        opens=draw(st.integers(8, 14)),
        closes=draw(st.integers(15, 21)),
        value_needs_yes_on=draw(st.sampled_from([(), ("sms",), ("sms", "email", "phone")])),
        wait_days=draw(st.integers(0, 30)),
    )


def columns_of(people: Sequence[Facts], *, intent: str) -> FactColumns:
    """Return the facts of some people as columns."""
    zones = tuple(sorted({one.zone for one in people}))
    owned = [(place, contact) for place, one in enumerate(people) for contact in one.contacts]
    return FactColumns(
        joined_at=_instants([one.joined_at for one in people]),
        zone=np.array([zones.index(one.zone) for one in people], dtype=np.int16),
        zones=zones,
        is_reachable=np.array([one.is_reachable for one in people], dtype=bool),
        said=_said(people, PURPOSE_OF.get(intent, "")),
        said_of_value=_said(people, PURPOSE_OF["value"]),
        value_touches=np.array([one.value_touches for one in people], dtype=np.int64),
        has_complaint=np.array([one.has_complaint for one in people], dtype=bool),
        mood_fell_at=_instants([one.mood_fell_at for one in people]),
        had_content_at=_instants([one.had_content_at for one in people]),
        standing=np.array([STANDINGS.index(one.standing) for one in people], dtype=np.int8),  # type: ignore[arg-type]
        standing_since=_instants([one.standing_since for one in people]),
        quota_free_at=_instants([one.quota_free_at for one in people]),
        contacts=contacts_in_order(
            owner=np.array([place for place, _ in owned], dtype=np.int64),
            at=_instants([contact.at for _, contact in owned]),
            channel=np.array([CHANNELS.index(contact.channel) for _, contact in owned], dtype=np.int8),  # type: ignore[arg-type]
            intent=np.array([INTENTS.index(contact.intent) for _, contact in owned], dtype=np.int8),  # type: ignore[arg-type]
            is_planned=np.array([contact.is_planned for _, contact in owned], dtype=bool),
        ),
    )


def _instants(values: Sequence[datetime | None]) -> np.ndarray:
    return np.array([NONE_YET if one is None else microseconds(one) for one in values], dtype=np.int64)


def _said(people: Sequence[Facts], purpose: str) -> np.ndarray:
    words = {None: 0, True: 1, False: -1}
    return np.array([words[one.consents.get(purpose)] for one in people], dtype=np.int8)
