"""What goes out by SMS names a template of the gateway, or the playbook does not start and says why beforehand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import NOW
from tests.journeys.conftest import SYSTEM, Started, message
from yutang.content.actions import ready_library
from yutang.content.models import Version
from yutang.journeys import actions, queries
from yutang.journeys.models import Playbook

JOIN = {"id": "lead", "do": "join_group", "channel": "sms", "intent": "value"}


@pytest.fixture
def with_template(db: None) -> str:
    """A content for SMS with the code of a template."""
    ready_library(actor=SYSTEM, now=NOW)
    row = Version.objects.exclude(sms_template="").filter(content__intent="value", state="approved").get()
    return f"content:{row.content_id}:{row.number}"


def by_content(reference: str, **more: Any) -> dict[str, Any]:
    return {"id": "tip", "do": "message", "channel": "sms", "intent": "value", "content": reference, **more}


@pytest.mark.parametrize("step", [message("tip", channel="sms"), JOIN])
def test_own_words_by_sms_are_refused_at_the_start_with_the_step(started: Started, step: dict[str, Any]) -> None:
    with pytest.raises(actions.StepLacksTemplate) as refusal:
        started(step)

    assert refusal.value.data["step"] == step["id"]
    assert Playbook.objects.get().state == "draft"


def test_a_content_with_a_template_starts_and_one_without_is_refused(started: Started, with_template: str) -> None:
    started(by_content(with_template))
    Version.objects.update(sms_template="")

    with pytest.raises(actions.StepLacksTemplate):
        started(by_content(with_template), name="没有模板")


def test_what_stands_in_for_a_promotion_needs_a_template_too(started: Started, with_template: str) -> None:
    definition = {
        "format": 1,
        "trigger": {"kind": "hand"},
        "steps": [by_content(with_template, instead={"words": "换季护理"})],
    }

    found = queries.without_template(queries.definition_read(definition))

    assert [place for place, _sentence in found] == ["tip.instead.words"]
