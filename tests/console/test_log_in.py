"""How people get in: password, second factor, links; sessions, new browsers, and what is told to whom does not get in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from yutang.foundation import actions, queries
from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry, Invitation, SecondFactor, Staff, StaffSession

pytestmark = pytest.mark.django_db

PASSWORD = "xiao-yu-tang-88"
BROWSER = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"}


@pytest.fixture
def person(owner_staff: Staff) -> Staff:
    """The owner, with a password."""
    owner_staff.set_password(PASSWORD)
    owner_staff.save()
    return owner_staff


@pytest.fixture
def secret(person: Staff) -> str:
    """The secret in the owner's app, set up and confirmed a minute ago."""
    actor = queries.actor_for(person)
    before = timezone.now() - timedelta(minutes=1)
    draft = actions.begin_second_factor(actor=actor, now=before)
    code = pyotp.TOTP(draft.secret).at(before)
    actions.confirm_second_factor(actor=actor, code=code, session_key="", now=before)
    return draft.secret


def log_in(client: Client, password: str = PASSWORD, username: str = "laoban", **more: Any) -> Any:
    return client.post("/login/", {"username": username, "password": password, **more}, headers=BROWSER)


def code_now(secret: str) -> str:
    return pyotp.TOTP(secret).now()


def plain(page: Any) -> str:
    """Return a page without what differs by chance."""
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', "", page.content.decode())


class TestPassword:
    def test_lets_in_under_a_new_key_of_the_session(self, client: Client, person: Staff) -> None:
        client.get("/login/")
        session = client.session
        session["planted"] = "x"
        session.save()
        client.cookies["sessionid"] = session.session_key

        log_in(client)

        assert client.cookies["sessionid"].value != session.session_key
        assert not Session.objects.filter(session_key=session.session_key).exists()

    def test_answers_alike_whoever_is_meant(self, client: Client, person: Staff, manager_staff: Staff) -> None:
        Staff.objects.create(username="barred", display_name="x", is_active=False)
        answers = [
            log_in(Client(), "wrong-wrong-1", username=name) for name in ("laoban", "nobody", "barred", "lidianzhang")
        ]

        pages = {re.sub(r'value="(laoban|nobody|barred|lidianzhang)"', "", plain(answer)) for answer in answers}
        assert len(pages) == 1
        assert {answer.status_code for answer in answers} == {200}

    @pytest.mark.parametrize("name", ["laoban", "nobody", "barred", "invited"])
    def test_costs_one_hash_whoever_is_meant(
        self, client: Client, person: Staff, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        for username, active in (("barred", False), ("invited", True)):
            staff = Staff(username=username, display_name=username, is_active=active)
            if active:
                staff.set_unusable_password()
            else:
                staff.set_password(PASSWORD)
            staff.save()
        hashed = []
        encode = MD5PasswordHasher.encode
        monkeypatch.setattr(
            MD5PasswordHasher, "encode", lambda self, word, salt: hashed.append(word) or encode(self, word, salt)
        )

        log_in(client, "wrong-wrong-1", username=name)

        assert len(hashed) == 1

    def test_rests_alike_whoever_is_meant(self, person: Staff) -> None:
        answers = []
        for name in ("laoban", "nobody"):
            client = Client()
            for _ in range(8):
                answer = log_in(client, "wrong-wrong-1", username=name)
            answers.append((answer.status_code, plain(answer)))
            answers.append((log_in(client, PASSWORD, username=name).status_code, ""))

        assert answers[:2] == answers[2:]
        assert [status for status, _page in answers] == [429] * 4

    def test_of_who_is_barred_lets_nobody_in(self, client: Client, person: Staff) -> None:
        Staff.objects.filter(pk=person.pk).update(is_active=False)

        assert log_in(client).status_code == 200
        assert client.get("/profile/").status_code == 302


class TestSecondFactor:
    def test_nothing_is_open_before_the_code(self, client: Client, secret: str) -> None:
        answer = log_in(client)

        assert answer.url == "/login/code/"
        assert client.get("/profile/").url.startswith("/login/")
        assert "_auth_user_id" not in client.session

    def test_a_code_lets_in_to_where_one_wanted(self, client: Client, secret: str) -> None:
        log_in(client, next="/staff/")
        before = client.cookies["sessionid"].value

        answer = client.post("/login/code/", {"code": code_now(secret)})

        assert answer.url == "/staff/"
        assert client.get("/staff/").status_code == 200
        assert client.cookies["sessionid"].value != before

    def test_a_code_is_taken_once(self, secret: str) -> None:
        code = code_now(secret)
        first, second = Client(), Client()
        for client in (first, second):
            log_in(client)

        answers = [client.post("/login/code/", {"code": code}).status_code for client in (first, second)]

        assert answers == [302, 422]

    def test_five_wrong_codes_rest_even_for_the_right_one(self, client: Client, secret: str) -> None:
        log_in(client)
        wrong = f"{(int(code_now(secret)) + 1) % 1_000_000:06d}"
        tries = [client.post("/login/code/", {"code": wrong}).status_code for _ in range(5)]

        assert tries == [422] * 5
        assert client.post("/login/code/", {"code": code_now(secret)}).status_code == 429
        assert AuditEntry.objects.filter(action="staff.codes_rest").count() == 1

        SecondFactor.objects.update(rests_until=timezone.now() - timedelta(seconds=1))
        assert client.post("/login/code/", {"code": code_now(secret)}).status_code == 302

    def test_a_recovery_code_stands_in_once(self, person: Staff, secret: str) -> None:
        codes = actions.renew_recovery_codes(actor=queries.actor_for(person), password=PASSWORD, now=timezone.now())
        answers = []
        for written in (codes[0].upper().replace("-", " "), codes[0]):
            client = Client()
            log_in(client)
            answers.append(client.post("/login/code/", {"code": written}).status_code)

        assert answers == [302, 422]
        assert queries.second_factor_of(access=queries.actor_for(person)).recovery_codes == 9

    def test_the_way_is_over_when_the_password_changes_meanwhile(
        self, client: Client, person: Staff, secret: str
    ) -> None:
        log_in(client)
        actions.set_password(actor=Actor.system(), username="laoban", password="anders-anders-9", now=timezone.now())

        assert client.post("/login/code/", {"code": code_now(secret)}).url == "/login/"

    def test_the_way_is_over_after_ten_minutes(self, client: Client, secret: str) -> None:
        log_in(client)
        session = client.session
        session["half_way"] = {**session["half_way"], "at": session["half_way"]["at"] - 601}
        session.save()

        assert client.get("/login/code/").url == "/login/"

    def test_a_page_for_codes_is_nothing_by_itself(self, client: Client) -> None:
        assert client.get("/login/code/").url == "/login/"

    def test_is_set_up_with_a_picture_drawn_here(self, client: Client, person: Staff) -> None:
        log_in(client)
        page = client.get("/profile/second-factor/").content.decode()
        shown = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
        assert shown is not None
        key = shown.group(1).replace(" ", "")

        done = client.post("/profile/second-factor/", {"code": pyotp.TOTP(key).now()})

        assert "<svg viewBox=" in page
        assert "style=" not in page.split("qr-box")[1].split("</svg>")[0]
        assert len(done.context["codes"]) == 10
        assert key.encode() not in bytes(SecondFactor.objects.get().sealed_secret)
        assert not any(code.encode() in bytes(row) for code in done.context["codes"] for row in _digests())

    def test_is_asked_for_before_anything_else_where_the_role_needs_it(self, client: Client, person: Staff) -> None:
        actions.change_setting(
            actor=Actor.system(), key="foundation.second_factor_roles", value=["owner"], now=timezone.now()
        )
        log_in(client)

        led = {client.get(page).headers["Location"] for page in ("/", "/staff/", "/customers/", "/profile/", "/jobs/")}
        by_script = client.get("/jobs/", headers={"HX-Request": "true"})

        assert led == {"/profile/second-factor/"}
        assert by_script.headers["HX-Redirect"] == "/profile/second-factor/"
        assert client.get("/profile/second-factor/").status_code == 200
        assert client.post("/staff/new/", {"username": "x"}).headers["Location"] == "/profile/second-factor/"

    def test_cannot_be_taken_off_where_the_role_needs_it(self, client: Client, person: Staff, secret: str) -> None:
        actions.change_setting(
            actor=Actor.system(), key="foundation.second_factor_roles", value=["owner"], now=timezone.now()
        )
        with pytest.raises(actions.SecondFactorIsRequired):
            actions.remove_second_factor(actor=queries.actor_for(person), password=PASSWORD, now=timezone.now())

    def test_is_taken_off_with_the_password_only(self, person: Staff, secret: str) -> None:
        actor = queries.actor_for(person)
        with pytest.raises(actions.PasswordIsWrong):
            actions.remove_second_factor(actor=actor, password="wrong-wrong-1", now=timezone.now())

        actions.remove_second_factor(actor=actor, password=PASSWORD, now=timezone.now())

        assert not queries.has_second_factor(staff_id=person.pk)


def _digests() -> list[bytes]:
    from yutang.foundation.models import RecoveryCode

    return [bytes(row) for row in RecoveryCode.objects.values_list("digest", flat=True)]


class TestSessions:
    def test_are_listed_with_browser_and_address_and_can_be_ended(self, client: Client, person: Staff) -> None:
        other = Client()
        log_in(other)
        log_in(client)
        listed = client.get("/profile/").context["sessions"]
        (theirs,) = [one for one in listed if not one["one"].is_this]

        client.post(f"/profile/sessions/{theirs['one'].id}/end/")

        assert theirs["device"] == "Chrome · Windows"
        assert theirs["one"].address == "127.0.0.1"
        assert other.get("/profile/").status_code == 302
        assert client.get("/profile/").status_code == 200

    def test_of_others_cannot_be_ended(self, client: Client, person: Staff, manager_client: Client) -> None:
        manager_client.get("/profile/")
        theirs = StaffSession.objects.get()
        mine = Client()
        log_in(mine)

        assert mine.post(f"/profile/sessions/{theirs.pk}/end/").status_code == 404
        assert StaffSession.objects.get(pk=theirs.pk).ended_at is None

    def test_all_others_end_at_once_and_with_a_new_password(self, client: Client, person: Staff) -> None:
        for end in (
            lambda: client.post("/profile/sessions/end-others/"),
            lambda: client.post(
                "/profile/password/", {"present": PASSWORD, "password": "anders-anders-9", "again": "anders-anders-9"}
            ),
        ):
            other = Client()
            log_in(other)
            log_in(client)

            end()

            assert other.get("/profile/").status_code == 302
            assert client.get("/profile/").status_code == 200
            assert StaffSession.objects.filter(ended_at=None).count() == 1

    def test_a_new_browser_is_told_in_the_others_until_it_is_confirmed(self, client: Client, person: Staff) -> None:
        log_in(client)
        thief = Client()
        log_in(thief)
        at_home = _later(client)

        told = at_home.get("/profile/").content.decode()
        again = _later(client).get("/staff/").content.decode()
        news = at_home.get("/profile/").context["news"]
        at_home.post(f"/profile/sessions/{news[0]['one'].id}/mine/")

        assert "新的浏览器" in told
        assert "toast-warning" in told
        assert "toast-warning" not in again
        assert AuditEntry.objects.filter(action="staff.new_device").count() == 1
        assert at_home.get("/profile/").context["news"] == []

    def test_a_new_browser_that_is_ended_is_told_no_more(self, client: Client, person: Staff) -> None:
        log_in(client)
        thief = Client()
        log_in(thief)
        (news,) = client.get("/profile/").context["news"]

        client.post(f"/profile/sessions/{news['one'].id}/end/")

        assert thief.get("/profile/").status_code == 302
        assert client.get("/profile/").context["news"] == []

    def test_the_first_browser_and_a_known_one_are_no_news(self, client: Client, person: Staff) -> None:
        log_in(client)
        client.post("/logout/")
        log_in(client)

        assert not StaffSession.objects.filter(is_news=True).exists()
        assert StaffSession.objects.filter(ended_at=None).count() == 1

    def test_log_outs_are_written_down(self, client: Client, person: Staff) -> None:
        log_in(client)
        client.post("/logout/")

        assert StaffSession.objects.get().ended_at is not None
        assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
            "staff.logged_in",
            "staff.logged_out",
        ]

    def test_old_ones_are_forgotten(self, client: Client, person: Staff) -> None:
        from yutang.foundation.sessions import forget_sessions_before

        log_in(client)
        now = timezone.now()

        assert forget_sessions_before(now) == 0
        forget_sessions_before(now + timedelta(days=16))
        assert StaffSession.objects.get().ended_at is not None
        forget_sessions_before(now + timedelta(days=200))
        assert not StaffSession.objects.exists()
        assert not Session.objects.exists()


def _later(client: Client) -> Client:
    """Return the client as if its session had last been seen long ago."""
    session = client.session
    session["seen"] = 1
    session.save()
    return client


class TestOwnPassword:
    @pytest.mark.parametrize(
        ("present", "password", "again", "says"),
        [
            ("wrong-wrong-1", "anders-anders-9", "anders-anders-9", "PasswordIsWrong"),
            (PASSWORD, "anders-anders-9", "anders-anders-8", "PasswordsDiffer"),
            (PASSWORD, "kurz", "kurz", "PasswordIsTooWeak"),
            (PASSWORD, "laoban-2026", "laoban-2026", "PasswordIsTooWeak"),
            (PASSWORD, "laobanlaoban", "laobanlaoban", "PasswordIsTooWeak"),
            (PASSWORD, PASSWORD, PASSWORD, "PasswordIsThePresentOne"),
            (PASSWORD, "password123", "password123", "PasswordIsTooWeak"),
            (PASSWORD, "12345678901", "12345678901", "PasswordIsTooWeak"),
        ],
    )
    def test_is_refused_with_the_reason_beside_the_form(
        self, client: Client, person: Staff, present: str, password: str, again: str, says: str
    ) -> None:
        log_in(client)

        answer = client.post("/profile/password/", {"present": present, "password": password, "again": again})

        person.refresh_from_db()
        assert answer.status_code == 422
        assert answer.context["password_error"]
        assert person.check_password(PASSWORD)


class TestLinks:
    @pytest.fixture
    def invited(self, owner: Actor, now: Any) -> Callable[[], str]:
        actions.create_staff(
            actor=owner, username="xiaoli", display_name="小李", role="operator", password=None, now=timezone.now()
        )
        return lambda: actions.make_invitation(actor=owner, username="xiaoli", now=timezone.now())

    def test_is_shown_once_and_lets_somebody_set_a_password(self, owner_client: Client) -> None:
        answer = owner_client.post("/staff/new/", {"username": "xiaoli", "display_name": "小李", "role": "operator"})
        path = "/" + answer.context["address"].split("/", 3)[3]
        client = Client()
        page = client.get(path)

        set_now = client.post(path, {"password": PASSWORD, "again": PASSWORD})

        assert "小李" in page.content.decode()
        assert "no-store" in page.headers["Cache-Control"]
        assert set_now.url == "/login/"
        assert log_in(client, username="xiaoli").status_code == 302
        assert answer.context["address"] not in owner_client.get("/staff/").content.decode()

    def test_holds_once(self, invited: Callable[[], str]) -> None:
        secret = invited()
        first, second = ({"password": f"{PASSWORD}{n}", "again": f"{PASSWORD}{n}"} for n in (1, 2))
        Client().post(f"/welcome/{secret}/", first)

        assert Client().post(f"/welcome/{secret}/", second).status_code == 410
        assert Staff.objects.get(username="xiaoli").check_password(PASSWORD + "1")

    def test_answers_alike_whatever_is_wrong_with_it(self, invited: Callable[[], str], owner: Actor) -> None:
        replaced = invited()
        old = invited()
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        pages = [Client().get(f"/welcome/{secret}/") for secret in (replaced, old, "nonsense")]
        barred = invited()
        actions.deactivate_staff(actor=owner, username="xiaoli", now=timezone.now())
        pages.append(Client().get(f"/welcome/{barred}/"))

        assert {page.status_code for page in pages} == {410}
        assert len({plain(page) for page in pages}) == 1

    def test_is_not_shown_to_who_comes_back_to_the_address(self, owner_client: Client, manager_staff: Staff) -> None:
        made = owner_client.post(f"/staff/{manager_staff.pk}/link/")
        back = owner_client.get(f"/staff/{manager_staff.pk}/link/")

        assert "address" in made.context
        assert back.url == f"/staff/{manager_staff.pk}/"
        assert Invitation.objects.count() == 1

    def test_is_kept_as_a_hash_only(self, invited: Callable[[], str]) -> None:
        secret = invited()

        assert secret.encode() not in bytes(Invitation.objects.get().digest)

    def test_a_weak_password_leaves_it_whole(self, invited: Callable[[], str]) -> None:
        secret = invited()
        refused = Client().post(f"/welcome/{secret}/", {"password": "xiaoli1234", "again": "xiaoli1234"})

        assert refused.status_code == 422
        assert Client().get(f"/welcome/{secret}/").status_code == 200

    def test_of_a_forgotten_password_ends_what_was_open(self, client: Client, person: Staff, operator: Actor) -> None:
        other = Client()
        log_in(other)
        secret = actions.make_invitation(actor=Actor.system(), username="laoban", now=timezone.now())

        assert other.get("/profile/").status_code == 200
        client.post(f"/welcome/{secret}/", {"password": "anders-anders-9", "again": "anders-anders-9"})
        assert other.get("/profile/").status_code == 302
