"""The room of segments by role: what it shows to whom, how it saves, what leaves it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given, settings

from tests.console.shop import NOW, fill
from tests.segments.random_rules import rules
from yutang.console.rooms import segments_draft as drafts
from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry
from yutang.kit.text import Sentence
from yutang.segments import actions
from yutang.segments.describing import described_fields, described_happenings
from yutang.segments.models import Segment
from yutang.segments.rules.reading import DEEPEST, rule_from_json

EVERYBODY = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}
_FORM = {"name": "两单以上", "n.join": "all", "n.child": "0", "n.0.fact": "field:orders", "n.0.is": "at_least"}


def facts() -> dict[str, dict[str, Any]]:
    told = {f"field:{one['name']}": one for one in described_fields(Sentence.__str__)}
    return told | {f"event:{one['name']}": one for one in described_happenings(Sentence.__str__)}


def in_normal_form(node: Any) -> Any:
    """Return a rule without groups of one part, as the builder writes it."""
    if "all" in node or "any" in node:
        join = "all" if "all" in node else "any"
        parts = [in_normal_form(part) for part in node[join]]
        return parts[0] if len(parts) == 1 else {join: parts}
    return {"not": in_normal_form(node["not"])} if "not" in node else node


class TestDraft:
    @given(rule=rules())
    @settings(max_examples=150, deadline=None)
    def test_every_rule_can_be_shown_and_comes_back(self, rule: dict[str, Any]) -> None:
        draft = drafts.draft_of_rule(rule, facts=facts(), currency="CNY")

        reading = drafts.reading_of(draft, facts=facts(), currency="CNY")

        assert reading.incomplete == frozenset()
        assert reading.rule is not None
        assert rule_from_json(reading.rule) == rule_from_json({"version": 1, "rule": in_normal_form(rule["rule"])})

    @pytest.mark.parametrize("amount", ["1e999999", "-1e999999", "NaN", "inf", "1e30"])
    def test_an_amount_beyond_all_bounds_is_none(self, amount: str) -> None:
        form = QueryDict(f"n.child=0&n.0.fact=field:spend_minor&n.0.is=at_least&n.0.value={amount}")

        reading = drafts.reading_of(drafts.draft_of_form(form), facts=facts(), currency="CNY")

        assert (reading.rule, reading.incomplete) == (None, {"n.0"})

    def test_more_parts_than_fit_are_refused(self) -> None:
        part = "&n.{0}.fact=field:orders&n.{0}.is=at_least&n.{0}.value=1"
        full = QueryDict("&".join(f"n.child={number}" for number in range(60)) + "".join(map(part.format, range(60))))
        draft = drafts.draft_of_form(full)

        assert len(draft["parts"]) == 60
        with pytest.raises(drafts.TooManyParts, match="60"):
            drafts.changed(draft, "add:n")
        with pytest.raises(drafts.TooManyParts, match="60"):
            drafts.draft_of_form(QueryDict(full.urlencode() + "&n.child=60"))

    def test_groups_as_deep_as_a_rule_may_be_come_whole_and_deeper_ones_are_refused(self) -> None:
        condition: dict[str, Any] = {"field": "orders", "is": "at_least", "value": 1}

        def form_of(depth: int) -> QueryDict:
            place, told = "n", []
            for _ in range(depth):
                told += [f"{place}.join=any", f"{place}.child=0"]
                place += ".0"
            return QueryDict("&".join([*told, f"{place}.fact=field:orders&{place}.is=at_least&{place}.value=1"]))

        reading = drafts.reading_of(drafts.draft_of_form(form_of(DEEPEST)), facts=facts(), currency="CNY")

        assert reading.rule is not None
        assert in_normal_form(reading.rule["rule"]) == condition
        with pytest.raises(drafts.TooDeeplyNested, match=str(DEEPEST)):
            drafts.draft_of_form(form_of(DEEPEST + 2))

    def test_names_what_is_missing_and_reads_the_rest(self) -> None:
        form = QueryDict(
            "n.join=any&n.child=0&n.child=3&n.0.fact=field:orders&n.0.is=at_least&n.0.value=&n.3.fact=field:spend_minor"
            "&n.3.is=at_least&n.3.value=12.5"
        )
        reading = drafts.reading_of(drafts.draft_of_form(form), facts=facts(), currency="CNY")

        assert reading.rule == {"version": 1, "rule": {"field": "spend_minor", "is": "at_least", "value": 1250}}
        assert reading.incomplete == {"n.0"}


@pytest.fixture
def saved(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> int:
    """The small shop with a saved segment."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)
    return actions.save_segment(actor=Actor.system(), name="买过的", rule=EVERYBODY, now=NOW)


class TestRoom:
    def test_saves_what_was_built(self, saved: int, owner_client: Client) -> None:
        refused = owner_client.post("/segments/new/", _FORM)
        sent = owner_client.post("/segments/new/", {**_FORM, "n.0.value": "2"})

        made = Segment.objects.get(name="两单以上")
        assert refused.status_code == 200
        assert b"lacks" in refused.content
        assert sent.headers["Location"] == f"/segments/{made.pk}/"
        assert made.rule["rule"] == {"field": "orders", "is": "at_least", "value": 2}

    def test_refuses_the_second_of_two_tabs_until_it_is_meant(self, saved: int, owner_client: Client) -> None:
        address = f"/segments/{saved}/edit/"
        first, second = (owner_client.get(address).context["seen"] for _ in range(2))
        owner_client.post(address, {**_FORM, "n.0.value": "2", "seen": first})

        refused = owner_client.post(address, {**_FORM, "name": "三单", "n.0.value": "3", "seen": second})
        kept = Segment.objects.get().rule["rule"]["value"]
        meant = {**_FORM, "name": "三单", "n.0.value": "3", "seen": refused.context["seen"]}
        taken = owner_client.post(address, meant)

        assert "这个人群已被修改" in refused.content.decode()
        assert 'value="三单"' in refused.content.decode()
        assert kept == 2
        assert taken.headers["Location"] == f"/segments/{saved}/"
        assert (Segment.objects.get().name, Segment.objects.get().rule["rule"]["value"]) == ("三单", 3)

    def test_refuses_a_form_that_no_builder_made(self, saved: int, owner_client: Client) -> None:
        for form in (
            {},
            {"n.child": "x", "n.x.fact": "field:age"},
            {"n.child": "0", "n.0.fact": "event:order", "n.0.is": "DROP"},
        ):
            assert owner_client.post("/segments/preview/", form).status_code == 200
            assert owner_client.post("/segments/build/", form).status_code == 200
        assert owner_client.post("/segments/build/", {"work": "drop:n.7"}).status_code == 404
        assert owner_client.get("/segments/compare/?first=9&second=stage-loyal").status_code == 404
        assert owner_client.get("/segments/compare/?as=csv").status_code == 404
        page = owner_client.get("/segments/compare/")
        assert page.status_code == 200
        assert page.content.decode().count("<select") >= 2

    def test_a_manager_looks_at_the_own_people_and_changes_nothing(self, saved: int, manager_client: Client) -> None:
        page = manager_client.get(f"/segments/{saved}/")

        assert page.context["people"] == page.context["view"].size < Segment.objects.get().snapshots.get().size
        assert manager_client.get("/segments/").status_code == 200
        for path in ("/segments/new/", f"/segments/{saved}/edit/"):
            assert manager_client.get(path).status_code == 403
        for path in (f"/segments/{saved}/delete/", f"/segments/{saved}/export/", "/segments/preview/"):
            assert manager_client.post(path).status_code == 403

    def test_exports_masked_unless_a_reason_is_given(self, saved: int, owner_client: Client) -> None:
        masked = b"".join(owner_client.post(f"/segments/{saved}/export/", {"clear": "no"}).streaming_content)
        clear = b"".join(
            owner_client.post(f"/segments/{saved}/export/", {"clear": "yes", "reason": "call"}).streaming_content
        )
        table = list(csv.reader(io.StringIO(masked.decode("utf-8-sig"))))

        assert len(table) == 1 + Segment.objects.get().snapshots.get().size
        assert b"1455000" not in masked
        assert b"+861455000" in clear
        assert [
            entry.detail["clear"] for entry in AuditEntry.objects.filter(action="segments.export").order_by("pk")
        ] == [False, True]

    def test_lists_everybody_page_by_page(
        self, saved: int, manager_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("yutang.console.rooms.segments._PAGE", 8)
        seen: list[int] = []
        address = f"/segments/{saved}/people/"
        while True:
            page = manager_client.get(address)
            seen += [row["id"] for row in page.context["rows"]]
            if page.context["next"] is None:
                break
            address = f"/segments/{saved}/people/?after={page.context['next']}"

        assert seen == sorted(set(seen))
        assert len(seen) == page.context["people"] == page.context["view"].size > 8

    def test_is_deleted_with_its_history(self, saved: int, owner_client: Client) -> None:
        owner_client.post(f"/segments/{saved}/delete/")

        assert Segment.objects.count() == 0
        assert owner_client.get(f"/segments/{saved}/").status_code == 404
