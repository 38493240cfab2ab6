"""Rules evaluated person by person over plain rows, without SQL: what the compiled query must agree with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Row = Mapping[str, Any]


class Shop:
    """The rows of a lake, and the day from which rules look."""

    def __init__(self, tables: Mapping[str, Sequence[Row]], *, day: date, currency: str) -> None:
        self.day, self.currency = day, currency
        self.people = {row["customer_id"]: row for row in tables["customers_customer"]}
        self.region = {row["store_id"]: row["region_id"] for row in tables["foundation_store"]}
        self.scores = {row["customer_id"]: row for row in tables["insight_score"]}
        self.values = {row["customer_id"]: row for row in tables["insight_customer_value"]}
        self.tags = tables["customers_tag"]
        self.consents = tables["customers_consent"]
        orders = {row["order_id"]: row for row in tables["orders_order"]}
        products = {row["product_id"]: row for row in tables["orders_product"]}
        sales = [row for row in orders.values() if row["status"] not in {0, 50} and row["business_date"] is not None]
        sold = {row["order_id"] for row in sales}
        self.happened: dict[str, list[dict[str, Any]]] = {
            "order": [
                {
                    "who": row["customer_id"], "day": row["business_date"], "currency": row["currency"],
                    "amount_minor": row["total_minor"] - row["refunded_minor"], "items": row["item_count"],
                    "channel": row["channel"], "store": row["store_id"],
                }
                for row in sales
            ],
            "purchase": [
                {
                    "who": orders[line["order_id"]]["customer_id"], "day": orders[line["order_id"]]["business_date"],
                    "currency": orders[line["order_id"]]["currency"], "amount_minor": line["amount_minor"],
                    "items": line["quantity"], "channel": orders[line["order_id"]]["channel"],
                    "store": orders[line["order_id"]]["store_id"],
                    "product_name": products[line["product_id"]]["name"],
                    "product_code": products[line["product_id"]]["code"],
                    "product_category": products[line["product_id"]]["category"],
                }
                for line in tables["orders_line"]
                if line["order_id"] in sold
            ],
            "refund": [self._refund(row, orders, products) for row in tables["orders_refund"]],
            "behaviour": [
                {
                    "who": row["customer_id"], "day": row["business_date"], "currency": None, "kind": row["kind"],
                    "source": row["source"], "store": row["store_id"], "product_code": row["product_code"],
                }
                for row in tables["api_behaviour"]
            ],
            **self._coupons(tables["coupons_coupon"]),
            **self._groups(tables["communities_member"]),
            **self._visits(tables["visits_booking"], tables["visits_hook"]),
            "topped_up": [
                {
                    "who": row["customer_id"], "day": row["business_date"], "currency": row["currency"],
                    "amount_minor": row["till_minor"], "store": row["store_id"],
                }
                for row in tables["membership_movement"]
                if row["kind"] == "top_up"
            ],
        }  # fmt: skip
        self.memberships = [row for row in tables["communities_member"] if row["left_at"] is None]
        self.movements = [row for row in tables["membership_movement"] if row["currency"] == "CNY"]
        self.coupons = [row for row in tables["coupons_coupon"] if row["state"] == "given"]

    @staticmethod
    def _coupons(rows: Sequence[Row]) -> dict[str, list[dict[str, Any]]]:
        def told(states: set[str], day: str) -> list[dict[str, Any]]:
            return [
                {
                    "who": row["customer_id"], "day": row[day], "kind": row["kind"], "campaign": row["campaign"],
                    "store": row["store_id"], "currency": row["currency"], "amount_minor": row["off_minor"],
                }
                for row in rows
                if row["state"] in states
            ]  # fmt: skip

        return {
            "coupon_given": told({"given", "redeemed", "expired"}, "given_date"),
            "coupon_redeemed": told({"redeemed"}, "redeemed_date"),
            "coupon_expired": told({"expired"}, "last_date"),
        }

    @staticmethod
    def _groups(rows: Sequence[Row]) -> dict[str, list[dict[str, Any]]]:
        def told(instant: str) -> list[dict[str, Any]]:
            return [{"who": row["customer_id"], "day": row[instant].date()} for row in rows if row[instant] is not None]

        return {"group_joined": told("joined_at"), "group_left": told("left_at")}

    @staticmethod
    def _visits(bookings: Sequence[Row], hooks: Sequence[Row]) -> dict[str, list[dict[str, Any]]]:
        def told(state: str, day: str) -> list[dict[str, Any]]:
            return [
                {"who": row["customer_id"], "day": row[day], "source": row["source"], "store": row["store_id"]}
                for row in bookings
                if row["state"] == state
            ]

        return {
            "visit": told("came", "came_date"),
            "visit_missed": told("missed", "business_date"),
            "hook_paid": [
                {
                    "who": row["customer_id"], "day": row["hooked_date"], "source": row["source"],
                    "currency": row["currency"], "amount_minor": row["hook_minor"],
                }
                for row in hooks
                if row["paid_at"] is not None and row["refunded_at"] is None
            ],
        }  # fmt: skip

    @staticmethod
    def _refund(row: Row, orders: Mapping[int, Row], products: Mapping[int, Row]) -> dict[str, Any]:
        order = orders.get(row["order_id"], {})
        who = row["customer_id"] if row["customer_id"] is not None else order.get("customer_id")
        return {
            "who": who, "day": row["business_date"], "currency": row["currency"], "amount_minor": row["amount_minor"],
            "product_name": products.get(row["product_id"], {}).get("name"), "channel": order.get("channel"),
            "store": order.get("store_id"),
        }  # fmt: skip

    def who(self, rule: Row, *, stores: set[int] | None = None) -> set[int]:
        """Return the people of whom the rule holds."""
        reach = (key for key, row in self.people.items() if stores is None or row["store_id"] in stores)
        return {key for key in reach if self.holds(rule["rule"], key)}

    def holds(self, node: Row, person: int) -> bool:
        if "all" in node:
            return all(self.holds(part, person) for part in node["all"])
        if "any" in node:
            return any(self.holds(part, person) for part in node["any"])
        if "not" in node:
            return not self.holds(node["not"], person)
        if "event" in node:
            return self.did(node, person)
        if node["field"] in {"tag", "consent", "group_life"}:
            carry = {"tag": self.tags_of, "consent": self.agreed, "group_life": self.lives_of}
            carried, wanted = carry[node["field"]](person), set(node["value"])
            found = {"in": bool(wanted & carried), "all_of": wanted <= carried, "not_in": not wanted & carried}
            return found[node["is"]]
        return self.compares(self.fact(node["field"], person), node)

    def fact(self, name: str, person: int) -> Any:
        row, score = self.people[person], self.scores.get(person, {})
        if name in {"region", "store", "first_seen"}:
            seen = (row["first_seen_at"] + timedelta(hours=8)).date()
            return {"region": self.region.get(row["store_id"]), "store": row["store_id"], "first_seen": seen}[name]
        if name.startswith("has_"):
            return row[name.removeprefix("has_") + "s"] > 0
        if name in {"value_minor", "alive_percent", "next_order", "open_coupons", "coupon_ends"}:
            return self.value(name, person)
        if name in {"groups", "alive_groups", "balance_minor", "principal_minor"}:
            return self.balance(name, person) if name.endswith("_minor") else self.groups(name, person)
        if name == "rfm":
            grades = [score.get(one) for one in "rfm"]
            return None if None in grades else int("".join(map(str, grades)))
        return score.get({"first_order": "first_order_date", "last_order": "last_order_date"}.get(name, name))

    def value(self, name: str, person: int) -> Any:
        if name in {"open_coupons", "coupon_ends"}:
            ends = [row["last_date"] for row in self.coupons if row["customer_id"] == person]
            return None if not ends else len(ends) if name == "open_coupons" else min(ends)
        value = self.values.get(person, {})
        percent = math.floor(100 * value["p_alive"]) if value else None
        return percent if name == "alive_percent" else value.get({"next_order": "next_order_date"}.get(name, name))

    def groups(self, name: str, person: int) -> int | None:
        """Return in how many groups, or living ones, somebody is; None for who is in none."""
        inside = [row for row in self.memberships if row["customer_id"] == person]
        counted = {row["community_id"] for row in inside if name == "groups" or row["life"] == "alive"}
        return len(counted) if inside else None

    def balance(self, name: str, person: int) -> int | None:
        """Return what is left of a person's yuan; None where nothing is."""
        own = [row for row in self.movements if row["customer_id"] == person]
        principal, bonus = sum(row["principal_minor"] for row in own), sum(row["bonus_minor"] for row in own)
        if principal + bonus <= 0:
            return None
        return principal if name == "principal_minor" else principal + bonus

    def lives_of(self, person: int) -> set[str]:
        return {row["life"] for row in self.memberships if row["customer_id"] == person}

    def tags_of(self, person: int) -> set[int]:
        return {row["tag_id"] for row in self.tags if row["customer_id"] == person}

    def agreed(self, person: int) -> set[str]:
        said = sorted(
            (row for row in self.consents if row["customer_id"] == person),
            key=lambda row: (row["occurred_at"], row["consent_id"]),
        )
        state: dict[str, int] = {}
        for entry in said:
            ways = ["any", "phone", "sms", "wecom", "email"] if entry["channel"] == "any" else [entry["channel"]]
            for way in ways:
                state[f"{entry['purpose']}/{way}"] = entry["granted"]
        return {name for name, granted in state.items() if granted}

    def did(self, node: Row, person: int) -> bool:
        counted = [
            one
            for one in self.happened[node["event"]]
            if one["who"] == person and one["day"] is not None and one["day"] < self.day
            and self.in_time(one["day"], node.get("when"), person)
            and all(self.compares(one[test["field"]], test) for test in node.get("where", []))
        ]  # fmt: skip
        if node["is"] in {"did", "did_not"}:
            return bool(counted) == (node["is"] == "did")
        measure = node.get("measure", "times")
        if measure == "times":
            number = len(counted)
        elif measure == "days":
            number = len({one["day"] for one in counted})
        elif measure == "items":
            number = sum(one["items"] for one in counted)
        else:
            number = sum(one["amount_minor"] for one in counted if one["currency"] == self.currency)
        return self.compares(number, node)

    def in_time(self, day: date, when: Row | None, person: int) -> bool:
        if when is None:
            return True
        ((kind, value),) = when.items()
        if kind == "within_days_of":
            anchor = self.fact(value["field"], person)
            return anchor is not None and anchor <= day <= anchor + timedelta(days=value["days"])
        return self.compares(day, {"is": kind, "value": value})

    def compares(self, fact: Any, test: Row) -> bool:
        kind, value = test["is"], test.get("value")
        if kind == "known":
            return fact is not None
        if kind == "unknown":
            return fact is None
        if kind in {"no", "not_in"}:
            return not (fact is not None and (fact if kind == "no" else fact in value))
        return fact is not None and self._known(fact, kind, value)

    def _known(self, fact: Any, kind: str, value: Any) -> bool:
        if isinstance(fact, date):
            return self._day(fact, kind, value)
        return {
            "yes": lambda: bool(fact),
            "in": lambda: fact in value,
            "at_least": lambda: fact >= value,
            "at_most": lambda: fact <= value,
            "equals": lambda: fact == value,
            "between": lambda: value[0] <= fact <= value[1],
            "contains": lambda: value.lower() in fact.lower(),
            "starts_with": lambda: fact.startswith(value),
        }[kind]()

    def _day(self, fact: date, kind: str, value: Any) -> bool:
        if kind == "anniversary_within_days":
            return fact < self.day and any(
                _kept_on(fact, (self.day + timedelta(days=ahead)).year) == self.day + timedelta(days=ahead)
                for ahead in range(value)
            )
        return {
            "within_days": lambda: fact >= self.day - timedelta(days=value),
            "not_within_days": lambda: fact < self.day - timedelta(days=value),
            "within_next_days": lambda: self.day <= fact < self.day + timedelta(days=value),
            "before": lambda: fact < date.fromisoformat(value),
            "since": lambda: fact >= date.fromisoformat(value),
            "between": lambda: date.fromisoformat(value[0]) <= fact <= date.fromisoformat(value[1]),
        }[kind]()


def _kept_on(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
