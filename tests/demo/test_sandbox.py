"""The sandbox of the demo shop holds the very people whom its export of WeCom contacts names: the two join into one person each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.utils import timezone

from tests.journeys.conftest import own_lake
from tests.wecom.conftest import Shop, open_shop
from yutang.connectors.wecom.simulator.seeding import seed_cast
from yutang.customers.identity import Origin, resolve
from yutang.customers.models import Customer, Identifier, ReviewCase
from yutang.demo import filling
from yutang.demo.sandbox import sandbox_cast
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.models import Staff
from yutang.journeys import actions, queries
from yutang.simulator.plan import Plan
from yutang.wecom.models import Contact

__all__ = ["open_shop", "own_lake"]

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


@pytest.fixture
def contacts(stores: dict[str, Any], now: datetime) -> list[int]:
    """People of an export of WeCom contacts, of whom two share a number, beside members whom it does not name."""
    Staff.objects.create(username="dian", display_name="店长", role="store_manager").stores.set([stores["xuhui"]])
    told = [(n, f"客{chr(0x4E00 + n)}", f"+8614550{n // 2 if n < 2 else n:06d}") for n in range(12)]
    observed = pa.table(
        {
            "name": [name for _n, name, _phone in told],
            "phone": [phone for _n, _name, phone in told],
            "external_userid": [f"wm{n:032x}" for n, _name, _phone in told],
            "birthday": pa.array([timezone.localtime().date().replace(year=1992)] * 12, pa.date32()),
            "store_id": pa.array([stores["xuhui"].pk] * 12, pa.int64()),
        }
    )
    known = resolve(observed=observed, origin=Origin(None, "wecom"), now=now).customer_ids.to_pylist()
    members = pa.table({"name": ["会员甲", "会员乙"], "member_no": ["M1", "M2"]})
    resolve(observed=members, origin=Origin(None, "till"), now=now)
    return known


def _opened(open_shop: Callable[..., Shop], now: datetime) -> Shop:
    shop = open_shop(staff=0, customers=0, groups=0)
    seed_cast(shop.world, sandbox_cast(now=now))
    shop.sync()
    return shop


def test_friends_are_the_people_of_the_export_and_nobody_comes_twice(
    contacts: list[int], open_shop: Callable[..., Shop], now: datetime
) -> None:
    before = (Customer.objects.count(), Identifier.objects.filter(kind="phone").count(), ReviewCase.objects.count())

    shop = _opened(open_shop, now)

    assert {f"wm{n:032x}" for n in range(12)} == set(shop.world.people)
    assert sorted(Contact.objects.values_list("customer_id", flat=True)) == sorted(contacts)
    after = (Customer.objects.count(), Identifier.objects.filter(kind="phone").count(), ReviewCase.objects.count())
    assert after == before
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_ready_playbooks_by_wecom_reach_them(
    contacts: list[int], open_shop: Callable[..., Shop], own_lake: None, now: datetime
) -> None:
    shop = _opened(open_shop, now)
    found = {}
    for ready in ("welcome", "birthday"):
        key = actions.adopt_playbook(actor=SYSTEM, ready=ready, language="zh-hans", now=shop.now())
        found[ready] = queries.dry_run(access=SYSTEM, playbook_id=key, now=shop.now())

    sent = {
        ready: {one.customer_id for one in trial.foreseen if one.outcome in {"now", "at"}}
        for ready, trial in found.items()
    }
    assert sent["welcome"]
    assert sent["welcome"] <= set(contacts)
    assert found["birthday"].of_people == 12
    assert len(sent["birthday"]) == 12 - found["birthday"].held


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_kept_files")
def test_in_the_filled_demo_shop_too(
    open_shop: Callable[..., Shop], settings: Any, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of the simulator come in by the importers, and the sandbox beside them makes nobody a second time."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    plan = Plan(seed=5, customers=90, stores=2, platforms=("till",), from_date=date(2026, 1, 1), to_date=now.date())
    monkeypatch.setattr(filling, "demo_chain", lambda _seed, _today: plan)
    filling.start_imports(filling.make_shop(folder=tmp_path / "demo", now=now, told=lambda done, total: None), now=now)
    jobs.run_worker(until_idle=True, schedules=False)
    before = set(Customer.objects.filter(merged_into=None).values_list("pk", flat=True))

    shop = _opened(open_shop, now)

    friends = set(Contact.objects.values_list("customer_id", flat=True))
    named = Identifier.objects.filter(kind="wecom", customer__merged_into=None).values_list("customer_id", flat=True)
    assert len(friends) > 20
    assert friends <= set(named)
    assert set(Customer.objects.filter(merged_into=None).values_list("pk", flat=True)) == before
    # Who became a friend is told by the sandbox's clock, orders and birthdays by that of the files.
    for ready, at in (("welcome", shop.now()), ("birthday", now), ("after_sales", now)):
        key = actions.adopt_playbook(actor=SYSTEM, ready=ready, language="zh-hans", now=now)
        assert queries.dry_run(access=SYSTEM, playbook_id=key, now=at).of_people > 0, ready
