"""Every address but those of the API (see `tests/api/test_matrix.py`) x every role x own and foreign things: who gets in, and who does not.

Made from the URL configuration: an address without a rule, or with a kind of thing for which there is no sample, fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.console.groupbuy_things import buying_group, buying_seat
from tests.console.matrix_things import (
    campaign,
    code,
    coupon,
    decision,
    experiment,
    group_campaign,
    kind_of_coupon,
    list_entry,
    playbook,
    request_about_data,
    said_things,
    told_things,
)
from tests.console.referral_things import held_friend, referral_things
from tests.support.again import laid
from yutang.api.actions import create_personal_token
from yutang.channels.models import Reply, Touch
from yutang.communities.models import Community
from yutang.customers.actions import create_tag_in, merge_customers
from yutang.customers.models import Customer, ReviewCase, TagGroup
from yutang.foundation.access import CHAIN_PERMISSIONS, CHAIN_WIDE_ROLES, PERMISSIONS, ROLE_PERMISSIONS, Actor
from yutang.foundation.models import Job, OwnRole, Region, Staff, StaffSession, Store
from yutang.foundation.sealing import seal
from yutang.ingest.models import Import
from yutang.segments.models import Segment
from yutang.visits.actions import note_visit
from yutang.wecom.models import Account, ContactWay, Group, MassDeletion
from yutang.worklist.models import Proposal

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
BACKEND = "django.contrib.auth.backends.ModelBackend"
#: Open to strangers by purpose; each says so itself (`login_not_required`).
OPEN = {
    "login", "login-code", "welcome", "language", "theme", "components", "health-live", "health-ready", "metrics",
    "link", "code", "code-group", "referral-invitation", "referral-group", "referral-progress", "stop-messages", "push-sms", "push-mail", "push-wechat-pay",
    "group-offer", "group", "group-seat", "group-mine", "cashier",
    "visit", "me", "me-visits", "me-balance", "me-privacy", "privacy-notice", "appeal",
    "group-visit", "visit-door", "me-door", "wechat", "wechat-back", "wechat-leave",
}  # fmt: skip
#: Asks for nothing but that somebody is logged in, and is no room.
NO_ROOM = {"logout"}
#: Kinds of things that belong to a store or a person, so that they are foreign to somebody who sees other stores.
SCOPED = {
    "code_id",
    "spot_id",
    "cost_id",
    "way_id",
    "account_id",
    "customer_id",
    "coupon_id",
    "decision_id",
    "community_id",
    "referred_id",
    "buying_seat_id",
    "booking_id",
    "proposal_id",
    "case_id",
    "merge_id",
    "staff_id",
    "store_id",
    "session_id",
    "token_id",
    "message_id",
    "reply_id",
    "customer_group_id",
}
BY_STORE = "everything by store"
#: Pages that are about nothing without a choice in the address.
CHOICES = {"segments-compare": "?first={segment_id}&second={segment_id}"}
#: Who holds no permission at all is told so at home.
TOLD = {("nothing", "home")}
#: Fields that forms ask for: a foreign thing is not there, however well the form is filled in.
BODY = {
    "reason": "call",
    "note": "回访",
    "name": "新名",
    "group": "偏好",
    "purpose": "promotion",
    "channel": "sms",
    "granted": "yes",
    "evidence": "签名卡",
    "wording_version": "v1",
    "outcome": "reached",
    "until": "2026-03-20",
    "days": "3",
}


#: The API knows tokens, the address for callbacks signatures: neither knows a log-in. They have tests of their own.
_DOORS_OF_PROGRAMS = {"api/", "callbacks/"}


def routes() -> Iterator[URLPattern]:
    """Yield every address there is, in every door but the API, which knows tokens and no log-in."""
    yield from _flat([door for door in get_resolver().url_patterns if str(door.pattern) not in _DOORS_OF_PROGRAMS])


def _flat(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _flat(pattern.url_patterns)
        else:
            yield pattern


@dataclass
class World:
    """Things of the Xuhui store and of the Tianhe store by the name that addresses have for them; people by role."""

    own: dict[str, Any]
    foreign: dict[str, Any]
    people: dict[str, Staff] = field(default_factory=dict)

    def address(self, pattern: URLPattern, things: Mapping[str, Any]) -> str:
        kwargs = {name: things[name] for name in pattern.pattern.converters}
        return reverse(str(pattern.name), kwargs=kwargs) + CHOICES.get(str(pattern.name), "").format(**things)


@pytest.fixture
def world(stores: dict[str, Store], settings: Any, tmp_path: Path) -> World:
    settings.YUTANG_LAKE = tmp_path / "lake"
    return laid("world", lambda: _world(stores["xuhui"], stores["tianhe"]))


def _world(here: Store, there: Store) -> World:
    shared = _shared_things()
    clerk, stranger = _person("clerk", "store_manager", here), _person("stranger", "store_manager", there)
    own = shared | _things_of(here, clerk)
    foreign = shared | _things_of(there, stranger)
    for things in (own, foreign):
        things["coupon_id"] = coupon(shared["kind_id"], things["customer_id"])
        things["decision_id"] = decision(things["customer_id"])
        things["referred_id"] = held_friend(shared["referral_id"], things["customer_id"])
        things["buying_seat_id"] = buying_seat(shared["buying_group_id"], things["customer_id"])
    people = {role: _person(role, role, here) for role in ROLE_PERMISSIONS}
    everything = OwnRole.objects.create(name="all", permissions=sorted(PERMISSIONS - CHAIN_PERMISSIONS))
    nothing = OwnRole.objects.create(name="none", permissions=[])
    people[BY_STORE] = _person("by-store", "own", here, own_role=everything)
    people["nothing"] = _person("nothing", "own", here, own_role=nothing)
    return World(own, foreign, people)


def _person(username: str, role: str, store: Store, **more: Any) -> Staff:
    staff = Staff.objects.create(username=username, display_name=username, role=role, joined_at=NOW, **more)
    staff.stores.set([store])
    return staff


def _shared_things() -> dict[str, Any]:
    """Return things that belong to the chain."""
    tag_id = create_tag_in(actor=Actor.system(), group="偏好", name="连衣裙", rule=None, now=NOW)
    rule = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}
    offer = group_campaign()
    return {
        "tag_id": tag_id,
        "group_id": TagGroup.objects.get().pk,
        "segment_id": Segment.objects.create(name="两单", rule=rule, created_at=NOW, changed_at=NOW).pk,
        "import_id": Import.objects.create(
            file_name="a.csv", status="done", target="orders", plan={"sheets": []}, created_at=NOW
        ).pk,
        "job_id": Job.objects.create(task_path="yutang.x.y", status="dead", run_after=NOW, enqueued_at=NOW).pk,
        "region_id": Region.objects.create(name="华北").pk,
        "role_key": f"own-{OwnRole.objects.create(name='客服', permissions=['customers.view']).pk}",
        "experiment_key": experiment(),
        "campaign_id": campaign(),
        "key": "foundation.organisation_name",
        "secret": "no-such-link",
        "token": "no-such-link-000",
        "source": "aliyun",
        "what": "receipts",
        "playbook_id": playbook(),
        "kind_id": kind_of_coupon(),
        "version": 0,
        "entry_id": list_entry(),
        **referral_things(),
        "group_campaign_id": offer,
        "buying_group_id": buying_group(offer),
        "refund_id": 2**40,
        "how": "close",
        "code": "nobody",
        "number": "nobody",
        "request_id": request_about_data(),
        "step_id": "call",
        "ready": "welcome",
        "alarm_id": MassDeletion.objects.create(
            account=Account.objects.create(userid="chain", seen_at=NOW),
            first_at=NOW,
            last_at=NOW,
            deleted=30,
            raised_at=NOW,
        ).pk,
        **told_things(),
        **said_things(),
    }


def _things_of(store: Store, staff: Staff) -> dict[str, Any]:
    people = [
        Customer.objects.create(sealed_profile=seal({"name": "张三"}), store=store, first_seen_at=NOW) for _ in range(5)
    ]
    merge_id = merge_customers(actor=Actor.system(), first_id=people[0].pk, second_id=people[4].pk, now=NOW)
    case = ReviewCase.objects.create(
        first=people[2], second=people[3], kind="names_differ", reason={"template": "x", "values": {}}, opened_at=NOW
    )
    proposal = Proposal.objects.create(
        kind="valuable_silent",
        dedupe_key=f"valuable_silent:{store.pk}",
        customer=people[1],
        store=store,
        owner=staff,
        reason={"template": "x", "values": {}},
        proposed_on=NOW.date(),
        due_at=NOW + timedelta(days=3),
    )
    session = StaffSession.objects.create(
        staff=staff, session_key=f"key-{store.pk}", device=b"x", began_at=NOW, seen_at=NOW
    )
    token = create_personal_token(actor=Actor.system(), name="till", username=staff.username, now=NOW)
    account = Account.objects.create(userid=f"wx-{store.pk}", staff=staff, seen_at=NOW)
    way = ContactWay.objects.create(name="包裹卡", state_text=f"yt-{store.pk}", state="ready", asked_at=NOW)
    way.accounts.set([account])
    group = Group.objects.create(chat_id=f"wr-{store.pk}", name="妈妈群", owner=account)
    community = Community.objects.create(group=group, store=store, owner=staff, made_at=NOW)
    message = Touch.objects.create(
        key=f"campaign:{store.pk}", customer=people[0], channel="wecom", intent="value", state="sent", wanted_at=NOW,
        at=NOW, business_date=NOW.date(), changed_at=NOW,
    )  # fmt: skip
    reply = Reply.objects.create(
        digest=f"reply-{store.pk}".encode(), channel="sms", customer=people[0], sealed_text=seal({"text": "有货吗"}),
        is_opt_out=False, sent_at=NOW, received_at=NOW,
    )  # fmt: skip
    return {
        **code(store, account),
        "message_id": message.pk,
        "reply_id": reply.pk,
        "customer_group_id": group.pk,
        "community_id": community.pk,
        "account_id": account.pk,
        "booking_id": note_visit(
            actor=Actor.system(), key=f"visit:{store.pk}", customer_id=people[0].pk, store_id=store.pk, now=NOW
        ).id,
        "way_id": way.pk,
        "token_id": token.id,
        "customer_id": people[0].pk,
        "merge_id": merge_id,
        "case_id": case.pk,
        "proposal_id": proposal.pk,
        "staff_id": staff.pk,
        "store_id": store.pk,
        "session_id": session.pk,
    }


class Asker:
    """Somebody who has logged in, and asks: whatever an answer changes, in the store or in the browser, is undone."""

    def __init__(self, staff: Staff) -> None:
        self._client = Client(raise_request_exception=False)
        self._client.force_login(staff, backend=BACKEND)
        self._session = self._client.cookies["sessionid"].value
        # That the person is here is written down now, and not undone with each question.
        self._client.get("/preferences/theme/")

    def status(self, method: str, address: str) -> int:
        """Return the status of the answer."""
        self._client.cookies = SimpleCookie({"sessionid": self._session})
        with transaction.atomic():
            answer = self._client.post(address, BODY) if method == "POST" else self._client.get(address)
            transaction.set_rollback(True)
        return int(answer.status_code)


def _needed(pattern: URLPattern) -> frozenset[str]:
    return pattern.callback.permissions  # type: ignore[attr-defined, no-any-return]


def _rooms() -> list[URLPattern]:
    return [pattern for pattern in routes() if pattern.name not in OPEN | NO_ROOM]


def _holds(staff: Staff, needed: frozenset[str]) -> bool:
    return needed <= (frozenset(staff.own_role.permissions) if staff.own_role else ROLE_PERMISSIONS[staff.role])


#: Who sees everything, one's stores by a region and by name, and nothing: what others see asks the same of the database.
_ON_BOTH = {"owner", "region_manager", BY_STORE, "nothing"}
EVERYBODY = [
    who if who in _ON_BOTH else pytest.param(who, marks=pytest.mark.once)
    for who in (*ROLE_PERMISSIONS, BY_STORE, "nothing")
]


class TestRules:
    def test_every_address_is_open_by_purpose_or_states_who_may_enter(self) -> None:
        silent = [p.name for p in routes() if p.name not in OPEN | NO_ROOM and not hasattr(p.callback, "permissions")]

        assert silent == []

    def test_what_is_open_says_so_itself_and_nothing_else_does(self) -> None:
        says = {p.name for p in routes() if not getattr(p.callback, "login_required", True)}

        assert says == OPEN - {"login"} | {"login"} & says

    def test_every_permission_that_is_asked_for_exists(self) -> None:
        assert frozenset().union(*(_needed(p) for p in _rooms())) <= PERMISSIONS

    def test_every_address_has_a_name_of_its_own(self) -> None:
        names = [p.name for p in routes()]

        assert None not in names
        assert len(names) == len(set(names))


@pytest.mark.django_db
class TestMatrix:
    def test_every_kind_of_thing_has_a_sample(self, world: World) -> None:
        kinds = {name for pattern in routes() for name in pattern.pattern.converters}

        assert kinds <= set(world.own)

    @pytest.mark.parametrize("who", EVERYBODY)
    def test_who_lacks_the_permission_is_refused_everywhere(self, world: World, who: str) -> None:
        staff = world.people[who]
        asker = Asker(staff)
        let_in = [
            (method, pattern.name, status)
            for pattern in _rooms()
            if not _holds(staff, _needed(pattern))
            for method in ("GET", "POST")
            if (status := asker.status(method, world.address(pattern, world.own))) != 403
        ]

        assert not let_in, _told(let_in)

    @pytest.mark.parametrize("who", EVERYBODY)
    def test_who_holds_it_gets_in_to_what_is_within_reach(self, world: World, who: str) -> None:
        staff = world.people[who]
        asker, breaches = Asker(staff), []
        for pattern in _rooms():
            if not _holds(staff, _needed(pattern)):
                continue
            # Of sessions only the own ones are within reach, whoever it is.
            mine = {"session_id": _session_of(staff)} if "session_id" in pattern.pattern.converters else {}
            address = world.address(pattern, world.own | mine)
            answers = {method: asker.status(method, address) for method in ("GET", "POST")}
            wrong = {m: s for m, s in answers.items() if s >= 500 or s == 404 or (s == 403 and m == "GET")}
            if wrong and (who, pattern.name) not in TOLD:
                breaches.append((pattern.name, wrong))

        assert not breaches, _told(breaches)

    @pytest.mark.parametrize("who", EVERYBODY)
    def test_what_belongs_to_others_is_not_there(self, world: World, who: str) -> None:
        staff = world.people[who]
        sees_all = staff.role in CHAIN_WIDE_ROLES
        asker, found = Asker(staff), []
        for pattern in _rooms():
            scoped = SCOPED & set(pattern.pattern.converters)
            if not scoped or (sees_all and scoped != {"session_id"}):
                continue
            address = world.address(pattern, world.foreign)
            for method in ("GET", "POST"):
                status = asker.status(method, address)
                if status not in {403, 404} and not (method == "GET" and status == 405):
                    found.append((method, pattern.name, status))

        assert not found, _told(found)

    def test_nobody_gets_in_who_is_barred(self, world: World) -> None:
        staff = world.people["owner"]
        client = Client()
        client.force_login(staff, backend=BACKEND)
        Staff.objects.filter(pk=staff.pk).update(is_active=False)

        answers = {client.get(world.address(p, world.own)).headers.get("Location", "") for p in _rooms()}

        assert all(answer.startswith(django_settings.LOGIN_URL) for answer in answers)

    def test_strangers_are_sent_to_the_log_in(self, world: World) -> None:
        client = Client()
        for pattern in _rooms():
            for method in ("GET", "POST"):
                answer = client.generic(method, world.address(pattern, world.own))
                assert answer.headers.get("Location", "").startswith(django_settings.LOGIN_URL), pattern.name

    def test_a_list_shows_things_of_the_own_stores_only(self, world: World) -> None:
        staff = world.people[BY_STORE]
        client = Client()
        client.force_login(staff, backend=BACKEND)

        people = {row["card"].person.username for row in client.get("/staff/?state=").context["rows"]}
        places = {row["card"].code for group in client.get("/stores/").context["groups"] for row in group["rows"]}
        tasks = {task["id"] for column in client.get("/today/").context["columns"] for task in column["tasks"]}

        assert "clerk" in people
        assert "stranger" not in people
        assert places == {"SH01"}
        assert world.foreign["proposal_id"] not in tasks


def _session_of(staff: Staff) -> int:
    row, _made = StaffSession.objects.get_or_create(
        session_key=f"mine-{staff.pk}",
        defaults={"staff": staff, "device": b"y", "began_at": NOW, "seen_at": NOW, "is_news": True},
    )
    return row.pk


def _told(breaches: list[Any]) -> str:
    return "\n".join(str(one) for one in breaches)
