"""Tokens: who gets in with one, as whom, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.api.conftest import Program
from yutang.api import actions, queries
from yutang.api.models import Token
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.actions import NoSuchStore
from yutang.foundation.models import AuditEntry


def code_of(answer: Any) -> str:
    return str(answer.json()["code"])


@pytest.mark.django_db
class TestMaking:
    def test_stores_only_the_hash(self, owner: Any) -> None:
        made = actions.create_personal_token(actor=owner, name="phone", now=timezone.now())

        row = Token.objects.get(pk=made.id)
        assert made.secret.startswith("ytp_")
        assert len(made.secret) > 40
        assert made.secret not in str({field.name: getattr(row, field.name) for field in Token._meta.concrete_fields})
        assert row.hint == made.secret[-4:]

    def test_is_in_the_audit_trail_without_the_token(self, owner: Any) -> None:
        made = actions.create_personal_token(actor=owner, name="phone", now=timezone.now())

        entry = AuditEntry.objects.get(action="api.create_token")
        assert entry.subject_id == str(made.id)
        assert made.secret not in str(entry.detail)

    def test_for_somebody_else_is_for_who_manages_staff(self, manager: Any, owner: Any, owner_staff: Any) -> None:
        with pytest.raises(NotAllowed):
            actions.create_personal_token(
                actor=manager, name="phone", username=owner_staff.username, now=timezone.now()
            )
        assert actions.create_personal_token(actor=owner, name="p", username="laoban", now=timezone.now()).id

    def test_of_a_service_is_for_who_manages_staff(self, operator: Any) -> None:
        with pytest.raises(NotAllowed):
            actions.create_service_token(actor=operator, name="ERP", permissions=["customers.view"], now=timezone.now())

    def test_never_gives_more_than_its_maker_has(self, owner: Any, stores: Any) -> None:
        # Somebody who manages the staff of one store, as own roles may allow.
        caller = queries.caller_for(
            actions.create_personal_token(
                actor=owner,
                name="helper",
                permissions=["staff.manage", "customers.view"],
                store_codes=["SH01"],
                now=timezone.now(),
            ).secret,
            now=timezone.now(),
        )

        with pytest.raises(actions.TokenWouldExceedItsMaker):
            actions.create_service_token(actor=caller, name="ERP", permissions=["imports.run"], now=timezone.now())
        with pytest.raises(NoSuchStore):
            actions.create_service_token(
                actor=caller, name="ERP", permissions=["customers.view"], store_codes=["GZ01"], now=timezone.now()
            )
        made = actions.create_service_token(
            actor=caller, name="ERP", permissions=["customers.view"], now=timezone.now()
        )
        assert queries.caller_for(made.secret, now=timezone.now()).store_ids == frozenset({stores["xuhui"].pk})

    @pytest.mark.parametrize(
        ("wrong", "refusal"),
        [
            ({"name": " "}, actions.TokenNameIsWrong),
            ({"name": "x" * 81}, actions.TokenNameIsWrong),
            ({"permissions": ["customers.eat"]}, actions.PermissionIsUnknown),
            ({"permissions": []}, actions.TokenNeedsPermissions),
            ({"store_codes": ["NOWHERE"]}, NoSuchStore),
            ({"days": 0}, actions.TokenLimitsAreWrong),
            ({"days": 3_651}, actions.TokenLimitsAreWrong),
            ({"per_minute": 0}, actions.TokenLimitsAreWrong),
        ],
    )
    def test_refuses_what_is_wrong(self, owner: Any, wrong: dict[str, Any], refusal: type[Exception]) -> None:
        asked = {"name": "ERP", "permissions": ["customers.view"], **wrong}

        with pytest.raises(refusal):
            actions.create_service_token(actor=owner, now=timezone.now(), **asked)


@pytest.mark.django_db
class TestCalling:
    def test_without_a_token_is_refused(self, client: Client) -> None:
        answer = client.get("/api/v1/me")

        assert (answer.status_code, code_of(answer)) == (401, "token_is_missing")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_with_a_session_is_refused(self, client: Client, owner_staff: Any) -> None:
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")

        assert client.get("/customers/").status_code == 200
        assert client.get("/api/v1/customers").status_code == 401

    def test_with_an_unknown_token_is_refused(self, db: None) -> None:
        answer = Program("ytp_nobody").get("/me")

        assert (answer.status_code, code_of(answer)) == (401, "token_is_unknown")

    def test_acts_as_the_member_of_staff(self, manager_program: Program, manager_staff: Any, stores: Any) -> None:
        told = manager_program.get("/me").json()

        assert (told["label"], told["role"]) == ("李店长", "store_manager")
        assert told["store_ids"] == [stores["xuhui"].pk]
        assert "staff.manage" not in told["permissions"]

    def test_follows_the_role_as_it_is_now(self, manager_program: Program, manager_staff: Any) -> None:
        manager_staff.role = "analyst"
        manager_staff.save()

        told = manager_program.get("/me").json()
        assert (told["role"], told["store_ids"]) == ("analyst", None)

    def test_is_narrowed_by_the_token(self, program_of: Callable[..., Program], owner_staff: Any, stores: Any) -> None:
        program = program_of(owner_staff, permissions=["customers.view"], store_codes=["SH02"])

        told = program.get("/me").json()
        assert (told["permissions"], told["store_ids"]) == (["customers.view"], [stores["pudong"].pk])
        assert program.get("/jobs").status_code == 403

    def test_cannot_be_widened_by_the_token(
        self, program_of: Callable[..., Program], manager_staff: Any, stores: Any
    ) -> None:
        program = program_of(manager_staff, permissions=["jobs.manage"], store_codes=["GZ01"])

        told = program.get("/me").json()
        assert (told["permissions"], told["store_ids"]) == ([], [])
        assert program.get("/jobs").status_code == 403

    def test_notes_the_last_use(self, manager_program: Program) -> None:
        manager_program.get("/me")

        assert Token.objects.get().last_used_at is not None

    def test_writes_nothing_when_it_only_reads(self, manager_program: Program) -> None:
        manager_program.get("/me")

        with CaptureQueriesContext(connection) as asked:
            manager_program.get("/stores")

        assert [query["sql"] for query in asked if not query["sql"].startswith("SELECT")] == []
        assert len(asked) <= 4

    def test_leaves_its_mark_in_the_audit_trail(self, owner_program: Program, shop: None) -> None:
        proposal = owner_program.get("/today").json()["items"][0]

        owner_program.post(f"/proposals/{proposal['id']}/dismiss", {"outcome": "other"})

        entry = AuditEntry.objects.get(action="worklist.not_useful")
        assert entry.detail["via"] == f"token:{Token.objects.get().pk}"


@pytest.mark.django_db
class TestEnding:
    def test_expires(self, owner: Any) -> None:
        made = actions.create_personal_token(actor=owner, name="p", days=1, now=timezone.now() - timedelta(days=2))

        answer = Program(made.secret).get("/me")

        assert (answer.status_code, code_of(answer)) == (401, "token_has_ended")

    def test_is_revoked(self, owner: Any, owner_program: Program) -> None:
        token = Token.objects.get()

        actions.revoke_token(actor=owner, token_id=token.pk, now=timezone.now())

        assert code_of(owner_program.get("/me")) == "token_has_ended"
        assert AuditEntry.objects.filter(action="api.revoke_token", subject_id=str(token.pk)).exists()
        with pytest.raises(actions.TokenIsRevoked):
            actions.revoke_token(actor=owner, token_id=token.pk, now=timezone.now())

    def test_of_others_is_for_who_manages_staff(self, manager: Any, owner_program: Program) -> None:
        with pytest.raises(actions.NoSuchToken):
            actions.revoke_token(actor=manager, token_id=Token.objects.get().pk, now=timezone.now())

    def test_comes_with_the_member_of_staff_leaving(self, manager_program: Program, manager_staff: Any) -> None:
        manager_staff.is_active = False
        manager_staff.save()

        assert code_of(manager_program.get("/me")) == "token_has_ended"

    def test_lists_show_what_one_may_see(
        self, owner: Any, manager: Any, owner_program: Program, manager_program: Program
    ) -> None:
        seen = queries.tokens(access=manager, now=timezone.now())

        assert [token.staff for token in seen] == ["李店长"]
        assert len(queries.tokens(access=owner, now=timezone.now())) == 2
        assert len(queries.tokens(access=Actor.system(), now=timezone.now())) == 2


@pytest.mark.django_db
class TestLimits:
    def test_are_told_and_held(self, program_of: Callable[..., Program], owner_staff: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr("yutang.api.door.seconds_now", lambda: 6_000_010.0)
        program = program_of(owner_staff, per_minute=2)

        answers = [program.get("/me") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
        assert answers[0].headers["RateLimit-Limit"] == "2"
        assert answers[2].headers["Retry-After"] == answers[2].headers["RateLimit-Reset"] == "50"
        assert code_of(answers[2]) == "too_many_calls"

    def test_begin_anew_with_the_minute(
        self, program_of: Callable[..., Program], owner_staff: Any, monkeypatch: Any
    ) -> None:
        program = program_of(owner_staff, per_minute=1)
        seconds = iter((6_000_010.0, 6_000_011.0, 6_000_061.0))
        monkeypatch.setattr("yutang.api.door.seconds_now", lambda: next(seconds))

        assert [program.get("/me").status_code for _ in range(3)] == [200, 429, 200]

    def test_are_each_token_s_own(self, program_of: Callable[..., Program], owner_staff: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr("yutang.api.door.seconds_now", lambda: 6_000_010.0)
        first, second = program_of(owner_staff, per_minute=1), program_of(owner_staff, per_minute=1)

        assert [first.get("/me").status_code, second.get("/me").status_code] == [200, 200]
