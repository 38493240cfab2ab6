"""A session is its person's: a key planted before is worth nothing after, and names cannot be guessed at the door.

How the door itself behaves is told in tests/console/test_log_in.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from yutang.foundation import actions
from yutang.foundation.access import Actor
from yutang.foundation.models import Staff, StaffSession

pytestmark = pytest.mark.django_db

PASSWORD = "xiao-yu-tang-88"


@pytest.fixture
def person(owner_staff: Staff) -> Staff:
    """The owner, with a password."""
    owner_staff.set_password(PASSWORD)
    owner_staff.save()
    return owner_staff


def logged_in(client: Client) -> Client:
    client.post("/login/", {"username": "laoban", "password": PASSWORD})
    return client


def key(client: Client) -> str:
    return client.cookies["sessionid"].value


class TestKeys:
    """Whoever knew the key before a step that opens more knows nothing afterwards."""

    def steps(self, client: Client) -> dict[str, Callable[[], Any]]:
        def second_factor() -> None:
            page = client.get("/profile/second-factor/").context["secret"].replace(" ", "")
            client.post("/profile/second-factor/", {"code": pyotp.TOTP(page).now()})

        change = {"present": PASSWORD, "password": "anders-anders-9", "again": "anders-anders-9"}
        return {
            "log-in": lambda: logged_in(client),
            "second factor": second_factor,
            "password": lambda: client.post("/profile/password/", change),
        }

    def test_change_at_every_step_that_opens_more(self, client: Client, person: Staff) -> None:
        client.get("/login/")
        client.session.save()
        client.cookies["sessionid"] = client.session.session_key or "planted"
        for name, step in self.steps(client).items():
            before = key(client)

            step()

            thief = Client()
            thief.cookies["sessionid"] = before
            assert key(client) != before, name
            assert not Session.objects.filter(session_key=before).exists(), name
            assert thief.get("/profile/").status_code == 302, name
            assert client.get("/profile/").status_code == 200, name
        assert [one.session_key for one in StaffSession.objects.filter(ended_at=None)] == [key(client)]

    def test_are_none_that_a_stranger_chose(self, client: Client, person: Staff) -> None:
        client.cookies["sessionid"] = "a" * 32

        logged_in(client)

        assert key(client) != "a" * 32

    def test_are_gone_after_a_log_out(self, client: Client, person: Staff) -> None:
        logged_in(client)
        before = key(client)
        client.post("/logout/")
        thief = Client()
        thief.cookies["sessionid"] = before

        assert thief.get("/profile/").status_code == 302

    def test_hold_as_much_as_their_person_may_now(self, client: Client, person: Staff, stores: Any) -> None:
        logged_in(client)
        actions.create_staff(
            actor=Actor.system(),
            username="other",
            display_name="x",
            role="owner",
            password=PASSWORD,
            now=timezone.now(),
        )
        may = client.get("/staff/").status_code
        actions.change_place(
            actor=Actor.system(), username="laoban", role="auditor", store_codes=[], region_names=[], now=timezone.now()
        )

        assert (may, client.get("/staff/").status_code) == (200, 403)


class TestGuessing:
    """Every answer at the door costs the same work, whoever is meant; counted in hashes, since a clock would only guess."""

    @pytest.mark.parametrize("name", ["laoban", "nobody", "", "x" * 5_000, "LAOBAN", "' OR 1=1 --"])
    def test_costs_at_most_one_hash(
        self, client: Client, person: Staff, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        hashed: list[str] = []
        encode = MD5PasswordHasher.encode
        monkeypatch.setattr(
            MD5PasswordHasher, "encode", lambda self, word, salt: hashed.append(word) or encode(self, word, salt)
        )

        answer = client.post("/login/", {"username": name, "password": "wrong-wrong-1"})

        assert answer.status_code == 200
        assert len(hashed) == int(bool(name))

    def test_a_password_of_any_length_is_no_heavy_work(self, client: Client, person: Staff) -> None:
        answer = client.post("/login/", {"username": "laoban", "password": "x" * 2_000_000})

        assert answer.status_code == 200

    def test_links_answer_alike(self, client: Client, person: Staff) -> None:
        pages = [client.get(f"/welcome/{secret}/") for secret in ("a", "a" * 43, "../staff", "<script>")[:2]]

        assert {page.status_code for page in pages} == {410}
