"""The command palette: what it finds, for whom, and that it leaves no trace."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, reverse

from tests.customers.rows import phone, resolve
from yutang.console.places import ACTIONS, SCREENS
from yutang.console.urls import urlpatterns
from yutang.foundation.models import Staff
from yutang.segments.models import Segment

BACKEND = "django.contrib.auth.backends.ModelBackend"
#: Addresses without a key that are no screen one would look for, each with the reason.
_NO_SCREENS = {
    "dashboard-funnel-people": "the people of a step",
    "home": "leads to a screen",
    "login": "before the log-in",
    "login-code": "before the log-in",
    "guard-live": "a part of the panel",
    "groups-names": "names for the wall of dots",
    "components": "for who builds screens",
    "segments-build": "a part of the builder",
    "segments-preview": "a part of the builder",
    "content-look": "a part of the editor",
    "content-scripts-at-hand": "a part of the drawer",
    "value-rfm-customers": "the customers of a cell",
    "dashboard-behind": "the customers of a part",
    "dashboard-people": "the people behind a figure",
    "value-rfm-download": "a file",
    "audit-export": "a file",
    "customers-count": "a part of the list of customers",
}


@pytest.fixture
def people(stores: dict[str, Any]) -> dict[str, int]:
    """One person of each of two stores."""
    found = resolve(
        {"name": "朱小娜", "phone": phone(1), "store_id": stores["xuhui"].pk},
        {"name": "朱大伟", "phone": phone(2), "store_id": stores["tianhe"].pk},
    )
    return {place: key for place, key in zip(("xuhui", "tianhe"), found, strict=True) if key is not None}


def _segment(name: str, now: Any) -> Segment:
    rule = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}
    return Segment.objects.create(name=name, rule=rule, created_at=now, changed_at=now)


def _found(client: Client, text: str, **more: Any) -> dict[str, list[dict[str, Any]]]:
    answer: Any = client.post("/palette/", {"q": text, **more}, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return {group["code"]: group["options"] for group in answer.json()["groups"]}


def _as(client: Client, staff: Staff, role: str) -> Client:
    staff.role = role
    staff.save()
    client.force_login(staff, backend=BACKEND)
    return client


@pytest.mark.django_db
class TestPeople:
    def test_are_found_by_a_part_of_the_name_and_shown_masked(
        self, owner_client: Client, people: dict[str, int]
    ) -> None:
        options = _found(owner_client, "小娜")["customers"]

        assert [option["url"] for option in options] == [reverse("customers-one", args=[people["xuhui"]])]
        assert "小娜" not in str(options)
        assert "19900000001" not in str(options)

    def test_are_found_by_a_whole_number_as_in_the_list(self, owner_client: Client, people: dict[str, int]) -> None:
        listed = [row["id"] for row in owner_client.get("/customers/?q=19900000002").context["rows"]]
        options = _found(owner_client, "19900000002")["customers"]

        assert listed == [people["tianhe"]] == [option["person"] for option in options]

    def test_of_other_stores_are_not_found(self, manager_client: Client, people: dict[str, int]) -> None:
        options = _found(manager_client, "朱")["customers"]

        assert [option["person"] for option in options] == [people["xuhui"]]

    def test_are_not_looked_for_by_who_may_not_see_them(
        self, client: Client, owner_staff: Staff, people: dict[str, int]
    ) -> None:
        found = _found(_as(client, owner_staff, "auditor"), "朱")

        assert "customers" not in found

    def test_a_single_latin_letter_is_too_little(self, owner_client: Client, people: dict[str, int]) -> None:
        assert "customers" not in _found(owner_client, "1")


@pytest.mark.django_db
class TestSegments:
    def test_are_found_by_their_names(self, owner_client: Client, now: Any) -> None:
        kept = _segment("三月老客", now)
        _segment("新客", now)

        assert [one["url"] for one in _found(owner_client, "老客")["segments"]] == [
            reverse("segments-one", args=[kept.pk])
        ]

    @pytest.mark.parametrize(
        ("text", "code"),
        [("沉睡", "stage-asleep"), ("asleep", "stage-asleep"), ("recency 5, frequency 4", "rf-54"), ("R5F4", "")],
    )
    def test_ready_made_ones_are_found_in_both_languages(self, owner_client: Client, text: str, code: str) -> None:
        found = [one["url"] for one in _found(owner_client, text).get("segments", [])]

        assert found[:1] == ([f"{reverse('segments-new')}?preset={code}"] if code else [])

    def test_ready_made_ones_lead_whoever_writes_none_to_the_people(self, client: Client, owner_staff: Staff) -> None:
        looks = _as(client, owner_staff, "store_manager")
        found = _found(looks, "沉睡")

        assert [one["url"] for one in found["segments"]] == [f"{reverse('customers')}?stage=asleep"]
        assert "segments" not in _found(_as(client, owner_staff, "auditor"), "沉睡")

    def test_are_not_found_by_who_may_not_see_them(self, client: Client, owner_staff: Staff, now: Any) -> None:
        _segment("三月老客", now)

        assert "segments" not in _found(_as(client, owner_staff, "auditor"), "老客")


@pytest.mark.once
@pytest.mark.django_db
class TestPlaces:
    @pytest.mark.parametrize("text", ["cohorts", "同期群", "谁会回来", "who comes back"])
    def test_are_found_in_both_languages(self, owner_client: Client, text: str) -> None:
        urls = [one["url"] for one in _found(owner_client, text)["screens"]]

        assert reverse("dashboard-cohorts") in urls

    def test_that_begin_with_the_words_come_first(self, owner_client: Client) -> None:
        assert _found(owner_client, "标签")["screens"][0]["url"] == reverse("tags")

    @pytest.mark.parametrize("role", ["owner", "store_manager", "analyst", "auditor"])
    def test_are_those_that_open(self, client: Client, owner_staff: Staff, role: str, lake: None) -> None:
        _as(client, owner_staff, role)
        found = _found(client, "")

        links = [one["url"] for code in ("screens", "actions") for one in found[code] if not one["form"]]
        assert {url: client.get(url).status_code for url in links} == dict.fromkeys(links, 200)
        assert (reverse("staff") in links) == (role == "owner")

    def test_every_screen_is_found(self, owner_client: Client, lake: None) -> None:
        known = {one.name for one in (*SCREENS, *ACTIONS)}
        keyless = [one for one in urlpatterns if isinstance(one, URLPattern) and not one.pattern.converters]

        unknown = {str(one.name) for one in keyless} - known - set(_NO_SCREENS)
        answers: dict[str, HttpResponse] = {name: owner_client.get(reverse(name)) for name in sorted(unknown)}

        assert [name for name, answer in answers.items() if answer.status_code == 200] == []
        assert known & set(_NO_SCREENS) == set()

    def test_terms_are_found_too(self, owner_client: Client) -> None:
        assert reverse("glossary") + "#p_alive" in [one["url"] for one in _found(owner_client, "P(alive)")["terms"]]

    def test_what_a_dialog_asks_for_is_opened_on_its_page_for_who_may(
        self, client: Client, owner_staff: Staff, owner_client: Client
    ) -> None:
        told = {
            words: [one["url"] for one in _found(owner_client, words)["actions"]]
            for words in ("新建活动", "新建 SOP", "紧急停止")
        }
        as_auditor = _found(_as(client, owner_staff, "auditor"), "紧急停止")

        assert told == {
            "新建活动": ["/campaigns/#open-new"], "新建 SOP": ["/playbooks/#open-new"], "紧急停止": ["/messages/#open-stop"],
        }  # fmt: skip
        assert "actions" not in as_auditor


@pytest.mark.django_db
class TestRecent:
    def test_things_have_their_names_in_the_order_of_the_browser(
        self, owner_client: Client, people: dict[str, int], now: Any
    ) -> None:
        kept = _segment("三月老客", now)
        asked = [f"segment:{kept.pk}", f"customer:{people['tianhe']}", f"customer:{people['xuhui']}"]

        shown = _found(owner_client, "", recent=asked)["recent"]

        assert [one["url"] for one in shown] == [
            reverse("segments-one", args=[kept.pk]),
            reverse("customers-one", args=[people["tianhe"]]),
            reverse("customers-one", args=[people["xuhui"]]),
        ]

    def test_what_is_out_of_reach_or_nothing_is_left_out(self, manager_client: Client, people: dict[str, int]) -> None:
        asked = [f"customer:{people['tianhe']}", "customer:x", "segment:9", "what", f"customer:{'9' * 40}"]

        assert "recent" not in _found(manager_client, "", recent=asked)


@pytest.mark.once
@pytest.mark.django_db
class TestAnswer:
    def test_is_html_for_the_page_and_is_kept_nowhere(self, owner_client: Client) -> None:
        answer = owner_client.post("/palette/", {"q": "导入"}, headers={"Accept": "text/html"})

        text = answer.content.decode()
        assert answer["Cache-Control"] == "no-store"
        assert 'role="option"' in text
        assert f'href="{reverse("imports-new")}"' in text

    def test_escapes_what_was_typed(self, owner_client: Client) -> None:
        answer = owner_client.post("/palette/", {"q": '"><script>alert(1)</script>'}, headers={"Accept": "text/html"})

        assert "<script" not in answer.content.decode()

    def test_takes_no_words_from_the_address(self, owner_client: Client) -> None:
        assert owner_client.get("/palette/?q=朱").status_code == 405
        assert "customers" not in _found_at(owner_client, "/palette/?q=朱小娜")

    def test_stands_on_every_page_for_everybody(self, owner_client: Client, lake: None) -> None:
        text = owner_client.get("/profile/").content.decode()

        assert text.count("data-palette") == 2
        assert '<form class="palette-field" id="palette-form" method="post"' in text


def _found_at(client: Client, address: str) -> set[str]:
    answer: Any = client.post(address, {}, headers={"Accept": "application/json"})
    return {group["code"] for group in answer.json()["groups"]}
