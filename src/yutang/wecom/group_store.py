"""Groups written set-based: what they are called, who is in them, who came and went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from yutang.connectors.wecom.api.customers import Person
from yutang.connectors.wecom.api.groups import Group as Shown
from yutang.connectors.wecom.api.groups import GroupMember as ShownMember
from yutang.foundation import bulk, outbox
from yutang.foundation.sealing import digest16_many
from yutang.wecom.events import GroupsFound, GroupsJoined
from yutang.wecom.friend_store import Known, contacts_of
from yutang.wecom.heard import HeardGroup
from yutang.wecom.losing import RECENT
from yutang.wecom.marking import mark_members
from yutang.wecom.models import Account, Contact, Group, GroupMember
from yutang.wecom.recognising import link_known
from yutang.wecom.row_writing import update_each
from yutang.wecom.staff_store import accounts_of

_STAFF = 1
_AT_ONCE = 500
_WRITTEN = ("name", "notice", "owner", "status", "made_at", "member_version", "read_at", "dismissed_at")


def write_groups(
    shown: Mapping[str, Shown | None],
    *,
    heard: Mapping[str, HeardGroup] | None = None,
    statuses: Mapping[str, int] | None = None,
    read_at: datetime,
    now: datetime,
) -> None:
    """Write what is known of groups, in the caller's transaction.

    Args:
        shown: what the API showed, by chat_id; None for a group that is not there.
        heard: what callbacks told of them.
        statuses: what the list of groups said of their owners.
        read_at: when asking began. Aware UTC.
        now: when it is written. Aware UTC.
    """
    bulk.one_at_a_time("import")
    told = heard or {}
    chat_ids = sorted({*shown, *told})
    rows = {one.chat_id: one for one in Group.objects.filter(chat_id__in=chat_ids)}
    fresh = {key: one for key, one in shown.items() if one is not None and not _is_stale(rows.get(key), read_at)}
    accounts = accounts_of({userid for one in fresh.values() for userid in _staff_of(one)}, now=now)
    contacts = contacts_of(_outside(fresh.values()), _people(fresh.values()), now=now)
    link_known([(known.row, known.card) for known in contacts.values()], now=now)
    for chat_id in chat_ids:
        row = rows.setdefault(chat_id, Group(chat_id=chat_id))
        if chat_id in fresh:
            _take_shown(row, fresh[chat_id], accounts, (statuses or {}).get(chat_id, row.status), read_at)
        ended = told[chat_id].dismissed_at if chat_id in told else None
        if ended is not None or (chat_id in shown and shown[chat_id] is None):
            row.dismissed_at = row.dismissed_at or ended or read_at
    found = Group.objects.bulk_create([one for one in rows.values() if one.pk is None], batch_size=_AT_ONCE)
    if found:
        outbox.record(GroupsFound(tuple(one.pk for one in found)), now=now)
    update_each([rows[key] for key in chat_ids], _WRITTEN)
    _write_members({rows[key]: one for key, one in fresh.items()}, contacts, accounts, told, read_at=read_at, now=now)
    over = [one.pk for one in rows.values() if one.dismissed_at is not None]
    if GroupMember.objects.filter(group_id__in=over, left_at=None).update(left_at=read_at):
        mark_members(now=now)


def _is_stale(row: Group | None, read_at: datetime) -> bool:
    return row is not None and (row.dismissed_at is not None or (row.read_at is not None and row.read_at > read_at))


def _take_shown(row: Group, one: Shown, accounts: Mapping[str, Account], status: int, read_at: datetime) -> None:
    row.name, row.notice, row.owner = one.name[:200], one.notice, accounts.get(one.owner)
    row.status, row.made_at, row.read_at = status, one.created_at, read_at
    row.member_version = one.member_version[:64]


def _write_members(
    shown: Mapping[Group, Shown],
    contacts: Mapping[str, Known],
    accounts: Mapping[str, Account],
    heard: Mapping[str, HeardGroup],
    *,
    read_at: datetime,
    now: datetime,
) -> None:
    """Compare lists of members: whoever is missing has left, whoever joined at another time has left and come back."""
    present = {
        (one.group_id, one.contact_id, one.account_id, one.joined_at): one
        for one in GroupMember.objects.filter(group__in=list(shown), left_at=None)
    }
    wanted: dict[tuple[int, int | None, int | None, datetime], GroupMember] = {}
    for group, whole in shown.items():
        for member in whole.members:
            row = _member(group, member, contacts, accounts)
            wanted[row.group_id, row.contact_id, row.account_id, row.joined_at] = row
    gone = [one for key, one in present.items() if key not in wanted]
    left = _departures(gone, contacts, accounts, shown, heard)
    for one in gone:
        one.left_at = left.get((one.group_id, one.contact_id, one.account_id), read_at)
    update_each(gone, ["left_at"])
    new = [row for key, row in wanted.items() if key not in present]
    _create(new)
    if gone or new:
        mark_members(now=now)
    by_contact = {known.row.pk: known.row.customer_id for known in contacts.values()}
    came = [
        (one.group_id, person)
        for one in new
        if one.joined_at >= now - RECENT and (person := by_contact.get(one.contact_id or 0)) is not None
    ]
    if came:
        outbox.record(GroupsJoined(tuple(group for group, _ in came), tuple(person for _, person in came)), now=now)


def _create(rows: Collection[GroupMember]) -> None:
    """Write members; who was written as gone by an older look is there after all."""
    for which in ("contact", "account"):
        GroupMember.objects.bulk_create(
            [one for one in rows if getattr(one, f"{which}_id") is not None],
            update_conflicts=True,
            unique_fields=["group", which, "joined_at"],
            update_fields=["left_at"],
            batch_size=_AT_ONCE,
        )


def _departures(
    gone: Collection[GroupMember],
    contacts: Mapping[str, Known],
    accounts: Mapping[str, Account],
    shown: Mapping[Group, Shown],
    heard: Mapping[str, HeardGroup],
) -> dict[tuple[int, int | None, int | None], datetime]:
    """Return when members went, as far as callbacks told."""
    found: dict[tuple[int, int | None, int | None], datetime] = {}
    if not gone:
        return found
    told = {(group.pk, member): at for group in shown for member, at in _left(heard, group)}
    ids = {member for _group, member in told}
    outside = {key: known.row.pk for key, known in _contacts_there(ids, contacts).items()}
    inside = {key: one.pk for key, one in accounts.items()}
    for (group, member), at in told.items():
        found[group, outside.get(member), inside.get(member)] = at
    return found


def _contacts_there(ids: Collection[str], known: Mapping[str, Known]) -> dict[str, Known]:
    """Return those of the ids that are contacts already."""
    missing = sorted(set(ids) - set(known))
    digests = dict(zip(digest16_many("wecom", "", missing), missing, strict=True))
    rows = Contact.objects.filter(digest__in=list(digests))
    found = {digests[bytes(one.digest)]: Known(one, {}, is_news=False) for one in rows}
    return {**{key: known[key] for key in ids if key in known}, **found}


def _left(heard: Mapping[str, HeardGroup], group: Group) -> Iterable[tuple[str, datetime]]:
    return heard[group.chat_id].left_at.items() if group.chat_id in heard else ()


def _member(
    group: Group, member: ShownMember, contacts: Mapping[str, Known], accounts: Mapping[str, Account]
) -> GroupMember:
    row = GroupMember(group=group, joined_at=member.joined_at, scene=member.join_scene, state_text=member.state[:64])
    if member.kind == _STAFF:
        row.account = accounts[member.id]
    else:
        row.contact = contacts[member.id].row
    return row


def _staff_of(one: Shown) -> Iterable[str]:
    yield one.owner
    yield from (member.id for member in one.members if member.kind == _STAFF)


def _outside(groups: Iterable[Shown]) -> set[str]:
    return {member.id for one in groups for member in one.members if member.kind != _STAFF}


def _people(groups: Iterable[Shown]) -> dict[str, Person]:
    return {
        member.id: Person(member.id, name=member.name, unionid=member.unionid)
        for one in groups
        for member in one.members
        if member.kind != _STAFF
    }
