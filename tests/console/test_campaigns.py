"""The room of campaigns: the way from whom it is for to what came back, as an operator goes it, with what each step refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from tests.conftest import NOW
from tests.delivery.conftest import Corp, make_reachable
from tests.delivery.test_mass import follow
from yutang.channels.actions import choose_parts, sketch_campaign
from yutang.channels.actions.campaigns import plan_running
from yutang.channels.delivery.mass import create_round
from yutang.channels.models import Campaign, MassTask, Touch
from yutang.connectors.wecom.simulator.seeding import Size
from yutang.content import actions as contents
from yutang.content.writing import Written
from yutang.foundation.access import Actor
from yutang.foundation.actions import change_setting
from yutang.foundation.models import AuditEntry, Job, Staff
from yutang.ingest.lake_sync import rebuild_lake
from yutang.segments.models import Segment

SYSTEM = Actor.system()
PEOPLE = 12


@pytest.fixture
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever works in the console works at ten in the morning, within the hours of the policy."""
    monkeypatch.setattr("yutang.console.access.timezone", SimpleNamespace(now=lambda: NOW))


@pytest.fixture
def pond(transactional_db: None, morning: None, settings: Any, tmp_path: Any, stores: dict[str, Any]) -> list[int]:
    """People who can be reached, one who said no, and a segment of those of one store."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    people = [make_reachable(number, store=stores["xuhui"]) for number in range(PEOPLE)]
    people.append(make_reachable(PEOPLE, store=stores["xuhui"], yes_to=()))
    make_reachable(PEOPLE + 1, store=stores["pudong"])
    rebuild_lake(now=NOW)
    rule = {"version": 1, "rule": {"field": "store", "is": "in", "value": [stores["xuhui"].pk]}}
    Segment.objects.create(name="徐汇店的人", rule=rule, created_at=NOW, changed_at=NOW)
    return people


def approved(**parts: Any) -> int:
    told = {
        "title": "护理小知识",
        "kind": "text",
        "intent": "value",
        "channels": ("wecom", "sms"),
        "body": "针织平放不挂。",
    }
    written = Written(**{**told, **parts})
    key = contents.create_content(actor=SYSTEM, written=written, now=NOW)
    contents.ask_for_approval(actor=SYSTEM, content_id=key, now=NOW)
    contents.approve(actor=SYSTEM, content_id=key, now=NOW)
    return key


@pytest.fixture
def at_work(client: Client, operator_staff: Staff) -> Client:
    client.force_login(operator_staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def said(answer: Any) -> str:
    return " ".join(str(one) for one in answer.context["messages"])


@pytest.mark.usefixtures("pond")
class TestWizard:
    def test_leads_from_a_name_to_a_running_campaign_and_every_step_survives(self, at_work: Client) -> None:
        content = approved()
        address = at_work.post("/campaigns/new/", {"name": "护理周"}).headers["Location"]
        row = Campaign.objects.get()
        assert address == f"/campaigns/{row.pk}/audience/"
        here = f"/campaigns/{row.pk}"
        segment = Segment.objects.get()

        counted = at_work.get(f"{here}/audience/count/?kind=segment&segment={segment.pk}")
        assert f'data-count="{PEOPLE + 1}"' in counted.content.decode()
        answer = at_work.post(f"{here}/audience/", {"name": "护理周", "kind": "segment", "segment": segment.pk})
        assert answer.headers["Location"] == f"{here}/content/"
        page = at_work.get(f"{here}/content/?content={content}")
        assert [way for way, _title in page.context["chosen"]["ways"]] == ["wecom", "sms"]
        assert "针织平放不挂。" in page.content.decode()
        form = {"content": content, "channel": "wecom", "fallback": "sms", "hours": "12"}
        assert at_work.post(f"{here}/content/", form).headers["Location"] == f"{here}/check/"

        checked = at_work.get(f"{here}/check/")
        preview = checked.context["preview"]
        assert (preview.asked, preview.outcomes["refuse"]) == (PEOPLE + 1, 0)
        assert preview.getting + preview.held == PEOPLE + 1
        assert not Touch.objects.filter(campaign=row.key).exists()
        at_work.post(f"{here}/check/", {"held_out": "30"})
        assert Campaign.objects.get().held_out_percent == 30
        assert at_work.post(f"{here}/schedule/", {"when": "now"}).headers["Location"] == f"{here}/confirm/"
        # Another day, another browser: what was chosen is there.
        later = Client()
        later.force_login(Staff.objects.get(role="operator"), backend="django.contrib.auth.backends.ModelBackend")
        assert later.get(f"{here}/audience/").context["segment"] == segment.pk
        assert later.get(f"{here}/content/").context["chosen"]["fallback"] == "sms"

        confirmed = at_work.get(f"{here}/confirm/")
        getting = confirmed.context["preview"].getting
        assert at_work.post(f"{here}/confirm/").headers["Location"] == f"{here}/"
        plan_running(actor=SYSTEM, now=NOW)
        assert Touch.objects.filter(campaign=row.key, state="planned").count() == getting
        shown = at_work.get(f"{here}/")
        assert shown.context["told"].way["planned"] == getting
        assert shown.context["told"].held == PEOPLE + 1 - getting
        assert at_work.get(f"{here}/audience/").headers["Location"] == f"{here}/"

    def test_a_promotion_shows_who_gets_something_useful_instead_and_who_is_behind_each_bar(
        self, at_work: Client
    ) -> None:
        sale, useful = (
            approved(title="春茶上新", intent="promotion", channels=("wecom",)),
            approved(channels=("wecom",)),
        )
        Touch.objects.filter(customer_id__in=list(Touch.objects.values_list("customer_id", flat=True))[:9]).delete()
        rebuild_lake(now=NOW)
        row = begun({"everybody": True}, held_out_percent=0)
        here = f"/campaigns/{row.pk}"

        at_work.post(f"{here}/content/", {"content": sale, "channel": "wecom", "hours": "24", "instead": useful})
        page = at_work.get(f"{here}/check/")

        assert (page.context["preview"].outcomes["refuse"], page.context["preview"].outcomes["replace"]) == (1, 3)
        (reason,) = page.context["refused"]
        people = at_work.get(reason["url"]).context["people"]
        assert [one["name"] for one in people] == ["顾***"]
        (early,) = page.context["too_early"]
        assert len(at_work.get(early["url"]).context["people"]) == early["n"]
        assert Campaign.objects.get().instead == f"content:{useful}:1"

    @pytest.mark.parametrize(
        ("step", "form", "told"),
        [
            ("audience", {"name": "护理周", "kind": "segment", "segment": ""}, "请选择"),
            ("audience", {"name": " ", "kind": "everybody"}, "名称"),
            ("audience", {"name": "护理周", "kind": "groups"}, "请选择"),
            ("content", {"content": "999", "channel": "wecom"}, "素材"),
            ("content", {"channel": "wecom"}, "素材"),
            ("content", {"content": "{content}", "channel": "email"}, "方式"),
            ("content", {"content": "{content}", "channel": "wecom", "fallback": "email"}, "另一种"),
            ("content", {"content": "{content}", "channel": "wecom", "hours": "999"}, "小时"),
            ("check", {"held_out": "96"}, "95"),
            ("check", {"held_out": "x"}, "95"),
        ],
    )
    def test_a_step_says_what_it_refuses_and_changes_nothing(
        self, at_work: Client, step: str, form: dict[str, str], told: str
    ) -> None:
        content = approved()
        row = begun({"everybody": True})
        before = Campaign.objects.values().get()
        filled = {name: value.format(content=content) for name, value in form.items()}

        answer = at_work.post(f"/campaigns/{row.pk}/{step}/", filled, follow=True)

        assert told in said(answer)
        assert Campaign.objects.values().get() == before

    @pytest.mark.parametrize(
        "form",
        [
            {"when": "later", "at": "2026-03-11T09:59"},
            {"when": "later", "at": "soon"},
            {"when": "later", "at": "9999-12-31T23:59"},
            {"when": "later", "at": "0001-01-01T00:00"},
            {"when": "now", "until": "9999-12-31T23:59"},
            {"when": "now", "until": "2026-03-11T09:00"},
            {"when": "later", "at": "2026-03-13T10:00", "until": "2026-03-12T10:00"},
        ],
    )
    def test_a_time_that_cannot_be_is_refused_beside_what_was_typed(
        self, at_work: Client, form: dict[str, str]
    ) -> None:
        row = begun({"everybody": True})

        answer = at_work.post(f"/campaigns/{row.pk}/schedule/", form)

        assert answer.status_code == 422
        assert answer.context["wrong"]
        assert answer.context["at"] == form.get("at", "")
        assert Campaign.objects.get().starts_at is None

    def test_a_time_to_come_is_kept_and_asks_the_policy_anew(self, at_work: Client) -> None:
        row = begun({"everybody": True}, approved())

        at_work.post(f"/campaigns/{row.pk}/schedule/", {"when": "later", "at": "2026-03-13T10:00"})

        assert timezone.localtime(Campaign.objects.get().starts_at).isoformat() == "2026-03-13T10:00:00+08:00"
        confirmed = at_work.get(f"/campaigns/{row.pk}/confirm/")
        assert confirmed.context["preview"].is_fresh
        at_work.post(f"/campaigns/{row.pk}/confirm/")
        assert Campaign.objects.get().state == "ready"
        assert at_work.get(f"/campaigns/{row.pk}/content/").status_code == 200

    def test_a_large_one_is_let_go_by_its_number_only(self, at_work: Client) -> None:
        change_setting(actor=SYSTEM, key="delivery.confirm_from", value=2, now=NOW)
        row = begun({"everybody": True}, approved(), held_out_percent=0)
        at_work.post(f"/campaigns/{row.pk}/check/")

        refused = at_work.post(f"/campaigns/{row.pk}/confirm/", {"people": "3"}, follow=True)
        assert "14" in said(refused)
        assert Campaign.objects.get().state == "draft"
        at_work.post(f"/campaigns/{row.pk}/confirm/", {"people": " 14 "})
        assert Campaign.objects.get().state == "running"

    def test_no_content_that_fits_is_said(self, at_work: Client) -> None:
        approved(channels=("group",))
        row = begun({"everybody": True})

        page = at_work.get(f"/campaigns/{row.pk}/content/")

        assert page.context["rows"] == []
        assert "没有" in page.content.decode()

    def test_charged_short_messages_are_told(self, at_work: Client) -> None:
        row = begun({"everybody": True}, approved(channels=("sms",), body="针" * 80), channel="sms", held_out_percent=0)

        at_work.post(f"/campaigns/{row.pk}/check/")

        ((_title, told),) = at_work.get(f"/campaigns/{row.pk}/check/").context["costs"]
        assert str(2 * (PEOPLE + 1)) in told

    def test_a_content_without_a_template_is_named_before_it_goes_by_sms(self, at_work: Client, settings: Any) -> None:
        settings.YUTANG_SMS = {**settings.YUTANG_SMS, "gateway": "aliyun"}
        lacking, having = approved(channels=("sms",)), approved(channels=("sms",), sms_template="SMS_1")

        told = {
            content: at_work.get(f"/campaigns/{begun({'everybody': True}, content, channel='sms').pk}/schedule/")
            for content in (lacking, having)
        }

        assert ["模板" in " ".join(told[one].context["warnings"]) for one in (lacking, having)] == [True, False]

    @pytest.mark.parametrize(("ways", "said"), [({"email"}, False), ({"sms"}, True)])
    def test_no_real_phone_is_called_made_up(
        self, at_work: Client, pond: list[int], settings: Any, ways: set[str], said: bool
    ) -> None:
        settings.YUTANG_POSTBOX, settings.YUTANG_POSTBOX_WAYS = "http://127.0.0.1:8791/", ways
        row = begun({"people": pond}, approved(), channel="sms")

        page = at_work.get(f"/campaigns/{row.pk}/").content.decode()
        centre = at_work.get("/messages/").content.decode()

        assert ("手机都是虚构的" in page) is ("手机都是虚构的" in centre) is said
        assert ("邮箱都是虚构的" in centre) is not said
        assert "短信和邮件发往" not in centre

    def test_the_sandbox_is_named_where_sms_and_mail_go_to_it(self, at_work: Client, settings: Any) -> None:
        settings.YUTANG_POSTBOX = "http://127.0.0.1:8791/"
        by_sms, by_wecom = (begun({"everybody": True}, approved(), channel=way) for way in ("sms", "wecom"))

        pages = [at_work.get(f"/campaigns/{one.pk}/schedule/").content.decode() for one in (by_sms, by_wecom)]

        assert ['href="http://127.0.0.1:8791/"' in one for one in pages] == [True, False]
        assert 'href="http://127.0.0.1:8791/"' in at_work.get("/messages/").content.decode()


def begun(audience: dict[str, Any], content: int | None = None, *, channel: str = "wecom", **more: Any) -> Campaign:
    """Write a draft that has come so far."""
    key = sketch_campaign(actor=SYSTEM, name="护理周", now=NOW)
    parts: dict[str, Any] = {"audience": audience, **more}
    if content is not None:
        parts |= {"content": f"content:{content}:1", "intent": "value", "channel": channel}
    choose_parts(actor=SYSTEM, campaign_id=key, parts=parts, now=NOW)
    return Campaign.objects.get(pk=key)


@pytest.mark.usefixtures("pond")
class TestList:
    def test_is_narrowed_by_its_address_and_leaves_as_a_table(self, at_work: Client) -> None:
        begun({"everybody": True}, approved())
        begun({"everybody": True})

        page = at_work.get("/campaigns/?channel=wecom&state=draft&q=护理")
        answer: Any = at_work.get("/campaigns/?channel=wecom&as=csv")
        sheet = b"".join(answer.streaming_content).decode("utf-8-sig")

        assert len(page.context["rows"]) == 1
        assert len(at_work.get("/campaigns/").context["rows"]) == 2
        assert len(sheet.strip().splitlines()) == 2


@pytest.fixture
def corp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Corp]:
    made = Corp(Size(staff=2, customers=PEOPLE, groups=2, owners=1, members=2))
    monkeypatch.setattr("yutang.channels.actions.launching.wecom_book", lambda: made.book)
    yield made
    made.sandbox.simulator.end()


def test_a_reminder_goes_out_within_the_limit_of_the_platform(at_work: Client, pond: list[int], corp: Corp) -> None:
    row, task = _waiting(corp, pond)
    address = f"/campaigns/{row.pk}/remind/"

    early = at_work.post(address, {"task": task.pk}, follow=True)
    MassTask.objects.update(handed_at=NOW - timedelta(hours=2))
    asked = at_work.post(address, {"task": task.pk}, follow=True)
    again = at_work.post(address, {"task": task.pk}, follow=True)

    assert ("提醒" in said(early), "再提醒" in said(asked)) == (True, True)
    assert said(again) == said(early)
    assert MassTask.objects.get(pk=task.pk).reminders == 1
    assert AuditEntry.objects.filter(action="channels.remind_staff").count() == 1
    assert at_work.post(address, {"task": "999"}, follow=True).status_code == 200


def _waiting(corp: Corp, people: list[int]) -> tuple[Campaign, MassTask]:
    """Let a campaign run until staff are asked."""
    corp.befriend(people)
    row = begun({"people": people}, approved(), held_out_percent=0)
    Campaign.objects.filter(pk=row.pk).update(state="running")
    plan_running(actor=SYSTEM, now=NOW)
    create_round(book=corp.book, clock=corp.now)
    follow(corp)
    return row, MassTask.objects.order_by("pk")[0]


class TestConfirmations:
    @pytest.mark.parametrize("body", ["针织平放不挂。", "{{客户姓名}}好，针织平放不挂。"])
    def test_are_told_before_as_often_as_staff_will_be_asked(
        self, at_work: Client, pond: list[int], corp: Corp, monkeypatch: pytest.MonkeyPatch, body: str
    ) -> None:
        monkeypatch.setattr("yutang.channels.delivery.books._BOOKS", [corp.book])
        corp.befriend(pond[:PEOPLE])
        row = begun({"people": pond}, approved(body=body, channels=("wecom",)), held_out_percent=0)

        at_work.post(f"/campaigns/{row.pk}/check/")
        page = at_work.get(f"/campaigns/{row.pk}/check/")
        Campaign.objects.filter(pk=row.pk).update(state="running")
        plan_running(actor=SYSTEM, now=NOW)
        while create_round(book=corp.book, clock=corp.now).claimed:
            pass

        told = page.context["preview"].confirmations
        made = Counter(MassTask.objects.values_list("sender", flat=True))
        assert {userid: tasks for userid, tasks, _n in told.named} == made
        assert (told.tasks, told.senders, told.receivers) == (made.total(), len(made), PEOPLE)
        assert told.tasks == (PEOPLE if "{{" in body else 2)
        assert ("变量" in page.context["asks"]["warning"]) == ("{{" in body)
        assert [one["receivers"] for one in page.context["asks"]["rows"]] == [n for _u, _t, n in told.named]

    def test_leave_out_who_lacks_a_value_and_say_how_many(
        self, at_work: Client, pond: list[int], corp: Corp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("yutang.channels.delivery.books._BOOKS", [corp.book])
        corp.befriend(pond[:PEOPLE])
        row = begun({"people": pond}, approved(body="{{上次购买}}怎么洗", channels=("wecom",)), held_out_percent=0)

        at_work.post(f"/campaigns/{row.pk}/check/")

        told = at_work.get(f"/campaigns/{row.pk}/check/").context["preview"].confirmations
        assert (told.tasks, told.silent) == (0, PEOPLE)


class TestOwnWords:
    def test_are_shown_with_what_a_person_decides_about_until_a_content_takes_their_place(
        self, at_work: Client, pond: list[int]
    ) -> None:
        row = begun({"people": pond}, channel="sms")
        words = {"text": "春茶到了，来店里喝一杯", "template": "SMS_1"}
        parts = {"channel": "sms", "intent": "value", "words": words}
        choose_parts(actor=SYSTEM, campaign_id=row.pk, parts=parts, now=NOW)

        for step in ("", "content/", "check/"):
            page = at_work.get(f"/campaigns/{row.pk}/{step}")
            about_words, about_the_way = page.context["warnings"]
            assert ("拒收" in about_words, "网关" in about_the_way) == (True, True)
            assert about_words.split("：")[0] in unescape(page.content.decode())
        assert words["text"] in at_work.get(f"/campaigns/{row.pk}/").content.decode()
        chosen = {"content": approved(sms_template="SMS_1"), "channel": "sms"}
        at_work.post(f"/campaigns/{row.pk}/content/", chosen)
        assert at_work.get(f"/campaigns/{row.pk}/").context["warnings"] == [about_the_way]

    def test_a_way_that_is_set_up_is_no_warning(self, at_work: Client, pond: list[int], settings: Any) -> None:
        row = begun({"people": pond}, approved(sms_template="SMS_1"), channel="sms")
        without = at_work.get(f"/campaigns/{row.pk}/").context["warnings"]

        settings.YUTANG_SMS = {**settings.YUTANG_SMS, "gateway": "aliyun", "key_id": "key", "secret": "secret"}

        assert (len(without), at_work.get(f"/campaigns/{row.pk}/").context["warnings"]) == (1, [])


class TestAskedAgain:
    def test_because_somebody_looks_and_once_however_many_look(
        self, at_work: Client, pond: list[int], corp: Corp
    ) -> None:
        row, task = _waiting(corp, pond)
        here, address = f"/campaigns/{row.pk}/", f"/campaigns/{row.pk}/asked/"
        asks_itself = 'hx-trigger="load, submit"'
        fresh = at_work.get(here).content.decode()
        MassTask.objects.update(asked_at=NOW - timedelta(minutes=3), next_at=NOW + timedelta(minutes=20))

        old = [at_work.get(page).content.decode() for page in (here, "/messages/quota/")]
        waits = at_work.post(address, headers={"hx-request": "true"}).content.decode()
        at_work.post(address, headers={"hx-request": "true"})
        at_work.post("/messages/quota/asked/")
        jobs = Job.objects.filter(task_path__endswith="follow_deliveries").count()
        due = MassTask.objects.filter(next_at__lte=NOW).count()
        follow(corp)
        since = quote((NOW - timedelta(minutes=3)).isoformat())
        told = at_work.get(f"{address}?looks=2&since={since}", headers={"hx-request": "true"}).content.decode()

        assert asks_itself not in fresh
        assert all(asks_itself in page for page in old)
        assert (jobs, due) == (1, MassTask.objects.count())
        assert "looks=2" in waits
        assert "looks=" not in told
        assert f'<a href="{here}">' in told
        assert MassTask.objects.get(pk=task.pk).asked_at > NOW

    def test_newcomers_whom_the_figures_do_not_know_are_told_with_their_time(
        self, at_work: Client, pond: list[int], stores: dict[str, Any]
    ) -> None:
        late = make_reachable(PEOPLE + 2, store=stores["xuhui"])
        row = begun({"people": [*pond, late]}, approved(), held_out_percent=0)

        at_work.post(f"/campaigns/{row.pk}/check/")
        page = at_work.get(f"/campaigns/{row.pk}/check/")
        again = at_work.post(f"/campaigns/{row.pk}/check/", {"figures": "yes"}, follow=True)

        assert (page.context["newcomers"]["n"], page.context["newcomers"]["at"]) == (1, NOW)
        assert "数据" in said(again)


@pytest.mark.parametrize(("width", "language", "theme"), [("desktop", "zh-hans", "light"), ("phone", "en", "dark")])
def test_an_operator_goes_the_whole_way(
    pond: list[int], corp: Corp, visit: Callable[..., Any], operator_staff: Staff, width: str, language: str, theme: str
) -> None:
    corp.befriend(pond)
    if language == "en":
        approved(title="Care for knitwear", body="Lay knitwear flat.", language="en", persona="Fish")
    else:
        approved()
    segment = Segment.objects.get()
    if language == "en":
        Segment.objects.update(name="People of Xuhui")
        Staff.objects.update(display_name="Zhao")
    visitor = visit(width=width, language=language, theme=theme, staff=operator_staff)
    page = visitor.page
    visitor.look("/campaigns/")

    page.click("[data-open=new]")
    page.fill("#new-name", "护理周" if language == "zh-hans" else "Care week")
    page.press("#new-name", "Enter")
    page.wait_for_url("**/audience/")
    visitor.look()
    page.select_option("#segment", str(segment.pk))
    page.wait_for_selector(f'[data-count="{PEOPLE + 1}"]')
    page.click(".wizard-foot .btn-primary")
    page.wait_for_url("**/content/")
    page.click(".wizard-pick")
    page.wait_for_url("**content=**")
    visitor.look()
    page.go_back()
    page.reload()
    page.click(".wizard-pick")
    page.wait_for_url("**content=**")
    visitor.wait_until_quiet()
    page.click("#chosen .wizard-foot .btn-primary")
    page.wait_for_url("**/check/**")
    visitor.look()
    page.click(".wizard-foot .btn-primary")
    page.wait_for_url("**/schedule/")
    visitor.look()
    page.click(".wizard-foot .btn-primary")
    page.wait_for_url("**/confirm/")
    visitor.look()
    page.click(".wizard-foot .btn-primary")
    page.wait_for_url(f"**/campaigns/{Campaign.objects.get().pk}/")
    plan_running(actor=SYSTEM, now=NOW)
    create_round(book=corp.book, clock=corp.now)
    follow(corp)
    for task in corp.tasks():
        for userid in task.targets:
            corp.sandbox.order("member/confirm", msgid=task.msgid, userid=userid)
    follow(corp, minutes=10)

    page.reload()
    visitor.look()
    told = Touch.objects.filter(campaign=Campaign.objects.get().key, delivery__state="delivered").count()
    assert told > 0
    assert page.locator("#progress .card").first.locator(".num").last.inner_text().split()[-1] == str(told)
