"""What somebody wrote is shown as text: stored in any name, note or file, or sent in any parameter, it makes no markup."""

from __future__ import annotations

from typing import Any

import pytest

from tests.security.conftest import HostileShop
from tests.security.entries import FORM, Entry, ask, browser_of, entries, listed, made_by, parameters_of
from tests.security.hostile import MARK, PAYLOAD, RUNNING

# What a page says does not differ by the database.
pytestmark = [pytest.mark.django_db, pytest.mark.minutes]

#: Rooms in which what people wrote is seen; elsewhere it may be.
SEEN_IN = {
    "dashboard", "dashboard-why", "value-rfm", "today", "customers", "customers-one", "segments", "segments-one", "tags",
    "tags-one", "review", "imports", "imports-one", "imports-rows", "jobs", "profile", "staff", "staff-one", "staff-roles",
    "stores", "stores-one", "settings", "audit",
}  # fmt: skip
#: What parameters are sent besides: what no key, day, number or text of ours looks like.
ODD = ("\x00", "9" * 5_000, "-1")
ODDER = (
    "٣",
    "1e9",
    "NaN",
    "9" * 30,
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "%",
    "' OR 1=1 --",
    "9999-99-99",
    "[" * 2_000,
)
#: So many parameters are tried together.
_FEW = 5


def faults(answer: Any) -> list[str]:
    """Return what is wrong with an answer that holds what somebody wrote."""
    if answer.status_code >= 500:
        return [f"status {answer.status_code}"]
    kind = answer.headers.get("Content-Type", "")
    if "attachment" in answer.headers.get("Content-Disposition", "") or kind.startswith(
        ("application/json", "application/problem+json", "text/csv", "image/png", "image/jpeg")
    ):
        return []
    return made_by(answer.whole.decode(), MARK)


class TestStored:
    def test_is_text_in_every_room(self, hostile_shop: HostileShop) -> None:
        client = browser_of(hostile_shop.owner)
        made, seen = {}, set()
        for entry in entries(hostile_shop.things):
            for method, headers in (("GET", {}), ("GET", {"HX-Request": "true"}), ("POST", {"HX-Request": "true"})):
                answer = ask(client, method, entry.address, FORM, **headers)
                if found := faults(answer):
                    made[f"{method} {entry.name}"] = found
                if MARK in answer.whole.decode("utf-8", "replace"):
                    seen.add(entry.name)

        assert not made, listed(made)
        assert set() == SEEN_IN - seen

    def test_is_text_in_what_a_form_says_afterwards(self, hostile_shop: HostileShop) -> None:
        client = browser_of(hostile_shop.owner)
        made = {}
        for entry in entries(hostile_shop.things, with_open=False):
            answer = client.post(
                entry.address, {**FORM, "name": PAYLOAD, "note": PAYLOAD, "group": PAYLOAD}, follow=True
            )
            answer.whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if found := faults(answer):
                made[entry.name] = found

        assert not made, listed(made)


class TestReflected:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_is_text_whatever_parameter_holds_it(self, hostile_shop: HostileShop, method: str) -> None:
        made = _made(hostile_shop, method, lambda names: [dict.fromkeys(names, RUNNING), dict.fromkeys(names, PAYLOAD)])
        made |= _made_by_few(hostile_shop, method)

        assert not made, listed(made)

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_nothing_odd_breaks_a_room(self, hostile_shop: HostileShop, method: str) -> None:
        made = _made(
            hostile_shop,
            method,
            lambda names: [
                *(dict.fromkeys(names, odd) for odd in ODD),
                {name: ODDER[place % len(ODDER)] for place, name in enumerate(names)},
            ],
        )

        assert not made, listed(made)

    @pytest.mark.parametrize(
        "path",
        [f"/{PAYLOAD}/", f"/customers/{PAYLOAD}/", f"/settings/{PAYLOAD}/", f"/welcome/{PAYLOAD}/", f"/api/{PAYLOAD}"],
    )
    def test_is_text_in_what_says_that_there_is_nothing(self, hostile_shop: HostileShop, path: str) -> None:
        for who in (hostile_shop.owner, None):
            answer = ask(browser_of(who), "GET", path, Referer=f"http://testserver/{PAYLOAD}")

            assert faults(answer) == []


def _made(shop: HostileShop, method: str, tried: Any) -> dict[str, list[str]]:
    """Return by entry and parameters what values made of the page."""
    client, made = browser_of(shop.owner), {}
    for entry in entries(shop.things):
        names = parameters_of(client, method, entry)
        for query in tried(names) if names else ():
            answer = _sent(client, method, entry, query)
            if found := faults(answer):
                made[f"{method} {entry.name} { ({k: v[:40] for k, v in query.items()}) }"] = found
    return made


def _made_by_few(shop: HostileShop, method: str) -> dict[str, list[str]]:
    """Return what a few parameters at a time made of the page; each by itself where those few were refused, since one hides the others."""
    client, made = browser_of(shop.owner), {}
    for entry in entries(shop.things):
        names = [name for name in parameters_of(client, method, entry) or () if not name.startswith("n.")]
        waiting = [names[start : start + _FEW] for start in range(0, len(names), _FEW)]
        while waiting:
            few = waiting.pop()
            answer = _sent(client, method, entry, dict.fromkeys(few, PAYLOAD))
            if found := faults(answer):
                made[f"{method} {entry.name} {few}"] = found
            if answer.status_code >= 300 and len(few) > 1:
                waiting += [[name] for name in few]
    return made


def _sent(client: Any, method: str, entry: Entry, query: dict[str, str]) -> Any:
    if method == "GET":
        return ask(client, method, entry.url(**query))
    return ask(client, method, entry.url(**query) if len(str(query)) < 20_000 else entry.address, {**FORM, **query})
