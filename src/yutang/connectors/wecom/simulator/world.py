"""What there is in the simulated corp, in memory, behind one lock."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from yutang.connectors.wecom.simulator.clock import SimulatorClock
from yutang.connectors.wecom.simulator.rules import Rules

STAFF, EXTERNAL = 1, 2


@dataclass
class App:
    """A self-built app; `sees` are userids, None for all."""

    agent_id: int
    secret: str
    sees: set[str] | None = None
    is_on: bool = True


@dataclass
class Staff:
    """Somebody who works in the corp."""

    userid: str
    name: str
    department: int = 1
    is_active: bool = True
    is_verified: bool = True
    has_contacts: bool = True
    left_at: float | None = None

    @property
    def may_serve(self) -> bool:
        """Whether they can be added by customers."""
        return self.is_active and self.is_verified and self.has_contacts and self.left_at is None


@dataclass
class Person:
    """Somebody outside."""

    external_userid: str
    unionid: str
    openid: str
    name: str
    kind: int = 1
    gender: int = 0


class Tie(StrEnum):
    """How a member of staff and a customer stand to each other."""

    PENDING = "pending"
    HALF = "half"
    BOTH = "both"
    LEFT_BY_CUSTOMER = "left_by_customer"
    DELETED_BY_STAFF = "deleted_by_staff"
    HANDED_OVER = "handed_over"


#: The API answers for these; for others it says that it is no customer.
SERVED = frozenset({Tie.BOTH, Tie.LEFT_BY_CUSTOMER})


@dataclass
class Relation:
    """One member of staff and one customer."""

    userid: str
    external_userid: str
    tie: Tie
    created_at: float
    add_way: int = 1
    state: str = ""
    link_id: str = ""
    remark: str = ""
    description: str = ""
    company: str = ""
    mobiles: list[str] = field(default_factory=list)
    tags: dict[str, None] = field(default_factory=dict)
    has_talked: bool = False
    last_talk_at: float = 0.0
    is_welcomed: bool = False


@dataclass
class Membership:
    """Somebody in a group."""

    member: str
    kind: int
    joined_at: float
    scene: int
    inviter: str = ""
    state: str = ""


@dataclass
class Chat:
    """A customer group, and what it looked like before its last change."""

    chat_id: str
    name: str
    owner: str
    created_at: float
    notice: str = ""
    status: int = 0
    members: dict[str, Membership] = field(default_factory=dict)
    admins: list[str] = field(default_factory=list)
    version: int = 0
    changed_at: float = 0.0
    before: dict[str, Any] | None = None
    dismissed_at: float | None = None
    transfers: list[float] = field(default_factory=list)


@dataclass
class Way:
    """A contact way or a join way, with the fields of the API."""

    config_id: str
    created_at: float
    fields: dict[str, Any]
    is_join: bool = False
    opened: int = 0


@dataclass
class Tag:
    """A corporate tag."""

    id: str
    name: str
    group_id: str
    order: int
    created_at: float


@dataclass
class TagGroup:
    """A group of tags."""

    id: str
    name: str
    order: int
    created_at: float


@dataclass
class WelcomeCode:
    """A code that greets once."""

    code: str
    userid: str
    external_userid: str
    made_at: float
    used_with: dict[str, Any] | None = None


@dataclass
class MassTask:
    """A mass message; targets and results by sender."""

    msgid: str
    chat_type: str
    created_at: float
    content: dict[str, Any]
    may_choose: bool
    targets: dict[str, list[str]]
    creator: str = ""
    sent_at: dict[str, float] = field(default_factory=dict)
    results: dict[str, dict[str, tuple[int, float]]] = field(default_factory=dict)
    is_cancelled: bool = False
    reminders: list[float] = field(default_factory=list)


@dataclass
class Moment:
    """A post that staff must confirm."""

    moment_id: str
    jobid: str
    created_at: float
    content: dict[str, Any]
    audience: dict[str, list[str]]
    published_at: dict[str, float] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    likes: list[dict[str, Any]] = field(default_factory=list)
    is_cancelled: bool = False


@dataclass
class Handover:
    """One customer on the way from one member of staff to another."""

    giver: str
    taker: str
    external_userid: str
    begun_at: float
    is_of_left: bool
    status: int = 2
    ended_at: float = 0.0


@dataclass
class Link:
    """An acquisition link."""

    link_id: str
    created_at: float
    fields: dict[str, Any]
    clicks: list[tuple[float, str]] = field(default_factory=list)


@dataclass
class MediaFile:
    """Something that was uploaded."""

    media_id: str
    kind: str
    name: str
    content: bytes = field(repr=False)
    created_at: float


@dataclass(frozen=True)
class Happening:
    """Something that statistics count."""

    at: float
    kind: str
    userid: str = ""
    other: str = ""
    chat_id: str = ""
    count: int = 1


class World:
    """Everything, and its lock.

    Args:
        seed: equal seeds give equal ids.
        clock: what time it is there.
        rules: how it behaves.
    """

    def __init__(self, *, seed: int = 1, clock: SimulatorClock | None = None, rules: Rules | None = None) -> None:
        self.lock = threading.RLock()
        self.clock = clock or SimulatorClock()
        self.rules = rules or Rules()
        self.seed = seed
        self.corp_id = f"ww{self._digest('corp')[:16].lower()}"
        self.apps: list[App] = [App(1000002, self._digest("secret"))]
        self.staff: dict[str, Staff] = {}
        self.people: dict[str, Person] = {}
        self.by_unionid: dict[str, str] = {}
        self.relations: dict[str, dict[str, Relation]] = defaultdict(dict)
        self.chats: dict[str, Chat] = {}
        self.ways: dict[str, Way] = {}
        self.tags: dict[str, Tag] = {}
        self.tag_groups: dict[str, TagGroup] = {}
        self.gone_tags: dict[str, Tag] = {}
        self.gone_tag_groups: dict[str, TagGroup] = {}
        self.codes: dict[str, WelcomeCode] = {}
        self.tasks: dict[str, MassTask] = {}
        self.received: dict[str, list[float]] = defaultdict(list)
        self.moments: dict[str, Moment] = {}
        self.handovers: list[Handover] = []
        self.links: dict[str, Link] = {}
        self.media: dict[str, MediaFile] = {}
        self.templates: dict[str, dict[str, Any]] = {}
        self.notices: list[dict[str, Any]] = []
        self.history: list[Happening] = []
        self.emit: Callable[[dict[str, Any]], None] = lambda event: None
        self.counters: Counter[str] = Counter()

    def now(self) -> float:
        """Return what time it is there."""
        return self.clock.now()

    def new_id(self, kind: str, *, length: int = 28) -> str:
        """Return an id that was not there: the kind, then letters that say nothing."""
        self.counters[kind] += 1
        return kind + self._digest(f"{kind} {self.counters[kind]}")[: length - len(kind)]

    def tell(self, kind: str, change: str, /, **parts: Any) -> None:
        """Let a callback go out: Event, ChangeType, and the parts in order; parts that are None are left out."""
        event = {
            "Event": kind,
            "ChangeType": change,
            **{name: value for name, value in parts.items() if value is not None},
        }
        self.emit(
            {
                "ToUserName": self.corp_id,
                "FromUserName": "sys",
                "CreateTime": int(self.now()),
                "MsgType": "event",
                **event,
            }
        )

    def note(self, kind: str, **parts: Any) -> None:
        """Remember what statistics count."""
        self.history.append(Happening(self.now(), kind, **parts))

    def relation(self, userid: str, external_userid: str) -> Relation | None:
        """Return how two stand to each other."""
        return self.relations[userid].get(external_userid) if userid in self.relations else None

    def customers_of(self, userid: str) -> Iterator[Relation]:
        """Yield the relations that the API shows of a member of staff, oldest first."""
        for relation in self.relations.get(userid, {}).values():
            if relation.tie in SERVED:
                yield relation

    def followers_of(self, external_userid: str) -> Iterator[Relation]:
        """Yield the relations that the API shows of a customer."""
        for relations in list(self.relations.values()):
            relation = relations.get(external_userid)
            if relation is not None and relation.tie in SERVED:
                yield relation

    def _digest(self, text: str) -> str:
        raw = hashlib.sha256(f"{self.seed} {text}".encode()).digest()
        return base64.b32encode(raw).decode().rstrip("=")
