"""Ready playbooks: each is valid in both languages, says nothing in the other one, and plays through on people."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.journeys.conftest import SYSTEM, enter, tick
from yutang.journeys import actions
from yutang.journeys.abilities import ABILITIES, Ability, Asked
from yutang.journeys.models import Enrolment, Passage, Version
from yutang.journeys.queries import ready_named, ready_playbooks
from yutang.journeys.reading import definition_from_json, unreached
from yutang.journeys.ready import KEYS, LANGUAGES, NoSuchReadyPlaybook

DAY = timedelta(days=1)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def posting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A room of groups that takes every post; the keys of what it was asked for."""
    posted: list[str] = []

    def post(*, actor: Any, step: Any, asked: Any, now: Any) -> list[bool]:
        posted.extend(one.key for one in asked)
        return [True for _ in asked]

    monkeypatch.setitem(ABILITIES._entries, "post", Ability("post", post))
    return posted


def texts(told: Any, name: str = "") -> list[str]:
    """Return every text that a person reads."""
    if isinstance(told, dict):
        return [one for key, value in told.items() for one in texts(value, key)]
    if isinstance(told, list) and name != "words":
        return [one for value in told for one in texts(value, name)]
    return [told] if name in {"about", "words", "title", "tag", "group", "subject"} and isinstance(told, str) else []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_is_valid_in_each_language(key: str, language: str) -> None:
    one = ready_named(key, language=language)

    read = definition_from_json(one.definition)

    assert unreached(read) == []
    assert 0 < len(one.name) <= 80
    assert one.about
    in_chinese = [bool(_CHINESE.search(text)) for text in texts(one.definition)]
    assert all(in_chinese) if language == "zh-hans" else not any(in_chinese)


def test_there_are_ten_and_no_other() -> None:
    assert len(ready_playbooks(language="en")) == 10
    with pytest.raises(NoSuchReadyPlaybook):
        ready_named("../settings", language="en")


@pytest.mark.parametrize("key", KEYS)
def test_sells_nothing_before_something_useful(key: str) -> None:
    steps = ready_named(key, language="zh-hans").definition["steps"]
    offers = [step for step in steps if step.get("intent") == "promotion"]

    assert all(step.get("instead") for step in offers)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.django_db
def test_plays_through_on_people(key: str, own_lake: None, person: Callable[..., int], posting: list[str]) -> None:
    people = [
        person(),
        person(value_days_ago=()),
        person(yes_to=()),
        person(kinds=("phone",)),
        person(joined_days_ago=0),
    ]
    playbook_id = actions.adopt_playbook(actor=SYSTEM, ready=key, language="zh-hans", now=NOW)
    number = actions.start_playbook(actor=SYSTEM, playbook_id=playbook_id, now=NOW)
    _let_everybody_in(playbook_id)
    enter(playbook_id, *people)

    for days in range(70):
        tick(NOW + days * DAY)

    # Who came in again by a schedule is still inside: the first time through counts.
    endings = dict(Enrolment.objects.order_by("-pk").values_list("customer_id", "ended_because"))
    assert number == 1
    assert set(endings) == set(people)
    assert set(endings.values()) <= {"end", "refused"}
    passed = set(Passage.objects.values_list("step", flat=True))
    assert ready_named(key, language="zh-hans").definition["steps"][0]["id"] in passed
    assert not Passage.objects.filter(outcome="unable").exists()


@pytest.mark.django_db
def test_waits_with_the_start_for_a_room_that_does_not_exist(own_lake: None) -> None:
    key = actions.adopt_playbook(actor=SYSTEM, ready="group_warm_up", language="en", now=NOW)

    with pytest.raises(actions.StepsNeedRooms) as refused:
        actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)

    assert refused.value.data == {"step": "rules", "do": "post"}


@pytest.mark.django_db
def test_is_taken_under_a_name_of_its_own_each_time(own_lake: None) -> None:
    for _ in range(3):
        actions.adopt_playbook(actor=SYSTEM, ready="birthday", language="zh-hans", now=NOW)

    names = actions.Playbook.objects.order_by("pk").values_list("name", flat=True)
    assert list(names) == ["生日祝福", "生日祝福 2", "生日祝福 3"]


def _let_everybody_in(playbook_id: int) -> None:
    """Take audience and holdout out of the version: who is let in here is chosen by the test."""
    version = Version.objects.get(playbook_id=playbook_id)
    version.definition = {**version.definition, "holdout_percent": 0}
    version.definition.pop("audience", None)
    version.save(update_fields=["definition"])


def test_abilities_are_asked_with_keys(posting: list[str]) -> None:
    assert ABILITIES["post"].does(actor=SYSTEM, step=None, asked=[Asked("k", 1)], now=NOW) == [True]  # type: ignore[arg-type]
    assert posting == ["k"]
