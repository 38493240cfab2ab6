"""Amounts are read in the currency that each row names: yen have no hundredths, dinars have thousandths."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importing import adds_up, import_text
from yutang.orders.models import Order, OrderLine

pytestmark = pytest.mark.django_db(transaction=True)
MAPPING = {"order_number": "no", "customer_member_no": "m", "ordered_at": "t", "paid_amount": "p", "currency": "c"}


def totals() -> dict[str, tuple[str, int]]:
    return {
        number: (currency, minor)
        for number, currency, minor in Order.objects.values_list("number", "currency", "total_minor")
    }


def test_a_file_of_one_currency_is_told_in_it(tmp_path: Path) -> None:
    text = "no,m,t,p,c\nJ1,A1,2026-03-01 10:00:00,5000,JPY\nJ2,A2,2026-03-01 11:00:00,7000,jpy\n"

    view = import_text(tmp_path, text, mapping=MAPPING)

    assert totals() == {"J1": ("JPY", 5000), "J2": ("JPY", 7000)}
    assert (view.currency, view.currencies, view.amounts["read"]) == ("JPY", ("JPY",), 12_000)
    assert adds_up(view)


def test_rows_of_several_currencies_keep_each_its_own(tmp_path: Path) -> None:
    rows = (
        "C1,A1,2026-03-01 10:00:00,1.5,",
        "J1,A1,2026-03-01 10:00:00,7000,JPY",
        "K1,A1,2026-03-01 10:00:00,5.125,KWD",
    )
    text = "no,m,t,p,c\n" + "\n".join((rows[0] + "CNY", *rows[1:])) + "\n"

    view = import_text(tmp_path, text, mapping=MAPPING)

    assert totals() == {"C1": ("CNY", 150), "J1": ("JPY", 7000), "K1": ("KWD", 5125)}
    assert view.currencies == ("CNY", "JPY", "KWD")


def test_a_currency_that_is_none_is_kept_with_the_reason(tmp_path: Path) -> None:
    text = "no,m,t,p,c\nZ1,A1,2026-03-01 10:00:00,5,ZZZ\nZ2,A1,2026-03-01 10:00:00,5,人民币\n"

    view = import_text(tmp_path, text, mapping=MAPPING)

    assert totals() == {"Z2": ("CNY", 500)}
    assert view.open_rows == 1
    assert adds_up(view)


def test_lines_are_in_the_currency_of_their_order(tmp_path: Path) -> None:
    header = "no,m,t,name,q,u,c\n"
    text = f"{header}L1,A1,2026-03-01 10:00:00,丝巾,2,300,JPY\nL1,A1,2026-03-01 10:00:00,风衣,1,9000,\n"
    mapping = {
        "order_number": "no", "customer_member_no": "m", "ordered_at": "t", "product_name": "name", "quantity": "q",
        "unit_price": "u", "currency": "c",
    }  # fmt: skip

    import_text(tmp_path, text, mapping=mapping)

    lines = OrderLine.objects.order_by("position").values_list("unit_price_minor", "amount_minor")
    assert list(lines) == [(300, 600), (9000, 9000)]
    assert totals() == {"L1": ("JPY", 9600)}
