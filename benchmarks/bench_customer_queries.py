"""Measures the reads of people at size: `python -m benchmarks.bench_customer_queries --people 1000000`."""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

from benchmarks.bench_identity import observations


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--stores", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", help="folder of an earlier run to use again; made when it is not there")
    options = parser.parse_args()
    with nullcontext(options.home) if options.home else tempfile.TemporaryDirectory() as folder:
        os.environ.update(YUTANG_HOME=str(folder), DJANGO_SETTINGS_MODULE="yutang.config.settings")
        json.dump(measure(options), sys.stdout, indent=1)
        print()


def measure(options: argparse.Namespace) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from yutang.customers.models import Customer

    if not Customer.objects.exists():
        fill(options)
    people = Customer.objects.count()
    return {"people": people, "milliseconds": {name: timed(read, options) for name, read in reads(people).items()}}


def fill(options: argparse.Namespace) -> None:
    """Write the people, spread over stores, one in a hundred tagged."""
    import pyarrow as pa
    from django.db import transaction

    from yutang.customers import actions
    from yutang.customers.identity import Origin, resolve_people
    from yutang.foundation.access import Actor
    from yutang.foundation.models import Store

    now = datetime.now(UTC)
    stores = [Store.objects.create(code=f"S{n:03}", name=f"{n} 号店").pk for n in range(options.stores)]
    for table in observations(people=options.people, batch=50_000, seed=options.seed, again=False):
        at = pa.array([stores[i % len(stores)] for i in range(table.num_rows)])
        twice = [table.append_column("store_id", at)]
        twice.append(
            twice[0].set_column(
                twice[0].column_names.index("seen_at"), "seen_at", pa.array([now] * len(at), pa.timestamp("us", "UTC"))
            )
        )
        with transaction.atomic():
            resolve_people(observed=pa.concat_tables(twice), origin=Origin(None, "taobao:bench"), now=now)
    group = actions.create_tag_group(actor=Actor.system(), name="g", now=now)
    tag = actions.create_tag(actor=Actor.system(), group_id=group, name="t", now=now)
    actions.give_tag(actor=Actor.system(), tag_id=tag, customer_ids=range(1, options.people, 100), now=now)


def reads(people: int) -> dict[str, Callable[[random.Random], object]]:
    """Return what is measured, by name; each takes its random choice."""
    from yutang.customers import queries
    from yutang.customers.models import Tag
    from yutang.foundation.access import Actor

    chain = Actor.system()
    region = Actor(None, "region_manager", frozenset(range(1, 6)), "region")
    nobody = Actor(None, "store_manager", frozenset({9999}), "store")
    tag_id = Tag.objects.get().pk

    def page(access: Actor, **filters: Any) -> Callable[[random.Random], object]:
        def read(chance: random.Random) -> object:
            chosen = {k: v(chance) if callable(v) else v for k, v in filters.items()}
            after = chance.randrange(people // 2, people) if "text" not in filters else None
            return queries.customer_page(access=access, filters=queries.CustomerFilters(**chosen), after_key=after)

        return read

    def one(chance: random.Random) -> object:
        customer_id = chance.randrange(1, people)
        return (
            queries.customer_card(access=chain, customer_id=customer_id),
            queries.identifiers_of(access=chain, customer_id=customer_id),
            queries.merge_history_of(access=chain, customer_id=customer_id),
            queries.consents_of(access=chain, customer_id=customer_id),
        )

    return {
        "list": page(chain),
        "list_of_five_stores": page(region),
        "list_of_an_empty_store": page(nobody),
        "list_of_a_tag": page(chain, tag_id=tag_id),
        "name_of_two": page(chain, text=lambda c: c.choice("王李张刘陈") + c.choice("伟芳娜秀英")),
        "name_of_three": page(chain, text=lambda c: c.choice("王李张刘陈") + c.choice("伟芳娜") + c.choice("秀英敏")),
        "name_of_one": page(chain, text="王"),
        "name_in_five_stores": page(region, text=lambda c: c.choice("王李张刘陈") + c.choice("伟芳娜秀英")),
        "name_of_nobody": page(chain, text="龘龘"),
        "name_and_tag": page(chain, tag_id=tag_id, text="王伟"),
        "phone": page(chain, text=lambda c: f"199{c.randrange(people):08d}"),
        "card": one,
        "count": lambda chance: queries.customer_count(access=chain),
        "count_of_five_stores": lambda chance: queries.customer_count(access=region),
        "review": lambda chance: (queries.review_queue(access=chain), queries.review_count(access=chain)),
    }


def timed(read: Callable[[random.Random], object], options: argparse.Namespace) -> dict[str, float]:
    """Return median and 95th percentile in milliseconds, and the number of queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    chance = random.Random(options.seed)
    read(chance)
    taken = []
    for _ in range(options.rounds):
        started = time.perf_counter()
        read(chance)
        taken.append((time.perf_counter() - started) * 1000)
    with CaptureQueriesContext(connection) as captured:
        read(chance)
    return {
        "median": round(statistics.median(taken), 1),
        "p95": round(sorted(taken)[int(len(taken) * 0.95)], 1),
        "queries": len(captured),
    }


if __name__ == "__main__":
    main()
