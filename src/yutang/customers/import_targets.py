"""What files may bring about people: customer lists, one row a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from yutang.customers.identity import Origin, resolve
from yutang.customers.imported_tags import give_imported_tags
from yutang.customers.person_fields import PERSON_FIELDS
from yutang.customers.rows import observed_of
from yutang.customers.rules import is_account_nickname
from yutang.customers.undoing import undo_people_of_import
from yutang.foundation import bulk
from yutang.foundation.models import Staff
from yutang.ingest.new_stores import stores_of_rows
from yutang.ingest.targets import TARGETS, Field, LoadContext, LoadOutcome, Target, Verdicts
from yutang.ingest.values import ValueKind
from yutang.kit.text import N_

#: Platform of lists that no marketplace made: the merchant's own till or ERP.
_OWN_PLATFORM = "own"
_KEY_FIELDS = (
    "customer_member_no",
    "customer_nickname",
    "customer_phone",
    "customer_email",
    "wecom_external_userid",
    "wechat_unionid",
    "wechat_openid",
    "receiver_phone",
)
_PHONES = ("customer_phone", "receiver_phone")
_PROBLEMS = {
    "shared_number": N_(
        "Row %(row)s: the number in “%(column)s” is shared by too many people to tell one of them. Add the member number."
    ),
    "no_key": N_(
        "Row %(row)s tells nobody: it has no member number or account of its own, and no phone or e-mail in the clear. "
        "A name or nickname that several people may bear is not enough."
    ),
}


def _judge(table: pa.Table, context: LoadContext) -> Verdicts:
    """Refuse rows that tell nobody; a nickname that is free text on its platform does not."""
    nothing = pa.nulls(table.num_rows, pa.string())
    has_key = pa.array([False] * table.num_rows)
    for name in _KEY_FIELDS:
        if name == "customer_nickname" and not is_account_nickname(context.platform):
            continue
        if name in table.column_names:
            has_key = pc.or_(has_key, pc.is_valid(_column(table, name, pa.string())))
    refused = pc.if_else(has_key, nothing, "no_key")
    column = pc.if_else(has_key, nothing, "customer_phone")
    return Verdicts(refused, column, nothing, pa.array([0] * table.num_rows, pa.int64()))


def _load(rows: pa.Table, context: LoadContext) -> LoadOutcome:
    """Resolve the people of the rows, give them their tags, and say of each row what it brought."""
    platform = context.platform or _OWN_PLATFORM
    scope = f"{platform}:{context.shop_name}" if context.shop_name else platform
    since = _column(rows, "customer_since", pa.timestamp("us"))
    observed = observed_of(rows, store_id=_stores(rows, context), owner_id=_owners(rows), seen_at=since)
    if observed is None:
        return LoadOutcome(ignored={"no_key": rows.num_rows})
    resolution = resolve(observed=observed, origin=Origin(context.import_id, scope), now=context.now)
    people = resolution.customer_ids.to_pylist()
    tagged = give_imported_tags(
        people,
        texts=_column(rows, "tags", pa.string()).to_pylist(),
        members=_column(rows, "is_member", pa.bool_()).to_pylist(),
        import_id=context.import_id,
        now=context.now,
    )
    shared = _shared_numbers(rows, people)
    told = [
        person
        for number, person in zip(rows.column("row_number").to_pylist(), people, strict=True)
        if number not in shared
    ]
    outcome = _outcome(told, made=resolution.made, touched=resolution.changed | tagged)
    outcome.refused = tuple((number, "shared_number", field) for number, field in shared.items())
    outcome.overlaps = _overlaps(people, context.import_id)
    return outcome


def _shared_numbers(rows: pa.Table, people: list[int | None]) -> dict[int, str]:
    """Return the rows that name nobody although they hold a number in the clear, with its field: many share the number."""
    numbers = rows.column("row_number").to_pylist()
    found: dict[int, str] = {}
    for field in _PHONES:
        phones = _column(rows, field, pa.string()).to_pylist()
        for number, phone, person in zip(numbers, phones, people, strict=True):
            if person is None and phone is not None:
                found.setdefault(number, field)
    return found


def _outcome(people: list[int | None], *, made: frozenset[int], touched: frozenset[int]) -> LoadOutcome:
    """Count the rows: the first one about a person brings what is new, a further one brings nothing more."""
    outcome = LoadOutcome(made={"customers": len(made)})
    counted: set[int] = set()
    for person in people:
        if person is None:
            outcome.ignored["no_key"] = outcome.ignored.get("no_key", 0) + 1
            continue
        if person in counted:
            outcome.unchanged += 1
        elif person in made:
            outcome.new += 1
        elif person in touched:
            outcome.updated += 1
        else:
            outcome.unchanged += 1
        counted.add(person)
    return outcome


def _overlaps(people: list[int | None], import_id: int) -> dict[int, int]:
    """Return how many people of the rows each other import had made."""
    known = [(person,) for person in sorted({p for p in people if p is not None})]
    with bulk.key_table([("id", "int")], known) as keys:
        found = bulk.fetch(
            f"SELECT c.source_id, COUNT(*) FROM {keys} k JOIN customers_customer c ON c.id = k.id "  # noqa: S608
            "WHERE c.source_id <> %s GROUP BY c.source_id",
            [import_id],
        )
    return dict(found)


def _stores(rows: pa.Table, context: LoadContext) -> pa.Array:
    codes = _column(rows, "store_code", pa.string()).to_pylist()
    names = _column(rows, "store_name", pa.string()).to_pylist()
    pairs = list(zip(codes, names, strict=True))
    found = stores_of_rows(
        sorted({pair for pair in pairs if pair != (None, None)}, key=str), import_id=context.import_id, now=context.now
    )
    return pa.array([found.get(pair) for pair in pairs], pa.int64())


def _owners(rows: pa.Table) -> pa.Array:
    """Return the member of staff whom each row names, null where nobody of that name works here."""
    names = _column(rows, "staff_name", pa.string()).to_pylist()
    found = dict(Staff.objects.filter(display_name__in={n for n in names if n}).values_list("display_name", "pk"))
    return pa.array([found.get(name) for name in names], pa.int64())


def _column(rows: pa.Table, name: str, kind: pa.DataType) -> Any:
    return rows.column(name).combine_chunks() if name in rows.column_names else pa.nulls(rows.num_rows, kind)


def _undo(import_id: int, now: datetime) -> None:
    undo_people_of_import(import_id=import_id, now=now)


CUSTOMERS = TARGETS.register(
    Target(
        code="customers",
        title=N_("Customers"),
        fields=(
            *PERSON_FIELDS,
            Field("customer_since", ValueKind.DATETIME, N_("Customer since")),
            Field("tags", ValueKind.TEXT, N_("Tags")),
            Field("is_member", ValueKind.BOOLEAN, N_("Is a member")),
            Field("store_code", ValueKind.ID, N_("Store code")),
            Field("store_name", ValueKind.TEXT, N_("Store name")),
            Field("staff_name", ValueKind.TEXT, N_("Member of staff")),
            Field("note", ValueKind.TEXT, N_("Note")),
        ),
        group_key=None,
        judge=_judge,
        load=_load,
        undo=_undo,
        problems=_PROBLEMS,
        ignored={"no_key": N_("No key in the clear by which the person could be told")},
    )
)
