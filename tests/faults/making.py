"""Makes the shop of a world: stores, people, an offer, a coupon, hours for visits, and a token for programs."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

#: Customers of the shop, each a friend of somebody of its staff in WeCom.
PEOPLE = 120


def main() -> None:
    """Make it in the home of this process, and print what programs need."""
    import django

    django.setup()
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
    _make_tables()
    from yutang.api.actions import create_service_token
    from yutang.coupons.actions import Terms as CouponTerms
    from yutang.coupons.actions import create_kind
    from yutang.foundation.access import PERMISSIONS, Actor
    from yutang.foundation.actions import change_setting
    from yutang.foundation.models import Region, Store
    from yutang.foundation.sealed_records import ensure_keys
    from yutang.groupbuy.actions import Terms as OfferTerms
    from yutang.groupbuy.actions import create_campaign, open_campaign
    from yutang.payments.organisation import SANDBOX_IS_OPEN
    from yutang.visits.actions import change_terms
    from yutang.visits.views import Hours
    from yutang.visits.views import Terms as VisitTerms

    ensure_keys()
    now, system = datetime.now(UTC), Actor.system()
    region = Region.objects.create(name="华东", ordinal=1)
    store = Store.objects.create(code="SH01", name="徐汇店", region=region, city="上海")
    people = _people(store, now)
    change_setting(actor=system, key=SANDBOX_IS_OPEN, value=True, now=now)
    offer = OfferTerms(
        name="体验", code="hook", tiers=((2, 9_900), (3, 8_900)), list_minor=59_900, cost_minor=6_000, hours=2, stock=100_000,
        per_person=20, ends_at=now + timedelta(days=300),
    )  # fmt: skip
    open_campaign(actor=system, campaign_id=create_campaign(actor=system, terms=offer, now=now), now=now)
    coupon = CouponTerms(
        name="立减20元",
        code="welcome20",
        gives="amount",
        amount_minor=2_000,
        pieces=100_000,
        per_person=100,
        valid_days=1,
    )
    create_kind(actor=system, terms=coupon, now=now)
    hours = tuple(Hours(day, time(opens), time(closes)) for day in range(7) for opens, closes in ((10, 12), (14, 18)))
    change_terms(actor=system, store_id=store.pk, terms=VisitTerms(slot_minutes=60, capacity=3, hours=hours), now=now)
    token = create_service_token(actor=system, name="load", permissions=PERMISSIONS, now=now).secret
    json.dump({"token": token, "people": people}, sys.stdout)


def _people(store: Any, now: datetime) -> list[int]:
    """Make people whose phones are known and who agreed to be served, and return their keys."""
    from yutang.customers.models import Consent, Customer, Identifier
    from yutang.foundation.sealing import digest16, seal

    people = []
    for number in range(PEOPLE):
        phone = f"+86{mobile_of(number)}"
        one = Customer.objects.create(
            sealed_profile=seal({"name": f"顾客{number}", "phones": [phone]}),
            store=store,
            first_seen_at=now - timedelta(days=90),
        )
        Identifier.objects.create(kind="phone", digest=digest16("phone", "", phone), customer=one)
        Consent.objects.create(
            customer=one,
            purpose="service",
            channel="any",
            granted=True,
            wording_version="v1",
            evidence="paper",
            occurred_at=now,
        )
        people.append(one.pk)
    return people


def mobile_of(number: int) -> str:
    """Return the number of a customer."""
    return f"138{number:08d}"


def _make_tables() -> None:
    """Make the tables straight from the models, as tests do, and write down that every migration was made."""
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from tests.support.monthly import keep_by_month

    settings.MIGRATION_MODULES = {one.label: None for one in apps.get_app_configs()}
    call_command("migrate", verbosity=0, run_syncdb=True)
    keep_by_month(today=datetime.now(UTC).date())
    settings.MIGRATION_MODULES = {}
    from yutang.cli.store import pending_migrations

    recorder = MigrationRecorder(connection)
    for name in pending_migrations():
        recorder.record_applied(*name.split(".", 1))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yutang.config.settings")
    main()
