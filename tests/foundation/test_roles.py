"""Own roles, reach by store and region, and that nobody gives or changes more than they have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from yutang.foundation import actions, queries
from yutang.foundation.access import PERMISSIONS, Actor, NotAllowed
from yutang.foundation.actions.roles import (
    NamedRolesStay,
    RoleGivesNothing,
    RoleIsInUse,
    RoleNameIsOfANamedRole,
    RoleNameIsTaken,
    RoleNeedsWholeChain,
)
from yutang.foundation.models import AuditEntry, Region, Staff, Store
from yutang.foundation.naming import NameHoldsHiddenSigns

pytestmark = pytest.mark.django_db

PASSWORD = "xiao-yu-tang-88"


@pytest.fixture
def hire(owner: Actor, stores: dict[str, Store], now: datetime) -> Callable[..., Staff]:
    """Add somebody as the owner."""

    def hired(username: str, role: str = "store_manager", **more: Any) -> Staff:
        given = {"display_name": username, "password": None, **more}
        actions.create_staff(actor=owner, username=username, role=role, now=now, **given)
        return Staff.objects.get(username=username)

    return hired


@pytest.fixture
def head(owner: Actor, hire: Callable[..., Staff], now: datetime) -> Actor:
    """Who manages the staff of the Xuhui store, and may look at its customers."""
    held = ["staff.manage", "stores.manage", "customers.view", "worklist.view", "worklist.work"]
    key = actions.create_role(actor=owner, name="店务", permissions=held, is_chain_wide=False, now=now)
    return queries.actor_for(hire("head", key, store_codes=["SH01"]))


class TestReach:
    def test_of_a_region_is_that_of_its_stores_now(
        self, hire: Callable[..., Staff], stores: dict[str, Store], now: datetime
    ) -> None:
        staff = hire("quyu", "region_manager", region_names=["华东"], store_codes=["GZ01"])

        assert queries.actor_for(staff).store_ids == {store.pk for store in stores.values()}

        stores["pudong"].region = None
        stores["pudong"].save()
        assert queries.actor_for(staff).store_ids == {stores["xuhui"].pk, stores["tianhe"].pk}

    def test_is_told_alike_of_one_and_of_all(self, hire: Callable[..., Staff], owner: Actor, now: datetime) -> None:
        hire("quyu", "region_manager", region_names=["华东"])
        hire("dianzhang", store_codes=["GZ01"])
        hire("wu", store_codes=["SH01"])

        reach = {card.person.username: card.person.reach for card in queries.staff_cards(access=owner, now=now)}

        assert reach == {staff.username: queries.actor_for(staff).store_ids for staff in Staff.objects.order_by("id")}

    def test_of_a_region_costs_one_question(self, hire: Callable[..., Staff], django_assert_num_queries: Any) -> None:
        staff = hire("quyu", "region_manager", region_names=["华东", "华南"])

        with django_assert_num_queries(1):
            queries.actor_for(staff)

    def test_of_many_people_costs_as_many_questions_as_of_few(
        self, hire: Callable[..., Staff], owner: Actor, now: datetime, django_assert_num_queries: Any
    ) -> None:
        for number in range(12):
            hire(f"m{number}", region_names=["华东"], store_codes=["GZ01"])

        with django_assert_num_queries(4):
            queries.staff_cards(access=owner, now=now)


class TestOwnRoles:
    def test_give_what_they_say(self, owner: Actor, hire: Callable[..., Staff], now: datetime) -> None:
        key = actions.create_role(actor=owner, name="客服", permissions=["customers.view"], is_chain_wide=True, now=now)
        actor = queries.actor_for(hire("kefu", key))

        assert (actor.role, actor.store_ids) == (key, None)
        assert {one for one in PERMISSIONS if actor.can(one)} == {"customers.view"}

    def test_hold_from_the_next_look_on_when_they_change(
        self, owner: Actor, hire: Callable[..., Staff], now: datetime
    ) -> None:
        key = actions.create_role(actor=owner, name="客服", permissions=["worklist.view"], is_chain_wide=False, now=now)
        staff = hire("kefu", key, store_codes=["SH01"])
        actions.change_role(
            actor=owner, key=key, name="客服组", permissions=["customers.view"], is_chain_wide=False, now=now
        )

        assert queries.actor_for(Staff.objects.get(pk=staff.pk)).can("customers.view")
        assert AuditEntry.objects.filter(action="role.changed").get().detail["before"]["permissions"] == [
            "worklist.view"
        ]

    def test_stay_while_somebody_has_them(self, owner: Actor, hire: Callable[..., Staff], now: datetime) -> None:
        key = actions.create_role(actor=owner, name="客服", permissions=["worklist.view"], is_chain_wide=False, now=now)
        hire("kefu", key, store_codes=["SH01"])
        with pytest.raises(RoleIsInUse):
            actions.delete_role(actor=owner, key=key, now=now)

        actions.change_place(actor=owner, username="kefu", role="analyst", now=now)
        actions.delete_role(actor=owner, key=key, now=now)

        assert key not in {role.key for role in queries.roles()}

    def test_that_needed_a_second_factor_leave_the_setting(self, owner: Actor, now: datetime) -> None:
        key = actions.create_role(actor=owner, name="客服", permissions=["worklist.view"], is_chain_wide=False, now=now)
        setting = "foundation.second_factor_roles"
        actions.change_setting(actor=owner, key=setting, value=["owner", key], now=now)

        actions.delete_role(actor=owner, key=key, now=now)

        assert queries.organisation_setting(setting) == ["owner"]

    @pytest.mark.parametrize("key", ["owner", "auditor"])
    def test_named_ones_stay(self, owner: Actor, key: str, now: datetime) -> None:
        with pytest.raises(NamedRolesStay):
            actions.delete_role(actor=owner, key=key, now=now)
        with pytest.raises(NamedRolesStay):
            actions.change_role(actor=owner, key=key, name="x", permissions=[], is_chain_wide=True, now=now)

    def test_by_store_cannot_hold_what_belongs_to_no_store(self, owner: Actor, now: datetime) -> None:
        with pytest.raises(RoleNeedsWholeChain):
            actions.create_role(actor=owner, name="x", permissions=["audit.view"], is_chain_wide=False, now=now)

    def test_have_names_of_their_own(self, owner: Actor, now: datetime) -> None:
        for name in ("客服", "收银"):
            actions.create_role(actor=owner, name=name, permissions=["worklist.view"], is_chain_wide=False, now=now)

        with pytest.raises(RoleNameIsTaken):
            actions.create_role(actor=owner, name=" 客服 ", permissions=["worklist.view"], is_chain_wide=False, now=now)

    @pytest.mark.parametrize(
        "name",
        ["店长", " 所有者", "Owner", "OWNER", "ｏｗｎｅｒ", "store_manager", "Store-Manager", "STORE manager", "审 计"],
    )
    def test_are_not_called_like_named_ones(self, owner: Actor, name: str, now: datetime) -> None:
        given: dict[str, Any] = {"permissions": ["worklist.view"], "is_chain_wide": False, "now": now}
        key = actions.create_role(actor=owner, name="客服", **given)

        with pytest.raises(RoleNameIsOfANamedRole):
            actions.create_role(actor=owner, name=name, **given)
        with pytest.raises(RoleNameIsOfANamedRole):
            actions.change_role(actor=owner, key=key, name=name, **given)

    @pytest.mark.parametrize(
        ("name", "refusal"),
        [("Kasse", RoleNameIsTaken), ("k a s s e", RoleNameIsTaken), ("Ka\u200bsse", NameHoldsHiddenSigns)],
    )
    def test_do_not_look_like_one_another(
        self, owner: Actor, name: str, refusal: type[Exception], now: datetime
    ) -> None:
        given: dict[str, Any] = {"permissions": ["worklist.view"], "is_chain_wide": False, "now": now}
        key = actions.create_role(actor=owner, name="KASSE", **given)

        with pytest.raises(refusal):
            actions.create_role(actor=owner, name=name, **given)
        actions.change_role(actor=owner, key=key, name="kasse", **given)

    def test_give_something(self, owner: Actor, now: datetime) -> None:
        with pytest.raises(RoleGivesNothing):
            actions.create_role(actor=owner, name="客服", permissions=[], is_chain_wide=True, now=now)

    @pytest.mark.parametrize("key", ["own-999", "own-", "own-x", "emperor", "own-99999999999999999999", "own"])
    def test_that_are_none_are_refused(self, owner: Actor, key: str, now: datetime) -> None:
        with pytest.raises(actions.NoSuchRole):
            actions.create_staff(actor=owner, username="x", display_name="x", role=key, password=None, now=now)

    def test_are_named_by_the_store_itself(self, owner_staff: Staff) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Staff.objects.filter(pk=owner_staff.pk).update(role="own")


class TestNobodyGivesMoreThanTheyHave:
    def test_a_head_of_a_store_invites_for_it(self, head: Actor, now: datetime) -> None:
        actions.create_staff(
            actor=head,
            username="xin",
            display_name="新",
            role=head.role,
            password=None,
            store_codes=["SH01"],
            now=now,
        )

        assert queries.actor_for(Staff.objects.get(username="xin")).store_ids == head.store_ids

    @pytest.mark.parametrize(
        ("role", "more"),
        [
            ("owner", {}),
            ("store_manager", {"store_codes": ["SH01"]}),
            ("auditor", {}),
            ("same", {"store_codes": ["SH02"]}),
            ("same", {"store_codes": ["SH01", "GZ01"]}),
            ("same", {"region_names": ["华东"]}),
        ],
    )
    def test_and_for_nothing_else(self, head: Actor, role: str, more: dict[str, Any], now: datetime) -> None:
        with pytest.raises(actions.MoreThanYouHave):
            actions.create_staff(
                actor=head,
                username="xin",
                display_name="新",
                role=head.role if role == "same" else role,
                password=None,
                now=now,
                **more,
            )

        assert not Staff.objects.filter(username="xin").exists()

    @pytest.mark.parametrize(
        "act",
        [
            lambda **who: actions.set_password(password="anders-anders-9", **who),
            actions.deactivate_staff,
            actions.make_invitation,
            actions.reset_second_factor,
            actions.end_sessions_of,
            lambda **who: actions.change_place(role="analyst", **who),
            actions.activate_staff,
        ],
    )
    @pytest.mark.parametrize("username", ["laoban2", "tianhe", "quyu"])
    def test_nor_touches_who_has_more(
        self, head: Actor, hire: Callable[..., Staff], act: Callable[..., Any], username: str, now: datetime
    ) -> None:
        hire("laoban2", "owner")
        hire("tianhe", head.role, store_codes=["GZ01"])
        hire("quyu", head.role, region_names=["华东"])
        before = Staff.objects.filter(username=username).values().get()

        with pytest.raises(actions.MoreThanYouHave):
            act(actor=head, username=username, now=now)

        assert Staff.objects.filter(username=username).values().get() == before

    @pytest.mark.parametrize(
        ("permissions", "is_chain_wide"), [(["customers.unmask"], False), (["customers.view"], True)]
    )
    def test_nor_makes_a_role_of_more(
        self, head: Actor, permissions: list[str], is_chain_wide: bool, now: datetime
    ) -> None:
        with pytest.raises(actions.MoreThanYouHave):
            actions.create_role(actor=head, name="mehr", permissions=permissions, is_chain_wide=is_chain_wide, now=now)

    def test_nor_changes_the_own_role_or_one_that_is_had_elsewhere(
        self, head: Actor, owner: Actor, hire: Callable[..., Staff], now: datetime
    ) -> None:
        key = actions.create_role(actor=owner, name="收银", permissions=["worklist.view"], is_chain_wide=False, now=now)
        hire("anderswo", key, store_codes=["GZ01"])

        for one in (head.role, key):
            with pytest.raises(actions.MoreThanYouHave):
                actions.change_role(
                    actor=head, key=one, name="neu", permissions=["customers.view"], is_chain_wide=False, now=now
                )

    @pytest.mark.parametrize(
        "act",
        [
            lambda actor, now: actions.change_place(actor=actor, username="laoban", role="auditor", now=now),
            lambda actor, now: actions.make_invitation(actor=actor, username="laoban", now=now),
            lambda actor, now: actions.reset_second_factor(actor=actor, username="laoban", now=now),
        ],
    )
    def test_nor_does_it_to_oneself(self, owner: Actor, act: Callable[..., Any], now: datetime) -> None:
        with pytest.raises(actions.NotOnOneself):
            act(owner, now)

    def test_the_last_owner_stays_an_owner(self, owner: Actor, now: datetime) -> None:
        with pytest.raises(actions.OwnerMustRemain):
            actions.change_place(actor=Actor.system(), username="laoban", role="auditor", now=now)

    def test_a_head_sees_the_staff_of_the_own_store_only(
        self, head: Actor, hire: Callable[..., Staff], now: datetime
    ) -> None:
        hire("tianhe", store_codes=["GZ01"])
        hire("xuhui", store_codes=["SH01"])

        seen = {card.person.username: card.may_change for card in queries.staff_cards(access=head, now=now)}

        assert seen == {"head": False, "xuhui": False}

    def test_who_manages_no_staff_sees_none(self, manager: Actor, now: datetime) -> None:
        with pytest.raises(NotAllowed):
            queries.staff_cards(access=manager, now=now)


class TestStoresAndRegions:
    def entry(self, **changes: Any) -> actions.StoreEntry:
        return actions.StoreEntry(**{"code": "SH01", "name": "徐汇店", "region": "华东", "city": "上海", **changes})

    def test_change_with_what_was_before(self, owner: Actor, stores: dict[str, Store], now: datetime) -> None:
        asked = self.entry(name="徐汇旗舰店", region="华南", time_zone="Asia/Urumqi")
        actions.change_store(actor=owner, store_id=stores["xuhui"].pk, store=asked, now=now)

        detail = AuditEntry.objects.get(action="store.changed").detail
        assert (detail["before"]["name"], detail["after"]["name"]) == ("徐汇店", "徐汇旗舰店")
        assert Store.objects.get(code="SH01").region == Region.objects.get(name="华南")

    def test_are_read_anew_by_the_lake(self, owner: Actor, stores: dict[str, Store], now: datetime) -> None:
        from yutang.ingest.models import TouchedPartition

        TouchedPartition.objects.all().delete()

        actions.change_store(actor=owner, store_id=stores["xuhui"].pk, store=self.entry(region="华南"), now=now)

        assert list(TouchedPartition.objects.values_list("table", flat=True)) == ["foundation_store"]

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"code": "SH02"}, "StoreCodeIsTaken"),
            ({"code": ""}, "StoreIsInvalid"),
            ({"name": " "}, "StoreIsInvalid"),
            ({"region": "火星"}, "NoSuchRegion"),
            ({"time_zone": "Moon/Base"}, "NoSuchTimeZone"),
            ({"opened_on": date(2026, 3, 2), "closed_on": date(2026, 3, 1)}, "StoreIsInvalid"),
        ],
    )
    def test_refuse_what_cannot_be(
        self, owner: Actor, stores: dict[str, Store], changes: dict[str, Any], refusal: str, now: datetime
    ) -> None:
        with pytest.raises(getattr(actions, refusal)):
            actions.change_store(actor=owner, store_id=stores["xuhui"].pk, store=self.entry(**changes), now=now)

    def test_a_head_of_a_store_renames_it_and_moves_nothing(
        self, head: Actor, stores: dict[str, Store], now: datetime
    ) -> None:
        actions.change_store(actor=head, store_id=stores["xuhui"].pk, store=self.entry(city="沪"), now=now)

        assert Store.objects.get(code="SH01").city == "沪"
        with pytest.raises(actions.MoreThanYouHave):
            actions.change_store(actor=head, store_id=stores["xuhui"].pk, store=self.entry(region="华南"), now=now)
        with pytest.raises(actions.MoreThanYouHave):
            actions.create_region(actor=head, name="新区", now=now)

    def test_a_region_goes_when_nothing_belongs_to_it(
        self, owner: Actor, stores: dict[str, Store], now: datetime
    ) -> None:
        east = Region.objects.get(name="华东")
        with pytest.raises(actions.RegionIsInUse):
            actions.delete_region(actor=owner, region_id=east.pk, now=now)

        empty = actions.create_region(actor=owner, name="华北", now=now)
        actions.delete_region(actor=owner, region_id=empty, now=now)

        assert [region.name for region in queries.regions()] == ["华东", "华南"]
