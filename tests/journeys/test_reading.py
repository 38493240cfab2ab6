"""Definitions are read, or refused with the step and the field that are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.conftest import message, wait
from yutang.journeys.queries import DefinitionIsWrong, as_json, schema
from yutang.journeys.reading import definition_from_json, unreached

RULE = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}


def written(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"format": 1, "trigger": {"kind": "hand"}, "steps": list(steps), **more}


def branch(**more: Any) -> dict[str, Any]:
    return {"id": "fork", "do": "branch", "ways": [{"rule": RULE, "then": "end"}], **more}


WRONG = [
    ([], "$"),
    (written(), "steps"),
    (written(wait("a"), format=2), "format"),
    (written(wait("a"), trigger={"kind": "moon"}), "trigger"),
    (written(wait("a"), trigger={"kind": "date", "of": "wedding"}), "trigger.of"),
    (written(wait("a"), trigger={"kind": "event", "event": "orders.Nothing"}), "trigger.event"),
    (written(wait("a"), audience={"rule": 1}), "audience"),
    (written(wait("a"), holdout_percent=70), "holdout_percent"),
    (written(wait("a"), holdout_percent="10"), "holdout_percent"),
    (written(wait("a"), reentry={"kind": "after_days"}), "reentry"),
    (written(wait("a"), secret=1), "secret"),
    (written(message("hello", channel="pigeon")), "hello.channel"),
    (written(message("hello", intent="spam")), "hello.intent"),
    (written(message("hello", words="")), "hello"),
    (written(message("hello", content="content:7:1")), "hello"),
    (written({**message("hello", content="7"), "words": ""}), "hello.content"),
    (written(message("hello", then="nowhere")), "hello.then"),
    (written(message("hello"), message("hello")), "hello.id"),
    (written(wait("next")), "next.id"),
    (written({"id": "Ä", "do": "end"}), "Ä.id"),
    (written({"id": "a", "do": "dance"}), "a"),
    (written({"do": "end"}), "steps[0].id"),
    (written(wait("a", days=0)), "a"),
    (written(wait("a", days=-1)), "a.days"),
    (written({"id": "a", "do": "wait_until", "time": "25:00"}), "a.time"),
    (written({"id": "a", "do": "wait_for", "happening": "event", "at_most_days": 3}), "a"),
    (
        written({"id": "a", "do": "split", "ways": [{"percent": 50, "then": "end"}, {"percent": 49, "then": "end"}]}),
        "a",
    ),
    (written(branch(ways=[{"rule": {"version": 1, "rule": {"field": "x"}}, "then": "end"}])), "fork.ways[0].rule"),
    (written(branch(ways=[])), "fork.ways"),
    (written(branch(ways=[{"rule": RULE, "then": "gone"}])), "fork.ways[0].then"),
    (written(wait("a"), wait("b", then="a", days=1)), "a"),
]


@pytest.mark.parametrize(("given", "place"), WRONG, ids=[f"{n}-{place}" for n, (_, place) in enumerate(WRONG)])
def test_a_fault_is_named_with_its_place(given: Any, place: str) -> None:
    with pytest.raises(DefinitionIsWrong) as refused:
        definition_from_json(given)

    assert refused.value.data["place"] == place
    assert str(refused.value)


def test_what_was_written_is_read_back() -> None:
    given = written(
        message("hello", instead={"words": "实用"}, useful_days=3, if_refused="end"),
        branch(otherwise="call"),
        {"id": "call", "do": "task", "words": "打电话"},
        audience=RULE,
        reentry={"kind": "after_days", "days": 30},
        exits=[{"kind": "complaint"}, {"kind": "rule", "rule": RULE}],
    )

    read = definition_from_json(given)

    assert definition_from_json(as_json(read)) == read
    assert as_json(read)["steps"][0]["words"] == "话术 hello"


def test_ways_lead_to_the_next_step_to_one_by_name_and_to_the_end() -> None:
    read = definition_from_json(written(branch(otherwise="next"), wait("a"), message("b", if_refused="end")))

    assert list(read.ways()) == [
        ("fork", "ways[0].then", ""),
        ("fork", "otherwise", "a"),
        ("a", "then", "b"),
        ("b", "then", ""),
        ("b", "if_refused", ""),
    ]


def test_a_step_to_which_no_way_leads_may_be_written_and_is_told() -> None:
    read = definition_from_json(written({"id": "over", "do": "end"}, wait("lost")))

    assert unreached(read) == ["lost"]


def test_there_is_a_schema_for_programs() -> None:
    told = schema()

    assert {"trigger", "steps", "holdout_percent", "reentry"} <= set(told["properties"])
