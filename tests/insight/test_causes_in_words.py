"""Which causes of a change of sales are named: single ones where they tell it, what happened everywhere where they do not."""

from __future__ import annotations

from yutang.insight.methods.causes import Cause, explained


def amounts(causes: list[Cause]) -> dict[str, int]:
    """Return the named amounts by what is said of them."""
    difference = sum(each.amount_minor for each in causes)
    places = explained(difference_minor=difference, causes=causes, currency="CNY").values
    told = [places[place]["values"] for place in ("one", "two", "three", "four", "five") if place in places]
    return {each["cause"]["template"] if "cause" in each else "rest": each["amount_minor"] for each in told}


def test_a_few_stores_that_tell_it_are_named() -> None:
    causes = [Cause("buyers", -9_000, "徐汇店"), Cause("order_value", 1_500, "徐汇店"), Cause("buyers", -200, "天河店")]

    assert amounts(causes) == {"fewer people bought": 9_000, "an order was worth more": 1_500, "rest": 200}


def test_what_happened_in_a_thousand_products_is_told_of_all_of_them() -> None:
    causes = [Cause("buyers", -100 - place, f"商品 {place}") for place in range(1_000)]
    causes += [Cause("order_value", 90, f"商品 {place}") for place in range(1_000)]

    assert amounts(causes) == {
        "fewer people bought": sum(100 + place for place in range(1_000)),
        "an order was worth more": 90_000,
    }


def test_what_opened_stays_what_it_is() -> None:
    causes = [Cause("opened", 50_000, "新店")] + [Cause("buyers", 1_000, f"店 {place}") for place in range(200)]

    assert amounts(causes) == {"more people bought": 200_000, "nothing was sold here before": 50_000}
