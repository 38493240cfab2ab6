"""Stores as files name them: by code, by name, and first by one and then by both."""

from __future__ import annotations

import pytest

from yutang.foundation.models import Store
from yutang.foundation.stores import stores_by_code_or_name, stores_not_known

pytestmark = pytest.mark.django_db


def test_a_store_known_by_name_gets_its_code_from_a_later_file() -> None:
    first = stores_by_code_or_name([(None, "徐汇店")]).ids
    second = stores_by_code_or_name([("SH01", "徐汇店"), (None, "徐汇店"), ("SH01", None)]).ids

    assert set(first.values()) == set(second.values())
    assert Store.objects.values_list("code", "name").get() == ("SH01", "徐汇店")


def test_two_stores_of_one_name_stay_two() -> None:
    found = stores_by_code_or_name([("SH01", "旗舰店"), ("SH02", "旗舰店")]).ids

    assert len(set(found.values())) == 2


def test_words_longer_than_the_store_holds_are_cut() -> None:
    stores_by_code_or_name([(None, "店" * 200)])
    stores_by_code_or_name([(None, "店" * 200)])

    assert len(Store.objects.get().name) == 120


@pytest.mark.parametrize(
    ("pairs", "new"),
    [
        ([("SH01", "徐汇店"), (None, "徐汇店"), ("SH01", None)], []),
        ([("SH02", "徐汇店")], [("SH02", "徐汇店")]),
        ([("SH02", None), ("SH02", None), (None, "天河")], [("SH02", "SH02"), ("天河", "天河")]),
        ([("BY_NAME", "按名")], []),
    ],
    ids=["known", "of a known name", "unknown", "known by name only"],
)
def test_what_would_be_made_is_what_is_made(
    pairs: list[tuple[str | None, str | None]], new: list[tuple[str, str]]
) -> None:
    stores_by_code_or_name([("SH01", "徐汇店"), (None, "按名")])
    before = set(Store.objects.values_list("pk", "code", "name"))

    foretold = stores_not_known(pairs)

    assert foretold == new
    assert set(Store.objects.values_list("pk", "code", "name")) == before
    made = stores_by_code_or_name(pairs).made
    assert list(Store.objects.filter(pk__in=made).order_by("pk").values_list("code", "name")) == foretold
