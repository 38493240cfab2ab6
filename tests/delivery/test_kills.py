"""A worker that is killed at any point, again and again: in the end everybody was given the message once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.delivery.conftest import SYSTEM, Corp, plan, states
from yutang.channels.delivery import following, mass, noting, rounds
from yutang.channels.delivery.following import follow_round
from yutang.channels.delivery.mass import create_round
from yutang.channels.models import MassTask
from yutang.foundation.actions import change_setting

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = 25


class Killed(BaseException):
    """The worker is gone."""


class Fate:
    """Kills at the n-th step from now: before the step, or after it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.left: int | None = None
        self.kills = 0

    def around(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def lived(*args: Any, **told: Any) -> Any:
            if self.left is None:
                return step(*args, **told)
            self.left -= 1
            if self.left == 0:
                self.end()
            done = step(*args, **told)
            if self.left == 0 or (self.left == 1 and self.chance.random() < 0.5):
                self.end()
            return done

        return lived

    def end(self) -> None:
        self.left = None
        self.kills += 1
        raise Killed


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_given_a_message_twice_and_nobody_is_forgotten(
    open_corp: Callable[..., Corp], reachable: Callable[..., int], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    corp, fate = open_corp(customers=20), Fate(random.Random(seed))
    change_setting(actor=SYSTEM, key="delivery.task_hours", value=336, now=NOW)
    change_setting(actor=SYSTEM, key="channels.customers_a_task", value=2, now=NOW)
    change_setting(actor=SYSTEM, key="delivery.remind_hours", value=0, now=NOW)
    people = [reachable(number) for number in range(20)]
    corp.befriend(people)
    for someone in people:
        plan(someone, "wecom", key=f"k{someone}", intent="transactional", campaign="may")
    for module, name in (
        (noting, "move"), (noting, "take_up"), (noting, "put_off"), (rounds, "claim_many"), (mass, "note_made"),
        (mass, "bodies_of"), (following, "look_for"), (corp.client.mass, "create"), (corp.client.mass, "senders"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, fate.around(getattr(module, name)))

    while fate.kills < KILLS:
        fate.left = fate.chance.randint(1, 14)
        try:
            create_round(book=corp.book, clock=corp.now)
            corp.pass_by(minutes=fate.chance.choice([1, 16, 40]))
            follow_round(book=corp.book, clock=corp.now)
        except Killed:
            corp.pass_by(minutes=21)
        if corp.now() - NOW > timedelta(days=5):
            break
    fate.left = None
    for _ in range(6):
        corp.pass_by(minutes=40)
        follow_round(book=corp.book, clock=corp.now)
        create_round(book=corp.book, clock=corp.now)

    given = Counter(target for one in corp.tasks() for part in one.targets.values() for target in part)
    assert given == Counter(corp.book.people[one][0] for one in people)
    assert set(states().values()) <= {"created", "notified"}
    assert {one.msgid for one in corp.tasks()} == set(
        MassTask.objects.exclude(msgid="").values_list("msgid", flat=True)
    )
    assert fate.kills == KILLS
