"""From typed rows of a file to people: the person fields become observations, every row gets its person."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from yutang.customers.identity import Origin, resolve_people

#: Column of the observation → field of a row (see `person_fields`).
_FIELDS = {
    "name": "customer_name",
    "phone": "customer_phone",
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
}


def people_of_rows(
    rows: pa.Table, *, store_ids: pa.Array, seen_at: pa.Array, origin: Origin, now: datetime
) -> pa.Array:
    """Return the customer of each row, null where the row names nobody.

    Args:
        rows: typed rows with any of the person fields.
        store_ids: home store a row, int64, nullable; aligned with `rows`.
        seen_at: when the person was seen, timestamp(us); aligned with `rows`.
        origin: which import and which account scope.
        now: instant of the batch. Aware UTC.

    Returns:
        int64 array aligned with `rows`.
    """
    columns = {name: rows.column(field) for name, field in _FIELDS.items() if field in rows.column_names}
    if not columns:
        return pa.nulls(rows.num_rows, pa.int64())
    return resolve_people(
        observed=pa.table({**columns, "store_id": store_ids, "seen_at": seen_at}), origin=origin, now=now
    )
