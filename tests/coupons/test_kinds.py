"""Kinds: what cannot be is refused with the field, what was promised stays, lists of codes are taken once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.conftest import NOW
from tests.coupons.conftest import SYSTEM, TWENTY, code_of, give, kind, people
from yutang.coupons import actions, queries
from yutang.coupons.models import Coupon, PoolCode
from yutang.coupons.refusals import CodesAreWrong, CouponKindIsPromised, CouponKindIsWrong, KindMakesItsCodes
from yutang.foundation.access import Actor, NotAllowed

pytestmark = pytest.mark.django_db


class TestCreateKind:
    @pytest.mark.parametrize(
        ("field", "parts"),
        [
            ("name", {"name": " "}),
            ("code", {"code": "Grün"}),
            ("gives", {"gives": "luck"}),
            ("amount_minor", {"amount_minor": 0}),
            ("percent", {"gives": "percent", "percent": 101}),
            ("thing", {"gives": "thing", "thing": " "}),
            ("least_minor", {"least_minor": 1_999}),
            ("pieces", {"pieces": 0}),
            ("per_person", {"per_person": 0}),
            ("until_date", {"until_date": date(2026, 5, 1)}),
            ("until_date", {"valid_days": None}),
            ("valid_days", {"valid_days": 0}),
            ("margin_percent", {"margin_percent": 101}),
            ("store_ids", {"store_ids": (77,)}),
            ("currency", {"currency": "yuan"}),
            ("codes", {"codes": "secret"}),
        ],
    )
    def test_refuses_what_cannot_be_and_names_the_field(self, field: str, parts: dict[str, Any]) -> None:
        with pytest.raises(CouponKindIsWrong) as refused:
            kind(**parts)

        assert refused.value.data["part"] == field

    def test_keeps_nothing_of_another_gift(self) -> None:
        view = queries.kind_named(access=SYSTEM, code=kind(gives="percent", percent=10, most_minor=5_000, thing="丝巾"))

        assert (view.terms.amount_minor, view.terms.thing, view.terms.cost_minor) == (0, "", 0)
        assert (view.terms.percent, view.terms.most_minor) == (10, 5_000)

    def test_refuses_a_name_or_a_short_name_twice(self) -> None:
        kind()

        for parts in ({"code": "other"}, {"name": "另一种"}):
            with pytest.raises(CouponKindIsWrong):
                kind(**parts)

    def test_is_for_who_may(self, manager: Actor) -> None:
        with pytest.raises(NotAllowed):
            actions.create_kind(actor=manager, terms=TWENTY, now=NOW)


class TestChangeKind:
    def test_changes_everything_before_the_first_is_given(self, stores: Any) -> None:
        made = queries.kind_named(access=SYSTEM, code=kind()).id
        terms = replace(TWENTY, gives="thing", thing="丝巾", cost_minor=1_500, store_ids=(stores["xuhui"].pk,))

        actions.change_kind(actor=SYSTEM, kind_id=made, terms=terms, now=NOW)

        view = queries.kind_view(access=SYSTEM, kind_id=made)
        assert (view.terms.thing, view.terms.cost_minor, view.store_names) == ("丝巾", 1_500, ("徐汇店",))

    @pytest.mark.parametrize("parts", [{"amount_minor": 1_000}, {"least_minor": 9_900}, {"products": ("P1",)}])
    def test_what_people_hold_stays_as_it_was_promised(self, parts: dict[str, Any]) -> None:
        made = queries.kind_named(access=SYSTEM, code=kind()).id
        give("welcome20", people(1)[0])

        with pytest.raises(CouponKindIsPromised):
            actions.change_kind(actor=SYSTEM, kind_id=made, terms=replace(TWENTY, **parts), now=NOW)
        actions.change_kind(actor=SYSTEM, kind_id=made, terms=replace(TWENTY, pieces=1, per_person=9), now=NOW)

        assert queries.kind_view(access=SYSTEM, kind_id=made).terms.pieces == 1

    def test_the_budget_is_never_less_than_was_given(self) -> None:
        made = queries.kind_named(access=SYSTEM, code=kind()).id
        for someone in people(2):
            give("welcome20", someone)

        with pytest.raises(CouponKindIsWrong) as refused:
            actions.change_kind(actor=SYSTEM, kind_id=made, terms=replace(TWENTY, pieces=1), now=NOW)

        assert refused.value.data["part"] == "pieces"


class TestAddCodes:
    def test_each_code_once_and_none_in_the_clear(self) -> None:
        made = queries.kind_named(access=SYSTEM, code=kind(codes="pool")).id

        assert (
            actions.add_codes(actor=SYSTEM, kind_id=made, written=["SHOP-0001", "", "shop0001", "SHOP-0002"], now=NOW)
            == 2
        )
        assert actions.add_codes(actor=SYSTEM, kind_id=made, written=["SHOP-0002", "SHOP-0003"], now=NOW) == 1

        assert not any(b"SHOP" in bytes(row) for row in PoolCode.objects.values_list("sealed_code", flat=True))
        assert queries.kind_view(access=SYSTEM, kind_id=made).pool_left == 3

    def test_are_given_in_their_order_as_they_were_written(self) -> None:
        made = queries.kind_named(access=SYSTEM, code=kind(codes="pool")).id
        actions.add_codes(actor=SYSTEM, kind_id=made, written=["SHOP-0001", "SHOP-0002"], now=NOW)

        codes = [code_of(give("welcome20", someone)) for someone in people(2)]

        assert codes == ["SHOP-0001", "SHOP-0002"]
        assert queries.kind_view(access=SYSTEM, kind_id=made).pool_left == 0
        # What was given is not added to a pool again.
        assert actions.add_codes(actor=SYSTEM, kind_id=made, written=["shop 0001"], now=NOW) == 0
        assert Coupon.objects.count() == 2

    def test_a_line_that_is_no_code_is_named(self) -> None:
        made = queries.kind_named(access=SYSTEM, code=kind(codes="pool")).id

        with pytest.raises(CodesAreWrong) as refused:
            actions.add_codes(actor=SYSTEM, kind_id=made, written=["SHOP-0001", "", "AB"], now=NOW)

        assert (refused.value.data["line"], refused.value.data["written"]) == (3, "AB")

    def test_a_kind_that_makes_its_codes_takes_none(self) -> None:
        made = queries.kind_named(access=SYSTEM, code=kind()).id

        with pytest.raises(KindMakesItsCodes):
            actions.add_codes(actor=SYSTEM, kind_id=made, written=["SHOP-0001"], now=NOW)
