"""The full look: everything that is there, in steps that go on after a restart."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.wecom.comparing import friendships_here, friendships_there, groups_here, groups_there
from tests.wecom.conftest import Shop
from yutang.connectors.wecom.errors import WeComError
from yutang.connectors.wecom.simulator.keeping import kept_world, put_aside, save_world
from yutang.connectors.wecom.wire import Upload
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.models import Job
from yutang.wecom import actions
from yutang.wecom.models import Account, Contact, Friendship, Group, SyncRun
from yutang.wecom.syncing import PHASES, do_step

pytestmark = pytest.mark.django_db


class Stopped(Exception):
    """The worker ends here."""


def test_knows_everything_that_is_there(shop: Shop) -> None:
    run = shop.sync()

    assert friendships_here() == friendships_there(shop.world)
    assert groups_here() == groups_there(shop.world)
    assert run.counts == {"staff": 4, "tags": 9, "customers": 24, "groups": 4}
    assert run.ended_at is not None
    assert Customer.objects.count() == Contact.objects.filter(friendships__isnull=False).count() == 24


def test_a_second_look_changes_nothing(shop: Shop) -> None:
    shop.sync()
    before = (friendships_here(), groups_here(), Customer.objects.count())
    shop.later(60)
    shop.sync()

    assert (friendships_here(), groups_here(), Customer.objects.count()) == before


@pytest.mark.parametrize("after", [1, 3, 5, 7])
def test_goes_on_where_it_stood(open_shop: Callable[..., Shop], after: int) -> None:
    shop = open_shop(staff=3, customers=110, groups=42, owners=2, members=3)
    shop.order("rules", most_per_page=40)
    run = SyncRun.objects.create(began_at=shop.now(), phase=PHASES[0])
    steps = 0

    def fence(at: SyncRun) -> None:
        nonlocal steps
        steps += 1
        if steps == after:
            raise Stopped

    with pytest.raises(Stopped):
        while do_step(run, shop.client, clock=shop.now, fence=fence):
            pass
    # What was not committed is not known to the next worker.
    run = SyncRun.objects.get()
    calls = shop.sandbox.calls("externalcontact/batch/get_by_user")
    while do_step(run, shop.client, clock=shop.now, fence=lambda at: None):
        pass

    assert friendships_here() == friendships_there(shop.world)
    assert groups_here() == groups_there(shop.world)
    assert calls + 6 >= shop.sandbox.calls("externalcontact/batch/get_by_user")


def test_finds_what_nobody_told(shop: Shop) -> None:
    shop.sync()
    gone = next(shop.world.customers_of("staff001"))
    shop.later(60)
    shop.order("member/delete", userid="staff001", external_userid=gone.external_userid)
    shop.order("group/dismiss", chat_id=next(iter(shop.world.chats)))
    shop.order("member/leave", userid="staff004")
    shop.told.clear()
    shop.sync()

    standings = {pair: one[0] for pair, one in friendships_here().items()}
    assert standings["staff001", gone.external_userid] == "gone"
    assert not Account.objects.get(userid="staff004").is_serving
    assert Friendship.objects.filter(account__userid="staff004", standing="friends").count() == 6
    assert Group.objects.filter(dismissed_at=None).count() <= 4


def test_a_refused_secret_is_said(shop: Shop) -> None:
    shop.order("rules", allows_contacts=False)
    run = SyncRun.objects.create(began_at=shop.now(), phase=PHASES[0])

    with pytest.raises(WeComError, match="may not call"):
        do_step(run, shop.client, clock=shop.now, fence=lambda at: None)

    assert SyncRun.objects.get().phase == PHASES[0]


def test_one_that_stands_still_for_long_begins_anew(shop: Shop, owner: Actor) -> None:
    actions.ask_for_sync(actor=owner, now=shop.now())
    Job.objects.update(status="dead")
    actions.ask_for_sync(actor=owner, now=shop.now() + timedelta(hours=2))
    assert SyncRun.objects.count() == 1
    Job.objects.update(status="dead")

    actions.ask_for_sync(actor=owner, now=shop.now() + timedelta(days=1))

    assert SyncRun.objects.count() == 2


class TestKeeping:
    def test_a_sandbox_that_is_started_again_knows_whom_it_knew(self, shop: Shop, tmp_path: Path) -> None:
        shop.order("scan", config_id=shop.way(), unionid="oKEPT", name="熟客")
        shop.client.media.upload(kind="image", upload=Upload(name="a.png", content=bytes(range(256)), kind="image/png"))
        save_world(shop.world, tmp_path / "sandbox.json")
        again = kept_world(tmp_path / "sandbox.json")

        assert again is not None
        assert (again.corp_id, again.apps, again.people) == (shop.world.corp_id, shop.world.apps, shop.world.people)
        assert friendships_there(again) == friendships_there(shop.world)
        assert groups_there(again) == groups_there(shop.world)
        assert again.media == shop.world.media
        assert again.new_id("wm") == shop.world.new_id("wm")
        assert oct((tmp_path / "sandbox.json").stat().st_mode)[-3:] == "600"

    @pytest.mark.parametrize("text", ["", "{}", "nonsense"])
    def test_what_cannot_be_read_is_made_anew(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "sandbox.json").write_text(text)

        assert kept_world(tmp_path / "sandbox.json") is None

    def test_what_cannot_be_read_is_put_aside_and_its_corp_stays(
        self, shop: Shop, tmp_path: Path, now: datetime, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = tmp_path / "sandbox.json"
        save_world(shop.world, path)
        broken = re.sub(r'"ahead":[^,]+', '"ahead":null', path.read_text())
        path.write_text(broken)

        assert kept_world(path) is None
        assert put_aside(path, now=now) == shop.world.corp_id
        (aside,) = tmp_path.glob("sandbox.json.broken-*")
        assert (aside.read_text(), path.exists()) == (broken, False)
        assert aside.name in caplog.text
        assert "to begin anew" in caplog.text
        assert put_aside(path, now=now) == ""


def test_the_cast_of_the_demo_shop_is_recognised_by_noted_numbers(
    open_shop: Callable[..., Shop], stores: dict[str, Any], now: Any
) -> None:
    import pyarrow as pa

    from yutang.connectors.wecom.simulator.seeding import seed_cast
    from yutang.connectors.wecom.simulator.world import World
    from yutang.customers.identity import Origin, resolve
    from yutang.demo.sandbox import sandbox_cast
    from yutang.foundation.models import Staff

    for number, store in enumerate((stores["xuhui"], stores["tianhe"])):
        Staff.objects.create(username=f"dian{number}", display_name=f"店{number}", role="store_manager").stores.set(
            [store]
        )
    names = ["陈晓云", "周明", "赵一"]
    observed = pa.table(
        {
            "name": names,
            "phone": [f"+861455000{number:04d}" for number in range(3)],
            "member_no": ["M0", "M1", "M2"],
            "store_id": pa.array([stores["xuhui"].pk, stores["tianhe"].pk, None], pa.int64()),
        }
    )
    known = resolve(observed=observed, origin=Origin(None, "till"), now=now).customer_ids.to_pylist()
    cast = sandbox_cast(now=now)
    assert {(one.name, one.userid) for one in cast.customers} >= {("陈晓云", "dian0"), ("周明", "dian1")}
    shop = open_shop(staff=0, customers=0, groups=0)
    seed_cast(shop.world, cast)
    shop.sync()

    assert isinstance(shop.world, World)
    assert set(Contact.objects.values_list("customer_id", flat=True)) == set(known)
    assert Customer.objects.count() == 3
