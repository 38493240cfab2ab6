"""From typed rows of a file to people: the person fields become observations, every row gets its person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from yutang.customers.identity import Origin, resolve

#: Column of the observation → field of a row (see `person_fields`).
_FIELDS = {
    "name": "customer_name",
    "phone": "customer_phone",
    "phone_masked": "customer_phone_masked",
    "receiver_name": "receiver_name",
    "receiver_phone": "receiver_phone",
    "nickname": "customer_nickname",
    "email": "customer_email",
    "member_no": "customer_member_no",
    "external_userid": "wecom_external_userid",
    "unionid": "wechat_unionid",
    "openid": "wechat_openid",
    "device": "device_id",
    "gender": "gender",
    "birthday": "birthday",
    "country": "country",
    "province": "province",
    "city": "city",
    "district": "district",
    "address": "address",
    "note": "note",
}


@dataclass(frozen=True)
class RowPeople:
    """Who the rows of a batch are about.

    Attributes:
        ids: the customer of each row, int64, null where the row names nobody.
        made: how many people the batch brought.
    """

    ids: pa.Array
    made: int


def observed_of(rows: pa.Table, **more: pa.Array) -> pa.Table | None:
    """Return the observations of typed rows with any of the person fields; None when there is none of them.

    Args:
        rows: typed rows.
        more: further columns of the observations (store_id, owner_id, seen_at), aligned with `rows`.
    """
    columns = {name: rows.column(field) for name, field in _FIELDS.items() if field in rows.column_names}
    return pa.table({**columns, **more}) if columns else None


def people_of_rows(
    rows: pa.Table, *, store_ids: pa.Array, seen_at: pa.Array, origin: Origin, now: datetime
) -> RowPeople:
    """Return the customer of each row, and how many people were made.

    Args:
        rows: typed rows with any of the person fields.
        store_ids: home store a row, int64, nullable; aligned with `rows`.
        seen_at: when the person was seen, timestamp(us); aligned with `rows`.
        origin: which import and which account scope.
        now: instant of the batch. Aware UTC.
    """
    observed = observed_of(rows, store_id=store_ids, seen_at=seen_at)
    if observed is None:
        return RowPeople(pa.nulls(rows.num_rows, pa.int64()), 0)
    resolution = resolve(observed=observed, origin=origin, now=now)
    return RowPeople(resolution.customer_ids, len(resolution.made))
