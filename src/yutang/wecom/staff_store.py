"""Members of the corp who have customers, and who they are here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from yutang.foundation.models import Staff
from yutang.wecom.models import Account


def accounts_of(userids: Collection[str], *, now: datetime) -> dict[str, Account]:
    """Return the accounts of userids, made where there are none, in the caller's transaction."""
    known = {one.userid: one for one in Account.objects.filter(userid__in=list(userids))}
    missing = sorted(set(userids) - set(known))
    if not missing:
        return known
    staff = _free_staff(missing)
    new = [Account(userid=userid, staff_id=staff.get(userid.casefold()), seen_at=now) for userid in missing]
    return known | {one.userid: one for one in Account.objects.bulk_create(new)}


def places_of(accounts: Iterable[Account]) -> dict[int, tuple[int | None, int | None]]:
    """Return (store, member of staff) of accounts by key: a store only where the person has one alone."""
    by_staff = {one.staff_id: one.pk for one in accounts if one.staff_id is not None}
    rows = Staff.stores.through.objects.filter(staff_id__in=list(by_staff)).order_by("store_id")
    stores: dict[int, list[int]] = {}
    for staff_id, store_id in rows.values_list("staff_id", "store_id"):
        stores.setdefault(staff_id, []).append(store_id)
    return {
        account: (stores[staff_id][0] if len(stores.get(staff_id, ())) == 1 else None, staff_id)
        for staff_id, account in by_staff.items()
    }


def write_serving(userids: Collection[str], *, now: datetime) -> int:
    """Keep who serves, as a whole list of the API says it, in the caller's transaction; return how many."""
    accounts_of(userids, now=now)
    serving = Account.objects.filter(userid__in=list(userids))
    serving.update(is_serving=True, seen_at=now, left_at=None)
    Account.objects.filter(is_serving=True).exclude(userid__in=list(userids)).update(is_serving=False)
    return len(set(userids))


def write_changes(*, renamed: Mapping[str, str], left: Mapping[str, datetime]) -> None:
    """Give staff their new ids, and keep when somebody left the corp; in the caller's transaction."""
    taken = set(Account.objects.filter(userid__in=list(renamed.values())).values_list("userid", flat=True))
    rows = list(Account.objects.filter(userid__in=[*renamed, *left]))
    for row in rows:
        new = renamed.get(row.userid, "")
        row.left_at = left.get(row.userid, row.left_at)
        row.is_serving = row.is_serving and row.userid not in left
        if new and new not in taken:
            row.userid = new
    Account.objects.bulk_update(rows, ["userid", "left_at", "is_serving"])


def _free_staff(userids: Iterable[str]) -> dict[str, int]:
    """Return staff whose log-in name is the userid, and who have no account yet, by the name in small letters."""
    wanted = {userid.casefold() for userid in userids}
    taken = Account.objects.exclude(staff=None).values("staff_id")
    rows = Staff.objects.exclude(pk__in=taken).order_by("pk").values_list("username", "pk")
    return {username.casefold(): key for username, key in rows if username.casefold() in wanted}
