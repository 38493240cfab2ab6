"""A tick that is killed at random: what it had done stays, what it had not is done by the next, and nothing twice."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.journeys.conftest import SYSTEM, Started, enter, make_group, message, post, tick, wait
from tests.support.starting import Starter
from yutang.channels.models import Decision, Touch
from yutang.customers.models import CustomerTag
from yutang.foundation.models import OutboxEvent
from yutang.journeys import actions
from yutang.journeys.models import Enrolment, Passage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

_PEOPLE, _GROUPS = 280, 40
_KILLS = 25
#: Forks ticks and kills each after a random moment; blocks are small, so that a kill falls between
#: some as well as into one.
_TICKER = """
import os, random, signal, sys, time
from datetime import datetime
from yutang.foundation.access import Actor
from yutang.journeys import actions, moving
moving.BLOCK = 10
now, chance = datetime.fromisoformat(sys.argv[1]), random.Random(int(sys.argv[2]))

def tick():
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        actions.run_playbooks(actor=Actor.system(), now=now)
        code = 0
    finally:
        os._exit(code)

killed = 0
for _ in range(int(sys.argv[3])):
    pid = tick()
    time.sleep(chance.random() * 0.06)
    os.kill(pid, signal.SIGKILL)
    killed += os.WIFSIGNALED(os.waitpid(pid, 0)[1])
assert os.waitpid(tick(), 0)[1] == 0
print(killed)
"""


def test_nothing_is_done_twice_and_nothing_is_left_out(
    started: Started, person: Callable[..., int], child_environment: dict[str, str], starter: Starter, settings: Any
) -> None:
    people = [person(value_days_ago=()) for _ in range(_PEOPLE)]
    key = started(
        message("tip"),
        {"id": "mark", "do": "tag", "group": "g", "tag": "t"},
        {"id": "say", "do": "tell", "note": "x"},
        wait("pause"),
        message("more", "service"),
    )
    enter(key, *people)
    groups = [make_group(f"g{n}") for n in range(_GROUPS)]
    of_groups = started(post("hello"), wait("rest"), post("share"), subject="group", name="群")
    actions.enrol_groups(actor=SYSTEM, playbook_id=of_groups, group_keys=groups, occasion="1", now=NOW)
    environment = {**child_environment, "YUTANG_LAKE": str(settings.YUTANG_LAKE)}

    kills = [_run_and_kill(starter, environment, NOW + n * timedelta(days=1), seed=n) for n in range(2)]

    # On a fast machine the last ones find nothing left to do.
    assert sum(kills) >= _KILLS
    inside = Enrolment.objects.filter(playbook_id=key).values_list("pk", flat=True)
    assert Enrolment.objects.filter(ended_because="end").count() == _PEOPLE + _GROUPS
    assert Passage.objects.filter(enrolment__in=inside).count() == 5 * _PEOPLE
    for step, visit in (("tip", 1), ("more", 5)):
        keys = {f"playbook:{pk}:{step}:{visit}" for pk in inside}
        assert set(Touch.objects.filter(key__contains=f":{step}:").values_list("key", flat=True)) == keys
        assert Decision.objects.filter(touch_key__contains=f":{step}:").count() == _PEOPLE
    for step, visit in (("hello", 1), ("share", 3)):
        keys = {
            f"playbook:{pk}:{step}:{visit}"
            for pk in Enrolment.objects.filter(playbook_id=of_groups).values_list("pk", flat=True)
        }
        posts = Touch.objects.filter(channel="group", key__contains=f":{step}:")
        assert set(posts.values_list("key", flat=True)) == keys
        assert sorted(posts.values_list("group_key", flat=True)) == sorted(groups)
        assert Decision.objects.filter(touch_key__in=keys).count() == _GROUPS
    assert CustomerTag.objects.count() == _PEOPLE
    told = [
        each["customer_id"]
        for each in OutboxEvent.objects.filter(kind="journeys.StepReached").values_list("payload", flat=True)
    ]
    assert sorted(told) == sorted(people)
    assert tick(NOW + timedelta(days=2)).moved == 0


def _run_and_kill(starter: Starter, environment: dict[str, str], now: Any, *, seed: int) -> int:
    """Let ticks run and be killed, then one to its end; return how many were killed."""
    told = (now.isoformat(), str(seed), str(_KILLS))
    with starter.start(_TICKER, *told, environment=environment, stdout=subprocess.PIPE) as ticker:
        assert ticker.stdout is not None
        printed = ticker.stdout.read()
    assert ticker.returncode == 0
    return int(printed)
