"""Measure what an operator waits for while a campaign to everybody is foreseen, on SQLite.

    python -m benchmarks.bench_campaign_preview --people 1000000

People, consents and messages are those of `bench_policy`; every second of them is a friend of one of 40 members of staff. One JSON
object on standard output: seconds of each page of the wizard and of the job that asks the policy about everybody, by the clock on
the wall and of the processor, which a busy machine does not stretch, and the peak memory of this process. Ends with 1 where a page
takes more than two seconds of the processor.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.bench_policy import peak_mib, prepare

STAFF = 40
#: A page of the console answers within so long. Seconds.
_TARGET = 2.0


def main() -> None:
    """Make up the facts, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yutang-bench-") as folder:
        os.environ |= {"YUTANG_HOME": folder, "DJANGO_SETTINGS_MODULE": "yutang.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        # In a process of its own, so that the memory of making things up is not measured.
        child = multiprocessing.get_context("spawn").Process(target=_filled, args=(folder, asked.people, asked.seed))
        child.start()
        child.join()
        if child.exitcode:
            sys.exit("the facts could not be made up")
        import django

        django.setup()
        told = measure(asked.people)
    json.dump(told, sys.stdout, indent=2)
    print()
    if slow := {name: took for name, (_wall, took) in told["pages"].items() if took > _TARGET}:
        sys.exit(f"slower than {_TARGET} s: {slow}")


def _filled(folder: str, people: int, seed: int) -> None:
    prepare(folder, people, seed)
    befriend(people)


def befriend(people: int) -> None:
    """Write everybody to the store, and half of them as friends of the staff in a sandbox that nobody runs."""
    from django.db import transaction
    from django.utils import timezone

    from yutang.foundation.access import Actor
    from yutang.foundation.bulk import db_instant, insert_rows
    from yutang.foundation.sealed_records import ensure_keys
    from yutang.wecom.actions import use_sandbox
    from yutang.wecom.models import Account

    ensure_keys()
    now = timezone.now()
    use_sandbox(
        actor=Actor.system(), corp_id="ww1", agent_id=1, base_url="http://127.0.0.1:9/cgi-bin/", page_url="http://127.0.0.1:9/",
        secret="s", token="t", aes_key="a" * 43, now=now,
    )  # fmt: skip
    Account.objects.bulk_create(Account(pk=n, userid=f"staff{n}", seen_at=now) for n in range(1, STAFF + 1))
    at = db_instant(now)
    friends = range(1, people + 1, 2)
    with transaction.atomic():
        insert_rows("customers_customer", *_customers(people, at))
        contacts = ((n, n.to_bytes(32), b"", 1, n, at) for n in friends)
        insert_rows("wecom_contact", ("id", "digest", "sealed_card", "kind", "customer_id", "seen_at"), contacts)
        columns = (
            "id", "account_id", "contact_id", "standing", "sealed_note", "state_text", "add_way", "is_listed", "added_at",
        )  # fmt: skip
        rows = ((n, n % STAFF + 1, n, "friends", b"", "", 0, True, at) for n in friends)
        insert_rows("wecom_friendship", columns, rows)


def _customers(people: int, at: Any) -> tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]:
    from yutang.customers.models import Customer
    from yutang.foundation.sealing import seal

    empty = {
        "CharField": "",
        "TextField": "",
        "BinaryField": seal({"name": "林晓雨"}),
        "BooleanField": False,
        "DateTimeField": at,
    }
    columns, values = [], []
    for one in Customer._meta.concrete_fields:
        if one.primary_key or one.null:
            continue
        columns.append(str(one.column))
        values.append(empty.get(one.get_internal_type(), 0))
    return ("id", *columns), ((n, *values) for n in range(1, people + 1))


def measure(people: int) -> dict[str, Any]:
    """Return what each step took."""
    from django.test import Client
    from django.utils import timezone

    from yutang.channels.actions import choose_parts, sketch_campaign
    from yutang.channels.models import Campaign, CampaignPreview
    from yutang.channels.previews import make_preview
    from yutang.foundation.access import Actor
    from yutang.foundation.models import Staff

    now = timezone.now()
    staff = Staff.objects.create(username="o", display_name="O", role="operator", joined_at=now)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    key = sketch_campaign(actor=Actor.system(), name="everybody", now=now)
    parts = {"channel": "wecom", "intent": "value", "words": {"text": "毛衫平放不挂"}}
    choose_parts(actor=Actor.system(), campaign_id=key, parts={"audience": {"everybody": True}, **parts}, now=now)
    here = f"/campaigns/{key}"
    # The first page of a process loads what it is made of.
    _took(lambda: client.get("/campaigns/"))
    pages: dict[str, tuple[float, float]] = {}
    pages["count"] = _took(lambda: client.get(f"{here}/audience/count/?kind=everybody"))
    pages["ask"] = _took(lambda: client.post(f"{here}/check/"))
    pages["while asked"] = _took(lambda: client.get(f"{here}/check/"))
    begun, cpu = time.perf_counter(), time.process_time()
    make_preview(Campaign.objects.get(pk=key), now=timezone.now())
    job = {"s": round(time.perf_counter() - begun, 2), "cpu_s": round(time.process_time() - cpu, 2)}
    pages["check"] = _took(lambda: client.get(f"{here}/check/"))
    for fate in ("now", "refuse", "held"):
        pages[f"behind {fate}"] = _took(lambda fate=fate: client.get(f"{here}/people/?fate={fate}"))
    pages["hold out another share"] = _took(lambda: client.post(f"{here}/check/", {"held_out": "20"}))
    make_preview(Campaign.objects.get(pk=key), now=timezone.now())
    pages["schedule"] = _took(lambda: client.post(f"{here}/schedule/", {"when": "now"}))
    pages["confirm"] = _took(lambda: client.get(f"{here}/confirm/"))
    counts = CampaignPreview.objects.get().counts
    return {
        "people": people,
        "pages": pages,
        "job": job,
        "peak_mib": peak_mib(),
        "outcomes": counts["outcomes"],
        "confirmations": {name: counts["confirmations"][name] for name in ("tasks", "senders", "receivers")},
    }


def _took(ask: Callable[[], Any]) -> tuple[float, float]:
    """Return how long an answer took that is one: seconds by the clock, and of the processor."""
    begun, cpu = time.perf_counter(), time.process_time()
    answer = ask()
    took = round(time.perf_counter() - begun, 3), round(time.process_time() - cpu, 3)
    if answer.status_code not in {200, 302}:
        sys.exit(f"{answer.status_code}: {answer.content[:300]!r}")
    return took


if __name__ == "__main__":
    main()
