"""People who can really be reached, and the platforms by which they are, simulated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.connectors.wecom.conftest import Sandbox
from yutang.connectors.sms.simulator import SmsSimulator
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.simulator.seeding import Size
from yutang.foundation.access import Actor

SYSTEM = Actor.system()
SMS_KEY, SMS_SECRET = "key", "secret"


class Clock:
    """A clock that tests move."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def make_reachable(
    number: int, *, store: Any = None, yes_to: Collection[str] = ("service", "research", "promotion")
) -> int:
    """Write a person with a phone, an e-mail address and a friendship to the store, who agreed to everything."""
    from yutang.channels.models import Touch
    from yutang.customers.models import Consent, Customer, Identifier
    from yutang.foundation.sealing import digest16, seal

    joined = NOW - timedelta(days=200)
    phone, email = f"+86138{number:08d}", f"p{number}@example.com"
    record = {"name": f"顾客{number}", "phones": [phone], "emails": [email]}
    customer = Customer.objects.create(sealed_profile=seal(record), store=store, first_seen_at=joined)
    for kind, value in (("phone", phone), ("email", email), ("wecom", f"wm{number}")):
        Identifier.objects.create(kind=kind, digest=digest16(kind, "", value), customer=customer)
    for purpose in yes_to:
        said = {"purpose": purpose, "channel": "any", "granted": True, "wording_version": "v1", "evidence": "paper"}
        Consent.objects.create(customer=customer, occurred_at=joined, **said)
    for days in (25, 18, 10):
        at = NOW - timedelta(days=days)
        Touch.objects.create(
            key=f"had:{customer.pk}:{days}", customer_id=customer.pk, channel="wecom", intent="value", state="sent",
            wanted_at=at, at=at, business_date=at.date(), changed_at=at,
        )  # fmt: skip
    return int(customer.pk)


@pytest.fixture
def reachable(db: None) -> Callable[..., int]:
    return make_reachable


def plan(
    customer_id: int, channel: str, *, key: str, intent: str = "service", now: datetime = NOW, **more: Any
) -> None:
    """Plan a message and insist that it may go out."""
    from yutang.channels.actions import Message, plan_touch

    more.setdefault("content", "said:hello")
    message = Message(key=key, channel=channel, intent=intent, customer_id=customer_id, **more)
    planned = plan_touch(actor=SYSTEM, message=message, now=now)
    assert planned.touch_id is not None, planned.decision


SAID: dict[str, dict[str, Any]] = {}


@pytest.fixture(autouse=True)
def said() -> Iterator[dict[str, dict[str, Any]]]:
    """Contents `said:<name>` that a test fills; ``hello`` is there."""
    from yutang.channels.bodies import BODIES, Body, BodySource

    def bodies(
        *, reference: str, channel: str, customer_ids: Any, group_keys: Any, now: datetime
    ) -> Mapping[Any, Body]:
        told = SAID.get(reference.partition(":")[2])
        if told is None:
            return {}
        return {one: Body(**told) for one in (*customer_ids, *group_keys)}

    SAID.clear()
    SAID["hello"] = {"text": "您好，新到的茶", "subject": "新茶", "template": "SMS_1", "values": {"name": "茶"}}
    if "said" in BODIES:
        BODIES._entries.pop("said")
    BODIES.register(BodySource("said", bodies))
    yield SAID
    BODIES._entries.pop("said")


@pytest.fixture
def texts(clock: Clock) -> Iterator[tuple[SmsSimulator, str]]:
    """The simulated gateways, and their address."""
    simulator = SmsSimulator(key_id=SMS_KEY, secret=SMS_SECRET, now=clock)
    with simulator.running() as address:
        yield simulator, address


class Book:
    """Who talks with whom, told by the test."""

    def __init__(self, client: WeCom) -> None:
        self.wecom: WeCom | None = client
        self.people: dict[int, tuple[str, str]] = {}
        self.groups: dict[str, tuple[str, str]] = {}

    def friends_of(self, customer_ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
        return {one: self.people[one] for one in customer_ids if one in self.people}

    def everybody_befriended(self) -> frozenset[int]:
        return frozenset(self.people)

    def befriended_of(self, customer_ids: Collection[int]) -> frozenset[int]:
        return frozenset(self.people) & frozenset(customer_ids)

    def senders_of(self, customer_ids: Collection[int]) -> Mapping[int, str]:
        return {one: self.people[one][1] for one in customer_ids if one in self.people}

    def owners_of(self, group_keys: Collection[str]) -> Mapping[str, tuple[str, str]]:
        return {one: self.groups[one] for one in group_keys if one in self.groups}

    def client(self) -> WeCom | None:
        return self.wecom


class Corp:
    """A simulated WeCom with customers and groups that the store knows, and a clock that both share."""

    def __init__(self, size: Size) -> None:
        self.sandbox = Sandbox(size)
        self.world = self.sandbox.world
        self.sandbox.order("clock", at=NOW.timestamp(), stop=True)
        self.sandbox.order("rules", mass_cap="monthly_days")
        self.client = self.sandbox.client()
        self.book = Book(self.client)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.world.now(), UTC)

    def pass_by(self, **span: float) -> datetime:
        self.sandbox.order("clock", advance=timedelta(**span).total_seconds())
        return self.now()

    def befriend(self, people: list[int]) -> None:
        """Let the people of the store be customers of the corp, in the order of its relations."""
        pairs = [
            (relation.external_userid, userid)
            for userid in sorted(self.world.relations)
            for relation in self.world.customers_of(userid)
        ]
        externals = dict(reversed(pairs))
        self.book.people = dict(zip(people, sorted(externals.items()), strict=False))

    def tasks(self) -> list[Any]:
        return list(self.world.tasks.values())


@pytest.fixture
def open_corp() -> Iterator[Callable[..., Corp]]:
    opened: list[Corp] = []

    def make(**size: int) -> Corp:
        opened.append(Corp(Size(**{"staff": 3, "customers": 12, "groups": 6, "owners": 2, "members": 2, **size})))
        return opened[-1]

    yield make
    for one in opened:
        one.sandbox.simulator.end()


def states(**narrowed: Any) -> dict[str, str]:
    """Return what is known of each message by its key."""
    from yutang.channels.models import Delivery, Touch

    rows = Touch.objects.exclude(key__startswith="had:").filter(**narrowed)
    found = dict(Delivery.objects.filter(touch__in=rows).values_list("touch__key", "state"))
    return {row.key: found.get(row.key, row.state) for row in rows}


def way_of(key: str) -> list[str]:
    """Return the states through which a message went."""
    from yutang.channels.models import DeliveryStep

    return list(DeliveryStep.objects.filter(touch__key=key).order_by("id").values_list("state", flat=True))
