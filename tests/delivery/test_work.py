"""The work of the worker: campaigns, hand-overs and questions follow each other by their jobs, with what the operator set up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from tests.conftest import NOW
from tests.delivery.conftest import SMS_KEY, SMS_SECRET, SYSTEM, Corp, states
from yutang.channels import tasks
from yutang.channels.actions import CampaignWish, Message, draft_campaign, plan_touch, start_campaign
from yutang.channels.delivery import books
from yutang.channels.delivery.gateways import senders
from yutang.channels.models import MassTask, StrayReceipt, Touch
from yutang.channels.queries import push_addresses
from yutang.cli.main import build
from yutang.connectors.sms.simulator import SmsSimulator
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.jobs import enqueue, run_inline
from yutang.foundation.models import AuditEntry
from yutang.ingest.lake_sync import rebuild_lake
from yutang.journeys.models import Playbook

pytestmark = pytest.mark.django_db(transaction=True)
Reachable = Callable[..., int]


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


@pytest.fixture
def gateway(settings: Any) -> Iterator[SmsSimulator]:
    """A simulated gateway that the operator has set up."""
    simulator = SmsSimulator(key_id=SMS_KEY, secret=SMS_SECRET)
    with simulator.running() as address:
        told = {"gateway": "aliyun", "key_id": SMS_KEY, "secret": SMS_SECRET, "sign": "渔塘", "base_url": address}
        settings.YUTANG_SMS = {**settings.YUTANG_SMS, **told}
        yield simulator


def work(task: Any) -> Any:
    return run_inline(enqueue(task, {}, now=timezone.now()))


def notify(someone: int, channel: str, key: str, *, content: str = "said:hello") -> None:
    """Plan a notice of a contract, which goes out at any hour."""
    message = Message(key=key, channel=channel, intent="transactional", customer_id=someone, content=content)
    plan_touch(actor=SYSTEM, message=message, now=timezone.now())


def command(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(build(), ["delivery", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


class TestSetUp:
    def test_nothing_set_up_sends_nothing(self, reachable: Reachable) -> None:
        notify(reachable(1), "sms", "k")

        assert senders() == {}
        assert not tasks.has_due_messages()
        assert work(tasks.deliver_messages) == {"claimed": 0}
        assert states() == {"k": "planned"}

    def test_both_gateways_and_a_mail_server_are_taken_from_the_environment(self, settings: Any) -> None:
        settings.YUTANG_MAIL = {**settings.YUTANG_MAIL, "host": "mail.example.com", "sender": "hello@example.com"}
        for gateway in ("aliyun", "tencent"):
            settings.YUTANG_SMS = {**settings.YUTANG_SMS, "gateway": gateway}
            assert set(senders()) == {"sms", "email"}


class TestJobs:
    def test_hand_over_what_is_due(self, reachable: Reachable, gateway: SmsSimulator) -> None:
        for number in range(3):
            notify(reachable(number), "sms", f"k{number}")
        assert tasks.has_due_messages()

        assert work(tasks.deliver_messages) == {"claimed": 3}

        assert set(states().values()) == {"created"}
        assert len(gateway.sent) == 3
        assert not tasks.has_due_messages()

    def test_give_wecom_its_tasks_and_ask_what_became_of_them(
        self, reachable: Reachable, open_corp: Callable[..., Corp]
    ) -> None:
        corp = open_corp()
        corp.sandbox.order("clock", at=timezone.now().timestamp(), stop=True)
        people = [reachable(number) for number in range(4)]
        corp.befriend(people)
        for someone in people:
            notify(someone, "wecom", f"k{someone}")
        books.plug_in(corp.book)
        try:
            assert work(tasks.deliver_messages) == {"claimed": 4}
            corp.pass_by(seconds=30)
            corp.sandbox.order("member/confirm_all")
            MassTask.objects.update(next_at=timezone.now())
            assert tasks.has_open_deliveries()
            told = work(tasks.follow_deliveries)
        finally:
            books._BOOKS.clear()

        assert told["tasks"] == len(corp.tasks())
        assert set(states().values()) == {"delivered"}

    def test_who_waits_for_the_quota_of_tomorrow_keeps_nobody_waiting(
        self, reachable: Reachable, open_corp: Callable[..., Corp], said: dict[str, dict[str, Any]]
    ) -> None:
        corp = open_corp()
        corp.sandbox.order("clock", at=timezone.now().timestamp(), stop=True)
        full, free = people = [reachable(number) for number in range(2)]
        corp.befriend(people)
        said |= {f"offer{number}": {"text": f"您好{number}"} for number in range(3)}
        for number, someone in enumerate((full, full, free)):
            notify(someone, "wecom", f"k{number}", content=f"said:offer{number}")
        books.plug_in(corp.book)
        try:
            assert work(tasks.deliver_messages) == {"claimed": 2}
        finally:
            books._BOOKS.clear()

        assert states() == {"k0": "created", "k1": "planned", "k2": "created"}

    def test_run_campaigns_and_say_when_there_is_nothing_to_do(self, reachable: Reachable) -> None:
        people = [reachable(number) for number in range(2)]
        rebuild_lake(now=NOW)
        wish = CampaignWish("春茶", "wecom", "value", {"people": people}, words={"text": "您好"}, held_out_percent=0)
        campaign_id = draft_campaign(actor=SYSTEM, wish=wish, now=timezone.now())
        assert not tasks.has_campaigns_to_run()

        start_campaign(actor=SYSTEM, campaign_id=campaign_id, now=timezone.now())

        assert tasks.has_campaigns_to_run()
        assert work(tasks.run_campaigns) == {"started": 0, "planned": 1, "cleared": 0}
        assert not tasks.has_campaigns_to_run()
        assert Touch.objects.filter(campaign__startswith="c-").count() == 2

    def test_forget_receipts_of_others(self) -> None:
        for days, reference in ((9, "old"), (1, "new")):
            at = timezone.now() - timedelta(days=days)
            StrayReceipt.objects.create(reference=reference, delivered=True, at=at, received_at=at)

        assert work(tasks.forget_receipts) == {"forgotten": 1}
        assert StrayReceipt.objects.get().reference == "new"


class TestCommands:
    def test_stop_and_go_are_audited_and_shown(self, reachable: Reachable, gateway: SmsSimulator) -> None:
        notify(reachable(1), "sms", "k")

        command("stop", "--channel", "sms")
        Playbook.objects.create(pk=7, name="首单", draft={}, salt=b"1" * 16, created_at=NOW, changed_at=NOW)
        command("stop", "--campaign", "playbook:7")
        stopped = command("status")
        assert work(tasks.deliver_messages) == {"claimed": 0}
        command("go", "--channel", "sms")

        assert (stopped["stopped_channels"], stopped["stopped_campaigns"]) == (["sms"], ["playbook:7"])
        assert stopped["due"] == {"sms": 1}
        assert work(tasks.deliver_messages) == {"claimed": 1}
        assert AuditEntry.objects.filter(action="setting.changed").count() == 3

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("--channel", "pigeon"),
            ("--channel", "sms", "--campaign", "x"),
        ],
    )
    def test_stop_needs_one_thing_that_there_is(self, arguments: tuple[str, ...]) -> None:
        result = CliRunner().invoke(build(), ["delivery", "stop", *arguments, "--json"])

        assert result.exit_code == 2
        assert json.loads(result.stdout)["error"]["code"] == "nothing_named"

    @pytest.mark.parametrize("campaign", ["playbook:7", "playbook:x", "playbook:", "sprnig"])
    def test_stop_refuses_a_campaign_or_playbook_that_there_is_not(self, campaign: str) -> None:
        result = CliRunner().invoke(build(), ["delivery", "stop", "--campaign", campaign, "--json"])

        assert result.exit_code == 2
        assert json.loads(result.stdout)["error"]["code"] == "campaign_is_unknown"
        assert command("status")["stopped_campaigns"] == []

    def test_addresses_are_for_who_manages_settings(self, settings: Any, operator: Actor) -> None:
        settings.YUTANG_PUBLIC_URL = "https://pond.example.com"

        found = command("addresses")

        assert set(found) == {"aliyun receipts", "aliyun replies", "tencent receipts", "tencent replies", "mail"}
        assert len(set(found.values())) == 5
        with pytest.raises(NotAllowed):
            push_addresses(access=operator)
