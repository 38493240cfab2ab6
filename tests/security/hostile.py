"""Fills a shop in which every text that anybody can have written tries to be more than text.

Texts are found in the tables themselves, so that a new one is hostile by itself; what is a code of our own is left out by name.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

#: Breaks out of an attribute, a script and a cell, and makes an element and an attribute that have this in their name.
MARK = "xss7"
PAYLOAD = f"=1'\"></script><{MARK} on{MARK}=1>"
#: As addresses that would run, or lead away.
RUNNING = f"javascript:{MARK}()"

#: Columns of texts that the code itself writes, not people: a value of no meaning there is not what is tried here.
CODES = frozenset(
    {
        "kind", "scope", "role", "status", "channel_code", "currency", "time_zone", "identifier_kind", "origin", "purpose",
        "channel", "preset", "stored_path", "sha256", "target", "format", "platform", "encoding", "reason_code",
        "header_digest", "table", "partition", "dedupe_key", "stage", "from_stage", "to_stage", "lake_version",
        "model_group", "hint", "key", "body", "source", "event_id", "username", "password", "language", "theme",
        "session_key", "address", "action", "subject_type", "subject_id", "task_path", "queue", "idempotency_key",
        "lease_token", "outcome", "code", "number", "order_number", "column", "sheet", "name_code", "intent", "state",
        "situation", "digest", "media_id", "media_type", "error", "fault", "lane", "standing", "phase", "greeting", "base_url", "gives", "codes", "code_end", "via",
        "when_late", "token", "adapter", "payer", "return_path", "external_id", "from_account", "to_account",
    }
)  # fmt: skip
#: What only code writes into columns that people write elsewhere.
CODES_OF_TABLES = frozenset({"economics_pause.reason"})
#: What people write into columns that are called like codes elsewhere.
WORDS = frozenset({"content_version.body", "content_script.body"})
#: Ends of names of values that are days or instants.
_DAYS = ("_date", "_on", "_at")
#: Rooms whose tables are Django's or a library's.
_ROOMS = (
    "foundation",
    "ingest",
    "customers",
    "orders",
    "visits",
    "worklist",
    "insight",
    "segments",
    "experiments",
    "content",
    "communities",
    "codes",
    "coupons",
    "referral",
    "risk",
    "economics",
    "groupbuy",
    "payments",
    "membership",
    "privacy",
    "api",
    "wecom",
)


def fill(folder: Path) -> dict[str, Any]:
    """Fill the shop and return things by the name that addresses have for them."""
    from tests.console.groupbuy_things import buying_seat
    from tests.console.matrix_things import coupon, decision
    from tests.console.referral_things import held_friend
    from tests.console.shop import NOW
    from tests.console.test_access_matrix import _shared_things, _things_of
    from tests.importing import import_path
    from yutang.foundation.access import ROLE_PERMISSIONS, Actor
    from yutang.foundation.models import Region, Staff, Store
    from yutang.insight.actions import score_customers
    from yutang.insight.today import refresh_today
    from yutang.orders.models import Order
    from yutang.risk.actions import appeal

    shutil.rmtree(Path(settings.YUTANG_HOME) / "imports", ignore_errors=True)
    region = Region.objects.create(name="华东")
    stores = [Store.objects.create(code=code, name=code, region=region) for code in ("SH01", "SH02")]
    for role in ROLE_PERMISSIONS:
        staff = Staff.objects.create(username=f"x-{role}", display_name=role, role=role, joined_at=NOW)
        staff.stores.set(stores)
    view = import_path(_orders(folder), now=NOW)
    things = {**_shared_things(), **_things_of(stores[0], Staff.objects.get(username="x-store_manager"))}
    things["coupon_id"] = coupon(things["kind_id"], things["customer_id"])
    things["decision_id"] = decision(things["customer_id"])
    appeal(actor=Actor.system(), decision_id=things["decision_id"], words=PAYLOAD, now=NOW)
    things["referred_id"] = held_friend(things["referral_id"], things["customer_id"])
    things["buying_seat_id"] = buying_seat(things["buying_group_id"], things["customer_id"])
    things |= {"import_id": view.id, "customer_id": Order.objects.exclude(customer=None).latest("pk").customer_id}
    _spread(things)
    score_customers(actor=Actor.system(), now=NOW)
    refresh_today(actor=Actor.system(), now=NOW)
    _spread(things)
    return things


def _orders(folder: Path) -> Path:
    """Write the orders of the small shop with harm in every free cell, in the head, and in the name of the file."""
    from tests.console.shop import orders_file

    quoted = '"' + PAYLOAD.replace('"', '""') + '"'
    text = orders_file(folder).read_text(encoding="gb18030")
    head, *rows = text.splitlines()
    lines = [f"{head},{quoted}", *(f"{row},{quoted}" for row in rows)]
    text = "\n".join(lines).replace("纯棉上衣", quoted).replace("钱多", quoted).replace("两百", quoted)
    path = folder / f"<{MARK} on{MARK}=1>'\".csv"
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _spread(things: dict[str, Any]) -> None:
    """Write harm into every text of every table, into what sentences quote, and into sealed records."""
    from yutang.foundation.models import Setting

    for room in _ROOMS:
        for model in apps.get_app_config(room).get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, models.CharField | models.TextField) and not field.choices:
                    _write(model, field)
                elif isinstance(field, models.JSONField) and field.name in {
                    "reason",
                    "problem",
                    "detail",
                    "progress_note",
                }:
                    _quote(model, field.name)
    _seal_people()
    Setting.objects.update_or_create(key="foundation.organisation_name", defaults={"value": PAYLOAD[:60]})
    things["key"] = "foundation.organisation_name"


def _write(model: type[models.Model], field: models.Field[Any, Any]) -> None:
    place = f"{model._meta.db_table}.{field.name}"
    is_code = place in CODES_OF_TABLES or (field.name in CODES and place not in WORDS)
    if is_code or field.primary_key:
        return
    most = field.max_length or 4_000
    if not _is_unique(model, field):
        model._default_manager.update(**{field.name: PAYLOAD[:most]})
        return
    for pk in model._default_manager.values_list("pk", flat=True):
        model._default_manager.filter(pk=pk).update(**{field.name: f"{PAYLOAD}{pk}"[:most]})


def _is_unique(model: type[models.Model], field: models.Field[Any, Any]) -> bool:
    bound = [one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    return field.unique or any(field.name in one.fields for one in bound)


def _quote(model: type[models.Model], name: str) -> None:
    """Let sentences quote harm; what is no sentence (details of the trail) holds it in a value of its own."""
    for row in model._default_manager.exclude(**{name: None}):
        held = getattr(row, name)
        if not isinstance(held, dict):
            continue
        if "template" in held:
            told = held.get("values") or {}
            held["values"] = {
                k: PAYLOAD if isinstance(v, str) and not k.endswith(_DAYS) else v for k, v in told.items()
            }
        else:
            held["name"] = PAYLOAD
        model._default_manager.filter(pk=row.pk).update(**{name: held})


def _seal_people() -> None:
    from yutang.customers.models import Customer
    from yutang.foundation.sealing import seal, unseal

    region = dict.fromkeys(("country", "province", "city", "district", "address"), PAYLOAD)
    for person in Customer.objects.all():
        record = unseal(person.sealed_profile)
        record |= {
            "name": PAYLOAD,
            "other_names": [PAYLOAD],
            "nicknames": [PAYLOAD],
            "homes": [PAYLOAD],
            "note": PAYLOAD,
        }
        record |= {
            "region": region,
            "contacts": [[PAYLOAD, "+8613800138000"]],
            "emails": [f"{MARK}\"'<{MARK}>@example.com"],
        }
        record |= {"accounts": [["nickname", f"taobao:{PAYLOAD}", PAYLOAD]]}
        Customer.objects.filter(pk=person.pk).update(sealed_profile=seal(record))
