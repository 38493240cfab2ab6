"""Short links lead on for whoever they were sent to; messages end on a page without scripts, or by one click."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.conftest import NOW
from tests.delivery.conftest import SYSTEM, make_reachable, plan
from yutang.channels.actions import claim_to_send
from yutang.channels.links import MOST_VISITS, LinkWish, make_links
from yutang.channels.models import Link, LinkVisit, Touch
from yutang.customers.models import Consent, Customer
from yutang.foundation.actions import change_setting
from yutang.foundation.models import OutboxEvent

pytestmark = pytest.mark.django_db
TARGET = "https://shop.example.com/tea?a=1&b=2"
PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0.49"}
_HEAD = re.compile(r'class="head-name"><img[^>]*>([^<]*)<')
_TAG = re.compile(r"<(script|style)|\son\w+=|\sstyle=")


@pytest.fixture(autouse=True)
def _own_address(settings: Any) -> None:
    settings.YUTANG_PUBLIC_URL = "http://testserver"
    cache.clear()


def touch_of(number: int, *, channel: str = "email", intent: str = "promotion") -> Touch:
    """Plan a message to a new person and return its row."""
    someone = make_reachable(number)
    plan(someone, channel, key=f"k{number}", intent=intent, campaign="may")
    return Touch.objects.get(key=f"k{number}")


def link_for(touch: Touch | None, kind: str = "target", target: str = TARGET) -> str:
    """Make a link and return its path."""
    wish = LinkWish(None if touch is None else touch.pk, "may", "email", kind, "" if kind == "stop" else target)
    (address,) = make_links([wish], now=NOW - timedelta(days=1))
    return address.removeprefix("http://testserver")


class TestLinks:
    def test_lead_to_what_was_kept_and_nowhere_else(self, client: Client) -> None:
        path = link_for(touch_of(1))

        answer = client.get(f"{path}?to=https://evil.example.com/&next=//evil.example.com", headers=PHONE)

        assert (answer.status_code, answer["Location"]) == (302, TARGET)
        assert "no-store" in answer["Cache-Control"]
        visit = LinkVisit.objects.get()
        assert (visit.kind, visit.link.touch.key) == ("person", "k1")  # type: ignore[union-attr]
        told = OutboxEvent.objects.get(kind="channels.LinkOpened").payload
        assert (told["touch_key"], told["campaign"]) == ("k1", "may")

    def test_cannot_be_guessed_and_tell_nothing_of_a_person(self, client: Client) -> None:
        touch = touch_of(1)
        paths = {link_for(touch) for _ in range(200)}

        tokens = {path.removeprefix("/l/") for path in paths}
        assert len(tokens) == 200
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{16}", token) for token in tokens)
        assert not any(token.encode() in bytes(row.digest) for row in Link.objects.all()[:5] for token in tokens)
        for wrong in ("x" * 16, next(iter(tokens))[:-1], next(iter(tokens)) + "a", "%00" * 5, "../../etc", "鱼" * 16):
            assert client.get(f"/l/{wrong}", headers=PHONE).status_code == 404
        assert not LinkVisit.objects.exists()

    def test_of_one_kind_are_none_of_the_other(self, client: Client) -> None:
        touch = touch_of(1)
        leading, stopping = link_for(touch), link_for(touch, "stop")

        assert client.get(leading.replace("/l/", "/stop/")).status_code == 404
        assert client.get(stopping.replace("/stop/", "/l/")).status_code == 404
        assert not Consent.objects.filter(granted=False).exists()

    @pytest.mark.parametrize(
        ("method", "headers", "kind"),
        [
            ("HEAD", PHONE, "preview"),
            ("GET", {**PHONE, "sec-purpose": "prefetch;prerender"}, "preview"),
            ("GET", {**PHONE, "purpose": "preview"}, "preview"),
            ("GET", {"user-agent": "facebookexternalhit/1.1"}, "bot"),
            ("GET", {"user-agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"}, "bot"),
            ("GET", {"user-agent": "python-requests/2.32"}, "bot"),
            ("GET", {"user-agent": ""}, "bot"),
            ("GET", PHONE, "person"),
        ],
    )
    def test_tell_people_and_programs_apart(self, client: Client, method: str, headers: Any, kind: str) -> None:
        path = link_for(touch_of(1))

        assert client.generic(method, path, headers=headers).status_code == 302

        assert LinkVisit.objects.get().kind == kind
        assert OutboxEvent.objects.filter(kind="channels.LinkOpened").count() == (kind == "person")

    def test_opened_all_at_once_are_opened_by_a_scanner(self, client: Client) -> None:
        touch = touch_of(1)
        first, second = link_for(touch), link_for(touch, target="https://shop.example.com/b")

        for path in (first, second):
            client.get(path, headers=PHONE)

        assert list(LinkVisit.objects.order_by("id").values_list("kind", flat=True)) == ["person", "scanner"]

    def test_fill_no_store_however_often_they_are_opened(self, client: Client) -> None:
        path = link_for(touch_of(1))
        Link.objects.update(opened=MOST_VISITS - 2)

        for _ in range(80):
            assert client.get(path, headers=PHONE).status_code == 302

        assert LinkVisit.objects.count() == 2
        assert Link.objects.get().opened <= MOST_VISITS + 60

    def test_that_do_not_exist_are_soon_not_looked_for_any_more(self, client: Client) -> None:
        answers = [client.get(f"/l/{number:016d}").status_code for number in range(130)]

        assert answers[0] == 404
        assert answers[-1] == 429
        assert client.get(link_for(touch_of(1)), headers=PHONE).status_code == 302

    @pytest.mark.parametrize(
        "path", ["/l/{:016d}", "/r/{}", "/r/mine/{}", "/r/group/{}", "/c/{:012d}", "/c/{:012d}/group"]
    )
    def test_who_asks_too_often_is_told_in_words(self, client: Client, path: str) -> None:
        for number in range(121):
            answer = client.get(path.format(number))
            if answer.status_code == 429:
                break

        assert answer.status_code == 429
        assert "请稍等一分钟再试" in answer.content.decode()

    def test_that_many_got_say_that_somebody_came_and_not_who(self, client: Client) -> None:
        client.get(link_for(None), headers=PHONE)

        told = OutboxEvent.objects.get(kind="channels.LinkOpened").payload
        assert (told["customer_id"], told["touch_key"], told["campaign"]) == (0, "", "may")


class TestStopping:
    def said(self) -> list[tuple[str, str]]:
        rows = Consent.objects.filter(granted=False).order_by("id")
        return list(rows.values_list("purpose", "channel"))

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_page_needs_no_script_and_changes_nothing_by_being_looked_at(self, client: Client, language: str) -> None:
        path = link_for(touch_of(1), "stop")

        answer = client.get(path, headers={"accept-language": language})

        page = answer.content.decode()
        assert answer.status_code == 200
        assert not _TAG.search(page)
        assert ("不想再收到什么" in page) == (language == "zh-hans")
        assert 'value="promotion" checked' in page
        assert self.said() == []
        assert "顾客" not in page

    def test_page_is_headed_by_the_name_that_the_reader_knows(
        self, client: Client, settings: Any, stores: dict[str, Any]
    ) -> None:
        settings.YUTANG_SMS, settings.YUTANG_MAIL = {"sign": ""}, {"sender_name": ""}
        touch = touch_of(1)
        path = link_for(touch, "stop")

        def head() -> str:
            found = _HEAD.search(client.get(path).content.decode())
            assert found is not None
            return found[1]

        assert head() == "您的门店"
        Customer.objects.filter(pk=touch.customer_id).update(store=stores["xuhui"])
        assert head() == stores["xuhui"].name
        settings.YUTANG_MAIL = {"sender_name": "衣田来信"}
        assert head() == "衣田来信"
        settings.YUTANG_SMS = {"sign": "衣田"}
        assert head() == "衣田"
        change_setting(actor=SYSTEM, key="foundation.organisation_name", value="衣田女装", now=NOW)
        assert head() == "衣田女装"

    def test_ends_what_was_chosen_and_stops_what_is_planned(self, client: Client) -> None:
        touch = touch_of(1)

        answer = client.post(link_for(touch, "stop"), {"purpose": ["promotion", "research"], "where": "everywhere"})

        assert answer.status_code == 200
        assert self.said() == [("promotion", "any"), ("research", "any")]
        assert Touch.objects.get(pk=touch.pk).state == "refused"

    def test_one_click_of_a_mail_program_ends_it_at_once(self, client: Client) -> None:
        strict = Client(enforce_csrf_checks=True)

        answer = strict.post(
            link_for(touch_of(1), "stop"),
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
        )

        assert answer.status_code == 200
        assert self.said() == [("promotion", "email")]
        entry = Consent.objects.get(granted=False)
        assert (entry.wording_version, entry.evidence.startswith("stop link of message")) == ("stop-page-1", True)

    def test_concerns_nobody_but_whom_it_was_sent_to(self, client: Client) -> None:
        mine, other = touch_of(1), touch_of(2)

        client.post(link_for(mine, "stop"), {"purpose": "promotion", "customer_id": other.customer_id})

        assert set(Consent.objects.filter(granted=False).values_list("customer_id", flat=True)) == {mine.customer_id}
        assert claim_to_send(actor=SYSTEM, key="k2", now=NOW).may_send

    def test_nothing_chosen_ends_nothing_and_says_so(self, client: Client) -> None:
        path = link_for(touch_of(1), "stop")

        assert client.post(path, {"where": "here"}).status_code == 422
        assert client.post(path, {"purpose": "transactional"}).status_code == 422
        assert self.said() == []

    @pytest.mark.parametrize(
        "body", [b"\xff\xfe\x00", b"purpose=%00", b"a" * 100_000, b"purpose=promotion&where=%F0%28"]
    )
    def test_hostile_forms_are_never_a_fault(self, client: Client, body: bytes) -> None:
        path = link_for(touch_of(1), "stop")
        client.raise_request_exception = False
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"):
            assert client.generic("POST", path, body, content_type=kind).status_code < 500
