"""At the counter: who comes, checking in, offering more, topping up; hours, plans, and what people ask about their data."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from tests.membership.conftest import left, paid_in
from tests.visits.conftest import SYSTEM, booked, people
from yutang.content.actions import ready_library
from yutang.foundation.models import Store
from yutang.groupbuy.models import Campaign
from yutang.membership import actions as membership
from yutang.membership import queries as balances
from yutang.membership.refusals import PrincipalIsOwed
from yutang.privacy.actions import ask_about_data, run_erasure
from yutang.privacy.models import Erasure
from yutang.visits import actions, queries
from yutang.visits.views import Hours, Terms

pytestmark = pytest.mark.django_db
_WEEK = tuple(Hours(weekday, time(0), time(0)) for weekday in range(7))


@pytest.fixture(autouse=True)
def own_lake(lake: None) -> None:
    """A lake that was never written."""


@pytest.fixture
def store(stores: dict[str, Store]) -> Store:
    terms = Terms(slot_minutes=60, capacity=9, lead_minutes=0, hours=_WEEK)
    actions.change_terms(actor=SYSTEM, store_id=stores["xuhui"].pk, terms=terms, now=datetime.now(UTC))
    return stores["xuhui"]


def text(answer: Any) -> str:
    return str(answer.content.decode())


def today_at(hour: int = 23) -> datetime:
    return datetime.now(ZoneInfo("Asia/Shanghai")).replace(hour=hour, minute=0, second=0, microsecond=0)


def visitor(store: Store) -> tuple[int, Any]:
    """Return somebody who is booked for today, and the booking."""
    (someone,) = people(1, store=store)
    early = today_at(0) - timedelta(days=1)
    return someone, booked(store, someone, today_at(), source="groupbuy:12", now=early.astimezone(UTC))


class TestAtTheCounter:
    def test_the_offer_that_led_there_has_its_name(self, manager_client: Client, store: Store) -> None:
        visitor(store)
        early = datetime(2026, 1, 1, tzinfo=UTC)
        Campaign.objects.create(
            pk=12, code="hook", name="造型一次", tiers=[[2, 9_900]], list_minor=39_900, hours=24, stock=9, per_person=1,
            state="open", ends_at=early, made_at=early, changed_at=early,
        )  # fmt: skip

        assert "造型一次" in text(manager_client.get("/visits/"))

    def test_from_the_code_to_the_top_up(self, manager_client: Client, store: Store) -> None:
        ready_library(actor=SYSTEM, now=datetime.now(UTC))
        membership.change_plans(actor=SYSTEM, plans=[(500_000, 50_000)], now=datetime.now(UTC))
        someone, mine = visitor(store)
        assert "拼团 12" in text(manager_client.get("/visits/"))
        assert mine.code in text(manager_client.get(f"/visits/check-in/?code={mine.code}"))

        there = manager_client.post("/visits/check-in/", {"code": mine.code}, follow=True)

        assert there.redirect_chain[-1][0] == f"/visits/{mine.id}/"
        page = text(there)
        assert "体验之后" in page
        key = re.search(r'name="key" value="(\w+)"', page)
        plan = balances.plans()[0].id
        assert key
        manager_client.post(f"/visits/{mine.id}/offer/")
        form = {"what": "top_up", "plan": plan, "method": "card", "key": key[1], "back": f"/visits/{mine.id}/"}
        for _ in range(2):
            assert manager_client.post(f"/customers/{someone}/balance/", form).url == f"/visits/{mine.id}/"
        spend = {"what": "spend", "amount": "1,280", "order": "S1", "key": "spend1"}
        manager_client.post(f"/customers/{someone}/balance/", spend)

        assert left(someone) == (372_000, 50_000)
        assert queries.booking_view(access=SYSTEM, booking_id=mine.id).offered_at
        row = balances.movements(access=SYSTEM, kind="top_up").rows[0]
        assert (row.store_id, row.method, row.made_by) == (store.pk, "card", "李店长")
        assert "到店" in text(manager_client.get(f"/customers/{someone}/"))

    def test_a_guest_of_another_store_is_called_by_name_offered_and_topped_up_from_the_visit(
        self, manager_client: Client, store: Store, stores: dict[str, Store]
    ) -> None:
        membership.change_plans(actor=SYSTEM, plans=[(500_000, 50_000)], now=datetime.now(UTC))
        (guest,) = people(1, store=stores["tianhe"])
        paid_in(guest, 30_000, 0, now=datetime.now(UTC), store_id=stores["tianhe"].pk)
        early = (today_at(0) - timedelta(days=1)).astimezone(UTC)
        mine = booked(store, guest, today_at(), source="groupbuy:12", now=early)

        day, sheet = text(manager_client.get("/visits/")), manager_client.get("/visits/?as=csv").status_code
        manager_client.post("/visits/check-in/", {"code": mine.code})
        manager_client.post(f"/visits/{mine.id}/offer/")
        page = text(manager_client.get(f"/visits/{mine.id}/"))
        key = re.search(r'name="key" value="(\w+)"', page)
        assert key
        form = {"what": "top_up", "plan": balances.plans()[0].id, "method": "card", "key": key[1], "store": store.pk,
                "back": f"/visits/{mine.id}/"}  # fmt: skip
        there = manager_client.post(f"/customers/{guest}/balance/", form)

        assert f'<a href="/visits/{mine.id}/">张*</a>' in day
        assert sheet == 403
        assert "张*" in page
        assert f'/customers/{guest}/"' not in page
        assert "¥300.00" in page
        assert "天河店" not in page
        assert ('data-open="top-up"' in page, 'data-open="spend"' in page, 'id="spend"' in page) == (True, False, False)
        assert "这位顾客属于其他门店" in page
        assert (there.status_code, there.url) == (302, f"/visits/{mine.id}/")
        assert left(guest) == (530_000, 50_000)
        assert "¥5,500.00" in text(manager_client.get("/balances/"))

    def test_of_a_guest_nothing_else_opens(
        self, manager_client: Client, store: Store, stores: dict[str, Store]
    ) -> None:
        (guest,), (stranger,) = people(1, store=stores["tianhe"]), people(1, store=stores["tianhe"])
        paid_in(guest, now=datetime.now(UTC))
        booked(store, guest, today_at(), now=(today_at(0) - timedelta(days=1)).astimezone(UTC))
        spend = {"what": "spend", "amount": "1", "order": "", "key": "s"}
        top_up = {"what": "top_up", "plan": "", "method": "card", "key": "t"}

        assert manager_client.get(f"/customers/{guest}/").status_code == 404
        assert manager_client.post(f"/customers/{guest}/balance/", spend).status_code == 404
        assert manager_client.post(f"/customers/{stranger}/balance/", top_up).status_code == 404
        assert left(guest) == (500_000, 50_000)

    def test_a_wrong_code_comes_back_with_the_reason(self, manager_client: Client, store: Store) -> None:
        answer = manager_client.post("/visits/check-in/", {"code": "22222222"})

        assert answer.status_code == 422
        assert "没有预约用这个到店码" in text(answer)
        assert "<h1>客户出示的到店码是？</h1>" in text(answer)
        assert "22222222" in text(answer)

    def test_without_a_code_or_without_a_booking(self, manager_client: Client, store: Store) -> None:
        _someone, mine = visitor(store)
        (other,) = people(1, store=store)

        manager_client.post(f"/visits/{mine.id}/here/")
        for _ in range(2):
            manager_client.post(f"/customers/{other}/visit/", {"key": "k", "store": store.pk})

        assert queries.booking_view(access=SYSTEM, booking_id=mine.id).state == "came"
        assert [one.has_slot for one in queries.bookings_of(access=SYSTEM, customer_id=other)] == [False]

    def test_a_link_is_shown_for_one_customer(self, manager_client: Client, store: Store) -> None:
        someone, _mine = visitor(store)

        shown = [
            text(manager_client.post(f"/customers/{someone}/link/", {"which": which})) for which in ("booking", "own")
        ]

        for page, start in zip(shown, ("visit", "me"), strict=True):
            path = re.search(rf"http://testserver(/{start}/[\w-]+)", page)
            assert path
            assert Client().get(path[1]).status_code == 200


class TestHours:
    def form(self, store: Store, **more: str) -> dict[str, Any]:
        numbers = {"slot_minutes": "45", "capacity": "3", "lead_minutes": "30", "days_ahead": "7"}
        return {"store": store.pk, "takes_bookings": "yes", **numbers, **more}

    def test_are_kept_as_they_are_written(self, manager_client: Client, stores: dict[str, Store]) -> None:
        store = stores["xuhui"]

        manager_client.post(
            "/visits/hours/", self.form(store, day0="10:00-12:00，14:00-18:00", closed_days="2026-10-01")
        )

        kept = queries.store_terms(access=SYSTEM, store_id=store.pk)
        assert [(one.opens.hour, one.closes.hour) for one in kept.hours] == [(10, 12), (14, 18)]
        assert (kept.slot_minutes, kept.capacity, len(kept.closed_days)) == (45, 3, 1)
        assert "10:00-12:00, 14:00-18:00" in text(manager_client.get("/visits/hours/"))

    @pytest.mark.parametrize(
        "wrong", [{"day0": "ten to twelve"}, {"day0": "25:00-26:00"}, {"capacity": "many"}, {"closed_days": "someday"}]
    )
    def test_a_slip_comes_back_with_what_was_written(
        self, manager_client: Client, stores: dict[str, Store], wrong: dict[str, str]
    ) -> None:
        answer = manager_client.post("/visits/hours/", self.form(stores["xuhui"], **wrong))

        assert answer.status_code == 422
        assert next(iter(wrong.values())) in text(answer)

    def test_of_another_store_are_not_there(self, manager_client: Client, stores: dict[str, Store]) -> None:
        assert manager_client.post("/visits/hours/", self.form(stores["tianhe"])).status_code == 404


class TestBalances:
    def test_plans_are_changed_and_principal_is_paid_out(self, owner_client: Client, store: Store) -> None:
        (someone,) = people(1, store=store)
        owner_client.post("/balances/plans/", {"principal": ["5000", "8000.50", ""], "bonus": ["500", "", ""]})
        paid_in(someone)

        form = {"amount": "1000", "method": "cash", "reason": "搬家", "key": "k"}
        owner_client.post(f"/customers/{someone}/refund/", form)

        assert [(one.principal_minor, one.bonus_minor) for one in balances.plans()] == [(500_000, 50_000), (800_050, 0)]
        assert left(someone) == (400_000, 40_000)
        assert "搬家" in text(owner_client.get(f"/balances/?person={someone}"))
        wrong = owner_client.post("/balances/plans/", {"principal": ["五千"], "bonus": ["0"]})
        assert (wrong.status_code, "五千" in text(wrong)) == (422, True)


class TestRequests:
    def test_are_answered_once(self, owner_client: Client) -> None:
        (someone,) = people(1)
        asked = ask_about_data(
            actor=SYSTEM, customer_id=someone, kind="copy", words="<b>看看</b>", now=datetime.now(UTC)
        )
        page = text(owner_client.get("/requests/"))
        assert "&lt;b&gt;看看" in page
        # A link within a line of words is told by more than its colour.
        assert f'class="in-text" href="/customers/{someone}/"' in page

        for words in ("已发到您的邮箱", "再答一次"):
            owner_client.post(f"/requests/{asked}/answer/", {"outcome": "done", "answer": words})

        page = text(owner_client.get("/requests/?state=done"))
        assert "已发到您的邮箱" in page
        assert "再答一次" not in page


class TestErasing:
    def test_is_asked_for_with_a_reason_and_its_receipt_stands_with_the_requests(self, owner_client: Client) -> None:
        (someone,) = people(1)
        assert f"/customers/{someone}/erase/" in text(owner_client.get(f"/customers/{someone}/"))

        assert owner_client.post(f"/customers/{someone}/erase/", {"reason": " "}).status_code == 422
        assert not Erasure.objects.exists()
        owner_client.post(f"/customers/{someone}/erase/", {"reason": "<b>本人要求</b>"})

        row = Erasure.objects.get()
        assert "&lt;b&gt;本人要求" in text(owner_client.get("/requests/"))
        run_erasure(actor=SYSTEM, erasure_id=row.pk, told=lambda done, total, room: None, now=datetime.now(UTC))
        assert owner_client.get(f"/customers/{someone}/").status_code == 404
        assert "<details><summary>" in text(owner_client.get("/requests/"))
        owner_client.cookies["django_language"] = "en"
        assert "Receipt" in text(owner_client.get("/requests/"))

    def test_what_was_stopped_says_why_and_goes_on(self, owner_client: Client, store: Store) -> None:
        (someone,) = people(1)
        now = datetime.now(UTC)
        membership.top_up(
            actor=SYSTEM,
            key="t",
            customer_id=someone,
            principal_fen=100,
            bonus_fen=0,
            store_id=store.pk,
            method="card",
            now=now,
        )
        owner_client.post(f"/customers/{someone}/erase/", {"reason": "本人要求"})
        row = Erasure.objects.get()
        with pytest.raises(PrincipalIsOwed):
            run_erasure(actor=SYSTEM, erasure_id=row.pk, told=lambda done, total, room: None, now=now)

        page = text(owner_client.get("/requests/"))

        assert f'action="/customers/{someone}/erase/"' in page
        owner_client.post(f"/customers/{someone}/erase/", {"reason": row.reason})
        assert Erasure.objects.get().state == "waiting"


def test_every_room_opens_in_both_languages(owner_client: Client, store: Store) -> None:
    _someone, mine = visitor(store)
    for path in (
        "/visits/", "/visits/check-in/", "/visits/hours/", "/visits/funnel/", f"/visits/{mine.id}/", "/balances/", "/balances/plans/",
        "/requests/",
    ):  # fmt: skip
        for language in ("zh-hans", "en"):
            owner_client.cookies["django_language"] = language
            assert owner_client.get(path).status_code == 200, path
