"""Rows that another program hands over: kept as a file and imported like one, so that they are checked, shown and undone alike."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.ingest.actions import start_import
from yutang.ingest.folders import empty_folder
from yutang.ingest.models import Import
from yutang.ingest.planning import HANDED, FieldIsUnknown, FieldsAreMissing
from yutang.ingest.refusals import refuse_unknown_places
from yutang.ingest.targets import TARGETS
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_LONGEST_PLATFORM = 40


class PlatformIsWrong(DomainError):
    """A platform is named by a short code."""

    code: ClassVar[str] = "platform_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Name the platform by a code such as taobao, of 40 characters at most.")


def hand_over_rows(
    *,
    actor: Actor,
    target: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    grain: str,
    name: str,
    platform: str = "",
    shop_name: str = "",
    statuses: Mapping[str, str] | None = None,
    currency: str = "CNY",
    time_zone: str = "Asia/Shanghai",
    now: datetime,
) -> Import:
    """Keep the rows and put an import of them in line as a job, in the caller's transaction.

    Args:
        actor: needs ``imports.run``.
        target: code of the import target.
        columns: fields of the target, in the order of the cells.
        rows: cells as text, empty where a row does not say; a file of the same cells would be read the same.
        grain: what a row is: ``order``, ``line`` or ``row``.
        name: by which people know the import.
        platform: code of the platform, empty for the merchant's own; order numbers are unique within a platform's shop.
        shop_name: tells several shops on one platform apart.
        statuses: the rows' word for a state → one of ours.
        currency: ISO 4217 code for rows that name none.
        time_zone: zone of times without one.
        now: instant. Aware UTC.

    Raises:
        FieldIsUnknown: a column is no field of the target.
        PlatformIsWrong: the code is too long.
        CurrencyIsUnknown: the currency is not in use.
    """
    actor.require("imports.run")
    refuse_unknown_places(currency, time_zone)
    _refuse_unfit(target, columns, platform)
    content = _as_text(columns, rows)
    sheet = _sheet(target, columns, grain=grain, platform=platform, statuses=statuses or {})
    with transaction.atomic():
        record = Import.objects.create(
            file_name=name[:255],
            size_bytes=len(content),
            target=target,
            format=HANDED,
            platform=platform,
            shop_name=shop_name,
            encoding="utf-8",
            currency=currency,
            sha256=hashlib.sha256(content).hexdigest(),
            plan={"sheets": [sheet], "time_zone": time_zone, "kind": "csv", "delimiter": ","},
            actor_id=actor.staff_id,
            created_at=now,
        )
        path = _kept(record.pk, content)
        Import.objects.filter(pk=record.pk).update(stored_path=path.name)
        audit(actor=actor, action="imports.prepare", subject_type="import", subject_id=record.pk, now=now)
        return start_import(actor=actor, import_id=record.pk, now=now)


def _sheet(
    target: str, columns: Sequence[str], *, grain: str, platform: str, statuses: Mapping[str, str]
) -> dict[str, Any]:
    """Return the plan of the one table that the rows make."""
    return {
        "sheet": 0,
        "name": "",
        "format": HANDED,
        "target": target,
        "platform": platform,
        "grain": grain,
        "header": list(columns),
        "columns": {column: place for place, column in enumerate(columns)},
        "extras": {},
        "statuses": dict(statuses),
    }


def _refuse_unfit(target: str, columns: Sequence[str], platform: str) -> None:
    known = {field.name: field.required for field in TARGETS[target].fields}
    unknown = sorted(set(columns) - set(known))
    if unknown:
        raise FieldIsUnknown(unknown=", ".join(unknown), fields=", ".join(sorted(known)))
    missing = [name for name, required in known.items() if required and name not in columns]
    if missing:
        raise FieldsAreMissing(missing=", ".join(missing))
    if len(platform) > _LONGEST_PLATFORM:
        raise PlatformIsWrong


def _as_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return the rows as a table that the reader of files takes; every cell is quoted, so that none is taken for two."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows(rows)
    # A NUL would make the table no text for its reader.
    return written.getvalue().replace("\0", "").encode()


def _kept(import_id: int, content: bytes) -> Path:
    path = empty_folder(import_id) / "source.csv"
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
