"""A store full of past events for the guard: made by the database itself, indexes built at the end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

NOW = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
#: Events lie within so many seconds before now, and each thousandth part of the people share a thing with others.
BACK = 30 * 86_400

_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)",
    "postgresql": "WITH n(i) AS (SELECT generate_series(1, %s))",
}
_PEOPLE = """INSERT INTO customers_customer (id, sealed_profile, first_seen_at)
    {numbers} SELECT i, {empty}, {since} FROM n"""
#: Events go to the latest by key; a person acts ten times, a device carries two people, an account three, a door four.
_TRACES = """INSERT INTO risk_trace (id, at, customer_id, inviter_id, device, address, block, payer, place, past, is_woven)
    {numbers} SELECT i, {now} - {back} + CAST(i AS BIGINT) * {back} / {events}, i * 7919 % {people} + 1,
        CASE WHEN i % 10 < 3 THEN i * 104729 % ({people} / 50) + 1 END, 1000000000 + i * 7919 % {people} / 2,
        2000000000 + i * 31 % 300000, 3000000000 + i * 31 % 20000, 4000000000 + i * 7919 % {people} / 3,
        5000000000 + i * 7919 % {people} / 4, i % 3, TRUE FROM n"""
_DECISIONS = """INSERT INTO risk_decision (id, key, kind, customer_id, programme, value_fen, at, verdict, wait_seconds, points,
        reasons, facts, rules_version, shadow_verdict, settled, outcome)
    {numbers} SELECT i, 'past:' || i, 'seat', i * 7919 % {people} + 1, 'groupbuy:' || i % 50, 2900, {since}, 'allow', 0, 0,
        '[]', '{{"person_hour": 1, "score": 60}}', 0, '', '', '' FROM n"""
_STANDINGS = """INSERT INTO risk_standing (customer_id, component, community, score, parts, invited, invited_known, invited_left,
        ring, own_known, own_left, own_bought, stopped, past, changed_at)
    {numbers} SELECT i,
        CASE WHEN i <= {connected} THEN 1 ELSE (i - 1) / 12 * 12 + 1 END, (i - 1) / 12 * 12 + 1, 60, '{{}}', 0, 0, 0, 0, 0, 0, 0, 0,
        1, {since} FROM n"""
_THINGS = """INSERT INTO risk_thing (id, kind, people, component, community)
    {numbers} SELECT {first} + i - 1, {kind}, {each},
        CASE WHEN i * {each} <= {connected} THEN 1 ELSE (i - 1) * {each} / 12 * 12 + 1 END, (i - 1) * {each} / 12 * 12 + 1 FROM n"""
_TIES = """INSERT INTO risk_tie (thing, customer_id, kind, first_at)
    {numbers} SELECT {first} + (i - 1) / {each}, i, {kind}, {since} FROM n"""
_COMMUNITIES = """INSERT INTO risk_community (id, component, people, devices, payers, shared_percent, strangers, known, "left",
        stopped, joined_people, joined_devices, joined_payers, joined_shared_percent, joined_strangers)
    {numbers} SELECT (i - 1) * 12 + 1, CASE WHEN i * 12 <= {connected} THEN 1 ELSE (i - 1) * 12 + 1 END, 12, 6, 4, 100, 4, 8, 1, 0,
        12, 6, 4, 100, 4 FROM n"""
#: (kind, first key, people on each) as the traces have them.
_SHARED = ((1, 1_000_000_000, 2), (2, 4_000_000_000, 3), (3, 5_000_000_000, 4))


def fill(*, people: int, events: int, connected: int = 0) -> None:
    """Fill the tables of the guard.

    Args:
        people: how many there are; a multiple of 12.
        events: past asks, each with its decision and its trace.
        connected: so many of the people are one component, in communities of 12; a multiple of 12. All others are in components of 12.
    """
    from yutang.risk.models import Community, Decision, Invitation, Standing, Thing, Tie, Trace

    models = (Decision, Trace, Standing, Thing, Tie, Community, Invitation)
    with connection.schema_editor() as editor:
        for model in models:
            for index in model._meta.indexes:
                editor.remove_index(model, index)
    with transaction.atomic():
        _run(_PEOPLE, people, people=people, events=events, connected=connected)
        _run(_TRACES, events, people=people, events=events, connected=connected)
        _run(_DECISIONS, events, people=people, events=events, connected=connected)
        _run(_STANDINGS, people, people=people, events=events, connected=connected)
        for kind, first, each in _SHARED:
            _run(
                _THINGS,
                people // each + 1,
                people=people,
                events=events,
                connected=connected,
                kind=kind,
                first=first,
                each=each,
            )
            _run(_TIES, people, people=people, events=events, connected=connected, kind=kind, first=first, each=each)
        _run(_COMMUNITIES, people // 12, people=people, events=events, connected=connected)
    with connection.schema_editor() as editor:
        for model in models:
            for index in model._meta.indexes:
                editor.add_index(model, index)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in ("risk_decision", "risk_trace", "customers_customer"):
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, max(people, events)])
        cursor.execute("ANALYZE")


def _run(statement: str, n: int, **numbers: int) -> None:
    since = "'2026-06-01 06:00:00'" if connection.vendor == "sqlite" else "TIMESTAMPTZ '2026-06-01 06:00:00+00'"
    words: dict[str, Any] = {
        "numbers": _NUMBERS[connection.vendor],
        "empty": "x''" if connection.vendor == "sqlite" else "''::bytea",
        "since": since,
        "now": int(NOW.timestamp()),
        "back": BACK,
        **numbers,
    }
    with connection.cursor() as cursor:
        # The seven and more digits of a product need whole numbers of 64 bits.
        wide = statement.replace("i * ", "CAST(i AS BIGINT) * ") if connection.vendor == "postgresql" else statement
        cursor.execute(
            wide.format(**words).replace("'{{", "'{").replace("%s", "§§").replace("%", "%%").replace("§§", "%s"), [n]
        )
