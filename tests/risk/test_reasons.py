"""Reasons: every one of them a whole and true sentence in both languages, with its number."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils.translation import override

from yutang.console.rooms import guard_words
from yutang.console.sentences import spoken
from yutang.risk import words
from yutang.risk.asks import Reason
from yutang.risk.fact_list import FACTS
from yutang.risk.facts import MOST_SEEN
from yutang.risk.ready_rules import READY, ready_rules
from yutang.risk.rules import Rules, opinion, read_rules

#: Facts whose sentence needs no number.
_WITHOUT = {"self_device", "self_payer"}


def reasons_of(rule: Any) -> tuple[Reason, ...]:
    """Return the reasons of an ask that one rule alone speaks against, on the edge of each of its conditions."""
    facts = {one.fact: one.value for one in rule.when}
    alone = Rules((rule,), slow_from=1, review_from=1, refuse_from=1_000, wait_seconds=60)
    kind = rule.kinds[0] if rule.kinds else "seat"
    return opinion(alone, kind=kind, programme="", facts=facts).reasons


def told(reason: Reason, language: str) -> str:
    with override(language):
        return spoken(words.sentence_of(reason))


@pytest.mark.parametrize(
    "rule", [one for one in ready_rules().rules if one.points > 0 or one.verdict], ids=lambda one: one.code
)
def test_every_ready_rule_says_a_fact_and_its_number(rule: Any) -> None:
    (reason,) = reasons_of(rule)

    assert reason.code in {one.fact for one in rule.when}
    for language, end in (("zh-hans", "。"), ("en", ".")):
        sentence = told(reason, language)
        assert sentence.endswith(end)
        number = words.told_number(reason.code, reason.params["n"])
        assert reason.code in _WITHOUT or re.search(rf"(?<!\d){number}(?!\d)", sentence), sentence


@pytest.mark.parametrize("fact", [one for one in FACTS if one.reason], ids=lambda one: one.name)
def test_every_reason_stands_alone_in_both_languages(fact: Any) -> None:
    reason, number = Reason(fact.name, {"n": 37}), str(words.told_number(fact.name, 37))
    chinese, english = told(reason, "zh-hans"), told(reason, "en")

    assert chinese != english
    assert not re.search(r"[A-Za-z…]|%\(|(?<!\d)%", chinese), chinese
    # Who “they” and “these” are is said in no other sentence.
    assert not re.search(r"^(They|Of these)\b|%|…", english), english
    assert (number in chinese, number in english) == ((fact.name not in _WITHOUT,) * 2)


def test_a_window_that_is_read_no_further_says_that_there_are_more() -> None:
    assert told(Reason("device_people", {"n": MOST_SEEN + 1}), "en").startswith("100+ people")
    assert told(Reason("device_people", {"n": MOST_SEEN}), "en").startswith("100 people")
    assert told(Reason("joined_people", {"n": MOST_SEEN + 1}), "en").startswith("101 people")


@pytest.mark.parametrize(("kept", "read"), [(233, "2.33"), (300, "3"), (150, "1.5")])
def test_people_to_a_device_are_told_as_people_count_them(kept: int, read: str) -> None:
    one = {"fact": "near_per_device", "is": ">=", "value": kept}

    assert words.told_number("near_per_device", kept) == read
    assert told(Reason("near_per_device", {"n": kept}), "zh-hans").endswith(f"平均每台{read}人。")
    with override("en"):
        assert guard_words.condition(one) == f"People to a device, of those who share something: at least {read}"
        assert guard_words.written_title(FACTS["near_per_device"]).endswith("(in hundredths: 150 means 1.5)")


def test_a_low_number_is_no_reason_where_only_a_high_one_speaks_against_somebody() -> None:
    rule = {"code": "few", "points": 60, "when": [{"fact": "near_per_device", "is": "<=", "value": 150},
                                                   {"fact": "account_days", "is": "<=", "value": 3}]}  # fmt: skip

    (reason,) = reasons_of(read_rules({**READY, "rules": [rule]}).rules[0])

    assert (reason.code, dict(reason.params)) == ("account_days", {"n": 3})


def test_what_several_decisions_share_is_named_without_a_number() -> None:
    with override("en"):
        assert spoken(words.reason_title("near_per_device")) == "People to a device, of those who share something"
        assert spoken(words.reason_title("block_list")).endswith("always refused.")
        assert spoken(words.reason_title("a_fact_of_another_release")) == "Several signs together speak against it."


@pytest.mark.parametrize("code", [one.code for one in ready_rules().rules])
def test_every_ready_rule_has_a_name_in_both_languages(code: str) -> None:
    with override("zh-hans"):
        chinese = guard_words.rule_title({"code": code})
    with override("en"):
        english = guard_words.rule_title({"code": code})

    assert chinese != english
    assert not re.search(r"[A-Za-z_]", chinese), chinese
    assert "_" not in english


def test_a_rule_of_ones_own_is_called_as_it_was_called() -> None:
    assert guard_words.rule_title({"code": "own_rule"}) == "own_rule"
