"""Ready playbooks: each is valid in both languages, says nothing in the other one, and plays through on people."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Count

from tests.conftest import NOW
from tests.journeys.conftest import SYSTEM, enter, make_group, tick
from yutang.channels.actions import set_group_standing
from yutang.channels.models import Touch
from yutang.journeys import actions
from yutang.journeys.abilities import ABILITIES
from yutang.journeys.hearing import hear_groups
from yutang.journeys.models import Enrolment, Passage, Version
from yutang.journeys.queries import ready_named, ready_playbooks
from yutang.journeys.reaching import within_its_reach
from yutang.journeys.reading import definition_from_json, unreached
from yutang.journeys.ready import KEYS, LANGUAGES, NoSuchReadyPlaybook
from yutang.wecom.models import Group

DAY = timedelta(days=1)
#: Those that groups go through.
OF_GROUPS = [key for key in KEYS if ready_named(key, language="en").definition.get("subject") == "group"]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def texts(told: Any, name: str = "") -> list[str]:
    """Return every text that a person reads."""
    if isinstance(told, dict):
        return [one for key, value in told.items() for one in texts(value, key)]
    if isinstance(told, list) and name != "words":
        return [one for value in told for one in texts(value, name)]
    if (name, told) == ("subject", "group"):
        return []
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


def test_there_are_twelve_and_no_other() -> None:
    assert len(ready_playbooks(language="en")) == 12
    with pytest.raises(NoSuchReadyPlaybook):
        ready_named("../settings", language="en")


@pytest.mark.parametrize("key", KEYS)
def test_sells_nothing_before_something_useful(key: str) -> None:
    steps = ready_named(key, language="zh-hans").definition["steps"]
    offers = [step for step in steps if step.get("intent") == "promotion"]

    assert all(step.get("instead") for step in offers)


def test_a_welcome_asks_before_its_offer_and_offers_to_who_agreed_only() -> None:
    definition = definition_from_json(ready_named("welcome", language="zh-hans").definition)
    ways = [(step, field) for step, field, to in definition.ways() if to == "first_offer"]
    (step, _field) = ways[0]
    branch = definition.step(step)

    assert len(ways) == 1
    assert branch.do == "branch"
    assert branch.ways[0].rule["rule"]["field"] == "consent"
    assert {value.partition("/")[0] for value in branch.ways[0].rule["rule"]["value"]} == {"promotion"}
    assert "优惠" in definition.step("tip_three").words


@pytest.mark.parametrize("key", [key for key in KEYS if key not in OF_GROUPS])
@pytest.mark.django_db
def test_plays_through_on_people(key: str, own_lake: None, person: Callable[..., int]) -> None:
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
    definition = definition_from_json(ready_named(key, language="zh-hans").definition)
    assert set(endings) == within_its_reach(definition=definition, customer_ids=people) >= set(people[:2])
    assert set(endings.values()) <= {"end", "refused"}
    passed = set(Passage.objects.values_list("step", flat=True))
    assert ready_named(key, language="zh-hans").definition["steps"][0]["id"] in passed
    assert not Passage.objects.filter(outcome="unable").exists()


@pytest.mark.parametrize("key", OF_GROUPS)
@pytest.mark.django_db
def test_plays_through_on_groups(key: str, own_lake: None, person: Callable[..., int]) -> None:
    groups = [make_group("small", person()), make_group("large", *(person() for _ in range(12)))]
    groups.append(make_group("dead"))
    set_group_standing(actor=SYSTEM, group_key="dead", standing="dead", now=NOW)
    playbook_id = actions.adopt_playbook(actor=SYSTEM, ready=key, language="zh-hans", now=NOW)
    actions.start_playbook(actor=SYSTEM, playbook_id=playbook_id, now=NOW)
    _let_everybody_in(playbook_id)
    hear_groups(group_ids=list(Group.objects.values_list("pk", flat=True)), event_id=1, now=NOW)

    for days in range(40):
        tick(NOW + days * DAY)

    endings = dict(Enrolment.objects.values_list("group_key", "ended_because"))
    posts = dict(Touch.objects.filter(channel="group").values_list("group_key").annotate(Count("pk")))
    assert endings == dict.fromkeys(groups, "end")
    assert posts == {"small": 3, "large": 3}
    assert Passage.objects.filter(step="look_in", outcome="asked").count() <= 2
    assert not Passage.objects.filter(enrolment__group_key="large", step="look_in").exists()


@pytest.mark.django_db
def test_waits_with_the_start_for_a_room_that_does_not_exist(own_lake: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ABILITIES._entries, "coupon", raising=False)
    definition = {"format": 1, "trigger": {"kind": "hand"}, "steps": [{"id": "c", "do": "coupon", "coupon": "x"}]}
    key = actions.create_playbook(actor=SYSTEM, name="券", definition=definition, now=NOW)

    with pytest.raises(actions.StepsNeedRooms) as refused:
        actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)

    assert refused.value.data == {"step": "c", "do": "coupon"}


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
