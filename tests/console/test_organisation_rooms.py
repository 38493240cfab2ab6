"""Settings and audit log in the console: every kind of value, who may, what is kept, found and exported."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.translation import override

from yutang.console.audit_details import Names, detail_words
from yutang.console.rooms.setting_values import ValueIsUnreadable, kind_of, read_value, value_words
from yutang.foundation import queries
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import AuditEntry, OwnRole, Staff, Store
from yutang.foundation.organisation import SETTINGS, OrganisationSetting

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


def setting(default: Any, **more: Any) -> OrganisationSetting:
    return OrganisationSetting(key="x.y", title="x", default=default, accepts=lambda value: True, **more)


def every_setting(client: Client) -> list[dict[str, Any]]:
    """Return what all sections of the page show."""
    sections = [one["code"] for one in client.get("/settings/").context["nav"]]
    pages = [client.get(f"/settings/?section={code}").context["groups"] for code in sections]
    return [one for groups in pages for group in groups for one in group["settings"]]


def found_by(client: Client, asked: str) -> list[str]:
    """Return the settings that an address shows."""
    return [one["key"] for group in client.get(f"/settings/{asked}").context["groups"] for one in group["settings"]]


class TestKindsOfValues:
    @pytest.mark.parametrize(
        ("one", "kind", "written", "value"),
        [
            (setting("a"), "text", "value=+b+", "b"),
            (setting(False), "flag", "value=yes", True),
            (setting(True), "flag", "value=no", False),
            (setting("a", choices={"a": "A"}), "choice", "value=a", "a"),
            (setting(9, unit="hour"), "hour", "value=8", 8),
            (setting(3), "number", "value=12", 12),
            (setting(0.5), "number", "value=0.25", 0.25),
            (setting([]), "lines", "value=a%0D%0A%0D%0A+b+", ["a", "b"]),
            (setting([], choices={"p": "P"}), "choices", "value=p&value=q", ["p", "q"]),
            (setting([], choices={"p": "P"}), "choices", "", []),
            (setting({}), "pairs", "name=a&value=1&name=&value=2", {"a": "1"}),
            (setting({"a": {"b": 1}}), "json", "value=%7B%22a%22%3A2%7D", {"a": 2}),
        ],
    )
    def test_have_their_editor_and_are_read_back(
        self, one: OrganisationSetting, kind: str, written: str, value: Any
    ) -> None:
        assert kind_of(one) == kind
        assert read_value(one, QueryDict(written)) == value

    def test_are_said_short_with_their_unit(self) -> None:
        with override("en"):
            said = [
                value_words(setting(0, unit="day"), 1),
                value_words(setting(0, unit="percent"), 30),
                value_words(setting([]), list("abcd")),
                value_words(setting({}), {"a": "b", "c": "d"}),
                value_words(setting(True), False),
                value_words(setting(""), ""),
            ]

        assert said == ["1 day", "30%", "a · b · c · …", "2 entries", "Off", "none"]

    @pytest.mark.parametrize(
        ("one", "written"),
        [
            (setting(3), "value=drei"),
            (setting(3), "value=3.5"),
            (setting({}), "name=a&value=1&name=a&value=2"),
            (setting({}), "name=a&name=b&value=1"),
            (setting({"a": {"b": 1}}), "value=%7B"),
        ],
    )
    def test_that_cannot_be_read_are_refused(self, one: OrganisationSetting, written: str) -> None:
        with pytest.raises(ValueIsUnreadable):
            read_value(one, QueryDict(written))


class TestSettings:
    def test_every_declared_one_is_shown_with_its_default(self, owner_client: Client) -> None:
        shown = [one["key"] for one in every_setting(owner_client)]

        assert len(shown) == len(set(shown))
        assert set(shown) == {one.key for one in SETTINGS}

    def test_every_default_is_written_and_read_back_unchanged(self, owner_client: Client) -> None:
        for one in every_setting(owner_client):
            declared, form = SETTINGS[one["key"]], QueryDict(mutable=True)
            if one["kind"] == "pairs":
                form.setlist("name", [name for name, _value in one["pairs"]])
                form.setlist("value", [value for _name, value in one["pairs"]])
            elif one["kind"] == "choices":
                form.setlist("value", [code for code, _label, on in one["choices"] if on])
            else:
                form["value"] = one["value"]

            assert read_value(declared, form) == declared.default, one["key"]

    def test_a_change_is_kept_with_what_was_before_and_taken_back(self, owner_client: Client) -> None:
        key = "worklist.most_a_day"
        owner_client.post(f"/settings/{key}/", {"value": "30"})
        changed = queries.organisation_setting(key)
        owner_client.post(f"/settings/{key}/reset/")

        details = [entry.detail for entry in AuditEntry.objects.filter(action="setting.changed").order_by("id")]
        assert changed == 30
        assert queries.organisation_setting(key) == 12
        assert details == [{"before": 12, "value": 30}, {"before": 30, "value": 12}]

    @pytest.mark.parametrize(
        ("key", "form"),
        [
            ("worklist.most_a_day", {"value": "0"}),
            ("worklist.most_a_day", {"value": "zwölf"}),
            ("customers.store_numbers", {"value": "+8613800138000\nkeine Nummer"}),
            ("insight.ad_channels", {"name": ["抖加"], "value": ["myspace"]}),
            ("foundation.second_factor_roles", {"value": ["emperor"]}),
            ("foundation.organisation_name", {"value": "x" * 121}),
        ],
    )
    def test_what_cannot_be_is_refused_and_stays_written(
        self, owner_client: Client, key: str, form: dict[str, Any]
    ) -> None:
        answer = owner_client.post(f"/settings/{key}/", form)
        (one,) = [s for g in answer.context["groups"] for s in g["settings"] if s["key"] == key]

        assert answer.status_code == 422
        assert one["error"]
        assert queries.organisation_setting(key) == SETTINGS[key].default
        if one["kind"] == "pairs":
            assert ("抖加", "myspace") in one["pairs"]
        elif one["kind"] != "choices":
            assert one["value"] == form["value"]

    def test_what_is_not_declared_is_not_there(self, owner_client: Client) -> None:
        assert owner_client.post("/settings/foundation.keyring/", {"value": "x"}).status_code == 404

    def test_what_was_changed_is_gathered_with_the_way_back(self, owner_client: Client) -> None:
        assert found_by(owner_client, "?section=changed") == []
        owner_client.post("/settings/channels.opens/", {"value": "10"})

        (one,) = owner_client.get("/settings/?section=changed").context["groups"][0]["settings"]
        assert (one["key"], one["words"], one["default_words"]) == ("channels.opens", "10:00", "09:00")

    @pytest.mark.parametrize("word", ["最多的促销数", "tired group", "channels.opens", "10:00"])
    def test_are_found_by_their_words_key_and_value(self, owner_client: Client, word: str) -> None:
        owner_client.post("/settings/channels.opens/", {"value": "10"})
        found = found_by(owner_client, f"?q={word}")

        assert 0 < len(found) < 4
        assert found_by(owner_client, "?q=nothing-is-called-so") == []

    def test_an_hour_is_chosen_from_those_that_may_be(self, owner_client: Client) -> None:
        (one,) = [each for each in every_setting(owner_client) if each["key"] == "channels.opens"]

        assert [label for _code, label in one["choices"]] == [f"{hour:02}:00" for hour in range(8, 15)]
        assert owner_client.post("/settings/channels.opens/", {"value": "7"}).status_code == 422

    def test_a_saved_one_leads_back_to_its_row_in_its_section(self, owner_client: Client) -> None:
        given = {"value": "30", "section": "worklist", "q": ""}
        answer = owner_client.post("/settings/worklist.most_a_day/", given)

        assert answer["Location"] == "/settings/?section=worklist#worklist-most_a_day"
        page = owner_client.get("/settings/worklist.most_a_day/").content.decode()
        assert '<details class="setting" id="worklist-most_a_day" open>' in page

    def test_what_another_page_changes_better_leads_there(self, owner_client: Client) -> None:
        page = owner_client.get("/settings/insight.rfm_rules/").content.decode()

        assert 'href="/value/rfm/#grades"' in page
        assert "<textarea" not in page

    def test_own_roles_can_be_made_to_need_a_second_factor(self, owner_client: Client, owner: Actor) -> None:
        from yutang.foundation.actions import create_role

        key = create_role(actor=owner, name="客服", permissions=["worklist.view"], is_chain_wide=False, now=NOW)
        owner_client.post("/settings/foundation.second_factor_roles/", {"value": ["auditor", key]})

        assert {role.key for role in queries.roles() if role.needs_second_factor} == {"auditor", key}


class TestAuditLog:
    @pytest.fixture
    def trail(self, owner: Actor, operator: Actor) -> None:
        for hours, actor, action, kind, key in (
            (0, owner, "staff.created", "staff", operator.staff_id),
            (1, operator, "customers.unmask", "customer", 7),
            (2, Actor.system(), "imports.start", "import", 3),
            (30, operator, "customers.merge", "customer", 7),
        ):
            detail = {"reason": "=cmd()"} if kind == "customer" else {}
            now = NOW + timedelta(hours=hours)
            audit(actor=actor, action=action, subject_type=kind, subject_id=key, detail=detail, now=now)

    def found(self, client: Client, query: str) -> list[str]:
        return [row["one"].action for row in client.get(f"/audit/?{query}").context["rows"]]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["customers.merge", "imports.start", "customers.unmask", "staff.created"]),
            ("who={operator}", ["customers.merge", "customers.unmask"]),
            ("who=0", ["imports.start"]),
            ("what=customers.", ["customers.merge", "customers.unmask"]),
            ("what=customers.unmask", ["customers.unmask"]),
            ("since=2026-03-12", ["customers.merge"]),
            ("until=2026-03-11", ["imports.start", "customers.unmask", "staff.created"]),
            ("kind=customer&subject=7", ["customers.merge", "customers.unmask"]),
            ("kind=customer&subject=8", []),
            (
                "since=garbage&until=9999-99-99&who=x",
                ["customers.merge", "imports.start", "customers.unmask", "staff.created"],
            ),
        ],
    )
    def test_is_filtered_by_who_what_when_and_to_whom(
        self, owner_client: Client, trail: None, operator_staff: Staff, query: str, found: list[str]
    ) -> None:
        assert self.found(owner_client, query.format(operator=operator_staff.pk)) == found

    def test_is_read_page_by_page(self, owner_client: Client, owner: Actor) -> None:
        for number in range(120):
            audit(actor=owner, action="staff.renamed", subject_type="staff", subject_id=number, now=NOW)
        seen, address = [], "/audit/"
        while address:
            page = owner_client.get(address)
            seen += [row["one"].id for row in page.context["rows"]]
            address = "/audit/" + page.context["next"] if page.context["next"] else ""

        assert len(seen) == len(set(seen)) == 120
        assert seen == sorted(seen, reverse=True)

    def test_calls_things_by_their_names(self, owner_client: Client, owner: Actor, stores: dict[str, Store]) -> None:
        OwnRole.objects.create(pk=41, name="导购", permissions=["customers.view"])
        for action, kind, key in (
            ("role.changed", "role", 41),
            ("region.renamed", "region", 1),
            ("store.changed", "store", 1),
            ("region.renamed", "region", 99),
        ):
            audit(actor=owner, action=action, subject_type=kind, subject_id=key, now=NOW)

        rows = owner_client.get("/audit/").context["rows"]

        assert [row["name"] for row in rows] == ["99", "徐汇店", "华东", "导购"]

    def test_offers_kinds_that_are_called_alike_as_one(self, owner_client: Client, owner: Actor) -> None:
        for kind in ("channel_code", "contact_way"):
            audit(actor=owner, action="codes.change", subject_type=kind, subject_id=1, now=NOW)
        offered = [title for _code, title in owner_client.get("/audit/").context["kinds"]]

        assert len(offered) == len(set(offered))
        assert len(self.found(owner_client, "kind=channel_code")) == 2

    @pytest.mark.parametrize(
        ("name", "words"), [("customers", "客户"), ("dashboard-people", "经营看板"), ("gone", "gone")]
    )
    def test_calls_a_list_that_left_by_its_room(self, name: str, words: str) -> None:
        with override("zh-hans"):
            told = detail_words({"list": name}, names=Names({}, {}), action="audit.list_exported")

        assert told == [("列表", words)]

    def test_tells_shares_of_an_experiment_in_per_cent(self, owner: Actor) -> None:
        detail = {"before": {"held_out": 1000, "treated": 9000}, "value": {"held_out": 2000, "treated": 8000}}

        with override("en"):
            words = detail_words(detail, names=Names({}, {}), action="experiments.change_shares")

        assert words == [("Value", "Held out 10.0% · Treated 90.0% → Held out 20.0% · Treated 80.0%")]

    def test_is_exported_by_the_same_filters_and_that_is_an_entry(self, owner_client: Client, trail: None) -> None:
        answer = owner_client.get("/audit/export/?what=customers.")
        lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        entry = AuditEntry.objects.get(action="audit.exported")

        assert [line[4] for line in lines[1:]] == ["customers.merge", "customers.unmask"]
        assert not any(cell.startswith("=") for line in lines for cell in line)
        assert entry.detail == {"filters": {"what": "customers."}}

    def test_is_for_who_may(self, manager_client: Client, client: Client, owner_staff: Staff) -> None:
        assert manager_client.get("/audit/").status_code == 403
        assert manager_client.get("/audit/export/").status_code == 403
        Staff.objects.filter(pk=owner_staff.pk).update(role="auditor")
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get("/audit/").status_code == 200

    def test_does_not_ask_more_for_more_rows(
        self, owner_client: Client, owner: Actor, django_assert_max_num_queries: Any
    ) -> None:
        owner_client.get("/audit/")
        for number in range(45):
            audit(actor=owner, action="staff.renamed", subject_type="staff", subject_id=number, now=NOW)

        with django_assert_max_num_queries(12):
            owner_client.get("/audit/")

    @pytest.mark.parametrize(
        ("detail", "words"),
        [
            (
                {"before": {"role": "analyst", "stores": ["A"]}, "after": {"role": "owner", "stores": ["A"]}},
                [("角色", "分析师 → 所有者")],
            ),
            ({"before": 12, "value": 30}, [("值", "12 → 30")]),
            ({"to": 5, "customers": 3}, [("接手人", "小李"), ("客户", "3")]),
            ({"odd": None}, [("odd", "—")]),
            ({"permissions": ["customers.view"]}, [("权限", "查看客户（脱敏）")]),
            ({"before": [], "value": ["owner"]}, [("值", "— → 所有者")]),
        ],
    )
    def test_tells_facts_in_words(self, detail: dict[str, Any], words: list[tuple[str, str]]) -> None:
        from django.utils import translation

        with translation.override("zh-hans"):
            assert detail_words(detail, names=Names({5: "小李"}, {"analyst": "分析师", "owner": "所有者"})) == words
