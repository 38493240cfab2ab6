"""The rooms of groups: the fleet at a glance, the list, owners, one group, and what is done about it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.communities.conftest import SYSTEM, group_of, judge, told
from yutang.channels.models import Campaign
from yutang.communities import actions, queries
from yutang.communities.models import Community, Deed, Probe
from yutang.customers.models import Customer
from yutang.foundation.sealing import seal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_lake(lake: None) -> None:
    """A lake that was never written."""


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


@pytest.fixture
def fleet(stores: dict[str, Any]) -> dict[str, Community]:
    """A lively, a silent and an unknown group, looked at for some nights."""
    groups = {name: group_of(name, members=12, store=stores["xuhui"]) for name in ("热闹群", "沉默群", "未知群")}
    told(groups["热闹群"], [2, 2, 1] * 7)
    told(groups["沉默群"], [0] * 21)
    judge(weeks=3)
    Customer.objects.update(sealed_profile=seal({}))
    return groups


class TestFleet:
    def test_shows_a_dot_for_each_group_and_what_is_to_be_done(
        self, owner_client: Client, fleet: dict[str, Community]
    ) -> None:
        page = text(owner_client.get("/groups/"))

        wall = page.split('id="wall-values"')[1].split("</script>")[0]
        assert all(str(one.pk) in wall for one in fleet.values())
        assert "沉默群" in page
        assert "测一测活跃度" in page
        # By exception: what needs nobody is a dot, and no row.
        assert "热闹群" not in page
        # Nor is a row what one post does for many groups.
        assert "未知群" not in page
        assert "1 个成形中的群等着测一测活跃度" in page
        assert "未知群" not in text(owner_client.get("/groups/list/?needing=1"))
        asked = {"name": "测活跃度", "life": "forming", "advice": "probe"}
        assert owner_client.post("/groups/post/", asked).status_code == 302
        assert Campaign.objects.get().audience == {"groups": ["未知群"]}

    def test_is_narrowed_by_the_filters_and_says_when_nothing_fits(
        self, owner_client: Client, fleet: dict[str, Community]
    ) -> None:
        assert "热闹群" in text(owner_client.get("/groups/list/?life=alive"))
        assert "沉默群" not in text(owner_client.get("/groups/list/?life=alive"))
        assert "没有群符合这些条件" in text(owner_client.get("/groups/list/?q=nothing"))
        assert "首次全量读取企业微信后" not in text(owner_client.get("/groups/?life=alive"))
        assert owner_client.get("/groups/list/?after=nonsense").status_code == 200
        # Days are kept by owner: whatever else is chosen, the course is of all.
        assert owner_client.get("/groups/?life=alive").context["course_title"] == "近几周（所有群）"

    def test_asks_the_store_no_more_often_for_more_groups(
        self, owner_client: Client, fleet: dict[str, Community], django_assert_max_num_queries: Any
    ) -> None:
        owner_client.get("/groups/")
        with django_assert_max_num_queries(40):
            owner_client.get("/groups/")
        for n in range(6):
            group_of(f"更多{n}", members=1)
        judge()
        with django_assert_max_num_queries(40):
            owner_client.get("/groups/")

    def test_tells_owners_apart(self, owner_client: Client, fleet: dict[str, Community]) -> None:
        page = text(owner_client.get("/groups/owners/"))

        assert "谁的群活着" in page
        assert page.count("<tr>") == 1 + len(queries.owners(access=SYSTEM))

    def test_one_post_to_many_becomes_a_campaign_under_the_policy(
        self, owner_client: Client, fleet: dict[str, Community]
    ) -> None:
        answer = owner_client.post("/groups/post/", {"name": "周三问候", "life": "dead"})

        campaign = Campaign.objects.get()
        assert answer.url == f"/campaigns/{campaign.pk}/content/"
        assert campaign.audience == {"groups": ["沉默群"]}
        refused = owner_client.post("/groups/post/", {"name": "无人", "q": "nothing"}, follow=True)
        assert "没有群符合筛选条件" in refused.content.decode()


class TestOne:
    def test_shows_why_and_what_was_done(self, owner_client: Client, fleet: dict[str, Community]) -> None:
        group = fleet["沉默群"]
        address = f"/groups/{group.pk}/"

        form = {"kind": "red_packet", "packets": "4", "takers": "1", "minutes": "5", "key": "a", "at": ""}
        assert "还没有做过什么。" in text(owner_client.get(address))
        owner_client.post(f"{address}probe/", form)
        owner_client.post(f"{address}probe/", form)
        owner_client.post(f"{address}do/", {"deed": "revive", "note": "先聊聊"})
        page = text(owner_client.get(address))

        assert Probe.objects.count() == 1
        assert list(Deed.objects.values_list("kind", flat=True).order_by("kind")) == ["probe", "revive"]
        assert "先聊聊" in page
        assert "每100位成员约有" in page
        assert "死群" not in page or "已死" in page

    def test_is_described_closed_and_opened_again(self, owner_client: Client, fleet: dict[str, Community]) -> None:
        group = fleet["未知群"]
        address = f"/groups/{group.pk}/"
        store = str(group.store_id)

        owner_client.post(f"{address}describe/", {"purpose": "试穿", "capacity": "30", "store": store})
        refused = owner_client.post(f"{address}describe/", {"capacity": "1", "store": store}, follow=True)
        owner_client.post(f"{address}do/", {"deed": "close"})
        closed = text(owner_client.get(address))
        owner_client.post(f"{address}open/")
        group.refresh_from_db()

        assert "名额不对：须是2到500之间的整数。" in refused.content.decode()
        assert (group.purpose, group.capacity, group.closed_at) == ("试穿", 30, None)
        assert f"{address}open/" in closed

    def test_draws_who_brought_whom(self, owner_client: Client, fleet: dict[str, Community]) -> None:
        group = fleet["热闹群"]
        first, second, *_rest = queries.people_in(access=SYSTEM, community_id=group.pk)
        told_by = {"customer_id": second, "inviter_id": first}
        from tests.conftest import NOW

        actions.note_invitation(actor=SYSTEM, community_id=group.pk, now=NOW, **told_by)

        assert 'data-chart="invitations"' in text(owner_client.get(f"/groups/{group.pk}/"))
