"""What WeCom tells begins playbooks and lets go on who waits: each person of a batch once, by facts of the friendship."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.journeys.conftest import SYSTEM, Started, enter, tick, wait
from tests.wecom.conftest import Shop, open_shop, shop
from yutang.customers.models import Customer
from yutang.foundation.models import OutboxEvent
from yutang.journeys import actions
from yutang.journeys.models import Enrolment, Version
from yutang.journeys.queries import dry_run
from yutang.journeys.reading import DefinitionIsWrong, definition_from_json
from yutang.wecom.models import Friendship

__all__ = ["open_shop", "shop"]

pytestmark = pytest.mark.django_db


def scan(shop: Shop, number: int) -> None:
    shop.order("scan", config_id=shop.way(), unionid=f"oE{number:024d}", name=f"客{number}")


def deliver(now: Any) -> None:
    """Let the rooms hear of everything that was told, twice: the second time changes nothing."""
    from django.utils.module_loading import autodiscover_modules

    from yutang.foundation.outbox import _deliver

    autodiscover_modules("handlers")
    for event in list(OutboxEvent.objects.filter(delivered_at=None)):
        _deliver(event.pk, now=now)


def inside(playbook_id: int) -> set[int]:
    return set(Enrolment.objects.filter(playbook_id=playbook_id).values_list("customer_id", flat=True))


def tried(trigger: dict[str, Any], *, now: Any) -> set[int]:
    """Return whom a dry run lets in."""
    steps = [{"id": "call", "do": "task", "words": "打电话"}]
    definition = {"format": 1, "trigger": trigger, "holdout_percent": 0, "steps": steps}
    key = actions.create_playbook(actor=SYSTEM, name=f"演练 {trigger}"[:80], definition=definition, now=now)
    return {one.customer_id for one in dry_run(access=SYSTEM, playbook_id=key, now=now).foreseen}


class TestNewFriends:
    def test_come_into_the_ready_welcome_and_nobody_does_before(
        self, shop: Shop, own_lake: None, person: Callable[..., int]
    ) -> None:
        key = actions.adopt_playbook(actor=SYSTEM, ready="welcome", language="zh-hans", now=shop.now())
        actions.start_playbook(actor=SYSTEM, playbook_id=key, now=shop.now())
        Version.objects.update(definition={**Version.objects.get().definition, "holdout_percent": 0})
        shop.sync()
        deliver(shop.now())
        tick(shop.now())
        old_friends = inside(key)

        scan(shop, 1), scan(shop, 2)
        shop.settle()
        deliver(shop.now())

        new = set(
            Friendship.objects.filter(standing="friends", added_at__gte=shop.now() - timedelta(minutes=5)).values_list(
                "contact__customer_id", flat=True
            )
        )
        assert old_friends == set()
        assert inside(key) == new
        assert len(new) == 2

    def test_are_whom_a_dry_run_takes_and_not_everybody_who_was_seen_lately(
        self, shop: Shop, own_lake: None, person: Callable[..., int]
    ) -> None:
        shop.sync()
        scan(shop, 1), scan(shop, 2)
        shop.settle()
        no_friend = person(kinds=("phone",))
        Customer.objects.filter(pk=no_friend).update(first_seen_at=shop.now() - timedelta(days=1))
        since = shop.now() - timedelta(days=30)
        new = Friendship.objects.filter(added_at__gte=since, contact__customer__isnull=False).select_related("account")
        by_staff: dict[str, set[int]] = {}
        for one in new:
            name = one.account.staff.username if one.account.staff else one.account.userid
            by_staff.setdefault(name, set()).add(one.contact.customer_id or 0)
        someone = min(by_staff)

        everybody = tried({"kind": "newcomer"}, now=shop.now())
        of_one = tried({"kind": "newcomer", "where": {"staff": someone}}, now=shop.now())

        assert everybody == set().union(*by_staff.values())
        assert len(everybody) >= 2
        assert of_one == by_staff[someone]

    def test_are_told_apart_by_staff_and_state(self, shop: Shop, started: Started) -> None:
        shop.sync()
        all_of_them = started(wait("p"), trigger={"kind": "event", "event": "wecom.FriendsAdded"}, now=shop.now())
        scan(shop, 1), scan(shop, 2), scan(shop, 3)
        shop.settle()
        staff = set(
            Friendship.objects.filter(added_at__gte=shop.now() - timedelta(minutes=5)).values_list(
                "account__userid", flat=True
            )
        )
        keys = {
            userid: started(
                wait("p"), name=userid, now=shop.now(),
                trigger={"kind": "event", "event": "wecom.FriendsAdded", "where": {"staff": userid}},
            )
            for userid in (*staff, "nobody")
        }  # fmt: skip

        deliver(shop.now())

        by_staff = {userid: len(inside(key)) for userid, key in keys.items()}
        assert len(inside(all_of_them)) == 3
        assert by_staff.pop("nobody") == 0
        assert sum(by_staff.values()) == 3

    def test_let_go_on_who_waits_for_the_loss_of_a_friend(self, shop: Shop, started: Started) -> None:
        shop.sync()
        row = Friendship.objects.filter(standing="friends", contact__customer__isnull=False).first()
        assert row is not None
        assert row.contact.customer_id
        key = started(
            {"id": "w", "do": "wait_for", "happening": "event", "event": "wecom.FriendsLost", "at_most_days": 9},
            wait("p"), now=shop.now(),
        )  # fmt: skip
        enter(key, row.contact.customer_id, now=shop.now())

        from yutang.journeys.hearing import hear_event
        from yutang.wecom.events import FriendsLost

        hear_event(FriendsLost((row.pk,), (row.contact.customer_id,)), event_id=7, now=shop.now())
        tick(shop.now())

        assert Enrolment.objects.get().step == "p"


class TestWithoutWecom:
    @pytest.mark.django_db(transaction=True)
    def test_the_welcome_begins_on_the_day_on_which_somebody_is_first_seen(
        self, stores: Any, settings: Any, tmp_path: Any
    ) -> None:
        from tests.console.shop import fill
        from yutang.customers.models import Customer
        from yutang.ingest.journal import touch
        from yutang.ingest.lake_sync import sync_lake

        settings.YUTANG_LAKE = tmp_path / "lake"
        fill(tmp_path)
        definition = {"format": 1, "trigger": {"kind": "newcomer"}, "holdout_percent": 0, "steps": [wait("p", days=90)]}
        key = actions.create_playbook(actor=SYSTEM, name="新", definition=definition, now=NOW)
        actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)
        tick()
        before = inside(key)
        new = Customer.objects.create(sealed_profile=b"", first_seen_at=NOW + timedelta(hours=1))
        touch("customers_customer", {"all"}, now=NOW)
        sync_lake(now=NOW + timedelta(hours=2))

        tick(NOW + timedelta(hours=20))

        assert new.pk not in before
        assert new.pk in inside(key) or before == inside(key) == set()


class TestWords:
    def test_that_are_sent_to_the_app_are_heard_once(self, shop: Shop, started: Started) -> None:
        shop.sync()
        row = (
            Friendship.objects.filter(standing="friends", contact__customer__isnull=False)
            .select_related("contact")
            .first()
        )
        assert row is not None
        from yutang.foundation.sealing import unseal

        external = unseal(row.contact.sealed_card)["external_userid"]
        key = started(wait("p"), trigger={"kind": "word", "words": ["退货"]}, now=shop.now())
        told = (
            f"<xml><ToUserName><![CDATA[{shop.world.corp_id}]]></ToUserName><FromUserName><![CDATA[{external}]]></FromUserName>"
            f"<CreateTime>{int(shop.world.now())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            "<Content><![CDATA[我想退货]]></Content><MsgId>1</MsgId></xml>"
        )

        assert shop.take(told)
        shop.hear()
        deliver(shop.now())

        assert inside(key) == {row.contact.customer_id}
        assert "退货" not in str(list(OutboxEvent.objects.values_list("payload", flat=True)))


@pytest.mark.parametrize(
    "trigger",
    [
        {"kind": "event", "event": "wecom.FriendsAdded", "where": {"colour": "red"}},
        {"kind": "newcomer", "where": {"group": "x"}},
        {"kind": "event", "event": "wecom.GroupsFound"},
    ],
)
def test_facts_and_events_that_do_not_exist_are_refused(trigger: Any) -> None:
    with pytest.raises(DefinitionIsWrong):
        definition_from_json({"format": 1, "trigger": trigger, "steps": [wait("p")]})
