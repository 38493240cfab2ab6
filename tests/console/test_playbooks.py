"""The room of playbooks: taken, changed step by step, tried, started, looked at."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.channels.conftest import make_person
from tests.conftest import NOW
from tests.journeys.conftest import SYSTEM, enter, make_group, tick
from yutang.content.actions import ready_library
from yutang.content.models import Version
from yutang.customers.models import Customer
from yutang.foundation.sealing import seal
from yutang.journeys import actions
from yutang.journeys.models import Enrolment, Playbook

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


@pytest.fixture
def book(owner_client: Client) -> int:
    """A ready playbook that was taken in the console."""
    owner_client.post("/playbooks/new/", {"ready": "after_sales"})
    return Playbook.objects.get().pk


def steps(book: int) -> list[str]:
    return [one["id"] for one in Playbook.objects.get(pk=book).draft["steps"]]


def refusal_in(page: str) -> str:
    """Return what the toast of a refusal says."""
    (found,) = re.findall(r'toast-error".*?<p>(.*?)</p>', page, re.DOTALL)
    return str(found)


def change(client: Client, book: int, **form: Any) -> Any:
    return client.post(f"/playbooks/{book}/edit/", form)


class TestEditor:
    def test_a_step_is_added_behind_another_and_takes_over_its_way(self, owner_client: Client, book: int) -> None:
        answer = change(owner_client, book, op="add", do="wait", behind="help")

        made = Playbook.objects.get(pk=book).draft["steps"][5]
        assert answer.headers["Location"] == f"/playbooks/{book}/edit/wait_1/"
        assert (made["id"], made["then"]) == ("wait_1", "end")
        assert "then" not in Playbook.objects.get(pk=book).draft["steps"][4]

    def test_a_step_that_nobody_would_come_to_is_told_by_its_title(self, owner_client: Client, book: int) -> None:
        change(owner_client, book, op="add", do="end", behind=steps(book)[-1])
        change(owner_client, book, op="add", do="wait", behind=steps(book)[-1])
        page = owner_client.get(f"/playbooks/{book}/edit/wait_1/").content.decode()
        told = owner_client.post(f"/playbooks/{book}/switch/", {"to": "start"}, follow=True).content.decode()

        title = f"{len(steps(book))}. 等待"
        assert f"没有路径通向：{title}" in page
        assert "wait_1" not in refusal_in(told)
        assert title in refusal_in(told)

    def test_steps_are_moved_and_taken_out(self, owner_client: Client, book: int) -> None:
        before = steps(book)
        change(owner_client, book, op="move", step="arrived", to="up")
        moved = steps(book)
        change(owner_client, book, op="remove", step="help")

        assert moved == ["arrived", "a_day", *before[2:]]
        assert "help" not in steps(book)
        branch = next(one for one in Playbook.objects.get(pk=book).draft["steps"] if one["id"] == "sent_back")
        # Its way led to the step that is gone, and now leads to where that one led.
        assert branch["ways"][0]["then"] == "end"

    def test_a_step_is_taken_out_only_after_it_was_asked_and_the_graph_stands_beside(
        self, owner_client: Client, book: int
    ) -> None:
        page = owner_client.get(f"/playbooks/{book}/edit/").content.decode()

        assert 'data-open="remove" data-fill-step="help"' in page
        assert page.count('name="op" value="remove"') == 1
        assert page.count('<g class="box ') == len(steps(book))

    def test_a_step_is_changed_by_its_form(self, owner_client: Client, book: int) -> None:
        form = {
            "title": "问候",
            "channel": "sms",
            "intent": "service",
            "words": "您好",
            "then": "next",
            "if_refused": "end",
        }
        owner_client.post(f"/playbooks/{book}/edit/arrived/", form)

        step = Playbook.objects.get(pk=book).draft["steps"][1]
        assert step == {"id": "arrived", "do": "message", **form, "then": "next"} or step == {
            key: value for key, value in {"id": "arrived", "do": "message", **form}.items() if key != "then"
        }

    def test_a_wrong_form_is_refused_with_the_place_and_keeps_what_was_typed(
        self, owner_client: Client, book: int
    ) -> None:
        form = {"channel": "sms", "intent": "service", "words": "写了很久的话", "useful_days": "许多", "then": "next"}
        answer = owner_client.post(f"/playbooks/{book}/edit/arrived/", form)

        page = answer.content.decode()
        assert answer.status_code == 422
        assert "arrived.useful_days" in page
        assert "写了很久的话" in page

    def test_settings_are_changed_and_a_new_kind_of_trigger_asks_anew(self, owner_client: Client, book: int) -> None:
        change(
            owner_client,
            book,
            op="settings",
            name="改名",
            kind="date",
            audience="preset:stage-loyal",
            holdout="20",
            goal="yes",
        )

        row = Playbook.objects.get(pk=book)
        assert (row.name, row.draft["trigger"]["kind"], row.draft["holdout_percent"]) == ("改名", "date", 20)
        assert row.draft["goal"] == {"kind": "order"}
        assert row.draft["audience"]["rule"]["value"] == ["loyal"]
        assert "exits" not in row.draft

    def test_the_whole_is_changed_as_json_or_refused(self, owner_client: Client, book: int) -> None:
        draft = Playbook.objects.get(pk=book).draft
        wrong = change(owner_client, book, op="json", json="{")
        circle = {**draft, "steps": [{"id": "a", "do": "wait", "days": 1, "then": "a"}]}
        refused = change(owner_client, book, op="json", json=json.dumps(circle))
        change(owner_client, book, op="json", json=json.dumps({**draft, "about": "新的"}))

        assert (wrong.status_code, refused.status_code) == (422, 422)
        assert Playbook.objects.get(pk=book).draft["about"] == "新的"

    def test_a_branch_keeps_its_rule_and_takes_another(self, owner_client: Client) -> None:
        owner_client.post("/playbooks/new/", {"ready": "at_risk_rescue"})
        book = Playbook.objects.get()
        rule = book.draft["steps"][3]["ways"][0]["rule"]
        form = {
            "title": "值得吗", "otherwise": "offer",
            "way-0-rule": "keep", "way-0-title": "高", "way-0-then": "call",
            "way-1-rule": "preset:stage-loyal", "way-1-title": "忠诚", "way-1-then": "call",
        }  # fmt: skip
        owner_client.post(f"/playbooks/{book.pk}/edit/worth/", form)

        ways = Playbook.objects.get().draft["steps"][3]["ways"]
        assert [way["title"] for way in ways] == ["高", "忠诚"]
        assert ways[0]["rule"] == rule


class TestRunning:
    def test_is_started_paused_and_shows_who_stands_where(self, owner_client: Client, book: int) -> None:
        person = make_person()
        owner_client.post(f"/playbooks/{book}/switch/", {"to": "start"})
        draft = Playbook.objects.get().current
        assert draft is not None
        draft.definition = {**draft.definition, "holdout_percent": 0}
        draft.save()
        enter(book, person)
        tick(NOW)
        page = owner_client.get(f"/playbooks/{book}/").content.decode()
        owner_client.post(f"/playbooks/{book}/switch/", {"to": "pause"})

        assert "1 人在这一步" in page
        assert page.count('class="box box-') == len(steps(book))
        assert Playbook.objects.get().state == "paused"

    def test_steps_that_are_for_others_are_refused_in_words(self, owner_client: Client) -> None:
        owner_client.post("/playbooks/new/", {"ready": "group_warm_up"})
        book = Playbook.objects.get().pk
        steps = [
            *Playbook.objects.get().draft["steps"][:-1],
            {"id": "for_people", "do": "untag", "group": "g", "tag": "t"},
        ]
        Playbook.objects.update(draft={**Playbook.objects.get().draft, "steps": [*steps, {"id": "over", "do": "end"}]})

        answer = owner_client.post(f"/playbooks/{book}/switch/", {"to": "start"}, follow=True)

        place = len(steps)
        assert f"“{place}. " in refusal_in(answer.content.decode())
        assert "for_people" not in refusal_in(answer.content.decode())
        assert Playbook.objects.get().state == "draft"

    def test_the_dry_run_about_groups_names_groups(self, owner_client: Client) -> None:
        owner_client.post("/playbooks/new/", {"ready": "group_warm_up"})
        book = Playbook.objects.get().pk
        make_group("g1", name="周末美食群", made_days_ago=(NOW - datetime.now(UTC)).days + 1)
        Playbook.objects.update(draft={**Playbook.objects.get().draft, "holdout_percent": 0})

        page = owner_client.get(f"/playbooks/{book}/try/").content.decode()

        assert "周末美食群" in page
        assert "的客户群" in page
        assert "的客户：" not in page

    def test_the_dry_run_without_figures_says_so_or_plays(self, owner_client: Client, book: int) -> None:
        assert owner_client.get(f"/playbooks/{book}/try/").status_code == 200

    def test_the_dry_run_says_at_which_condition_nobody_is_left(self, owner_client: Client) -> None:
        owner_client.post("/playbooks/new/", {"ready": "group_warm_up"})
        make_group("g1", made_days_ago=(NOW - datetime.now(UTC)).days + 1)
        asked = [{"fact": "members", "at_least": 0}, {"fact": "members", "at_least": 7}]
        Playbook.objects.update(draft={**Playbook.objects.get().draft, "audience": {"all": asked}})

        page = owner_client.get(f"/playbooks/{Playbook.objects.get().pk}/try/").content.decode()

        assert [int(n) for n in re.findall(r'</th><td class="num">(\d+)</td>', page)] == [1, 1, 0]
        assert "到这个条件就一个也不剩了：7 人及以上" in page

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_every_ready_one_is_shown_in_words(self, owner_client: Client, language: str) -> None:
        from yutang.journeys.actions import adopt_playbook
        from yutang.journeys.ready import KEYS

        owner_client.cookies["django_language"] = language
        for key in KEYS:
            pk = adopt_playbook(actor=SYSTEM, ready=key, language=language, now=NOW)
            for path in ("", "edit/"):
                assert owner_client.get(f"/playbooks/{pk}/{path}").status_code == 200
        assert owner_client.get("/playbooks/").content.decode().count("/switch/") == 0

    def test_one_in_which_nobody_was_is_deleted(self, owner_client: Client, book: int) -> None:
        owner_client.post(f"/playbooks/{book}/delete/")

        assert not Playbook.objects.exists()


class TestTwoWindows:
    def test_the_later_save_of_a_step_is_refused_and_keeps_what_was_typed(
        self, owner_client: Client, book: int
    ) -> None:
        address = f"/playbooks/{book}/edit/arrived/"
        form = {"channel": "sms", "intent": "service", "then": "next", "if_refused": "end"}
        read = owner_client.get(address).context["revision"]
        owner_client.post(address, {**form, "words": "第一位写的", "revision": read})

        answer = owner_client.post(address, {**form, "words": "第二位写的", "revision": read})

        assert answer.status_code == 422
        assert "第二位写的" in answer.content.decode()
        assert Playbook.objects.get(pk=book).draft["steps"][1]["words"] == "第一位写的"
        owner_client.post(address, {**form, "words": "第二位写的", "revision": answer.context["revision"]})
        assert Playbook.objects.get(pk=book).draft["steps"][1]["words"] == "第二位写的"

    def test_the_later_save_of_the_settings_is_refused_and_keeps_what_was_typed(
        self, owner_client: Client, book: int
    ) -> None:
        page = owner_client.get(f"/playbooks/{book}/edit/").context
        form = {"op": "settings", "kind": "hand", "holdout": "10", "name": page["name"], "named": page["name"]}
        change(owner_client, book, **form, about="第一位写的", revision=page["revision"])

        answer = change(owner_client, book, **form, about="第二位写的", revision=page["revision"])

        assert answer.status_code == 422
        assert "第二位写的" in answer.content.decode()
        assert Playbook.objects.get(pk=book).draft["about"] == "第一位写的"
        again = change(owner_client, book, **form, about="第二位写的", revision=answer.context["revision"])
        assert again.status_code == 302

    def test_the_later_save_of_the_json_is_refused_and_keeps_what_was_typed(
        self, owner_client: Client, book: int
    ) -> None:
        read = owner_client.get(f"/playbooks/{book}/edit/").context
        change(owner_client, book, op="move", step="arrived", to="up")

        answer = change(owner_client, book, op="json", json=read["json"], revision=read["json_revision"])

        assert answer.status_code == 422
        assert answer.context["json"] == read["json"]


def test_one_that_runs_as_it_is_written_says_so_and_is_deleted_while_nobody_was_in_it(
    owner_client: Client, book: int
) -> None:
    owner_client.post(f"/playbooks/{book}/switch/", {"to": "start"})

    told = owner_client.post(f"/playbooks/{book}/switch/", {"to": "start"}, follow=True).content.decode()
    owner_client.post(f"/playbooks/{book}/delete/")

    assert "已在运行" in refusal_in(told)
    assert not Playbook.objects.filter(pk=book).exists()


def test_own_words_by_sms_are_said_to_go_nowhere_in_the_editor_the_trial_and_at_the_start(owner_client: Client) -> None:
    step = {"id": "tip", "do": "message", "channel": "sms", "intent": "service", "title": "短信", "words": "您好"}
    definition = {"format": 1, "trigger": {"kind": "hand"}, "steps": [step]}
    key = actions.create_playbook(actor=SYSTEM, name="短信", definition=definition, now=NOW)

    edited = owner_client.get(f"/playbooks/{key}/edit/").content.decode()
    tried = owner_client.get(f"/playbooks/{key}/try/").content.decode()
    started = owner_client.post(f"/playbooks/{key}/switch/", {"to": "start"}, follow=True).content.decode()

    assert "没有写明模板" in edited
    assert "没有写明模板" in tried
    assert "步骤“1. 短信”发不了短信" in started
    assert Playbook.objects.get(pk=key).state == "draft"


def test_people_are_brought_onto_a_version_only_after_a_question(owner_client: Client) -> None:
    steps = [{"id": "pause", "do": "wait", "days": 3}]
    definition = {"format": 1, "trigger": {"kind": "hand"}, "holdout_percent": 0, "steps": steps}
    key = actions.create_playbook(actor=SYSTEM, name="换版", definition=definition, now=NOW)
    actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)
    person = make_person()
    actions.enrol_people(actor=SYSTEM, playbook_id=key, customer_ids=[person], occasion="1", now=NOW)
    changed = {**definition, "steps": [{"id": "longer", "do": "wait", "days": 9}]}
    actions.save_draft(actor=SYSTEM, playbook_id=key, definition=changed, now=NOW)
    actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)

    page = owner_client.get(f"/playbooks/{key}/").content.decode()
    main, _, dialogs = page.partition("<dialog")

    assert 'data-open="migrate"' in main
    assert f"/playbooks/{key}/migrate/" not in main
    form = dialogs[dialogs.index(f'action="/playbooks/{key}/migrate/"') :]
    assert 'name="to-pause"' in form[: form.index("</form>")]
    owner_client.post(f"/playbooks/{key}/migrate/", {"to-pause": "longer"})
    assert Enrolment.objects.get(playbook_id=key).step == "longer"


class TestVersions:
    def test_an_older_one_is_shown_as_it_was_and_cannot_be_changed(self, owner_client: Client) -> None:
        definition = {
            "format": 1,
            "trigger": {"kind": "hand"},
            "steps": [{"id": "first", "do": "wait", "title": "旧的等待", "days": 1}],
        }
        key = actions.create_playbook(actor=SYSTEM, name="两版", definition=definition, now=NOW)
        actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)
        steps_now = [{"id": "second", "do": "wait", "title": "新的等待", "days": 2}]
        actions.save_draft(actor=SYSTEM, playbook_id=key, definition={**definition, "steps": steps_now}, now=NOW)
        actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)

        present = owner_client.get(f"/playbooks/{key}/")
        older = owner_client.get(f"/playbooks/{key}/?version=1")
        gone = owner_client.get(f"/playbooks/{key}/?version=9")

        assert [one["title"] for one in older.context["steps"]] == ["旧的等待"]
        assert [one.title for one in older.context["graph"].boxes] == ["旧的等待"]
        assert "第 1 版" in older.content.decode()
        for shown in (present, gone):
            assert [one["title"] for one in shown.context["steps"]] == ["新的等待"]
        assert "?version=1" in present.content.decode()


class TestShortMessages:
    def test_a_running_playbook_whose_short_messages_fail_says_what_to_do(self, owner_client: Client) -> None:
        ready_library(actor=SYSTEM, now=NOW)
        row = Version.objects.exclude(sms_template="").filter(content__intent="value", state="approved").get()
        content = f"content:{row.content_id}:{row.number}"
        step = {"id": "tip", "do": "message", "title": "护理", "channel": "sms", "intent": "value", "content": content}
        definition = {"format": 1, "trigger": {"kind": "hand"}, "steps": [step]}
        key = actions.create_playbook(actor=SYSTEM, name="短信", definition=definition, now=NOW)
        actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)
        well = owner_client.get(f"/playbooks/{key}/")
        Version.objects.update(sms_template="")

        failing = owner_client.get(f"/playbooks/{key}/")

        assert well.context["failing"] == ""
        assert failing.context["failing"] == "1. 护理"
        assert f"/playbooks/{key}/edit/" in failing.content.decode()


def test_the_page_and_the_trial_count_whom_no_way_reaches(owner_client: Client) -> None:
    step = {"id": "tip", "do": "message", "channel": "wecom", "intent": "value", "words": "您好"}
    definition = {"format": 1, "trigger": {"kind": "hand"}, "holdout_percent": 0, "steps": [step]}
    key = actions.create_playbook(actor=SYSTEM, name="联系不上", definition=definition, now=NOW)
    actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)
    enter(key, make_person(), make_person(kinds=("phone",)), make_person(kinds=()))
    Customer.objects.update(sealed_profile=seal({"name": "李四"}))

    page = owner_client.get(f"/playbooks/{key}/").content.decode()
    trial = owner_client.get(f"/playbooks/{key}/try/").content.decode()

    assert re.search(r"未进入：联系不上.*?<dd>2</dd>", page, re.DOTALL)
    assert "另有 2 人" in trial
