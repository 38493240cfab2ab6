"""The page on which somebody asks for another look: by a signed link, once, and with the answer when there is one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.groupbuy.conftest import SYSTEM, people
from yutang.risk import actions
from yutang.risk.appeal_links import LASTS, appeal_token
from yutang.risk.asks import Ask
from yutang.risk.models import Appeal

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision(settings: Any, tmp_path: Any) -> int:
    """A decision of the guard that stopped somebody."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    cache.clear()
    for number, person in enumerate(people(9)):
        asked = Ask(kind="seat", key=f"k{number}", person_id=person, device="farm", payer="purse", value_fen=2_900)
        last = actions.judge(actor=SYSTEM, ask=asked, now=timezone.now())
    assert last.is_stopped
    return int(last.decision_id)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_words_are_taken_once_and_the_answer_stands_there(decision: int) -> None:
    client, path = Client(), f"/appeal/{appeal_token(decision_id=decision, now=timezone.now())}"

    assert client.post(path, {"words": " "}).status_code == 422
    for _ in range(2):
        assert client.post(path, {"words": "全家共用一台平板"}).status_code == 200

    assert Appeal.objects.count() == 1
    actions.grant_appeal(actor=SYSTEM, decision_id=decision, answer="已核实", now=timezone.now())
    assert "已核实" in text(client.get(path))


def test_the_link_holds_for_its_decision_until_its_end(decision: int) -> None:
    now = timezone.now()
    token = appeal_token(decision_id=decision, now=now)
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")

    assert Client().get(f"/appeal/{token}").status_code == 200
    for wrong in (changed, f"{decision}-0123456789abcdef", "x"):
        assert Client().get(f"/appeal/{wrong}").status_code == 404
    over = appeal_token(decision_id=decision, now=now - LASTS - timedelta(seconds=1))
    assert Client().get(f"/appeal/{over}").status_code == 410
    assert Client().get(f"/appeal/{appeal_token(decision_id=decision + 999, now=now)}").status_code == 404
