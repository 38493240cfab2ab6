"""The message centre, the platform quota, and what waits for somebody on today's page."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.channels.conftest import make_person
from tests.conftest import NOW
from yutang.channels.models import Campaign, Delivery, DeliveryStep, MassTask, Reply, Touch
from yutang.connectors.wecom.ledgers import FileLedger
from yutang.connectors.wecom.settings import Limits
from yutang.content.actions import add_script
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.models import Staff
from yutang.foundation.organisation import SETTINGS
from yutang.foundation.sealing import seal
from yutang.foundation.settings_kept import kept_setting
from yutang.journeys.actions import create_playbook, start_playbook
from yutang.journeys.models import Version
from yutang.wecom.models import Account, Connection, Contact, Friendship, GreetingWords, Group

SYSTEM = Actor.system()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lake")]


@pytest.fixture
def world(stores: dict[str, Any], manager_staff: Staff) -> dict[str, Any]:
    """A customer of the manager with a message and a reply, a task for the manager, and a group."""
    now = timezone.now()
    person = Customer.objects.create(
        sealed_profile=seal({"name": "朱小娜", "phones": ["+8614550001111"]}), store=stores["xuhui"], first_seen_at=now
    )
    account = Account.objects.create(userid="lidianzhang", staff=manager_staff, seen_at=now)
    campaign = Campaign.objects.create(
        key="spring", name="春季护理", channel="wecom", intent="value", words={"text": "毛衫平铺晾干"}, audience={},
        state="running", made_at=now, changed_at=now,
    )  # fmt: skip
    content = f"campaign:{campaign.pk}:1"
    task = MassTask.objects.create(
        msgid="m1", channel="wecom", campaign="spring", content=content, sender="lidianzhang", size=126, words_digest="x",
        state="open", handed_at=now, until=now + timedelta(hours=9), next_at=now,
    )  # fmt: skip
    message = Touch.objects.create(
        key="spring:1", customer=person, campaign="spring", channel="wecom", intent="value", content=content, state="sent",
        wanted_at=now, at=now, business_date=now.date(), changed_at=now,
    )  # fmt: skip
    Delivery.objects.create(touch=message, state="notified", state_at=now, out_id="1", task=task)
    DeliveryStep.objects.create(touch=message, state="notified", at=now, noted_at=now)
    reply = Reply.objects.create(
        digest=b"r", channel="sms", customer=person, sealed_text=seal({"text": "有没有加绒的"}), is_opt_out=False,
        sent_at=now - timedelta(hours=1), received_at=now,
    )  # fmt: skip
    group = Group.objects.create(chat_id="wr1", name="妈妈群", owner=account)
    return {"person": person, "message": message, "reply": reply, "group": group, "now": now}


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


class TestCentre:
    def test_shows_what_went_out_and_came_in_and_leads_to_it(self, owner_client: Client, world: dict[str, Any]) -> None:
        text = page(owner_client, "/messages/")
        for said in ("有没有加绒的", "春季护理", "李店长", "朱**", f"/messages/{world['message'].pk}/"):
            assert said in text
        assert "有没有加绒的" not in page(owner_client, "/messages/?direction=out")
        assert "春季护理" in page(owner_client, f"/messages/{world['message'].pk}/")
        assert "毛衫平铺晾干" in page(owner_client, f"/messages/{world['message'].pk}/")
        between = page(owner_client, f"/messages/people/{world['person'].pk}/")
        assert "有没有加绒的" in between
        assert f"/messages/{world['message'].pk}/" in page(owner_client, f"/customers/{world['person'].pk}/")
        assert "妈妈群" in page(owner_client, f"/messages/groups/{world['group'].pk}/")

    def test_opens_on_what_happened_and_leads_to_what_is_to_come(
        self, owner_client: Client, world: dict[str, Any]
    ) -> None:
        planned = [
            Touch.objects.create(
                key=f"spring:later{days}", customer=world["person"], campaign="spring", channel="wecom", intent="value",
                content="x", state="planned", wanted_at=at, at=at, business_date=at.date(), changed_at=at,
            ).pk
            for days in (7, 1)
            for at in [world["now"] + timedelta(days=days)]
        ]  # fmt: skip

        def shown(asked: str) -> list[int]:
            return [row["one"].id for row in owner_client.get(f"/messages/{asked}").context["rows"]]

        assert shown("") == [world["message"].pk, world["reply"].pk]
        assert shown("?campaign=spring") == [world["message"].pk]
        tomorrow = (timezone.localtime(world["now"]) + timedelta(days=1)).date().isoformat()
        for asked in ("?when=coming", "?state=planned", f"?since={tomorrow}"):
            assert shown(asked) == list(reversed(planned))
        answer = owner_client.get("/messages/?state=planned")
        assert (answer.context["is_coming"], answer.context["past_state"]) == (True, None)

    def test_finds_a_person_by_number_and_asks_whom_a_name_means(
        self, owner_client: Client, world: dict[str, Any]
    ) -> None:
        from tests.customers.rows import phone, resolve

        resolve({"name": "朱小娜", "phone": phone(1)}, {"name": "朱大伟", "phone": phone(2)})

        one = owner_client.get("/messages/", {"q": phone(2)})
        several = owner_client.get("/messages/", {"q": "朱"})
        nobody = owner_client.get("/messages/", {"q": "13100000000"})

        assert (one.context["person"]["name"][:1], one.context["rows"]) == ("朱", [])
        assert len(several.context["choices"]) == 2
        assert nobody.context["rows"] == []

    @pytest.mark.parametrize("after", ["x", "1-o", "99999999999999999999-o-1", "1-q-2", "-i-"])
    def test_takes_no_harm_from_places_that_are_none(
        self, owner_client: Client, world: dict[str, Any], after: str
    ) -> None:
        assert len(owner_client.get("/messages/", {"after": after, "since": "9999-99-99"}).context["rows"]) == 2

    def test_leaves_as_a_table_masked(self, owner_client: Client, world: dict[str, Any]) -> None:
        answer: Any = owner_client.get("/messages/?as=csv")

        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert [row[2] for row in rows[1:]] == ["朱**", "朱**"]
        assert "有没有加绒的" in rows[2]


class TestWords:
    def sent(self, content: str, campaign: str, now: datetime, **to: Any) -> Touch:
        return Touch.objects.create(
            key=content, campaign=campaign, channel="group" if "group_key" in to else "wecom", intent="value",
            content=content, state="sent", wanted_at=now, at=now, business_date=now.date(), changed_at=now, **to,
        )  # fmt: skip

    def test_of_playbooks_are_read_wherever_their_messages_are_shown(
        self, owner_client: Client, world: dict[str, Any]
    ) -> None:
        person = {"id": "care", "do": "message", "channel": "wecom", "intent": "value"}
        instead = {**person, "id": "sale", "intent": "promotion", "words": "新款到店", "instead": {"words": "先学收纳"}}
        steps: dict[str, list[dict[str, Any]]] = {
            "person": [{**person, "words": "{{ customer_name }}，袜子别用热水洗"}, instead],
            "group": [{"id": "tip", "do": "post", "intent": "value", "words": "群里说：毛衫要平放"}],
        }
        keys = {}
        for subject, some in steps.items():
            told = {"format": 1, "subject": subject, "trigger": {"kind": "hand"}, "steps": some}
            book = create_playbook(actor=SYSTEM, name=f"书 {subject}", definition=told, now=world["now"])
            start_playbook(actor=SYSTEM, playbook_id=book, now=world["now"])
            keys[subject] = (book, Version.objects.get(playbook=book).pk)
        book, version = keys["person"]
        told_person = {"customer": world["person"]}
        care = self.sent(f"playbook:{version}:care", f"playbook:{book}", world["now"], **told_person)
        self.sent(f"playbook:{version}:sale:instead", f"playbook:{book}", world["now"], **told_person)
        group_book, group_version = keys["group"]
        self.sent(f"playbook:{group_version}:tip", f"playbook:{group_book}", world["now"], group_key="wr1")

        for address in ("/messages/", f"/messages/{care.pk}/", f"/messages/people/{world['person'].pk}/"):
            text = page(owner_client, address)
            assert "朱**，袜子别用热水洗" in text
            assert "朱小娜" not in text
        assert "先学收纳" in page(owner_client, f"/customers/{world['person'].pk}/")
        assert "群里说：毛衫要平放" in page(owner_client, f"/messages/groups/{world['group'].pk}/")

    def test_of_a_greeting_are_those_that_were_said(self, owner_client: Client, world: dict[str, Any]) -> None:
        contact = Contact.objects.create(
            digest=b"c" * 16, sealed_card=b"", customer=world["person"], seen_at=world["now"]
        )
        said = GreetingWords.objects.create(digest=b"g" * 16, text="您好呀，\n护理问题随时问")
        Friendship.objects.create(
            account=Account.objects.get(),
            contact=contact,
            standing="friends",
            welcomed_at=world["now"],
            welcomed_with=said,
        )

        assert "“您好呀， 护理问题随时问”" in page(owner_client, f"/messages/people/{world['person'].pk}/")


class TestRefusal:
    def test_stands_where_it_was_decided_and_not_where_the_message_was_to_go_out(self, owner_client: Client) -> None:
        from yutang.channels.actions import withdraw

        person, now, tomorrow = make_person(), NOW, NOW + timedelta(days=1)
        Customer.objects.filter(pk=person).update(sealed_profile=seal({"name": "朱小娜"}))
        message = Touch.objects.create(
            key="spring:2", customer_id=person, campaign="spring", channel="wecom", intent="service", content="x",
            state="planned", wanted_at=tomorrow, at=tomorrow, business_date=tomorrow.date(), changed_at=now,
        )  # fmt: skip
        withdraw(
            actor=SYSTEM, customer_id=person, purposes=["service"], channel="wecom", wording="v1",
            evidence="form", now=now,
        )  # fmt: skip

        one = owner_client.get(f"/messages/{message.pk}/").context
        between = owner_client.get(f"/messages/people/{person}/").context

        assert one["message"].state == "refused"
        assert [step["at"] for step in one["steps"]] == [now]
        (event,) = [each for each in between["events"] if each.get("url") == f"/messages/{message.pk}/"]
        assert event["at"] == now


class TestStop:
    def test_is_told_on_every_page_about_messages_until_it_goes_on(
        self, client: Client, operator_staff: Staff, world: dict[str, Any]
    ) -> None:
        client.force_login(operator_staff, backend="django.contrib.auth.backends.ModelBackend")
        assert "notice-down" not in page(client, "/messages/")

        client.post("/messages/stop/", {"stop_channel": "sms"})
        client.post("/messages/stop/", {"stop_channel": "", "stop_campaign": "spring"})

        for address in ("/messages/", "/messages/quota/", "/messages/groups/", "/playbooks/", "/contact-policy/"):
            text = page(client, address)
            assert "赵运营" in text
            assert "春季护理" in text
        assert "赵运营停止" not in page(client, "/customers/")
        client.post("/messages/stop/", {"stop_channel": "sms", "stop_campaign": "", "go_on": "yes"})
        client.post("/messages/stop/", {"stop_channel": "", "stop_campaign": "spring", "go_on": "yes"})
        assert "notice-down" not in page(client, "/messages/")

    def test_a_campaign_that_was_chosen_beside_all_channels_stops_nothing_and_says_so(
        self, client: Client, operator_staff: Staff, world: dict[str, Any]
    ) -> None:
        client.force_login(operator_staff, backend="django.contrib.auth.backends.ModelBackend")

        answer = client.post("/messages/stop/", {"stop_channel": "all", "stop_campaign": "spring"}, follow=True)

        assert "什么都没有停止" in answer.content.decode()
        assert kept_setting("delivery.stopped_channels") == []
        assert kept_setting("delivery.stopped_campaigns") == []
        client.post("/messages/stop/", {"stop_channel": "all", "stop_campaign": ""})
        assert kept_setting("delivery.stopped_channels") == ["all"]

    def test_no_other_setting_is_open_to_who_may_send(self) -> None:
        assert {one.key for one in SETTINGS if one.also} == {"delivery.stopped_channels", "delivery.stopped_campaigns"}


class TestToday:
    def test_says_what_waits_for_the_reader_and_notes_what_was_answered(
        self, manager_client: Client, world: dict[str, Any]
    ) -> None:
        text = page(manager_client, "/today/")
        for said in ("毛衫平铺晾干", "发给 126 位客户", "有没有加绒的"):
            assert said in text

        answer = manager_client.post(f"/messages/replies/{world['reply'].pk}/answered/", {"back": "/today/"})

        assert answer.headers["Location"] == "/today/"
        assert "有没有加绒的" not in page(manager_client, "/today/")
        MassTask.objects.update(confirmed_at=world["now"])
        assert "毛衫平铺晾干" not in page(manager_client, "/today/")

    def test_tells_a_chain_who_has_not_confirmed_and_in_a_sandbox_where_to(
        self, owner_client: Client, world: dict[str, Any]
    ) -> None:
        Connection.objects.create(
            pk=1, kind="sandbox", corp_id="ww", base_url="http://127.0.0.1:9/cgi-bin/", page_url="http://127.0.0.1:9/",
            sealed_keys=seal({"secret": "s", "token": "t", "aes_key": "k"}), set_at=world["now"],
        )  # fmt: skip

        text = page(owner_client, "/today/")

        assert "李店长" in text
        assert "http://127.0.0.1:9/staff?who=lidianzhang" in text
        assert "毛衫平铺晾干" not in text

    def test_scripts_stand_at_hand_for_the_situation(self, manager_client: Client) -> None:
        told = {"title": "致歉", "body": "给您添麻烦了", "language": "zh-hans"}
        add_script(actor=Actor.system(), situation="complaint", **told, now=timezone.now())

        assert "给您添麻烦了" in page(manager_client, "/content/scripts/at-hand/?situation=complaint")
        assert "给您添麻烦了" not in page(manager_client, "/content/scripts/at-hand/?situation=price")


class TestQuota:
    def test_counts_calls_against_the_limits(
        self, owner_client: Client, settings: Any, tmp_path: Path, world: dict[str, Any]
    ) -> None:
        settings.YUTANG_HOME = tmp_path
        settings.YUTANG_WECOM = {"corp_id": "ww", "agent_id": "1", "secret": "s", "token": "t", "aes_key": "k"}
        ledger, now = FileLedger(tmp_path / "wecom" / "calls.db"), timezone.now().timestamp()
        for ago in (30, 30, 90, 3_000, 3_700):
            ledger.take(corp_id="ww", api="message/send", limits=Limits(), now=now - ago)
        ledger.take(corp_id="other", api="message/send", limits=Limits(), now=now)
        ledger.close(corp_id="ww", api="externalcontact/get", now=now)

        context = owner_client.get("/messages/quota/").context

        calls = {row["one"].api: row["one"] for row in context["calls"]}
        sent = calls["message/send"]
        assert (sent.minute, sent.hour, sum(sent.by_minute), sent.minute_most) == (2, 4, 4, 10_000)
        assert sent.by_minute[-2:] == (1, 2)
        assert calls["externalcontact/get"].closed_until is not None
        assert context["days"]["series"][0]["values"][-1] == 126
