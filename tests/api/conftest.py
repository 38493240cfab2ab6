"""Programs that call the API with a token."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from yutang.api import actions
from yutang.foundation.access import PERMISSIONS, Actor


class Program:
    """Calls the API as a program does: no cookies, a token, a key of its own for every writing call."""

    def __init__(self, token: str, *, language: str = "en") -> None:
        self.client = Client(raise_request_exception=False)
        self.token = token
        self.language = language

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the answer."""
        sent = {"Accept-Language": self.language, "Authorization": f"Bearer {self.token}"}
        if method != "GET":
            sent["Idempotency-Key"] = str(uuid.uuid4())
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        given = {name: value for name, value in sent.items() if value}
        return self.client.generic(method, f"/api/v1{path}", headers=given, **content)

    def get(self, path: str, **headers: str) -> Any:
        """Return the answer to a reading call."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Return the answer to a writing call."""
        return self.call("POST", path, body, **headers)


@pytest.fixture
def program_of(db: None) -> Callable[..., Program]:
    """Make a program that acts for a member of staff."""

    def make(staff: Any, *, language: str = "en", **limits: Any) -> Program:
        made = actions.create_personal_token(
            actor=Actor.system(), name="till", username=staff.username, now=timezone.now(), **limits
        )
        return Program(made.secret, language=language)

    return make


@pytest.fixture
def service_of(db: None) -> Callable[..., Program]:
    """Make a program of another system; it may do everything unless it is told what."""

    def make(*permissions: str, language: str = "en", **limits: Any) -> Program:
        made = actions.create_service_token(
            actor=Actor.system(), name="ERP", permissions=permissions or PERMISSIONS, now=timezone.now(), **limits
        )
        return Program(made.secret, language=language)

    return make


@pytest.fixture
def owner_program(program_of: Callable[..., Program], owner_staff: Any) -> Program:
    """A program that acts for the owner."""
    return program_of(owner_staff)


@pytest.fixture
def manager_program(program_of: Callable[..., Program], manager_staff: Any) -> Program:
    """A program that acts for the manager of the Xuhui store."""
    return program_of(manager_staff)


@pytest.fixture
def shop(transactional_db: None, stores: Any, settings: Any, tmp_path: Path, no_kept_files: None) -> None:
    """Two stores' orders, scores and today's list, with a lake of its own."""
    from tests.console.shop import fill

    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)
