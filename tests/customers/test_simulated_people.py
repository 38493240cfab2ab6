"""A simulated chain with shared, recycled, masked and gift numbers: no record holds two people."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from tests.importing import import_path
from yutang.customers.models import Customer
from yutang.foundation.sealing import unseal
from yutang.orders.models import Order
from yutang.simulator.plan import Plan
from yutang.simulator.run import simulate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

FILES = (
    "taobao/ExportOrderList*",
    "customers/members.txt",
    "youzan/youzan_customers*",
    "till/*",
    "customers/wecom_contacts.csv",
    "youzan/youzan_orders*",
    "jd/*",
)


@pytest.mark.parametrize("last_first", [False, True])
def test_no_record_holds_two_people(tmp_path: Path, last_first: bool) -> None:
    simulate(Plan(seed=11, customers=2500, stores=4, from_date=date(2025, 3, 1), to_date=date(2026, 3, 1)), tmp_path)
    files = [path for pattern in FILES for path in sorted((tmp_path / "exports").glob(pattern))]

    for path in reversed(files) if last_first else files:
        import_path(path)

    people_of = people_by_record(tmp_path / "truth")
    assert [record for record, people in people_of.items() if len(people) > 1] == []
    assert len(people_of) > 1500
    records_of = defaultdict(set)
    for record, people in people_of.items():
        for person in people:
            records_of[person].add(record)
    assert sum(len(records) == 1 for records in records_of.values()) > 0.7 * len(records_of)


def people_by_record(truth: Path) -> dict[int, set[str]]:
    """Return the people who really stand behind each record: by its accounts and by its orders."""
    accounts: dict[str, str] = {}
    for row in csv.DictReader((truth / "people.csv").open(encoding="utf-8")):
        for value in (*row["nicknames"].split(";"), *row["member_numbers"].split(";"), row["external_userid"]):
            accounts[value] = row["person_id"]
    accounts.pop("", None)
    buyers = {r["order_number"]: r["person_id"] for r in csv.DictReader((truth / "orders.csv").open(encoding="utf-8"))}
    people_of: dict[int, set[str]] = defaultdict(set)
    for customer in Customer.objects.filter(merged_into=None):
        for _, _, value in unseal(customer.sealed_profile).get("accounts", ()):
            if value in accounts:
                people_of[customer.pk].add(accounts[value])
    for number, customer_id in Order.objects.exclude(customer=None).values_list("number", "customer_id"):
        if buyers.get(number):
            people_of[customer_id].add(buyers[number])
    return people_of
