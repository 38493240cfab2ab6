"""Every read of the room that others may ask for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet

from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.clock import Clock
from yutang.customers.queries import customer_rows
from yutang.foundation.access import Actor
from yutang.foundation.models import Job
from yutang.wecom.connecting import THE_ONE, client_of, present_app
from yutang.wecom.facts import facts_of_friendships, facts_of_joining, friendships_added, known_groups
from yutang.wecom.friends_chosen import befriended_of, everybody_befriended, friends_of, senders_of
from yutang.wecom.greeting_contents import GREETING_INTENTS
from yutang.wecom.handing import HandoversOf, HandoverView, handovers_of
from yutang.wecom.losing import friendships_of_alarm
from yutang.wecom.models import (
    Account,
    Callback,
    CallbackState,
    Connection,
    ConnectionKind,
    ContactWay,
    Friendship,
    Group,
    GroupMember,
    JoinWay,
    Lane,
    MassDeletion,
    Standing,
    SyncRun,
    WayState,
)
from yutang.wecom.official_account import official_account
from yutang.wecom.syncing import PHASES
from yutang.wecom.views import (
    AccountView,
    AlarmView,
    ConnectionView,
    FriendView,
    GroupView,
    LaneView,
    LostView,
    Seat,
    StaffAccount,
    SyncView,
    WayView,
)
from yutang.wecom.words import words_told

__all__ = [
    "GREETING_INTENTS",
    "HandoverView",
    "HandoversOf",
    "accounts",
    "alarm",
    "befriended_of",
    "connection",
    "connection_view",
    "contact_way",
    "contact_ways",
    "everybody_befriended",
    "facts_of_friendships",
    "facts_of_joining",
    "friends_of",
    "friendships_added",
    "friendships_of",
    "group",
    "group_of",
    "groups",
    "groups_named",
    "groups_of_keys",
    "handovers_of",
    "has_connection",
    "has_real_connection",
    "join_codes",
    "known_groups",
    "lost_friends",
    "members_of",
    "official_account",
    "open_alarms",
    "owners_of",
    "sandbox_page",
    "senders_of",
    "staff_accounts",
    "words_of_callbacks",
]

#: What "lately" means on the screens.
MONTH = timedelta(days=30)
_AT_ONCE = 5_000
_ENDED = (Standing.LEFT_BY_CUSTOMER, Standing.DELETED_BY_STAFF, Standing.GONE)


def connection(*, clock: Clock | None = None) -> WeCom | None:
    """Return a configured client of WeCom; None where no app is connected.

    Args:
        clock: what time it is for the client; the machine's when left out.
    """
    app = present_app()
    return None if app is None else client_of(app, clock=clock)


def has_connection() -> bool:
    """Return whether an app is connected, of a real corp or of the sandbox."""
    return present_app() is not None


def has_real_connection() -> bool:
    """Return whether the app of a real corp is connected."""
    app = present_app()
    return app is not None and app.kind == ConnectionKind.REAL


def sandbox_page() -> str:
    """Return where the sandbox is played; empty where none is connected."""
    app = present_app()
    return app.page_url if app is not None and app.kind == ConnectionKind.SANDBOX else ""


def group_of(*, customer_ids: Collection[int]) -> Mapping[int, tuple[Seat, ...]]:
    """Return the living groups in which each of these customers is, the latest first; who is in none is missing."""
    found: dict[int, list[Seat]] = {}
    keys = sorted(customer_ids)
    for start in range(0, len(keys), _AT_ONCE):
        rows = GroupMember.objects.filter(
            contact__customer_id__in=keys[start : start + _AT_ONCE], left_at=None, group__dismissed_at=None
        ).order_by("-joined_at", "-pk")
        for row in rows.select_related("group__owner", "contact"):
            owner = row.group.owner.userid if row.group.owner else ""
            seat = Seat(row.group_id, row.group.chat_id, row.group.name, owner, row.joined_at)
            if row.contact is not None and row.contact.customer_id is not None:
                found.setdefault(row.contact.customer_id, []).append(seat)
    return {key: tuple(seats) for key, seats in found.items()}


def owners_of(*, chat_ids: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """Return chat id and userid of the owner of each living group, by chat id; who has no owner here is missing."""
    rows = Group.objects.filter(chat_id__in=list(chat_ids), dismissed_at=None, owner__is_serving=True).order_by()
    return {chat_id: (chat_id, userid) for chat_id, userid in rows.values_list("chat_id", "owner__userid")}


def groups_of_keys(*, group_ids: Collection[int]) -> Mapping[str, datetime | None]:
    """Return when each of these groups was made, by chat id."""
    return dict(Group.objects.filter(pk__in=list(group_ids)).order_by().values_list("chat_id", "made_at"))


def staff_accounts(*, access: Actor) -> tuple[StaffAccount, ...]:
    """Return the members of the corp within reach, with who they are here; a handful of columns, for many screens."""
    access.require("channels.view")
    rows = _accounts(access).select_related("staff").order_by("userid")
    return tuple(StaffAccount(row.userid, row.staff_id, _name(row)) for row in rows)


def members_of(*, chat_ids: Collection[str]) -> Mapping[str, tuple[int, ...]]:
    """Return the customers who are in each of these groups now, by chat id; who is nobody here is left out."""
    rows = GroupMember.objects.filter(group__chat_id__in=list(chat_ids), left_at=None, contact__customer__isnull=False)
    found: dict[str, list[int]] = {chat_id: [] for chat_id in chat_ids}
    for chat_id, person in rows.order_by("pk").values_list("group__chat_id", "contact__customer_id"):
        found[chat_id].append(person)
    return {key: tuple(dict.fromkeys(people)) for key, people in found.items()}


def join_codes(*, chat_ids: Collection[str]) -> Mapping[str, str]:
    """Return the address of the join code of each of these groups that has one, by chat id."""
    ready = JoinWay.objects.filter(group__chat_id__in=list(chat_ids), state=WayState.READY).exclude(qr_code="")
    return dict(ready.order_by().values_list("group__chat_id", "qr_code"))


def words_of_callbacks(*, callback_ids: Collection[int]) -> Mapping[int, str]:
    """Return what customers wrote, by callback, for what listens to words; one that was forgotten is left out."""
    return words_told(callback_ids=callback_ids)


def connection_view(*, access: Actor, now: datetime) -> ConnectionView:
    """Return how WeCom is connected, what waits, and the last full look."""
    access.require("channels.view")
    app = present_app()
    row = Connection.objects.filter(pk=THE_ONE).first()
    waiting = Callback.objects.filter(state=CallbackState.WAITING).order_by().values_list("lane")
    lanes = {lane: LaneView(n, oldest) for lane, n, oldest in waiting.annotate(Count("pk"), Min("received_at"))}
    greeted = Callback.objects.filter(received_at__gte=now - MONTH).exclude(greeting="").order_by()
    return ConnectionView(
        kind=app.kind if app else "",
        corp_id=app.corp_id if app else "",
        agent_id=app.agent_id if app else None,
        page_url=app.page_url if app else "",
        is_fixed=app.is_fixed if app else False,
        fault=row.fault if row else "",
        fault_at=row.fault_at if row else None,
        last_callback_at=Callback.objects.aggregate(last=Max("received_at"))["last"],
        welcome=lanes.get(Lane.WELCOME.value, LaneView(0, None)),
        other=lanes.get(Lane.OTHER.value, LaneView(0, None)),
        given_up=Callback.objects.filter(state=CallbackState.DEAD).count(),
        friends=Friendship.objects.filter(standing=Standing.FRIENDS, account__in=_accounts(access)).count(),
        greetings=dict(greeted.values_list("greeting").annotate(Count("pk"))),
        sync=_last_sync(),
    )


def accounts(*, access: Actor, now: datetime) -> tuple[AccountView, ...]:
    """Return the members of the corp who have customers, within reach."""
    access.require("channels.view")
    month = now - MONTH
    rows = _accounts(access).select_related("staff").order_by("-is_serving", "userid")
    ended = Q(ended_at__gte=month)
    counts = _by_account(
        Friendship.objects.filter(account__in=rows),
        friends=Q(standing=Standing.FRIENDS),
        lost=Q(standing=Standing.LEFT_BY_CUSTOMER) & ended,
        deleted=Q(standing=Standing.DELETED_BY_STAFF) & ended,
    )
    owned = dict(
        Group.objects.filter(owner__in=rows, dismissed_at=None).order_by().values_list("owner").annotate(Count("pk"))
    )
    return tuple(
        AccountView(
            id=row.pk,
            userid=row.userid,
            staff_id=row.staff_id,
            name=_name(row),
            is_serving=row.is_serving,
            groups=owned.get(row.pk, 0),
            **counts.get(row.pk, {"friends": 0, "lost": 0, "deleted": 0}),
        )
        for row in rows
    )


def groups(*, access: Actor, after_id: int = 0, limit: int | None = None, now: datetime) -> tuple[GroupView, ...]:
    """Return living groups within reach, by key."""
    access.require("channels.view")
    rows = Group.objects.filter(dismissed_at=None, pk__gt=after_id).select_related("owner__staff").order_by("pk")
    if access.store_ids is not None:
        rows = rows.filter(owner__in=_accounts(access))
    return _group_views(list(rows[:limit]), now)


def group(*, access: Actor, group_id: int, now: datetime) -> GroupView | None:
    """Return one group within reach, also one that is gone; None where there is none."""
    access.require("channels.view")
    rows = Group.objects.filter(pk=group_id).select_related("owner__staff")
    if access.store_ids is not None:
        rows = rows.filter(owner__in=_accounts(access))
    row = rows.first()
    return None if row is None else _group_views([row], now)[0]


def groups_named(*, access: Actor, chat_ids: Collection[str]) -> Mapping[str, tuple[int, str]]:
    """Return key and name of groups within reach by chat id, for rooms that show them beside their own facts."""
    access.require("channels.view")
    rows = Group.objects.filter(chat_id__in=list(chat_ids)).order_by()
    if access.store_ids is not None:
        rows = rows.filter(owner__in=_accounts(access))
    return {chat_id: (key, name) for chat_id, key, name in rows.values_list("chat_id", "pk", "name")}


def contact_ways(*, access: Actor) -> tuple[WayView, ...]:
    """Return the channel codes that are in use or being made, the latest first; those that add somebody within reach."""
    access.require("channels.view")
    rows = ContactWay.objects.exclude(state=WayState.ENDED).order_by("-pk")
    if access.store_ids is not None:
        rows = rows.filter(accounts__in=_accounts(access)).distinct()
    counts = {
        key: (came, friends)
        for key, came, friends in Friendship.objects.filter(way__in=rows)
        .order_by()
        .values_list("way")
        .annotate(came=Count("contact", distinct=True), friends=Count("pk", filter=Q(standing=Standing.FRIENDS)))
    }
    return tuple(_way(row, counts.get(row.pk, (0, 0))) for row in rows.prefetch_related("accounts__staff"))


def contact_way(*, access: Actor, way_id: int) -> WayView | None:
    """Return one channel code within reach; None where there is none."""
    return next((one for one in contact_ways(access=access) if one.id == way_id), None)


def lost_friends(
    *,
    access: Actor,
    how: str = "",
    alarm_id: int | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int | None = None,
) -> tuple[LostView, ...]:
    """Return friendships that ended, the latest first, of customers within reach.

    Args:
        access: who asks.
        how: left, deleted or gone; empty for all of them.
        alarm_id: only those of which this alarm tells; None: all.
        before: (when it ended, key) of the last one seen.
        limit: at most so many.
    """
    access.require("channels.view")
    access.require("customers.view")
    rows = Friendship.objects.filter(standing__in=[how] if how in _ENDED else _ENDED).exclude(ended_at=None)
    if access.store_ids is not None:
        rows = rows.filter(contact__customer__store_id__in=access.store_ids)
    if alarm_id is not None:
        told = MassDeletion.objects.filter(pk=alarm_id).first()
        rows = rows.none() if told is None else rows.filter(pk__in=friendships_of_alarm(told).values("pk"))
    if before is not None:
        rows = rows.filter(Q(ended_at__lt=before[0]) | Q(ended_at=before[0], pk__lt=before[1]))
    found = list(rows.select_related("account__staff", "contact").order_by("-ended_at", "-pk")[:limit])
    people = customer_rows(access=access, ids=[one.contact.customer_id for one in found if one.contact.customer_id])
    return tuple(
        LostView(
            id=one.pk,
            customer_id=one.contact.customer_id if one.contact.customer_id in people else None,
            customer=people[one.contact.customer_id].name if one.contact.customer_id in people else "",
            staff=_name(one.account),
            how=one.standing,
            added_at=one.added_at,
            ended_at=one.ended_at,
            kept_days=one.kept_days,
            last_touch_at=one.last_touch_at,
        )
        for one in found
        if one.ended_at is not None
    )


def friendships_of(*, access: Actor, customer_id: int) -> tuple[FriendView, ...]:
    """Return who of the staff is or was a customer's friend, those who are first; empty where the customer is out of reach."""
    access.require("customers.view")
    if customer_id not in customer_rows(access=access, ids=[customer_id]):
        return ()
    rows = Friendship.objects.filter(contact__customer_id=customer_id)
    rows = rows.select_related("account__staff", "way", "welcomed_with")
    ordered = sorted(
        rows.prefetch_related("changes"), key=lambda one: (one.standing != Standing.FRIENDS, -_seconds(one.added_at))
    )
    return tuple(
        FriendView(
            id=one.pk,
            staff=_name(one.account),
            standing=one.standing,
            way=one.way.name if one.way else "",
            add_way=one.add_way,
            since=one.added_at,
            ended_at=one.ended_at,
            kept_days=one.kept_days,
            welcomed_at=one.welcomed_at,
            welcome_words=one.welcomed_with.text if one.welcomed_with else "",
            welcome_content=one.welcomed_with.content if one.welcomed_with else "",
            last_touch_at=one.last_touch_at,
            changes=tuple((each.kind, each.at) for each in sorted(one.changes.all(), key=lambda c: c.at, reverse=True)),
        )
        for one in ordered
    )


def open_alarms(*, access: Actor) -> tuple[AlarmView, ...]:
    """Return the alarms that nobody has looked into."""
    access.require("settings.manage")
    rows = MassDeletion.objects.filter(noted_at=None).select_related("account__staff")
    return tuple(_alarm(one) for one in rows)


def alarm(*, access: Actor, alarm_id: int) -> AlarmView | None:
    """Return one alarm, whether somebody has looked into it or not; None where there is none."""
    access.require("channels.view")
    row = MassDeletion.objects.filter(pk=alarm_id).select_related("account__staff").first()
    return None if row is None else _alarm(row)


def _alarm(row: MassDeletion) -> AlarmView:
    ended = friendships_of_alarm(row).count()
    return AlarmView(row.pk, _name(row.account), row.by, ended, row.first_at, row.last_at)


def _accounts(access: Actor) -> QuerySet[Account]:
    if access.store_ids is None:
        return Account.objects.all()
    return Account.objects.filter(staff__stores__in=access.store_ids).distinct()


def _by_account(rows: QuerySet[Friendship], **wanted: Q) -> dict[int, dict[str, int]]:
    counts = {name: Count("pk", filter=each) for name, each in wanted.items()}
    counted = rows.order_by().values_list("account").annotate(**counts)
    return {account: dict(zip(wanted, found, strict=True)) for account, *found in counted}


def _name(account: Account) -> str:
    return account.staff.display_name if account.staff else account.userid


def _group_views(shown: list[Group], now: datetime) -> tuple[GroupView, ...]:
    month = now - MONTH
    counted = {
        key: (now_in, joined, left)
        for key, now_in, joined, left in GroupMember.objects.filter(group__in=shown, account=None)
        .order_by()
        .values_list("group")
        .annotate(
            now_in=Count("pk", filter=Q(left_at=None)),
            joined=Count("pk", filter=Q(joined_at__gte=month)),
            left=Count("pk", filter=Q(left_at__gte=month)),
        )
    }
    return tuple(_group(row, counted.get(row.pk, (0, 0, 0))) for row in shown)


def _group(row: Group, counts: tuple[int, int, int]) -> GroupView:
    return GroupView(
        id=row.pk,
        chat_id=row.chat_id,
        name=row.name,
        owner=_name(row.owner) if row.owner else "",
        members=counts[0],
        joined=counts[1],
        left=counts[2],
        status=row.status,
        made_at=row.made_at,
    )


def _way(row: ContactWay, counts: tuple[int, int]) -> WayView:
    return WayView(
        id=row.pk,
        name=row.name,
        state=row.state,
        error=row.error if row.state == WayState.FAILED else "",
        staff=tuple(_name(one) for one in row.accounts.all()),
        welcome_words=row.welcome_words,
        welcome_content=row.welcome_content,
        config_id=row.config_id,
        qr_code=row.qr_code,
        came=counts[0],
        friends=counts[1],
        asked_at=row.asked_at,
    )


def _last_sync() -> SyncView | None:
    row = SyncRun.objects.order_by("-pk").first()
    if row is None:
        return None
    status = Job.objects.filter(pk=row.job_id or 0).values_list("status", flat=True).first()
    return SyncView(
        id=row.pk,
        job_id=row.job_id,
        status=status or "",
        phase=row.phase,
        done=PHASES.index(row.phase),
        steps=len(PHASES) - 1,
        counts=row.counts,
        began_at=row.began_at,
        ended_at=row.ended_at,
    )


def _seconds(at: datetime | None) -> float:
    return 0.0 if at is None else at.timestamp()
