"""Measure a tick of the playbooks with a million people in them, on SQLite.

    python benchmarks/bench_journeys.py --people 1000000 --playbooks 20 --due 100000

Everybody is in one of the playbooks; of each, a share is due at a message, a tag, a branch, a split or a wait, all others wait. One JSON
object on standard output: seconds of letting them in, seconds of the tick, steps that were taken, messages planned, peak memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
#: Messages of the last weeks of each person who is due.
_HAD = 3


def main() -> None:
    """Make the people, let them in, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--playbooks", type=int, default=20)
    parser.add_argument("--due", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"YUTANG_HOME": folder, "DJANGO_SETTINGS_MODULE": "yutang.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        make_people(asked.people)
        told = measure(asked.people, asked.playbooks, asked.due)
        json.dump(told, sys.stdout, indent=2)


def make_people(people: int) -> None:
    """Write people with a WeCom contact, a consent, and what some of them had."""
    from yutang.foundation import bulk

    joined = bulk.db_instant(NOW - timedelta(days=200))
    with _one_transaction():
        rows = ((key, b"", joined) for key in range(1, people + 1))
        _insert("customers_customer", ("id", "sealed_profile", "first_seen_at"), rows)
        columns = ("kind", "scope", "digest", "customer_id")
        _insert("customers_identifier", columns, (("wecom", "", _digest(n), n) for n in range(1, people + 1)))
        columns = ("customer_id", "purpose", "channel", "granted", "wording_version", "evidence", "occurred_at")
        said = ("promotion", "any", True, "v1", "paper", joined)
        _insert("customers_consent", columns, ((n, *said) for n in range(1, people + 1)))
        _insert("channels_touch", _TOUCH, (_touch(n, k) for n in range(1, people + 1, 4) for k in range(_HAD)))


_TOUCH = (
    "key",
    "customer_id",
    "group_key",
    "campaign",
    "channel",
    "intent",
    "content",
    "state",
    "wanted_at",
    "at",
    "business_date",
    "expected_minor",
    "slot",
    "changed_at",
)


def _touch(person: int, n: int) -> tuple[Any, ...]:
    from yutang.foundation import bulk

    at = NOW - timedelta(days=12 + 9 * n)
    written = bulk.db_instant(at)
    told = ("wecom", "value", f"tip{n}", "sent", written, written, at.date().isoformat(), 0, "", written)
    return (f"had:{person}:{n}", person, "", "", *told)


def _digest(n: int) -> bytes:
    return n.to_bytes(16, "big")


def measure(people: int, playbooks: int, due: int) -> dict[str, Any]:
    """Return what letting in and one tick took."""
    from yutang.channels.models import Touch
    from yutang.foundation import bulk
    from yutang.foundation.access import Actor
    from yutang.journeys import actions
    from yutang.journeys.models import Enrolment, Passage

    system = Actor.system()
    begun = time.perf_counter()
    for n in range(playbooks):
        key = actions.create_playbook(actor=system, name=f"{n}", definition=_definition(n), now=NOW)
        actions.start_playbook(actor=system, playbook_id=key, now=NOW)
        first = people * n // playbooks + 1
        keys = range(first, people * (n + 1) // playbooks + 1)
        actions.enrol_people(
            actor=system, playbook_id=key, customer_ids=keys, occasion="b", now=NOW - timedelta(days=1)
        )
    entered = time.perf_counter()
    # Everybody waits for long; those who are due are spread over all playbooks.
    with _one_transaction():
        bulk.execute("UPDATE journeys_enrolment SET due_at = %s", [bulk.db_instant(NOW + timedelta(days=9))])
        step = max(1, people // due)
        bulk.execute("UPDATE journeys_enrolment SET due_at = %s WHERE id %% %s = 0", [bulk.db_instant(NOW), step])
    waiting = Enrolment.objects.filter(due_at__lte=NOW, ended_at=None).count()
    start, cpu = time.perf_counter(), time.process_time()
    report = actions.run_playbooks(actor=system, now=NOW)
    took, took_cpu = time.perf_counter() - start, time.process_time() - cpu
    return {
        "people": people,
        "playbooks": playbooks,
        "let_in_s": round(entered - begun, 1),
        "due": waiting,
        "tick_s": round(took, 1),
        "tick_cpu_s": round(took_cpu, 1),
        "steps_taken": report.moved,
        "passages": Passage.objects.count(),
        "messages_planned": Touch.objects.filter(campaign__startswith="playbook:").count(),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _definition(n: int) -> dict[str, Any]:
    """Return a playbook whose first step is of another kind than that of the one before; each ends in a long wait."""
    first = (
        {"id": "first", "do": "message", "channel": "wecom", "intent": "value", "words": "您好"},
        {"id": "first", "do": "tag", "group": "g", "tag": f"t{n % 3}"},
        {"id": "first", "do": "split", "ways": [{"percent": 50, "then": "rest"}, {"percent": 50, "then": "tip"}]},
        {
            "id": "first",
            "do": "message",
            "channel": "wecom",
            "intent": "promotion",
            "words": "礼",
            "instead": {"words": "有用"},
        },
        {"id": "first", "do": "wait", "days": 1},
    )[n % 5]
    rest = [
        {"id": "tip", "do": "message", "channel": "wecom", "intent": "service", "words": "好吗"},
        {"id": "rest", "do": "wait", "days": 30},
        {"id": "over", "do": "end"},
    ]
    steps = [first, *rest]
    return {"format": 1, "trigger": {"kind": "hand"}, "exits": [{"kind": "complaint"}], "steps": steps}


def _insert(table: str, columns: tuple[str, ...], rows: Any) -> None:
    from itertools import islice

    from yutang.foundation import bulk

    source = iter(rows)
    while block := list(islice(source, 50_000)):
        bulk.insert_rows(table, columns, block)


def _one_transaction() -> Any:
    from django.db import transaction

    return transaction.atomic()


if __name__ == "__main__":
    main()
