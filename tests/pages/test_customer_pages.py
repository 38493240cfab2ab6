"""What customers do on their phones by a link: book, move, call off, see the balance, ask about their data; nobody else's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client

from tests.membership.conftest import paid_in
from tests.payments.conftest import open_cashier
from tests.visits.conftest import SYSTEM, people
from yutang.customers.actions import merge_customers, record_consent
from yutang.customers.queries import consent_state
from yutang.foundation import jobs
from yutang.foundation.models import Store
from yutang.foundation.outbox import deliver_events
from yutang.membership import actions as membership
from yutang.membership.models import TopUpOrder
from yutang.membership.payers import PAYERS, Payer
from yutang.pages.signed import sign
from yutang.privacy import actions as privacy
from yutang.privacy.queries import requests
from yutang.visits import actions, queries
from yutang.visits.models import Booking
from yutang.visits.views import Hours, Terms

pytestmark = pytest.mark.django_db
_INLINE = re.compile(r"<(script|style)|\son\w+=|\sstyle=")
_WEEK = tuple(Hours(weekday, time(0), time(0)) for weekday in range(7))


@pytest.fixture(autouse=True)
def _fresh(settings: Any, tmp_path: Any) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    settings.YUTANG_PUBLIC_URL = "https://shop.example.com"
    cache.clear()


@pytest.fixture
def store(stores: dict[str, Store]) -> Store:
    """A store that takes bookings round the clock, so that the hour of the test does not matter."""
    terms = Terms(slot_minutes=60, capacity=1, hours=_WEEK)
    actions.change_terms(actor=SYSTEM, store_id=stores["xuhui"].pk, terms=terms, now=datetime.now(UTC))
    return stores["xuhui"]


def link(purpose: str, customer_id: int, *, ref: str = "", days: int = 1) -> str:
    """Return the path of a link of somebody."""
    token = sign(purpose, ref, customer_id=customer_id, until=datetime.now(UTC) + timedelta(days=days))
    return f"/visit/{token}" if purpose == "booking" else f"/me/{token}"


def slot(days: int = 1) -> str:
    """Return the beginning of a slot of one of the next days, as the form sends it."""
    at = datetime.now(ZoneInfo("Asia/Shanghai")).replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
    return at.isoformat()


def form(store: Store, at: str, *, what: str = "book", key: str = "0123456789abcdef", **more: Any) -> dict[str, Any]:
    return {"what": what, "store": store.pk, "at": at, "key": key, **more}


class TestBooking:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_page_needs_no_script_and_can_be_shared_without_naming_anybody(
        self, client: Client, store: Store, language: str
    ) -> None:
        (someone,) = people(1)

        answer = client.get(link("booking", someone), headers={"accept-language": language})

        page = answer.content.decode()
        assert (answer.status_code, answer["X-Robots-Tag"]) == (200, "noindex")
        assert not _INLINE.search(page)
        told = dict(re.findall(r'<meta property="(og:\w+)" content="([^"]+)">', page))
        assert {"og:title", "og:description", "og:image", "og:site_name"} <= set(told)
        assert told["og:image"] == "https://shop.example.com/static/pages/share.png"
        assert "og:url" not in told
        assert "张" not in page
        assert ('lang="en"' in page.split(">", 2)[1]) == (language == "en")

    def test_is_done_once_however_often_the_form_is_sent(self, client: Client, store: Store) -> None:
        (someone,) = people(1)
        path, sent = link("booking", someone, ref="groupbuy:12"), form(store, slot())

        answers = [client.post(path, sent) for _ in range(2)]

        assert {answer.status_code for answer in answers} == {303}
        (view,) = queries.bookings_of(access=SYSTEM, customer_id=someone, with_code=True)
        assert (view.state, view.source) == ("booked", "groupbuy:12")
        shown = client.get(answers[0]["Location"]).content.decode()
        assert view.code in shown
        assert "data:image/svg+xml" in shown

    def test_that_is_refused_says_why_and_keeps_what_was_chosen(self, client: Client, store: Store) -> None:
        one, other = people(2)
        client.post(link("booking", one), form(store, slot()))

        full = client.post(link("booking", other), form(store, slot()), headers={"accept-language": "en"})
        nothing = client.post(link("booking", other), {"what": "book", "store": store.pk, "key": "0123456789abcdef"})

        assert (full.status_code, nothing.status_code) == (409, 422)
        assert "The last place at this time was taken just now" in full.content.decode()
        assert Booking.objects.count() == 1

    def test_is_moved_and_called_off_by_its_owner_only(self, client: Client, store: Store) -> None:
        one, other = people(2)
        client.post(link("booking", one), form(store, slot()))
        booking = Booking.objects.get()

        for what in ("move", "cancel"):
            sent = form(store, slot(2), what=what, booking=booking.pk)
            assert client.post(link("booking", other), sent).status_code == 422
        moved = client.post(link("booking", one), form(store, slot(2), what="move", booking=booking.pk))
        assert "done=moved" in moved["Location"]
        client.post(link("booking", one), {"what": "cancel", "booking": booking.pk})

        booking.refresh_from_db()
        assert (booking.state, booking.moves) == ("cancelled", 1)

    def test_link_opens_its_purpose_for_its_person_until_its_end(self, client: Client, store: Store) -> None:
        (someone,) = people(1)
        booking, mine = link("booking", someone), link("mine", someone)

        assert client.get(booking.replace("/visit/", "/me/")).status_code == 404
        assert client.get(mine.replace("/me/", "/visit/")).status_code == 404
        assert client.get(link("booking", someone, days=-1)).status_code == 410
        assert client.get(link("booking", someone + 1000)).status_code == 404

    def test_link_of_who_was_merged_is_that_of_the_person_now(self, client: Client, store: Store) -> None:
        one, other = people(2)
        path = link("booking", other)
        merge_customers(actor=SYSTEM, first_id=one, second_id=other, now=datetime.now(UTC))

        client.post(path, form(store, slot()))

        assert Booking.objects.get().customer_id == one

    def test_link_is_not_hammered(self, client: Client, store: Store) -> None:
        (someone,) = people(1)
        path = link("booking", someone)

        statuses = [client.post(path, {"what": "x"}).status_code for _ in range(22)]

        assert statuses[0] == 422
        assert statuses[-1] == 429


class TestOwnPage:
    def test_shows_the_next_visit_the_balance_and_what_happened_to_it(self, client: Client, store: Store) -> None:
        (someone,) = people(1)
        paid_in(someone, now=datetime.now(UTC))
        client.post(f"{link('mine', someone)}/visits", form(store, slot()))
        path = link("mine", someone)

        home = client.get(path, headers={"accept-language": "en"}).content.decode()
        statement = client.get(f"{path}/balance", headers={"accept-language": "en"}).content.decode()

        assert "¥5,500.00" in home
        assert queries.bookings_of(access=SYSTEM, customer_id=someone, with_code=True)[0].code in home
        assert "+¥5,500.00" in statement
        assert "To the payment" not in statement

    def test_leads_to_the_payment_where_one_can_pay(self, client: Client) -> None:
        (someone,) = people(1)
        membership.change_plans(actor=SYSTEM, plans=[(500_000, 50_000)], now=datetime.now(UTC))
        asked: list[tuple[int, str]] = []

        def ask(*, actor: Any, order: Any, return_path: str, now: Any) -> str:
            asked.append((order.principal_minor, return_path))
            return f"/pay/{order.id}"

        PAYERS.register(Payer("a fake", ask))
        try:
            path = f"{link('mine', someone)}/balance"
            page = client.get(path).content.decode()
            plan = re.search(r'name="plan" value="(\d+)"', page)
            assert plan
            answers = [client.post(path, {"plan": plan[1], "key": "0123456789abcdef"}) for _ in range(2)]
        finally:
            del PAYERS._entries["a fake"]

        order = TopUpOrder.objects.get()
        assert {answer["Location"] for answer in answers} == {f"/pay/{order.pk}"}
        assert set(asked) == {(500_000, path)}

    def test_what_is_paid_at_the_cashier_is_on_the_balance_once(self, client: Client) -> None:
        (someone,) = people(1)
        membership.change_plans(actor=SYSTEM, plans=[(500_000, 50_000)], now=datetime.now(UTC))
        open_cashier()
        path = f"{link('mine', someone)}/balance"
        plan = re.search(r'name="plan" value="(\d+)"', client.get(path).content.decode())
        assert plan

        to_pay = client.post(path, {"plan": plan[1], "key": "0123456789abcdef"})["Location"]
        answers = [client.post(to_pay, {"what": "pay"}) for _ in range(2)]
        jobs.run_inline(jobs.enqueue(deliver_events, {}, now=datetime.now(UTC)))

        assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, path)] * 2
        order = TopUpOrder.objects.get()
        assert order.state == "paid"
        statement = client.get(path, headers={"accept-language": "en"}).content.decode()
        assert statement.count("+¥5,500.00") == 1

    def test_takes_a_withdrawal_that_holds_at_once(self, client: Client) -> None:
        (someone,) = people(1)
        now = datetime.now(UTC)
        record_consent(
            actor=SYSTEM, customer_id=someone, purpose="promotion", channel="sms", wording_version="v1", evidence="card",
            occurred_at=now - timedelta(days=1), now=now,
        )  # fmt: skip

        answer = client.post(f"{link('mine', someone)}/data", {"withdraw": "promotion"})

        assert answer.status_code == 303
        assert consent_state(access=SYSTEM, customer_id=someone)["promotion", "any"] is False

    def test_takes_a_request_once_and_shows_the_answer(self, client: Client) -> None:
        (someone,) = people(1)
        path = f"{link('mine', someone)}/data"

        for _ in range(2):
            assert client.post(path, {"kind": "erasure", "words": "请删除"}).status_code == 303
        refused = client.post(path, {"kind": "correction", "words": ""}).status_code

        (asked,) = requests(access=SYSTEM, now=datetime.now(UTC))
        assert (asked.customer_id, asked.kind, asked.words, refused) == (someone, "erasure", "请删除", 422)
        privacy.answer_request(
            actor=SYSTEM, request_id=asked.id, outcome="done", answer="已删除", now=datetime.now(UTC)
        )
        assert "已删除" in client.get(path).content.decode()

    def test_shows_what_is_kept_masked(self, client: Client) -> None:
        from yutang.customers.models import Customer
        from yutang.foundation.sealing import seal

        record = {"name": "张三丰", "phones": ["+8613800138000"]}
        someone = Customer.objects.create(sealed_profile=seal(record), first_seen_at=datetime.now(UTC))

        page = client.get(f"{link('mine', someone.pk)}/data").content.decode()

        assert "张" in page
        assert "13800138000" not in page
