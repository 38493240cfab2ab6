"""Every list leaves as a table: what the filters find, masked, safe for spreadsheet programs, and written down."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.console.shop import NOW, fill
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry, Store
from yutang.foundation.queries import places_in
from yutang.segments.actions import save_segment
from yutang.segments.member_sets import unpacked
from yutang.segments.models import Segment
from yutang.segments.snapshots import take_snapshot
from yutang.worklist.models import Proposal

#: Lists of people: only for who may export them.
OF_PEOPLE = (
    "/customers/",
    "/today/",
    "/business/people/",
    "/business/funnel/people/",
    "/business/why/customers/?part=buyers&by=all&formula=buyers",
    "/wecom/lost/",
    "/coupons/given/",
    "/visits/",
    "/balances/",
    "/guard/decisions/",
    "/guard/people/",
    "/guard/lists/",
    "/messages/",
    "/messages/quota/without/",
)
PLAIN = (
    "/content/",
    "/codes/",
    "/coupons/",
    "/visits/funnel/",
    "/requests/",
    "/groups/list/",
    "/groups/owners/",
    "/referral/",
    "/economics/",
    "/group-buying/",
    "/group-buying/groups/",
    "/payments/",
    "/content/scripts/",
    "/stores/",
    "/staff/",
    "/jobs/",
    "/imports/",
    "/tags/",
    "/segments/",
    "/campaigns/",
    "/playbooks/",
    "/experiments/",
    "/today/results/",
    "/business/where/",
    "/business/map/",
    "/business/why/",
    "/business/cohorts/",
    "/business/traffic/",
    "/business/funnel/",
    "/wecom/staff/",
    "/wecom/groups/",
    "/wecom/codes/",
    "/messages/groups/",
    # Of people too, but only seen by roles that may export them.
    "/review/",
    "/staff/roles/",
    "/programs/",
    "/programs/webhooks/",
    "/segments/compare/?first=stage-loyal&second=stage-at_risk",
)
#: Without anything in them in the small shop.
EMPTY = {
    "/guard/decisions/",
    "/guard/people/",
    "/guard/lists/",
    "/referral/",
    "/economics/",
    "/content/",
    "/codes/",
    "/coupons/",
    "/visits/",
    "/visits/funnel/",
    "/balances/",
    "/business/funnel/people/",
    "/requests/",
    "/coupons/given/",
    "/group-buying/",
    "/group-buying/groups/",
    "/payments/",
    "/groups/list/",
    "/groups/owners/",
    "/content/scripts/",
    "/experiments/",
    "/jobs/",
    "/campaigns/",
    "/playbooks/",
    "/programs/",
    "/programs/webhooks/",
    "/review/",
    "/segments/",
    "/tags/",
    "/wecom/staff/",
    "/wecom/groups/",
    "/wecom/codes/",
    "/wecom/lost/",
    "/messages/",
    "/messages/groups/",
    "/messages/quota/without/",
    "/today/results/",
}
RULE = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}


@pytest.fixture
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> None:
    """The small shop, with a lake of its own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)


def table(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address + ("&" if "?" in address else "?") + "as=csv")
    assert answer.status_code == 200, address
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


@pytest.mark.usefixtures("shop")
class TestSheets:
    def test_every_list_leaves_and_that_is_written_down(self, owner_client: Client) -> None:
        Store.objects.filter(code="SH01").update(name="=1+1")
        shown = owner_client.get("/customers/?stage=loyal").context["rows"]
        taken = {address: table(owner_client, address) for address in (*OF_PEOPLE, *PLAIN)}

        for address, rows in taken.items():
            assert len({len(row) for row in rows}) == 1, address
            assert all(rows[0][1:]), address
            # An empty list has a header all the same.
            assert len(rows) > 1 or address in EMPTY, address
        entries = AuditEntry.objects.filter(action="audit.list_exported")
        assert entries.count() == len(taken)
        assert all(entry.detail["list"] for entry in entries)
        people = taken["/customers/"]
        assert len(people) - 1 == Customer.objects.filter(merged_into=None).count()
        assert all("*" in row[1] for row in people[1:])
        assert not re.search(r"1455000\d{4}", str(taken))
        filtered = table(owner_client, "/customers/?stage=loyal")
        assert [row[0] for row in filtered[1:]] == [str(row["id"]) for row in shown]
        assert len(taken["/today/"]) - 1 == Proposal.objects.filter(status="open").count()
        # A spreadsheet program runs none of it.
        cells = {cell for rows in taken.values() for row in rows for cell in row}
        assert "=1+1" not in cells
        assert any("=1+1" in cell for cell in cells)

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_stores_have_titles_in_words_by_which_their_places_are_read_again(
        self, owner_client: Client, language: str
    ) -> None:
        Store.objects.filter(code="SH01").update(latitude=31.1953, longitude=121.437)
        answer: Any = owner_client.get("/stores/?as=csv", headers={"accept-language": language})
        content = b"".join(answer.streaming_content)

        titles = content.decode("utf-8-sig").splitlines()[0].split(",")
        places = places_in(content=content)

        assert ("纬度" if language == "zh-hans" else "Latitude") in titles
        assert not {"code", "latitude", "longitude"} & set(titles)
        assert [(one.code, one.place.latitude) for one in places] == [("SH01", 31.1953)]

    def test_people_stay_with_who_may_not_export_them(self, manager_client: Client) -> None:
        for address in OF_PEOPLE:
            page = manager_client.get(address)
            refused = manager_client.get(address + ("&" if "?" in address else "?") + "as=csv")

            assert page.status_code == 200
            assert "as=csv" not in page.content.decode()
            assert refused.status_code == 403
        assert not AuditEntry.objects.filter(action="audit.list_exported").exists()
        assert [row[0] for row in table(manager_client, "/business/where/")[1:]] == ["徐汇店"]

    def test_who_came_and_who_left_are_lists(self, owner_client: Client) -> None:
        segment = save_segment(actor=Actor.system(), name="买过的", rule=RULE, now=NOW)
        row = Segment.objects.get(pk=segment)
        people = unpacked(row.members)
        take_snapshot(row, people[:30], as_of=NOW.date(), now=NOW + timedelta(days=1))
        take_snapshot(row, people[5:], as_of=NOW.date(), now=NOW + timedelta(days=2))

        came, left = (owner_client.get(f"/segments/{segment}/changes/?side={side}") for side in ("came", "left"))
        rows = table(owner_client, f"/segments/{segment}/changes/?side=left")

        assert (came.context["people"], left.context["people"]) == (len(people) - 30, 5)
        assert [one["id"] for one in left.context["rows"]] == [int(key) for key in people[:5]]
        assert [row[0] for row in rows[1:]] == [str(key) for key in people[:5]]
        assert owner_client.get(f"/segments/{segment}/changes/?since=999999").status_code == 404
