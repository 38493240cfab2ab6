"""The four rooms of the page: what there is, and what a customer, a member of staff or a group owner sees and does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from yutang.connectors.sandbox.markup import (
    Html,
    Words,
    card,
    choice,
    field,
    form,
    joined,
    link,
    linked,
    table,
    tag,
    text,
)
from yutang.connectors.wecom.simulator import acts_mass, plans
from yutang.connectors.wecom.simulator.acts_people import complete_handovers
from yutang.connectors.wecom.simulator.control import Control
from yutang.connectors.wecom.simulator.rules import UTC_OFFSET_SECONDS
from yutang.connectors.wecom.simulator.world import SERVED, Chat, Relation, Tie, World
from yutang.kit.text import N_

_MOST_ROWS = 30
#: Where a customer is played.
CUSTOMER = "/customer"
_TIES = {
    Tie.PENDING: N_("waits for being accepted"),
    Tie.HALF: N_("added, not yet accepted"),
    Tie.BOTH: N_("added"),
    Tie.LEFT_BY_CUSTOMER: N_("deleted by the customer"),
    Tie.DELETED_BY_STAFF: N_("deleted by staff"),
    Tie.HANDED_OVER: N_("handed over"),
}
_ATTACHED = {
    "image": N_("Picture"),
    "link": N_("Link"),
    "video": N_("Video"),
    "file": N_("File"),
    "miniprogram": N_("Mini programme"),
}


@dataclass(frozen=True)
class Place:
    """Where a view is: the orders, the language, who is played, and the code that somebody came to scan."""

    control: Control
    say: Words
    who: str
    way: str = ""

    @property
    def world(self) -> World:
        """What there is."""
        return self.control.world


def overview(place: Place) -> Html:
    """Show how large the corp is, the clock, and what became of calls and callbacks."""
    world, say = place.world, place.say
    complete_handovers(world)
    figures = [
        (say(N_("Member of staff")), len(world.staff)),
        (say(N_("Customers")), len(world.people)),
        (say(N_("Customer groups")), sum(chat.dismissed_at is None for chat in world.chats.values())),
        (say(N_("Waiting for staff to confirm")), len(acts_mass.waiting(world))),
        (say(N_("Callbacks sent")), place.control.delivery.counts["delivered"]),
        (say(N_("Callbacks on their way")), place.control.delivery.pending),
    ]
    moves = (("20", N_("20 seconds on")), ("3600", N_("An hour on")), ("86400", N_("A day on")))
    clock = joined(form("clock", back="/", label=say(label), hidden={"advance": seconds}) for seconds, label in moves)
    calls = sorted(place.control.gateway.calls.items(), key=lambda one: -one[1])[:_MOST_ROWS]
    return joined(
        (
            tag(
                "div",
                card(say(N_("The corp")), table((say(N_("Figure")), say(N_("Count"))), figures, empty="")),
                card(
                    say(N_("The clock")),
                    tag("p", _moment(world.now()), class_="strong"),
                    tag("div", clock, class_="row row-wrap"),
                ),
                card(say(N_("What may go wrong")), _plans(place)),
                class_="sandbox-grid",
            ),
            card(
                say(N_("Calls of the API")),
                table(
                    (say(N_("Path")), say(N_("Error code")), say(N_("Count"))),
                    [(path, errcode, count) for (path, errcode), count in calls],
                    empty=say(N_("Nobody has called yet.")),
                ),
            ),
        )
    )


def _plans(place: Place) -> Html:
    """Show what a person can let go wrong, and what of it is still to come."""
    say, control = place.say, place.control
    there = plans.under_way(gateway=control.gateway, delivery=control.delivery)
    rows = [
        (
            say(one.title),
            say(N_("under way")) if name in there else "",
            form("plan", back="/", label=say(N_("Let it")), hidden={"name": name}),
        )
        for name, one in plans.PLANS.items()
    ]
    told = (say(N_("Fault")), say(N_("State")), say(N_("Actions")))
    return joined((table(told, rows, empty=""), form("plan/clear", back="/", label=say(N_("Let all go well again")))))


def customer(place: Place) -> Html:
    """Show what a customer has: staff, groups, messages; let them scan, talk, delete, leave."""
    world, say = place.world, place.say
    people = [(one.external_userid, one.name) for one in list(world.people.values())[-_MOST_ROWS:]]
    who = place.who if place.who in world.people else ""
    back = _back(CUSTOMER, who)
    ways = [
        (way.config_id, str(way.fields.get("remark") or way.config_id[:8]))
        for way in list(world.ways.values())[-_MOST_ROWS:]
    ]
    if who and who not in dict(people):
        people.insert(0, (who, world.people[who].name))
    parts: list[Html] = [_chooser(place, CUSTOMER, people, who)]
    told = Html("")
    if ways:
        parts.append(card(say(N_("Scan a code")), _scan_form(place, ways, who, back)))
    if who:
        relations = [one for found in world.relations.values() for one in found.values() if one.external_userid == who]
        rows = [
            (_staff_name(world, one.userid), say(_TIES[one.tie]), _customer_acts(place, one, back)) for one in relations
        ]
        parts.append(
            card(
                say(N_("Whom I have added")),
                table(
                    (say(N_("Member of staff")), say(N_("State")), say(N_("Actions"))),
                    rows,
                    empty=say(N_("Nobody yet.")),
                ),
            )
        )
        parts.append(card(say(N_("My groups")), _groups_of(place, who, back)))
        told = card(say(N_("What I received")), _inbox(place, who))
    return joined((tag("div", *parts, class_="sandbox-grid"), told))


def staff(place: Place) -> Html:
    """Show what waits for a member of staff, and whom they serve."""
    world, say = place.world, place.say
    who = place.who if place.who in world.staff else next(iter(world.staff), "")
    back = _back("/staff", who)
    relations = list(world.relations.get(who, {}).values())
    asking = [one for one in relations if one.tie in {Tie.PENDING, Tie.HALF}]
    served = [one for one in relations if one.tie in SERVED][-_MOST_ROWS:]
    notices = [one for one in world.notices if who in one["userids"]][-_MOST_ROWS:]
    return tag(
        "div",
        _chooser(place, "/staff", _staff_choices(world), who),
        card(say(N_("Messages to confirm")), _tasks(place, who, "single", back), _posts(place, who, back)),
        card(say(N_("Posts to my groups")), _tasks(place, who, "group", back)),
        card(
            say(N_("Who wants to be added")),
            table(
                (say(N_("Customer")), say(N_("Actions"))),
                [
                    (
                        _name(world, one),
                        form(
                            "member/accept", back=back, label=say(N_("Accept")), hidden=_pair(one), kind="btn-primary"
                        ),
                    )
                    for one in asking
                ],
                empty=say(N_("Nobody waits.")),
            ),
        ),
        card(
            say(N_("My customers")),
            table(
                (say(N_("Customer")), say(N_("State")), say(N_("Actions"))),
                [
                    (
                        _name(world, one),
                        say(_TIES[one.tie]),
                        form("member/delete", back=back, label=say(N_("Delete")), hidden=_pair(one)),
                    )
                    for one in served
                ],
                empty=say(N_("Nobody yet.")),
            ),
        ),
        card(
            say(N_("Messages of the app")),
            table(
                (say(N_("Message")),),
                [(one["content"].get("content") or one["content"].get("title") or "",) for one in notices],
                empty=say(N_("Nothing yet.")),
            ),
        ),
        class_="sandbox-grid",
    )


def owner(place: Place) -> Html:
    """Show the groups of a member of staff, and what waits for being sent to them."""
    world, say = place.world, place.say
    who = place.who if place.who in world.staff else next(iter(world.staff), "")
    back = _back("/owner", who)
    chats = [chat for chat in world.chats.values() if chat.owner == who and chat.dismissed_at is None][:_MOST_ROWS]
    return joined(
        (
            tag(
                "div",
                _chooser(place, "/owner", _staff_choices(world), who),
                card(say(N_("Messages to confirm")), _tasks(place, who, "group", back)),
                card(
                    say(N_("Make a group")),
                    form(
                        "group/create",
                        field("name", say(N_("Name of a new group"))),
                        back=back,
                        label=say(N_("Make a group")),
                        hidden={"owner": who},
                    ),
                ),
                class_="sandbox-grid",
            ),
            tag("div", *(_own_group(place, chat, back) for chat in chats), class_="sandbox-grid"),
        )
    )


def _own_group(place: Place, chat: Chat, back: str) -> Html:
    say, key = place.say, {"chat_id": chat.chat_id}
    counted = say(N_("%(count)s members")) % {"count": len(chat.members)}
    return card(
        chat.name,
        tag("p", counted, class_="muted"),
        tag("p", chat.notice, class_="sandbox-says") if chat.notice else "",
        tag(
            "div",
            form("group/rename", field("name", say(N_("New name"))), back=back, label=say(N_("Rename")), hidden=key),
            form("group/notice", field("notice", say(N_("Notice"))), back=back, label=say(N_("Put up")), hidden=key),
            form("group/dismiss", back=back, label=say(N_("Dismiss")), hidden=key),
            class_="stack",
        ),
    )


def _staff_choices(world: World) -> list[tuple[str, str]]:
    """Return the staff by name, and behind it how many messages wait for them."""
    waits = Counter(userid for _msgid, userid in acts_mass.waiting(world))
    return [
        (one.userid, f"{one.name} ({waits[one.userid]})" if waits[one.userid] else one.name)
        for one in world.staff.values()
    ]


def _chooser(place: Place, path: str, options: list[tuple[str, str]], who: str) -> Html:
    say = place.say
    pick = choice("who", say(N_("Person played")), options, chosen=who)
    button = tag("button", say(N_("Play")), class_="btn btn-small btn-primary")
    # A code that somebody came to scan is still there when they say who they are.
    way = tag("input", type="hidden", name="way", value=place.way) if place.way else ""
    return card(say(N_("Who am I?")), tag("form", way, pick, button, method="get", action=path, class_="row row-wrap"))


def _scan_form(place: Place, ways: list[tuple[str, str]], who: str, back: str) -> Html:
    say, world = place.say, place.world
    codes = choice("config_id", say(N_("QR code")), ways, chosen=place.way)
    if who:
        hidden = {"unionid": world.people[who].unionid}
        return form("scan", codes, back=back, label=say(N_("Scan")), hidden=hidden, kind="btn-primary")
    unionid = f"oN{len(world.people):026d}"
    name = field("name", say(N_("Name of somebody new")))
    return form("scan", codes, name, back=back, label=say(N_("Scan")), hidden={"unionid": unionid}, kind="btn-primary")


def _customer_acts(place: Place, relation: Relation, back: str) -> Html:
    if relation.tie is not Tie.BOTH:
        return Html("")
    say, pair = place.say, _pair(relation)
    return tag(
        "div",
        form("talk", back=back, label=say(N_("Write")), hidden=pair),
        form("customer/delete", back=back, label=say(N_("Delete")), hidden=pair),
        class_="row row-wrap",
    )


def _groups_of(place: Place, who: str, back: str) -> Html:
    say = place.say
    chats = [chat for chat in place.world.chats.values() if who in chat.members and chat.dismissed_at is None]
    rows = []
    for chat in chats[:_MOST_ROWS]:
        hidden = {"chat_id": chat.chat_id, "member": who}
        write = form("group/say", back=back, label=say(N_("Write")), hidden=hidden)
        leave = form("group/leave", back=back, label=say(N_("Leave")), hidden=hidden)
        rows.append((chat.name, tag("div", write, leave, class_="row row-wrap")))
    return table((say(N_("Customer group")), say(N_("Actions"))), rows, empty=say(N_("No groups yet.")))


def _inbox(place: Place, who: str) -> Html:
    world = place.world
    say = place.say
    found = sorted(_received(world, who), key=lambda one: one[:2], reverse=True)[:_MOST_ROWS]
    rows = [(_moment(at), _staff_name(world, sender), _said(say, content)) for at, sender, content in found]
    return table((say(N_("Time")), say(N_("Sender")), say(N_("Message"))), rows, empty=say(N_("Nothing yet.")))


def _received(world: World, who: str) -> Iterator[tuple[float, str, dict[str, Any]]]:
    for code in world.codes.values():
        if code.external_userid == who and code.used_with is not None:
            yield code.used_with["at"], code.userid, code.used_with
    groups = {chat.chat_id for chat in world.chats.values() if who in chat.members}
    for task in world.tasks.values():
        for sender, results in task.results.items():
            for target, (status, at) in results.items():
                if status == acts_mass.SENT and (target == who or target in groups):
                    yield at, sender, task.content


def _tasks(place: Place, who: str, chat_type: str, back: str) -> Html:
    say, world = place.say, place.world
    waiting = [world.tasks[msgid] for msgid, sender in acts_mass.waiting(world) if sender == who]
    rows = [
        (
            _said(say, task.content),
            len(task.targets[who]),
            form(
                "member/confirm",
                back=back,
                label=say(N_("Send")),
                hidden={"msgid": task.msgid, "userid": who},
                kind="btn-primary",
            ),
        )
        for task in waiting
        if task.chat_type == chat_type
    ]
    return table((say(N_("Message")), say(N_("Receivers")), say(N_("Actions"))), rows, empty=say(N_("Nothing waits.")))


def _posts(place: Place, who: str, back: str) -> Html:
    say = place.say
    rows = [
        (
            _said(say, one.content),
            form(
                "member/publish", back=back, label=say(N_("Post")), hidden={"moment_id": one.moment_id, "userid": who}
            ),
        )
        for one in place.world.moments.values()
        if who in one.audience and who not in one.published_at and not one.is_cancelled
    ]
    return table((say(N_("Post to moments")), say(N_("Actions"))), rows, empty="") if rows else Html("")


def _said(say: Words, content: dict[str, Any]) -> Html:
    """Return a message as a phone shows it: what it says, and what is attached, with links to tap."""
    lines: list[Html] = [linked(words)] if (words := (content.get("text") or {}).get("content")) else []
    for one in content.get("attachments") or ():
        kind = one["msgtype"]
        part = one.get(kind) or {}
        title = part.get("title") or part.get("url") or ""
        shown = link(str(part.get("url") or ""), title) if kind == "link" else text(title)
        lines.append(joined(("[", say(_ATTACHED.get(kind, kind)), "] ", shown)))
    return tag("div", *(tag("div", line) for line in lines), class_="sandbox-says")


def _pair(relation: Relation) -> dict[str, str]:
    return {"userid": relation.userid, "external_userid": relation.external_userid}


def _name(world: World, relation: Relation) -> str:
    return relation.remark or world.people[relation.external_userid].name


def _staff_name(world: World, userid: str) -> str:
    return world.staff[userid].name if userid in world.staff else userid


def _back(path: str, who: str) -> str:
    return f"{path}?who={quote(who)}" if who else path


def _moment(at: float) -> str:
    """Return an instant as people in China read it."""
    return f"{datetime.fromtimestamp(at, UTC) + timedelta(seconds=UTC_OFFSET_SECONDS):%Y-%m-%d %H:%M:%S}"
