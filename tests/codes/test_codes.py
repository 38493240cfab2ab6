"""Codes are made, changed, switched, printed and paid for; what cannot be is refused with what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.codes.conftest import SYSTEM, accounts, code, newcomers, spot_of, terms
from tests.conftest import NOW
from tests.coupons.conftest import people
from yutang.codes import actions, guards, queries, welcoming
from yutang.codes.actions import CodeTerms, Earlier, EarlierScans, ShiftTerms, SlotTerms, SpotTerms
from yutang.codes.models import Code, Newcomer, Spot
from yutang.codes.personal import person_of, personal_path
from yutang.codes.running import duties
from yutang.codes.sheets import modules_of
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import Staff
from yutang.kit.errors import DomainError
from yutang.wecom.models import Account

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def staff() -> list[int]:
    """Three members of the corp who have customers."""
    return accounts()


def block(row: Newcomer) -> None:
    """Put whom a code brought on the list of those who get nothing."""
    from yutang.risk.actions import put_on_list

    told = {"effect": "block", "subject": "person", "value": str(row.customer_id), "reason": "羊毛", "until": None}
    put_on_list(actor=SYSTEM, now=NOW, **told)


class TestTerms:
    def test_are_kept_as_they_were_wanted(self, staff: list[int]) -> None:
        wanted = terms(
            [
                ShiftTerms(staff[0], daily_cap=30, weekdays=31, since_minute=540, until_minute=1080),
                ShiftTerms(staff[1], is_backup=True),
            ],
            slots=(SlotTerms(1260, 540, "夜里好"),),
            words=" 您好 ",
            sharing="even",
            group="named",
            group_prefix="徐汇",
            unit_cost_minor=150,
            first_date=date(2026, 3, 1),
        )
        key = actions.create_code(actor=SYSTEM, terms=wanted, now=NOW)

        assert queries.code_terms(access=SYSTEM, code_id=key) == replace(
            wanted, words="您好", shifts=tuple(wanted.shifts)
        )
        changed = replace(wanted, name="新名字", slots=(), shifts=(ShiftTerms(staff[2]),))
        actions.change_code(actor=SYSTEM, code_id=key, terms=changed, now=NOW)
        assert queries.code_terms(access=SYSTEM, code_id=key) == replace(changed, words="您好")

    @pytest.mark.parametrize(
        ("wrong", "part"),
        [
            ({"name": " "}, "name"),
            ({"name": "x" * 61}, "name"),
            ({"kind": "tram"}, "kind"),
            ({"shifts": ()}, "shifts"),
            ({"shifts": (ShiftTerms(999_999),)}, "shifts"),
            ({"slots": (SlotTerms(540, 540, "x"),)}, "slots"),
            ({"slots": (SlotTerms(540, 600),)}, "slots"),
            ({"words": "好" * 1_400}, "words"),
            ({"tag_ids": (999_999,)}, "tag_ids"),
            ({"group": "named"}, "group_prefix"),
            ({"group_places": 1}, "group_places"),
            ({"unit_cost_minor": -1}, "unit_cost_minor"),
            ({"margin_percent": 101}, "margin_percent"),
            ({"first_date": date(2026, 3, 2), "last_date": date(2026, 3, 1)}, "last_date"),
            ({"currency": "yuan"}, "currency"),
        ],
    )
    def test_what_cannot_be_is_refused_by_its_part(self, wrong: dict[str, Any], part: str) -> None:
        with pytest.raises(actions.CodeIsWrong) as refused:
            actions.create_code(actor=SYSTEM, terms=replace(terms(), **wrong), now=NOW)

        assert refused.value.data["part"] == part
        assert not Code.objects.exists()

    def test_back_ups_alone_and_the_same_person_twice_are_refused(self, staff: list[int]) -> None:
        for shifts in ([ShiftTerms(staff[0], is_backup=True)], [ShiftTerms(staff[0]), ShiftTerms(staff[0])]):
            with pytest.raises(actions.CodeIsWrong):
                code(shifts)

    def test_a_name_is_used_once_and_a_content_must_be_sayable(self) -> None:
        code()

        with pytest.raises(actions.NameIsTaken):
            code()
        with pytest.raises(DomainError):
            code(name="另一个", content="content:999:1")

    def test_only_who_may_change_codes_does(self, manager: Actor) -> None:
        with pytest.raises(NotAllowed):
            actions.create_code(actor=manager, terms=terms(), now=NOW)


class TestOnAndOff:
    def test_a_code_is_in_use_between_its_days_while_it_is_on(self) -> None:
        of = code(first_date=date(2026, 3, 12), last_date=date(2026, 3, 13))

        standings = [queries.codes(access=SYSTEM, now=NOW + n * DAY)[0].standing for n in range(4)]
        assert standings == ["ahead", "on", "on", "over"]
        actions.switch_off(actor=SYSTEM, code_id=of.pk, now=NOW)
        assert not duties(now=NOW + DAY)

    def test_a_pause_of_the_guard_is_not_lifted_by_switching(self) -> None:
        of = code()
        assert actions.hold_code(actor=SYSTEM, code_id=of.pk, now=NOW)
        assert not actions.hold_code(actor=SYSTEM, code_id=of.pk, now=NOW)

        with pytest.raises(actions.CodeIsPaused):
            actions.switch_on(actor=SYSTEM, code_id=of.pk, now=NOW)
        assert queries.codes(access=SYSTEM, now=NOW)[0].standing == "paused"
        assert actions.release_code(actor=SYSTEM, code_id=of.pk, now=NOW)
        assert queries.codes(access=SYSTEM, now=NOW)[0].standing == "on"


class TestSpots:
    def test_each_has_an_address_of_its_own_that_never_changes(self) -> None:
        of = code(spots=[SpotTerms("三月包裹"), SpotTerms("四月包裹")])
        before = list(Spot.objects.values_list("token", flat=True))
        actions.add_spots(actor=SYSTEM, code_id=of.pk, spots=[SpotTerms("五月包裹")], now=NOW)
        actions.change_code(actor=SYSTEM, code_id=of.pk, terms=terms(), now=NOW)

        assert list(Spot.objects.values_list("token", flat=True))[:2] == before
        assert len(set(Spot.objects.values_list("token", flat=True))) == 3
        with pytest.raises(actions.SpotIsTaken):
            actions.add_spots(actor=SYSTEM, code_id=of.pk, spots=[SpotTerms("五月包裹")], now=NOW)

    def test_labels_name_the_store_and_hold_the_printed_address(self, stores: dict[str, Any]) -> None:
        store = next(iter(stores.values()))
        of = code(spots=[SpotTerms("柜台", store.pk), SpotTerms("橱窗")])

        first, second = queries.labels(access=SYSTEM, code_id=of.pk, title="扫码")
        assert first.address == f"https://pond.example.com/c/{spot_of(of).token}"
        assert (first.line, second.line, second.mark) == (store.name, "", "包裹卡 · 橱窗")
        assert len(modules_of(first.address)) >= 25
        with pytest.raises(actions.NoSuchSpot):
            queries.labels(access=SYSTEM, code_id=of.pk, spot_ids=[999_999], title="扫码")

    def test_without_an_address_of_ours_nothing_is_printed(self, settings: Any) -> None:
        settings.YUTANG_PUBLIC_URL = ""
        of = code()

        with pytest.raises(queries.AddressIsUnknown):
            queries.labels(access=SYSTEM, code_id=of.pk, title="扫码")


class TestPersonalLinks:
    def test_name_one_person_at_one_place_and_cannot_be_changed(self) -> None:
        from tests.coupons.conftest import people

        of = code(spots=[SpotTerms("三月"), SpotTerms("四月")])
        first, second = Spot.objects.order_by("pk")
        (someone,) = people(1)
        url = personal_path(access=SYSTEM, code_id=of.pk, spot_id=first.pk, customer_id=someone, now=NOW)

        signed = url.partition("?p=")[2]
        assert person_of(signed, spot=first, now=NOW) == someone
        assert person_of(signed, spot=second, now=NOW) is None
        assert person_of(signed[:-1] + ("a" if signed[-1] != "a" else "b"), spot=first, now=NOW) is None
        assert person_of("", spot=first, now=NOW) is None


class _Guard:
    """A guard that refuses somebody, and remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.refused: set[int] = set()

    def verdict(self, *, newcomer: Newcomer, now: Any) -> str:
        return "refuse" if newcomer.customer_id in self.refused else "allow"

    def earlier(self, *, code: Code, people: int, cost_minor: int, now: Any) -> None:
        self.told.append(("earlier", f"{people} {cost_minor}"))

    def state(self, *, code: Code, now: Any) -> None:
        self.told.append(("state", code.name))

    def cost(self, *, code: Code, key: str, amount_minor: int, now: Any) -> None:
        self.told.append(("cost", f"{key.partition(':')[0]} {amount_minor}"))

    def note(self, *, newcomer: Newcomer, kind: str, now: Any) -> None:
        self.told.append((kind, guards.programme_of(newcomer.code_id)))


@pytest.fixture
def guard() -> Any:
    """Plug a guard in for one test."""
    found = _Guard()
    before = guards._PRESENT.guard
    guards.plug_in(found)
    yield found
    guards.plug_in(before)


class TestGuard:
    def test_is_asked_and_told_once_and_who_is_refused_gets_no_tags(self, guard: _Guard) -> None:
        from yutang.customers.actions import create_tag_in
        from yutang.customers.models import CustomerTag

        tag = create_tag_in(actor=SYSTEM, group="来源", name="包裹", now=NOW)
        of = code(tag_ids=[tag], remark="包裹")
        good, bad = newcomers(of, 2, added_at=NOW - 8 * DAY)
        Newcomer.objects.update(noted="", is_remarked=False)
        guard.refused = {bad.customer_id or 0}

        assert welcoming.welcome_newcomers(now=NOW) == 2
        assert welcoming.welcome_newcomers(now=NOW) == 0
        assert welcoming.note_who_stayed(now=NOW) == 2
        assert welcoming.note_who_stayed(now=NOW) == 0

        assert list(CustomerTag.objects.values_list("customer_id", flat=True)) == [good.customer_id]
        assert Newcomer.objects.get(pk=bad.pk).is_remarked
        name = f"code:{of.pk}"
        assert guard.told == [("state", "包裹卡"), *[("joined", name)] * 2, *[("kept", name)] * 2]
        assert queries.codes(access=SYSTEM, now=NOW)[0].tally.held_back == 1

    def test_is_that_against_abuse_and_hears_who_stayed(self) -> None:
        from yutang.risk.models import Decision

        of = code(remark="包裹")
        good, bad = newcomers(of, 2, added_at=NOW - 8 * DAY)
        Newcomer.objects.update(noted="", is_remarked=False, was_known=False)
        block(bad)

        welcoming.welcome_newcomers(now=NOW)
        welcoming.note_who_stayed(now=NOW)

        asked = {row.customer_id: (row.kind, row.programme, row.verdict, row.outcome) for row in Decision.objects.all()}
        name = f"code:{of.pk}"
        assert asked[good.customer_id] == ("join", name, "allow", "kept")
        assert asked[bad.customer_id][:3] == ("join", name, "refuse")
        assert Newcomer.objects.get(pk=bad.pk).verdict == "refuse"

    def test_whom_a_person_lets_through_after_all_is_welcomed_like_anybody(self) -> None:
        from yutang.codes.handlers import follow_what_the_guard_settled
        from yutang.customers.actions import create_tag_in
        from yutang.customers.models import CustomerTag
        from yutang.risk.events import Settled
        from yutang.risk.models import Decision

        tag = create_tag_in(actor=SYSTEM, group="来源", name="包裹", now=NOW)
        of = code(tag_ids=[tag], remark="包裹")
        (bad,) = newcomers(of, 1)
        Newcomer.objects.update(noted="", is_remarked=False, was_known=False)
        block(bad)
        welcoming.welcome_newcomers(now=NOW)
        decision = Decision.objects.get()
        for is_let_through in (False, True):
            told = Settled(decision.pk, decision.key, "join", f"code:{of.pk}", bad.customer_id or 0, is_let_through)
            follow_what_the_guard_settled(told, event_id=1, now=NOW)
            bad.refresh_from_db()
            assert (bad.verdict == "allow", bad.is_remarked) == (is_let_through, not is_let_through)
            assert CustomerTag.objects.exists() == is_let_through

    def test_hears_of_payments_and_that_they_were_taken_back(self, guard: _Guard) -> None:
        of = code()
        paid = actions.add_cost(actor=SYSTEM, code_id=of.pk, amount_minor=9_000, business_date=NOW.date(), now=NOW)
        actions.remove_cost(actor=SYSTEM, code_id=of.pk, cost_id=paid, now=NOW)
        with pytest.raises(actions.NoSuchCost):
            actions.remove_cost(actor=SYSTEM, code_id=of.pk, cost_id=paid, now=NOW)

        assert guard.told[1:] == [("cost", "cost 9000"), ("cost", "cost -9000")]

    @pytest.mark.parametrize(("minor", "day"), [(0, NOW.date()), (-5, NOW.date()), (5, NOW.date() + DAY)])
    def test_a_payment_that_cannot_be_is_refused(self, minor: int, day: date) -> None:
        with pytest.raises(actions.CodeIsWrong):
            actions.add_cost(actor=SYSTEM, code_id=code().pk, amount_minor=minor, business_date=day, now=NOW)


class TestEarlier:
    def test_is_told_to_who_keeps_the_economics_of_a_code(self, staff: list[int], guard: _Guard) -> None:
        of = code(unit_cost_minor=150)
        known, *new = people(3)
        rows = [Earlier(one, spot_of(of).pk, staff[0], NOW - 40 * DAY) for one in new]
        rows.append(Earlier(known, spot_of(of).pk, staff[0], NOW - 40 * DAY, was_known=True))

        for _twice in range(2):
            actions.note_earlier(actor=SYSTEM, code_id=of.pk, people=rows, now=NOW)

        assert [one for one in guard.told if one[0] == "earlier"] == [("earlier", "2 450")]

    def test_is_attributed_once_and_nothing_follows(self, staff: list[int]) -> None:
        from tests.coupons.conftest import people

        of = code()
        spot = spot_of(of)
        rows = [Earlier(one, spot.pk, staff[0], NOW - 40 * DAY, NOW - 39 * DAY) for one in people(3)]
        scans = [EarlierScans(spot.pk, date(2026, 2, 1), 9)]

        assert actions.note_earlier(actor=SYSTEM, code_id=of.pk, people=rows, scans=scans, now=NOW) == 3
        assert actions.note_earlier(actor=SYSTEM, code_id=of.pk, people=rows, scans=scans, now=NOW) == 0
        assert welcoming.welcome_newcomers(now=NOW) == 0
        tally = queries.codes(access=SYSTEM, now=NOW)[0].tally
        assert (tally.came, tally.lost, tally.scans, tally.ripe_30, tally.kept_1, tally.kept_7) == (3, 3, 9, 3, 3, 0)

    def test_who_came_after_now_or_left_before_coming_is_refused(self, staff: list[int]) -> None:
        of = code()
        spot = spot_of(of).pk
        for added, left in ((NOW + DAY, None), (NOW - DAY, NOW - 2 * DAY)):
            with pytest.raises(actions.CodeIsWrong):
                people = [Earlier(1, spot, staff[0], added, left)]
                actions.note_earlier(actor=SYSTEM, code_id=of.pk, people=people, now=NOW)


def _give_to_store(store_id: int) -> None:
    """Let a member of the corp belong to a store."""
    account = Account.objects.order_by("pk").first()
    assert account is not None
    account.staff = Staff.objects.create(username="of-store", display_name="店员")
    account.staff.stores.add(store_id)
    account.save(update_fields=["staff"])


def test_who_sees_one_store_sees_its_codes_and_its_people(stores: dict[str, Any], manager: Actor) -> None:
    own = next(key for key in manager.store_ids or ())
    other = next(one for one in stores.values() if one.pk != own)
    mine = code(name="本店", spots=[SpotTerms("柜台", own)], unit_cost_minor=100)
    code(name="外店", spots=[SpotTerms("柜台", other.pk)])
    both = code(name="两店", spots=[SpotTerms("本", own), SpotTerms("外", other.pk)])
    newcomers(both, 2, store=other)
    newcomers(mine, 1, store=next(one for one in stores.values() if one.pk == own))

    found = {row.name: row.tally for row in queries.codes(access=manager, now=NOW)}
    assert {name: tally.came for name, tally in found.items()} == {"本店": 1, "两店": 0}
    assert found["本店"].cost_minor is None
    # Scans of places of other stores are told nowhere, so that list and page say the same.
    scans = [EarlierScans(one.pk, date(2026, 2, 1), 9) for one in both.spots.order_by("pk")]
    actions.note_earlier(actor=SYSTEM, code_id=both.pk, people=[], scans=scans, now=NOW)
    listed = next(row.tally for row in queries.codes(access=manager, now=NOW) if row.name == "两店")
    view = queries.code_view(access=manager, code_id=both.pk, now=NOW)
    assert (listed.scans, view.tally.scans) == (9, 9)
    assert [(one.name, one.scans) for one in view.spots] == [("本", 9), ("外", None)]
    with pytest.raises(actions.NoSuchCode):
        queries.code_view(access=manager, code_id=Code.objects.get(name="外店").pk, now=NOW)
    _give_to_store(own)
    assert queries.code_view(access=manager, code_id=Code.objects.get(name="外店").pk, now=NOW).tally.scans is None


def test_a_code_terms_default_is_a_code(staff: list[int]) -> None:
    assert actions.create_code(actor=SYSTEM, terms=CodeTerms("最少", "poster", [ShiftTerms(staff[0])]), now=NOW)


def test_the_economics_hear_of_a_code_with_a_budget_and_their_pause_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from yutang.codes.handlers import follow_pauses, follow_resumptions
    from yutang.economics import actions as economics
    from yutang.economics.events import ProgrammePaused, ProgrammeResumed
    from yutang.economics.models import Entry, Programme

    monkeypatch.setattr(economics, "known_worth", lambda _now: ("insight", SimpleNamespace(sales_fen=10_000)))
    of = code(unit_cost_minor=300, budget_minor=90_000)
    code(name="没有预算", unit_cost_minor=300)
    stated = Programme.objects.get()
    assert (stated.key, stated.unit_cost_fen, stated.budget_fen) == (f"code:{of.pk}", 300, 90_000)
    newcomers(of, 1, added_at=NOW - 8 * DAY)
    newcomers(of, 1, added_at=NOW - 8 * DAY, was_known=True)
    Newcomer.objects.update(noted="")
    welcoming.welcome_newcomers(now=NOW)
    welcoming.note_who_stayed(now=NOW)
    kinds = list(Entry.objects.order_by("pk").values_list("kind", "amount_fen"))
    assert kinds == [("cost", 300), ("joined", 0), ("cost", 300), ("kept", 0)]

    follow_pauses(ProgrammePaused(stated.key, 1, "cost", 0), event_id=1, now=NOW)
    follow_pauses(ProgrammePaused("referral:1", 2, "cost", 0), event_id=2, now=NOW)
    assert queries.code_view(access=SYSTEM, code_id=of.pk, now=NOW).standing == "paused"
    follow_resumptions(ProgrammeResumed(stated.key, 1), event_id=3, now=NOW)
    assert queries.code_view(access=SYSTEM, code_id=of.pk, now=NOW).standing == "on"


def test_who_came_before_the_costs_were_stated_is_told_and_counts_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from yutang.economics import actions as economics
    from yutang.economics import queries as economics_queries

    monkeypatch.setattr(economics, "known_worth", lambda _now: ("insight", SimpleNamespace(sales_fen=10_000)))
    of = code()
    newcomers(of, 3, added_at=NOW - 8 * DAY)
    newcomers(of, 1, added_at=NOW - 8 * DAY, was_known=True)
    Newcomer.objects.update(noted="")
    welcoming.welcome_newcomers(now=NOW)

    changed = replace(terms(), unit_cost_minor=300, budget_minor=90_000)
    actions.change_code(actor=SYSTEM, code_id=of.pk, terms=changed, now=NOW)
    actions.add_cost(actor=SYSTEM, code_id=of.pk, amount_minor=60_000, business_date=NOW.date(), now=NOW)
    welcoming.note_who_stayed(now=NOW)
    (late,) = newcomers(of, 1, added_at=NOW)
    Newcomer.objects.filter(pk=late.pk).update(noted="")
    welcoming.welcome_newcomers(now=NOW)

    numbers = economics.look_at(actor=SYSTEM, programme=f"code:{of.pk}", now=NOW)
    view = economics_queries.programme_view(access=SYSTEM, programme=f"code:{of.pk}")
    assert (view.came_before, view.spent_fen, numbers.newcomers) == (3, 60_300, 1)


def test_the_cost_of_a_code_is_what_its_ledger_says_whatever_changed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    from yutang.economics import actions as economics
    from yutang.economics import queries as economics_queries

    monkeypatch.setattr(economics, "known_worth", lambda _now: ("insight", SimpleNamespace(sales_fen=10_000)))
    of, account = code(unit_cost_minor=200), Account.objects.order_by("pk").values_list("pk", flat=True)[0]
    paid = {"actor": SYSTEM, "code_id": of.pk, "business_date": NOW.date(), "now": NOW}
    actions.add_cost(**paid, amount_minor=50_000)

    def come(n: int, **more: Any) -> None:
        some = newcomers(of, n, added_at=NOW - 8 * DAY, cost_minor=0, **more)
        Newcomer.objects.filter(pk__in=[one.pk for one in some]).update(noted="")
        welcoming.welcome_newcomers(now=NOW)

    def earlier(n: int) -> None:
        some = [Earlier(one, spot_of(of).pk, account, NOW - 9 * DAY) for one in people(n)]
        actions.note_earlier(actor=SYSTEM, code_id=of.pk, people=some, now=NOW)

    # Before anything is stated: two newcomers, and one from another tool's list.
    come(2)
    earlier(1)
    actions.change_code(
        actor=SYSTEM, code_id=of.pk, terms=replace(terms(), unit_cost_minor=200, budget_minor=900_000), now=NOW
    )
    # After that: newcomers, some known before, a dearer gift, more of the list, another cost, and one that was a mistake.
    come(3)
    come(1, was_known=True)
    actions.change_code(
        actor=SYSTEM, code_id=of.pk, terms=replace(terms(), unit_cost_minor=500, budget_minor=900_000), now=NOW
    )
    come(2)
    earlier(2)
    actions.add_cost(**paid, amount_minor=7_000)
    mistake = actions.add_cost(**paid, amount_minor=90_000)
    actions.remove_cost(actor=SYSTEM, code_id=of.pk, cost_id=mistake, now=NOW)

    tally = queries.code_view(access=SYSTEM, code_id=of.pk, now=NOW).tally
    ledger = economics_queries.programme_view(access=SYSTEM, programme=f"code:{of.pk}")
    numbers = economics.look_at(actor=SYSTEM, programme=f"code:{of.pk}", now=NOW)

    assert tally.cost_minor == 50_000 + 7_000 + 7 * 200 + 4 * 500
    assert ledger.spent_fen == tally.cost_minor
    # What those cost who came before is borne by no newcomer of the ledger; posters, and the gift of who was known, are by all planned.
    assert numbers.newcomers == 5
    assert numbers.cost_fen == round(3 * 200 + 2 * 500 + 5 * (57_000 + 200) / (900_000 // 500))
