"""One request of the API as its answers see it, what they refuse, and the list of all answers by path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from yutang.connectors.wecom.simulator.world import SERVED, App, Relation, World


class Refused(Exception):
    """WeCom refuses; lists of the answer are there, and empty."""

    def __init__(self, errcode: int, says: str = "refused", **empty: Any) -> None:
        self.errcode = errcode
        self.says = says
        self.empty = empty
        super().__init__(f"{errcode} {says}")


@dataclass(frozen=True)
class File:
    """A file that was sent."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Asked:
    """A request whose token holds."""

    path: str
    app: App
    query: dict[str, str]
    body: dict[str, Any]
    file: File | None = None

    def text(self, name: str, *, most: int | None = None, errcode: int = 40058, needed: bool = True) -> str:
        """Return a text of the body."""
        value = self.body.get(name)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or (needed and not value):
            raise Refused(errcode, f"{name} missing or not a text")
        if most is not None and len(value) > most:
            raise Refused(errcode, f"{name} too long")
        return value

    def texts(self, name: str, *, most: int | None = None, errcode: int = 40058, needed: bool = False) -> list[str]:
        """Return a list of texts of the body."""
        value = self.body.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Refused(errcode, f"{name} is no list of texts")
        if (needed and not value) or (most is not None and len(value) > most):
            raise Refused(errcode, f"{name} empty or too long")
        return value

    def number(self, name: str, default: int | None = None, *, least: int = 0, most: int | None = None) -> int:
        """Return a whole number of the body."""
        value = self.body.get(name, default)
        if (
            not isinstance(value, int)
            or isinstance(value, bool)
            or value < least
            or (most is not None and value > most)
        ):
            raise Refused(40058, f"{name} out of range")
        return value


@dataclass(frozen=True)
class Answer:
    """How one path is answered."""

    path: str
    method: str
    function: Callable[[World, Asked], dict[str, Any] | bytes]
    empty: dict[str, Any]


ANSWERS: dict[str, Answer] = {}

Function = Callable[[World, Asked], dict[str, Any] | bytes]


def answers(path: str, *, method: str = "POST", **empty: Any) -> Callable[[Function], Function]:
    """Register how a path is answered; `empty` are the parts that are there, empty, when it is refused."""

    def register(function: Function) -> Function:
        ANSWERS[path] = Answer(path, method, function, empty)
        return function

    return register


def page_of(world: World, asked: Asked, rows: Sequence[Any], *, limit: int) -> tuple[list[Any], str]:
    """Return a page of rows and the cursor of the next one; a cursor that was not given out is refused."""
    limit = min(limit, world.rules.most_per_page or limit)
    cursor = asked.body.get("cursor") or asked.query.get("cursor") or ""
    try:
        start = int(str(cursor).removeprefix("CUR") or 0) if cursor else 0
    except ValueError as error:
        raise Refused(40058, "invalid cursor") from error
    rest = start + limit < len(rows)
    return list(rows[start : start + limit]), f"CUR{start + limit}" if rest else ""


def visible(world: World, asked: Asked, userid: str) -> None:
    """Refuse staff who are not there or whom the app does not see."""
    if userid not in world.staff:
        raise Refused(60111, "userid not found")
    if asked.app.sees is not None and userid not in asked.app.sees:
        raise Refused(60011, "no privilege to access/modify contact")


def tell_of_change(world: World, relation: Relation) -> None:
    """Let a callback go out about a change that the API made, where that is the rule."""
    if world.rules.events_of_api:
        world.tell(
            "change_external_contact",
            "edit_external_contact",
            UserID=relation.userid,
            ExternalUserID=relation.external_userid,
            State=relation.state or None,
        )


def own_relation(world: World, asked: Asked) -> Relation:
    """Return the relation that userid and external_userid of the body name."""
    userid, external = asked.text("userid"), asked.text("external_userid")
    visible(world, asked, userid)
    if external not in world.people:
        raise Refused(40096, "invalid external userid")
    relation = world.relation(userid, external)
    if relation is None or relation.tie not in SERVED:
        raise Refused(84061, "not external contact")
    return relation
