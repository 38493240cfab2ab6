"""Where an order belongs: shop, store, member of staff, product. Distinct values are looked up once a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from yutang.foundation import bulk
from yutang.foundation.models import Staff
from yutang.ingest.journal import remember, touch
from yutang.ingest.new_stores import stores_of_rows
from yutang.ingest.targets import LoadContext
from yutang.orders.models import Product, Shop

#: Platform of files that no marketplace made: the merchant's own till or ERP.
OWN_PLATFORM = "own"


def shop_id_of(context: LoadContext) -> int:
    """Return the shop that the file belongs to, made on first sight."""
    shop, is_new = Shop.objects.get_or_create(platform=context.platform or OWN_PLATFORM, name=context.shop_name)
    if is_new:
        touch("orders_shop", ["all"], now=context.now)
    return int(shop.pk)


def account_scope_of(context: LoadContext) -> str:
    """Return within what nicknames and member numbers of the file are unique: ``platform`` or ``platform:shop``."""
    platform = context.platform or OWN_PLATFORM
    return f"{platform}:{context.shop_name}" if context.shop_name else platform


def store_ids_of(heads: pa.Table, context: LoadContext) -> list[int | None]:
    """Return the store of each row by code, else by name; a store seen for the first time is made."""
    names = set(heads.column_names)
    if not names & {"store_code", "store_name"}:
        return [None] * heads.num_rows
    nothing: list[str | None] = [None] * heads.num_rows
    codes = heads.column("store_code").to_pylist() if "store_code" in names else nothing
    titles = heads.column("store_name").to_pylist() if "store_name" in names else nothing
    pairs = list(zip(codes, titles, strict=True))
    wanted = sorted({p for p in pairs if p != (None, None)}, key=str)
    found = stores_of_rows(wanted, import_id=context.import_id, now=context.now)
    return [found.get(pair) for pair in pairs]


def staff_ids_of(heads: pa.Table) -> list[int | None]:
    """Return the member of staff named by each row, None where nobody of that name works here."""
    if "staff_name" not in heads.column_names:
        return [None] * heads.num_rows
    named = heads.column("staff_name").to_pylist()
    distinct = {n for n in named if n}
    found = dict(Staff.objects.filter(display_name__in=distinct).values_list("display_name", "pk"))
    return [found.get(n) for n in named]


def product_ids_of(shop_id: int, pairs: Sequence[tuple[str, str]]) -> tuple[dict[tuple[str, str], int], int]:
    """Return the product of each distinct (code, name), made on first sight, and how many were made.

    A product is recognised by its code, or by its name where there is no code; the first name seen with a code stays.
    """
    keys = {_product_key(pair): pair for pair in reversed(pairs)}
    with bulk.key_table([("code", "text"), ("name", "text")], list(keys)) as wanted:
        by_code = bulk.fetch(
            f"SELECT p.code, '', p.id FROM {wanted} w JOIN orders_product p ON p.shop_id = %s AND p.code = w.code WHERE w.code <> ''",
            [shop_id],
        )
        by_name = bulk.fetch(
            f"SELECT '', p.name, p.id FROM {wanted} w JOIN orders_product p ON p.shop_id = %s AND p.code = '' AND p.name = w.name"
            " WHERE w.code = ''",
            [shop_id],
        )
    known = {(code, name): product_id for code, name, product_id in [*by_code, *by_name]}
    missing = sorted(key for key in keys if key not in known)
    ids = bulk.next_ids(Product, len(missing))
    bulk.insert_rows(
        "orders_product",
        ("id", "shop_id", "code", "name", "category"),
        [(i, shop_id, keys[key][0], keys[key][1], "") for i, key in zip(ids, missing, strict=True)],
    )
    known.update(zip(missing, ids, strict=True))
    return {pair: known[_product_key(pair)] for pair in pairs}, len(missing)


def keep_categories(shop_id: int, named: Mapping[tuple[str, str], str], context: LoadContext) -> None:
    """Keep the category that the file names for each product that the store holds; the last file that names one counts.

    A file that was imported before fills gaps only.

    Args:
        shop_id: the shop of the file.
        named: category of each (code, name), never empty.
        context: of the import; what it changes comes back when it is undone.
    """
    by_key = {_product_key(pair): category for pair, category in named.items()}
    rows = [(*key, category) for key, category in by_key.items()]
    with bulk.key_table([("code", "text"), ("name", "text"), ("category", "text")], rows) as wanted:
        changed = bulk.fetch(
            f"SELECT p.id, p.category, w.category FROM {wanted} w JOIN orders_product p ON p.shop_id = %s AND p.code = w.code"
            " AND (w.code <> '' OR p.name = w.name) WHERE p.category <> w.category",
            [shop_id],
        )
    if context.is_repeat:
        changed = [row for row in changed if not row[1]]
    remember(context.import_id, "orders_product", [(key, {"category": before}) for key, before, _ in changed])
    bulk.update_rows("orders_product", ("category",), [(after, key) for key, _, after in changed])


def _product_key(pair: tuple[str, str]) -> tuple[str, str]:
    code, name = pair
    return (code, "") if code else ("", name)
