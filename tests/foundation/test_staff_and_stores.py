"""Staff, stores and settings of the organisation."""

from __future__ import annotations

from datetime import datetime

import pytest

from yutang.foundation import actions, queries
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.actions import Chain, StaffEntry, StoreEntry
from yutang.foundation.models import AuditEntry, Staff, Store

pytestmark = pytest.mark.django_db

PASSWORD = "xiao-yu-tang-88"


def hire(actor: Actor, now: datetime, **changes: object) -> int:
    given: dict[str, object] = {
        "username": "xiaoli",
        "display_name": "小李",
        "role": "operator",
        "password": PASSWORD,
    }
    return actions.create_staff(actor=actor, now=now, **{**given, **changes})  # type: ignore[arg-type]


class TestCreateStaff:
    def test_adds_somebody_who_can_log_in_and_sees_their_stores(
        self, owner: Actor, stores: dict[str, Store], now: datetime
    ) -> None:
        staff_id = hire(owner, now, role="store_manager", store_codes=["SH01"])

        staff = Staff.objects.get(pk=staff_id)
        assert staff.check_password(PASSWORD)
        assert queries.actor_for(staff).store_ids == frozenset({stores["xuhui"].pk})
        assert AuditEntry.objects.get().action == "staff.created"

    def test_refuses_a_taken_name(self, owner: Actor, now: datetime) -> None:
        hire(owner, now)

        with pytest.raises(actions.UsernameIsTaken):
            hire(owner, now)

    @pytest.mark.parametrize("username", ["XiaoLi", "ｘｉａｏｌｉ", "XIAOLI"])
    def test_refuses_a_log_in_name_that_looks_like_another(self, owner: Actor, now: datetime, username: str) -> None:
        hire(owner, now)

        with pytest.raises(actions.UsernameLooksLikeAnother) as refused:
            hire(owner, now, username=username)
        assert refused.value.sentence.values == {"username": username, "other": "xiaoli"}

    @pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\u2066", "\ufeff", "\u3164", "\ufe0f", "\x07"])
    def test_refuses_signs_that_cannot_be_seen(self, owner: Actor, now: datetime, hidden: str) -> None:
        for changes in ({"username": f"xiao{hidden}li"}, {"display_name": f"小{hidden}李"}):
            with pytest.raises(actions.NameHoldsHiddenSigns):
                hire(owner, now, **changes)
        with pytest.raises(actions.NameHoldsHiddenSigns):
            actions.rename_oneself(actor=owner, display_name=f"老{hidden}板", now=now)

    @pytest.mark.parametrize("password", ["short", "1234567890", "password123"])
    def test_refuses_a_weak_password(self, owner: Actor, now: datetime, password: str) -> None:
        with pytest.raises(actions.PasswordIsTooWeak):
            hire(owner, now, password=password)

    def test_refuses_an_unknown_role_or_store(self, owner: Actor, now: datetime) -> None:
        with pytest.raises(actions.NoSuchRole):
            hire(owner, now, role="emperor")
        with pytest.raises(actions.NoSuchStore):
            hire(owner, now, store_codes=["nowhere"])

    @pytest.mark.parametrize("role", ["store_manager", "region_manager"])
    def test_refuses_a_role_that_would_reach_no_store(self, owner: Actor, now: datetime, role: str) -> None:
        with pytest.raises(actions.PlaceIsMissing):
            hire(owner, now, role=role)
        hire(owner, now)
        with pytest.raises(actions.PlaceIsMissing):
            actions.change_place(actor=owner, username="xiaoli", role=role, now=now)

        assert Staff.objects.get(username="xiaoli").role == "operator"

    def test_refuses_a_store_manager(self, manager: Actor, now: datetime) -> None:
        with pytest.raises(NotAllowed):
            hire(manager, now)


class TestPasswordAndLeaving:
    def test_lets_everybody_change_their_own_password(self, manager: Actor, now: datetime) -> None:
        actions.set_password(actor=manager, username="lidianzhang", password=PASSWORD, now=now)

        assert Staff.objects.get(username="lidianzhang").check_password(PASSWORD)

    def test_refuses_somebody_elses(self, manager: Actor, owner: Actor, now: datetime) -> None:
        with pytest.raises(NotAllowed):
            actions.set_password(actor=manager, username="laoban", password=PASSWORD, now=now)

    def test_bars_who_left(self, owner: Actor, manager: Actor, now: datetime) -> None:
        actions.deactivate_staff(actor=owner, username="lidianzhang", now=now)

        assert not queries.staff_for(username="lidianzhang").is_active

    def test_keeps_the_last_owner(self, owner: Actor, now: datetime) -> None:
        with pytest.raises(actions.OwnerMustRemain):
            actions.deactivate_staff(actor=owner, username="laoban", now=now)

    def test_refuses_nobody(self, owner: Actor, now: datetime) -> None:
        with pytest.raises(queries.NoSuchStaff):
            actions.deactivate_staff(actor=owner, username="nobody", now=now)


class TestAppearance:
    def test_is_kept(self, manager: Actor, now: datetime) -> None:
        actions.change_appearance(actor=manager, language="en", theme="dark", now=now)

        view = queries.staff_for(username="lidianzhang")
        assert (view.language, view.theme) == ("en", "dark")

    def test_refuses_what_does_not_exist(self, manager: Actor, now: datetime) -> None:
        with pytest.raises(actions.NoSuchChoice):
            actions.change_appearance(actor=manager, language="tlh", theme="dark", now=now)


class TestLoadChain:
    CHAIN = Chain(
        stores=(
            StoreEntry("A", "一店", region="华东", city="上海"),
            StoreEntry("B", "二店", region="华南", city="广州"),
        ),
        staff=(StaffEntry("dianzhang-a", "甲", "store_manager", ("A",)),),
    )

    def test_creates_the_chain_and_changes_nothing_the_second_time(self, owner: Actor, now: datetime) -> None:
        for _ in range(2):
            counts = actions.load_chain(actor=owner, chain=self.CHAIN, now=now)

            assert counts == {"regions": 2, "stores": 2, "staff": 1}
            assert [store.code for store in queries.stores(access=owner)] == ["A", "B"]
            assert [region.name for region in queries.regions()] == ["华东", "华南"]

    def test_gives_nobody_a_way_in(self, owner: Actor, now: datetime) -> None:
        actions.load_chain(actor=owner, chain=self.CHAIN, now=now)

        assert not Staff.objects.get(username="dianzhang-a").has_usable_password()

    def test_refuses_a_time_zone_that_is_not(self, owner: Actor, now: datetime) -> None:
        with pytest.raises(actions.NoSuchTimeZone):
            actions.load_chain(actor=owner, chain=Chain((StoreEntry("A", "a", time_zone="Moon/Base"),)), now=now)

    def test_shows_a_manager_their_own_store_only(self, manager: Actor) -> None:
        assert [store.code for store in queries.stores(access=manager)] == ["SH01"]


class TestSettings:
    def test_keeps_a_declared_setting(self, owner: Actor, now: datetime) -> None:
        assert queries.organisation_setting("foundation.organisation_name") == ""

        actions.change_setting(actor=owner, key="foundation.organisation_name", value="大鱼", now=now)

        assert queries.organisation_setting("foundation.organisation_name") == "大鱼"

    @pytest.mark.parametrize(("key", "value"), [("foundation.organisation_name", 3), ("no.such", "x")])
    def test_refuses_others(self, owner: Actor, now: datetime, key: str, value: object) -> None:
        with pytest.raises(actions.SettingIsInvalid):
            actions.change_setting(actor=owner, key=key, value=value, now=now)
