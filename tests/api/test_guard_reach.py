"""A program that is held to stores asks the guard about people and stores of these only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Program
from tests.risk.conftest import people
from yutang.risk.models import Decision

pytestmark = pytest.mark.django_db


@pytest.fixture
def parts(stores: Any) -> dict[str, Any]:
    """People and stores of the own and of a foreign store, and who belongs to none."""
    (own,), (foreign,), (nobody,) = (people(1, store=one) for one in (stores["xuhui"], stores["pudong"], None))
    return {
        "own": {"customer_id": own, "inviter_id": own, "store_id": stores["xuhui"].pk},
        "foreign": {"customer_id": foreign, "inviter_id": foreign, "store_id": stores["pudong"].pk},
        "nobody": {"customer_id": nobody, "inviter_id": nobody, "store_id": 10**6},
    }


def asked(program: Program, key: str, **parts: Any) -> Any:
    return program.post("/guard/decisions", {"kind": "seat", "key": key, **parts})


def test_lets_nothing_of_another_store_be_asked_about(
    service_of: Callable[..., Program], parts: dict[str, Any]
) -> None:
    program, wrong = service_of(store_codes=["SH01"]), []
    own = parts["own"]
    for whose in ("foreign", "nobody"):
        for name in ("customer_id", "inviter_id", "store_id"):
            answer = asked(program, f"{whose}-{name}", **{**own, name: parts[whose][name]})
            if answer.status_code != 404:
                wrong.append((whose, name, answer.status_code, answer.content[:200]))

    assert wrong == []
    assert Decision.objects.count() == 0


def test_answers_about_the_own_and_keeps_the_decision_within_reach(
    service_of: Callable[..., Program], parts: dict[str, Any]
) -> None:
    program = service_of(store_codes=["SH01"])

    answer = asked(program, "own", **parts["own"])

    assert (answer.status_code, answer.json()["verdict"]) == (200, "review")
    assert "self_device" in {one["code"] for one in answer.json()["reasons"]}
    assert program.get(f"/guard/decisions/{answer.json()['decision_id']}").status_code == 200


def test_takes_the_only_store_where_none_is_named_and_asks_where_there_are_two(
    service_of: Callable[..., Program], stores: Any
) -> None:
    assert asked(service_of(store_codes=["SH01"]), "one").status_code == 200
    assert Decision.objects.get().store_id == stores["xuhui"].pk

    answer = asked(service_of(store_codes=["SH01", "SH02"]), "two")

    assert (answer.status_code, answer.json()["code"]) == (422, "ask_needs_store")


def test_follows_a_merge_into_another_store(service_of: Callable[..., Program], parts: dict[str, Any]) -> None:
    from yutang.customers.models import Customer

    own, foreign = parts["own"]["customer_id"], parts["foreign"]["customer_id"]
    Customer.objects.filter(pk=own).update(merged_into=foreign)

    assert asked(service_of(store_codes=["SH01"]), "merged", customer_id=own).status_code == 404


def test_a_program_of_the_whole_chain_asks_about_everybody(
    service_of: Callable[..., Program], parts: dict[str, Any]
) -> None:
    program = service_of()

    assert asked(program, "foreign", **parts["foreign"]).status_code == 200
    assert asked(program, "anonymous", device="d").status_code == 200
