"""No address of ours leads to another site, whatever it is given."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from tests.console.test_access_matrix import World
from tests.security.entries import ask, browser_of, entries, listed, parameters_of

# What a page says does not differ by the database.
pytestmark = [pytest.mark.django_db, pytest.mark.minutes]

EVIL = "evil.example"
#: Given to every parameter of every address.
EVERYWHERE = ("//evil.example/", "/\\evil.example")
#: Given to those that lead somewhere by purpose.
SHREWD = (
    "https://evil.example/",
    "https:evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "\\\\evil.example",
    "///evil.example",
    "////evil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    f"//{EVIL}%2f@testserver/",
    f"https://testserver@{EVIL}/",
    "https://testserver.evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//testserver",
    "data:text/html,<script>alert(1)</script>",
    "//testserver\r\nSet-Cookie: planted=1",
    "ftp://testserver/",
    "//[::1]:9/",
    "https://evil。example/",
)
#: Parameters that say where to go on.
LEADING = {"next", "back", "return", "return_to", "to_url", "redirect", "url", "continue"}


def leads_away(answer: Any) -> bool:
    """Return whether the answer sends the browser to another site, or into a script."""
    for name in ("Location", "HX-Redirect", "HX-Location", "X-Next", "Refresh"):
        address = answer.headers.get(name)
        if address is None:
            continue
        # Browsers take a backslash for a slash, and leave out tabs and line breaks.
        read = address.replace("\\", "/").replace("\t", "").replace("\r", "").replace("\n", "").strip()
        found = urlsplit(urljoin("http://testserver/page/", read))
        if (found.scheme, found.netloc) != ("http", "testserver"):
            return True
    return "planted" in answer.cookies


class TestEveryAddress:
    @pytest.mark.parametrize("who", ["owner", None])
    def test_stays_here(self, world: World, who: str | None) -> None:
        client = browser_of(world.people[who] if who else None)
        away, leading = [], set()
        for entry in entries(world.own):
            for method in ("GET", "POST"):
                names = parameters_of(client, method, entry) or ()
                # Also one that nobody reads yet: it costs nothing here.
                tried = [(dict.fromkeys([*names, "next"], evil), evil) for evil in EVERYWHERE if names]
                if on := LEADING & set(names):
                    leading.add(entry.name)
                    tried += [(dict.fromkeys(on, evil), "") for evil in SHREWD]
                for asked, origin in tried:
                    answer = ask(client, method, entry.url(**asked), asked, **({"Referer": origin} if origin else {}))
                    if leads_away(answer):
                        away.append((method, entry.name, asked, dict(answer.headers)))

        assert not away, listed(away)
        assert leading >= {"language", "theme"}


class TestLogIn:
    @pytest.mark.parametrize("evil", [*EVERYWHERE, *SHREWD])
    def test_leads_to_nowhere_else(self, world: World, evil: str) -> None:
        owner = world.people["owner"]
        owner.set_password("pond-pond-pond")
        owner.save()
        form = {"username": owner.username, "password": "pond-pond-pond", "next": evil}

        answer = browser_of().post("/login/", form)

        assert answer.status_code == 302
        assert not leads_away(answer)

    def test_of_somebody_who_is_logged_in_already_leads_home(self, world: World) -> None:
        answer = browser_of(world.people["owner"]).get("/login/?next=//evil.example/")

        assert answer.url == "/"


class TestHost:
    """A host that is not ours gets no page, so that no link in one can name it."""

    @pytest.mark.parametrize(
        "host",
        ["evil.example", "testserver.evil.example", "evil.example:80", f"testserver:80@{EVIL}", "testserver\tevil"],
    )
    def test_of_others_is_refused(self, world: World, host: str) -> None:
        answer = browser_of(world.people["owner"]).get("/staff/", headers={"host": host})

        assert answer.status_code == 400
        assert "evil" not in answer.content.decode()

    def test_that_is_only_forwarded_is_not_believed(self, world: World) -> None:
        client = browser_of(world.people["owner"])
        forged = {
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-For": "1.2.3.4",
            "X-Original-URL": "/admin",
            "Forwarded": "host=evil.example",
        }

        answer = client.post(f"/staff/{world.own['staff_id']}/link/", headers=forged)

        assert answer.status_code == 200
        assert answer.context["address"].startswith("http://testserver/welcome/")
