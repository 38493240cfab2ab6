"""Whatever happens in whatever order: what was sent was allowed at the instant at which it was sent."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.channels.conftest import make_person
from tests.conftest import NOW
from yutang.channels.actions import (
    Message,
    TouchIsClosed,
    TouchIsNotDue,
    claim_many,
    claim_to_send,
    close_grievance,
    note_failure,
    open_grievance,
    plan_many,
    plan_touch,
)
from yutang.channels.models import Decision, Grievance, Touch
from yutang.channels.policy import Policy
from yutang.customers.models import Consent
from yutang.foundation.access import Actor

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()
STEPS = 110


class Life:
    """One person to whom things happen by chance, with a memory of its own of what was said."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = NOW
        self.person = make_person()
        self.word = True
        self.complaints: list[str] = []
        self.keys: list[str] = []
        self.sent: list[tuple[datetime, str, str]] = []
        self.promotions = 0

    def step(self, number: int) -> None:
        """Let one thing happen."""
        self.now += timedelta(minutes=self.chance.choice([0, 5, 60, 60 * 9]))
        happening = self.chance.choices(
            [self.plan, self.claim, self.speak, self.complain, self.settle, self.fail], [10, 20, 2, 1, 5, 0.5]
        )[0]
        happening(number)

    def plan(self, number: int) -> None:
        """Wish for a message."""
        intent = self.chance.choice(["promotion", "value", "value", "service"])
        message = Message(key=f"k{number}", channel="wecom", intent=intent, customer_id=self.person)
        if self.chance.random() < 0.5:
            (planned,) = plan_many(actor=SYSTEM, messages=[message], now=self.now)
        else:
            planned = plan_touch(actor=SYSTEM, message=message, now=self.now)
        if planned.touch_id is not None:
            self.keys.append(message.key)

    def claim(self, _number: int) -> None:
        """Claim any message, also one that was claimed before, and judge what is sent."""
        if not self.keys:
            return
        key = self.chance.choice(self.keys[-6:])
        if self.chance.random() < 0.7:
            # As a worker does that waits for what is due.
            self.now = max(self.now, Touch.objects.get(key=key).at)
        if not self.may_send(key):
            return
        intent = Touch.objects.get(key=key).intent
        self.judge(key, intent)
        self.sent.append((self.now, key, intent))
        self.promotions += intent == "promotion"

    def may_send(self, key: str) -> bool:
        """Ask for a message at the moment of sending, alone or as one of many."""
        if self.chance.random() < 0.5:
            return claim_many(actor=SYSTEM, keys=[key], now=self.now).mine == (key,)
        try:
            return claim_to_send(actor=SYSTEM, key=key, now=self.now).may_send
        except (TouchIsClosed, TouchIsNotDue):
            return False

    def judge(self, key: str, intent: str) -> None:
        """Fail when this must not have been sent now."""
        policy = Policy()
        assert key not in {one for _, one, _ in self.sent}
        assert policy.opens <= self.now.astimezone(ZoneInfo("Asia/Shanghai")).hour < policy.closes
        for days, most in ((1, policy.person_day), (7, policy.person_week), (30, policy.person_month)):
            assert sum(at > self.now - timedelta(days=days) for at, _, _ in self.sent) < most
        if intent == "promotion":
            assert self.word
            assert not self.complaints

    def speak(self, _number: int) -> None:
        """Say yes or no to promotion, of any channel, of this one or of another; the latest of the first two holds."""
        word, channel = self.chance.random() < 0.7, self.chance.choice(["any", "wecom", "sms"])
        self.word = self.word if channel == "sms" else word
        said = {"purpose": "promotion", "channel": channel, "wording_version": "v1", "evidence": "call"}
        Consent.objects.create(customer_id=self.person, granted=word, occurred_at=self.now, **said)

    def complain(self, number: int) -> None:
        """Complain."""
        open_grievance(
            actor=SYSTEM, customer_id=self.person, kind="complaint", source=f"{self.person}:{number}", now=self.now
        )
        self.complaints.append(f"{self.person}:{number}")

    def settle(self, _number: int) -> None:
        """Settle a complaint."""
        if self.complaints:
            close_grievance(actor=SYSTEM, source=self.complaints.pop(), now=self.now)

    def fail(self, _number: int) -> None:
        """Learn that the last message did not go out."""
        if self.sent:
            note_failure(actor=SYSTEM, key=self.sent.pop()[1], now=self.now)


def test_what_was_sent_was_allowed_when_it_was_sent() -> None:
    lives = [Life(seed) for seed in (1, 2, 3, 4)]

    for number in range(STEPS):
        for place, life in enumerate(lives):
            life.step(1_000 * place + number)

    assert sum(len(life.sent) for life in lives) >= 10
    assert sum(life.promotions for life in lives) >= 1
    for life in lives:
        sent = Touch.objects.filter(key__startswith="k", customer_id=life.person, state="sent")
        assert sent.count() == len(life.sent)
    assert Grievance.objects.filter(closed_at=None).count() == sum(len(life.complaints) for life in lives)
    assert set(Decision.objects.values_list("outcome", flat=True)) == {"now", "at", "replace", "refuse"}
