"""Programmes in the store: stated, noted, looked at, paused by themselves, resumed by a person with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.economics.conftest import KEY, SYSTEM, come, deliver, look, note, order, people, stated
from yutang.customers.queries import NoSuchCustomer
from yutang.economics import actions, queries
from yutang.economics.events import ProgrammePaused
from yutang.economics.models import Entry, Newcomer
from yutang.economics.refusals import StatementIsWrong
from yutang.economics.registries import KEEPING, WORTHS, KeepingReader, Worth, WorthReader
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry, OutboxEvent
from yutang.foundation.outbox import kind_of
from yutang.kit.text import Sentence

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STORE_MANAGER = Actor(staff_id=None, role="store_manager", store_ids=frozenset({1}), label="")


def scarf(n: int = 60, *, left: int = 40) -> list[int]:
    """Let people come for a scarf, of whom most have left three hours later."""
    came = people(n)
    come(came)
    for person in came[:left]:
        note("left", f"left:{person}", customer_id=person, now=NOW + 3 * HOUR)
    return came


class TestState:
    def test_keeps_what_is_stated(self) -> None:
        stated()

        view = queries.programme_view(access=SYSTEM, programme=KEY)
        assert (view.unit_cost_fen, view.budget_fen, view.worth_fen, view.worth_source) == (
            1_500,
            750_000,
            4_000,
            "stated",
        )
        assert not queries.is_paused(KEY)

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ({"programme": "Referral 7"}, "programme"),
            ({"title": " "}, "title"),
            ({"unit_cost_fen": 0}, "unit_cost_fen"),
            ({"budget_fen": 1_000}, "budget_fen"),
            ({"margin_percent": 101}, "margin_percent"),
            ({"worth_fen": 0}, "worth_fen"),
        ],
    )
    def test_refuses_what_cannot_be(self, parts: dict[str, object], field: str) -> None:
        with pytest.raises(StatementIsWrong) as refused:
            stated(**parts)

        assert refused.value.data["part"] == field

    def test_refuses_what_loses_even_if_everybody_stays(self) -> None:
        with pytest.raises(actions.ProgrammeLosesByItself):
            stated(unit_cost_fen=4_000)

    def test_looks_the_worth_up_at_the_margin(self, monkeypatch: pytest.MonkeyPatch) -> None:
        reader = WorthReader("insight", lambda _now: Worth(20_000, 500, Sentence("as known")))
        monkeypatch.setattr(WORTHS, "_entries", {"insight": reader})

        stated(worth_fen=None, margin_percent=40)

        view = queries.programme_view(access=SYSTEM, programme=KEY)
        assert (view.worth_fen, view.worth_source) == (8_000, "insight")

    def test_says_that_nothing_knows_the_worth(self) -> None:
        with pytest.raises(actions.WorthIsNotKnown):
            stated(worth_fen=None)

    def test_is_for_whom_it_is_allowed(self) -> None:
        with pytest.raises(NotAllowed):
            actions.state(actor=STORE_MANAGER, programme=actions.Statement(KEY, "x", 1, 2), now=NOW)


class TestNote:
    def test_the_same_key_is_written_once(self) -> None:
        stated()
        (person,) = people(1)

        come([person])
        assert not note("cost", f"gift:{person}", amount_fen=1_500, customer_id=person)

        assert Entry.objects.filter(kind="cost").count() == 1
        assert look(now=NOW + HOUR).cost_fen == 1_500

    def test_what_is_taken_back_costs_nothing(self) -> None:
        stated()
        (person,) = people(1)
        come([person])

        note("cost", "back", amount_fen=-1_500, customer_id=person)

        assert look(now=NOW + HOUR).cost_fen == 0
        assert queries.standing_of(KEY).left_fen == 750_000

    def test_a_cost_before_the_coming_counts(self) -> None:
        stated()
        (person,) = people(1)
        note("cost", "early", amount_fen=700, customer_id=person)

        come([person], cost=0)

        assert look(now=NOW + HOUR).cost_fen == 700

    def test_a_cost_of_nobody_is_spread_over_all_who_are_planned(self) -> None:
        stated()
        come(people(10))

        note("cost", "posters", amount_fen=50_000)

        # 750,000 at 1,500 each: 500 are planned, so a poster of 500 yuan costs each of the ten one yuan.
        assert look(now=NOW + HOUR).cost_fen == 10 * 1_600

    @pytest.mark.parametrize(
        ("kind", "parts"),
        [("joined", {}), ("kept", {"amount_fen": 5, "customer_id": 1}), ("shared", {"customer_id": 1})],
    )
    def test_refuses_what_is_no_entry(self, kind: str, parts: dict[str, int]) -> None:
        stated()

        with pytest.raises(actions.EntryIsWrong):
            note(kind, "k", **parts)

    def test_refuses_nobody_and_nothing(self) -> None:
        stated()

        with pytest.raises(NoSuchCustomer):
            note("joined", "k", customer_id=987_654)
        with pytest.raises(actions.NoSuchProgramme):
            note("joined", "k", key="referral:8", customer_id=1)


class TestPause:
    def test_a_scarf_give_away_pauses_and_says_whom_and_why(self) -> None:
        stated()
        scarf()

        numbers = look(now=NOW + 4 * HOUR)

        assert queries.is_paused(KEY)
        (pause,) = queries.paused_programmes(access=SYSTEM)
        assert pause.reason == "left_at_once"
        assert (numbers.newcomers, numbers.left, numbers.left_at_once) == (60, 40, 40)
        # 660,000 fen were left; a third of the newcomers stays at most, so a kept one costs 4,500 or more of 4,000 it is worth.
        assert pause.saved_fen > 660_000 * (1 - 4_000 / 4_500) - 1
        told = OutboxEvent.objects.get(kind=kind_of(ProgrammePaused))
        assert told.payload == {
            "programme": KEY, "pause_id": pause.id, "reason": "left_at_once", "saved_fen": pause.saved_fen,
        }  # fmt: skip
        assert AuditEntry.objects.filter(action="economics.pause", subject_id=KEY).exists()

    def test_is_told_once(self) -> None:
        stated()
        scarf()

        for hours in (4, 5, 6):
            look(now=NOW + hours * HOUR)

        assert OutboxEvent.objects.filter(kind=kind_of(ProgrammePaused)).count() == 1
        assert [one.at for one in queries.looks(access=SYSTEM, programme=KEY)] == [NOW + n * HOUR for n in (4, 5, 6)]

    def test_a_healthy_programme_goes_on(self) -> None:
        stated()
        scarf(left=4)

        look(now=NOW + 4 * HOUR)

        assert not queries.is_paused(KEY)
        assert queries.standing_of(KEY).left_fen == 750_000 - 60 * 1_500

    def test_a_used_up_budget_pauses_without_a_loss(self) -> None:
        stated(budget_fen=15_000)
        come(people(10))

        look(now=NOW + HOUR)

        (pause,) = queries.paused_programmes(access=SYSTEM)
        assert (pause.reason, pause.saved_fen) == ("budget", 0)

    def test_what_would_lose_no_money_says_what_the_rest_of_the_budget_would_have_bought(self) -> None:
        from yutang.economics.queries import rest_of
        from yutang.worklist.models import Proposal

        stated(worth_fen=40_000)
        scarf()
        look(now=NOW + 4 * HOUR)
        deliver(now=NOW + 4 * HOUR)

        (pause,) = queries.paused_programmes(access=SYSTEM)
        rest = rest_of(queries.programme_view(access=SYSTEM, programme=KEY), pause)

        assert (pause.reason, pause.saved_fen) == ("left_at_once", 0)
        assert rest is not None
        # 750,000 less 60 times 1,500 are left: 440 more at 1,500 each, two thirds of whom leave within a day.
        told = {"left_minor": 660_000, "currency": "CNY", "more": 440, "at_once": 293, "gone": 293}
        assert rest.values == told
        reason = str(Proposal.objects.get(kind="paused_programme").reason)
        assert "would have bought" in reason
        assert "would have lost" not in reason

    def test_owner_and_operator_find_it_on_their_lists_until_it_goes_on(self) -> None:
        from yutang.foundation.models import Staff
        from yutang.worklist.models import Proposal

        for name, role in (("boss", "owner"), ("op", "operator"), ("guide", "analyst")):
            Staff.objects.create(username=name, display_name=name, role=role)
        stated()
        scarf()
        look(now=NOW + 4 * HOUR)

        deliver(now=NOW + 4 * HOUR)

        tasks = Proposal.objects.filter(kind="paused_programme")
        assert {one.owner.username for one in tasks if one.owner} == {"boss", "op"}

        actions.resume(actor=SYSTEM, programme=KEY, reason="改为到店核销后再送", now=NOW + 5 * HOUR)
        deliver(now=NOW + 5 * HOUR)
        assert set(tasks.values_list("status", flat=True)) == {"lapsed"}


class TestResume:
    def test_begins_the_evidence_anew(self) -> None:
        stated()
        scarf()
        look(now=NOW + 4 * HOUR)

        actions.resume(actor=SYSTEM, programme=KEY, reason="改为到店核销后再送", now=NOW + 5 * HOUR)
        numbers = look(now=NOW + 6 * HOUR)

        assert not queries.is_paused(KEY)
        assert numbers.newcomers == 0
        (pause,) = queries.pauses(access=SYSTEM, programme=KEY)
        assert pause.resume_reason == "改为到店核销后再送"
        entry = AuditEntry.objects.get(action="economics.resume")
        assert entry.detail["reason"] == "改为到店核销后再送"

    def test_needs_a_reason_money_and_a_pause(self) -> None:
        stated(budget_fen=90_000)
        with pytest.raises(actions.ProgrammeIsNotPaused):
            actions.resume(actor=SYSTEM, programme=KEY, reason="没有停过的活动", now=NOW)
        scarf()
        look(now=NOW + 4 * HOUR)

        with pytest.raises(actions.ResumeReasonIsMissing):
            actions.resume(actor=SYSTEM, programme=KEY, reason="好", now=NOW)
        with pytest.raises(actions.BudgetIsUsedUp):
            actions.resume(actor=SYSTEM, programme=KEY, reason="再试一次看看", now=NOW)
        with pytest.raises(NotAllowed):
            actions.resume(actor=STORE_MANAGER, programme=KEY, reason="再试一次看看", now=NOW)


class TestKeeping:
    def test_decides_after_seven_days_by_who_can_be_reached(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stated()
        there, gone, unknown = people(3)
        come([there, gone, unknown])
        reader = KeepingReader("wecom", lambda _ids, _joined, _now: {there: True, gone: False})
        monkeypatch.setattr(KEEPING, "_entries", {"wecom": reader})

        assert actions.decide_who_was_kept(actor=SYSTEM, now=NOW + 6 * DAY) == 0
        assert actions.decide_who_was_kept(actor=SYSTEM, now=NOW + 8 * DAY) == 3

        outcomes = dict(Newcomer.objects.values_list("customer_id", "outcome"))
        assert outcomes == {there: "kept", gone: "left", unknown: "kept"}

    def test_whoever_bought_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stated()
        (buyer,) = people(1)
        come([buyer])
        order(buyer, at=NOW + 2 * DAY, total=9_900)
        monkeypatch.setattr(KEEPING, "_entries", {"wecom": KeepingReader("wecom", lambda *_: {buyer: False})})

        actions.follow_sales(actor=SYSTEM, now=NOW + 8 * DAY)
        actions.decide_who_was_kept(actor=SYSTEM, now=NOW + 8 * DAY)

        numbers = look(now=NOW + 8 * DAY)
        assert (numbers.kept, numbers.ordered, numbers.revenue_fen) == (1, 1, 9_900)

    def test_who_left_is_told_by_the_lost_friendship(self) -> None:
        stated()
        came = people(2)
        come(came)

        changed = actions.note_who_left(actor=SYSTEM, customer_ids=came[:1], key="lost:1", now=NOW + HOUR)
        again = actions.note_who_left(actor=SYSTEM, customer_ids=came[:1], key="lost:1", now=NOW + 2 * HOUR)

        assert (changed, again) == (1, 0)
        assert look(now=NOW + 3 * HOUR).left_at_once == 1

    def test_erased_people_leave_their_costs(self) -> None:
        stated()
        came = people(2)
        come(came)

        assert actions.forget_people(actor=SYSTEM, customer_ids=came[:1], now=NOW) == 1
        # What is nobody's is not the erased person's, though neither has one.
        note("cost", "posters", amount_fen=0)
        note("cost", "leaflets", amount_fen=50_000)
        note("cost", "leaflets back", amount_fen=-50_000)
        assert list(Newcomer.objects.values_list("cost_fen", flat=True)) == [1_500, 1_500]

        numbers = look(now=NOW + HOUR)
        assert (numbers.newcomers, numbers.cost_fen) == (2, 3_000)
        assert not Entry.objects.filter(customer_id=came[0]).exists()


class TestWhoCameBefore:
    def test_stands_beside_the_newcomers_and_bears_its_part_of_posters(self) -> None:
        stated(unit_cost_fen=1_000, budget_fen=10_000, came_before=30)
        stated(unit_cost_fen=1_000, budget_fen=10_000, came_before=99)
        note("cost", "posters", amount_fen=4_000)
        come(people(10), cost=0)

        numbers = look(now=NOW + HOUR)

        view = queries.programme_view(access=SYSTEM, programme=KEY)
        # Of the first statement; ten and thirty bear 100 fen each.
        assert (view.came_before, numbers.newcomers, numbers.cost_fen) == (30, 10, 1_000)

    def test_are_more_when_earlier_ones_are_told_afterwards(self) -> None:
        stated(unit_cost_fen=1_000, budget_fen=10_000, came_before=30)

        assert actions.note_earlier(actor=SYSTEM, programme=KEY, people=5, now=NOW)
        assert not actions.note_earlier(actor=SYSTEM, programme="code:0", people=5, now=NOW)

        assert queries.programme_view(access=SYSTEM, programme=KEY).came_before == 35


class TestWithoutNewcomers:
    def test_shows_what_it_costs_and_brings_and_pauses_never(self) -> None:
        stated(brings_newcomers=False, worth_fen=None)
        note("cost", "c1", amount_fen=800_000)
        note("revenue", "r1", amount_fen=900_000)

        numbers = look()

        assert (numbers.newcomers, numbers.cost_fen, numbers.revenue_fen, numbers.lost_fen) == (
            0,
            800_000,
            900_000,
            800_000,
        )
        assert not queries.is_paused(KEY)


class TestManyAtOnce:
    def test_notes_each_once_and_takes_along_what_was_noted_before(self, django_assert_max_num_queries: object) -> None:
        stated()
        crowd = people(200)
        note("cost", "gift", amount_fen=700, customer_id=crowd[0])
        keys = {one: f"came:{one}" for one in crowd}

        with django_assert_max_num_queries(25):  # type: ignore[operator]
            assert actions.note_who_came(actor=SYSTEM, programme=KEY, keys=keys, now=NOW) == 200
        assert actions.note_who_came(actor=SYSTEM, programme=KEY, keys=keys, now=NOW) == 0

        assert Newcomer.objects.count() == 200
        assert Newcomer.objects.get(customer_id=crowd[0]).cost_fen == 700
