"""Rules that are wrong are refused at their place; rules that are right are said in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from tests.segments.random_rules import rules
from yutang.kit.text import Sentence
from yutang.segments.rules.reading import RuleIsWrong, as_json, rule_from_json
from yutang.segments.rules.wording import sentence_of

NAMES = {"stores": {1: "徐汇店"}, "tags": {7: "会员"}, "regions": {}, "segments": {3: "老客"}}


def said(sentence: Sentence) -> str:
    """Say a sentence in English, with the sentences inside."""
    values = {
        key: said(Sentence.from_json(value)) if isinstance(value, dict) and "template" in value else value
        for key, value in sentence.values.items()
    }
    return sentence.template % values if values else sentence.template


def rule(node: Any) -> dict[str, Any]:
    return {"version": 1, "rule": node}


@pytest.mark.parametrize(
    ("given_rule", "path", "expected"),
    [
        ([], "$", '"version" and "rule"'),
        ({"version": 2, "rule": {}}, "$.version", "the version 1"),
        ({"version": True, "rule": {}}, "$.version", "the version 1"),
        (rule({}), "$.rule", "one of: all, any, not"),
        (rule({"all": [], "any": []}), "$.rule", "one of: all"),
        (rule({"all": []}), "$.rule.all", "a list of one or more"),
        (rule({"all": [{"field": "orders", "is": "at_least", "value": 2}, {"field": "age"}]}), "$.rule.all[1].field", " consent, "),
        (rule({"not": {"field": "orders", "is": "in", "value": [1]}}), "$.rule.not.is", "at_least, at_most"),
        (rule({"field": "orders", "is": "at_least", "value": "2"}), "$.rule.value", "a whole number"),
        (rule({"field": "orders", "is": "at_least", "value": True}), "$.rule.value", "a whole number"),
        (rule({"field": "orders", "is": "at_least", "value": 1.5}), "$.rule.value", "a whole number"),
        (rule({"field": "orders", "is": "between", "value": [5, 2]}), "$.rule.value", "the lower one first"),
        (rule({"field": "last_order", "is": "before", "value": "2026-02-30"}), "$.rule.value", "a day such as"),
        (rule({"field": "last_order", "is": "before", "value": "20260203"}), "$.rule.value", "a day such as"),
        (rule({"field": "last_order", "is": "within_days", "value": 0}), "$.rule.value", "from 1 to"),
        (rule({"field": "stage", "is": "in", "value": ["loyal", "dead"]}), "$.rule.value[1]", "asleep, at_risk"),
        (rule({"field": "stage", "is": "in", "value": "loyal"}), "$.rule.value", "a list of 1 to"),
        (rule({"field": "store", "is": "in", "value": ["徐汇店"]}), "$.rule.value[0]", "a whole number"),
        (rule({"field": "has_phone", "is": "yes", "value": 1}), "$.rule.value", "one of: field, is"),
        (rule({"event": "wedding", "is": "did"}), "$.rule.event", "order, purchase, refund"),
        (rule({"event": "order", "is": "did", "when": {"within": 3}}), "$.rule.when", "within_days"),
        (rule({"event": "order", "is": "at_least", "value": 2, "measure": "weight"}), "$.rule.measure", "amount_minor, days"),
        (rule({"event": "order", "is": "did", "where": [{"field": "colour", "is": "known"}]}), "$.rule.where[0].field", "channel"),
        (
            rule({"event": "order", "is": "did", "when": {"within_days_of": {"field": "stage", "days": 3}}}),
            "$.rule.when.within_days_of.field",
            "first_order",
        ),
        (rule({"segment": "3"}), "$.rule.segment", "a whole number"),
        (rule({"segment": 3, "name": "x"}), "$.rule.name", "segment"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(given_rule: Any, path: str, expected: str) -> None:
    with pytest.raises(RuleIsWrong) as refused:
        rule_from_json(given_rule)

    assert refused.value.data["path"] == path
    assert expected in said(Sentence.from_json(refused.value.data["expected"]))


def test_a_rule_has_a_depth_and_a_length() -> None:
    deep: dict[str, Any] = {"segment": 1}
    for _ in range(20):
        deep = {"not": deep}

    for node in (deep, {"any": [{"segment": 1}] * 500}):
        with pytest.raises(RuleIsWrong, match="nested at most"):
            rule_from_json(rule(node))


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ({"field": "orders", "is": "at_least", "value": 3}, "Number of orders at least 3"),
        ({"field": "store", "is": "in", "value": [1, 9]}, "Store is 徐汇店 or #9"),
        ({"field": "tag", "is": "not_in", "value": [7]}, "Tag is not 会员"),
        ({"field": "last_order", "is": "not_within_days", "value": 90}, "Last order more than 90 days ago"),
        ({"segment": 3}, "in the segment “老客”"),
        (
            {"event": "order", "is": "at_least", "value": 2, "when": {"within_days": 90}},
            "number of orders of the last 90 days at least 2",
        ),
        (
            {
                "event": "purchase",
                "is": "did_not",
                "where": [{"field": "product_name", "is": "contains", "value": "棉"}],
            },
            "has no products bought (Product name contains “棉”)",
        ),
        (
            {
                "all": [
                    {"field": "stage", "is": "in", "value": ["loyal"]},
                    {"any": [{"field": "has_phone", "is": "yes"}, {"not": {"segment": 3}}]},
                ]
            },
            "Stage is Loyal, and (Phone number known: yes, or not: in the segment “老客”)",
        ),
    ],
)
def test_a_rule_is_said_in_words(node: Any, words: str) -> None:
    assert said(sentence_of(rule_from_json(rule(node)), names=NAMES)) == words


@given(given_rule=rules())
@settings(max_examples=100, deadline=None)
def test_every_rule_can_be_kept_and_said(given_rule: dict[str, Any]) -> None:
    read = rule_from_json(given_rule)

    assert rule_from_json(as_json(read)) == read
    assert "%(" not in said(sentence_of(read, names={}))


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ({"field": "spend_minor", "is": "at_least", "value": 50_000}, "累计消费金额至少 ¥500.00"),
        ({"field": "last_order", "is": "before", "value": "2026-03-01"}, "2026-03-01 之前的最近下单"),
        (
            {
                "event": "order",
                "is": "at_least",
                "value": 2,
                "when": {"within_days_of": {"field": "first_order", "days": 30}},
            },
            "“{first}”后 30 天内的订单数至少 2",
        ),
        ({"event": "refund", "is": "did_not", "when": {"within_days": 180}}, "没有最近 180 天的退款"),
        (
            {"field": "consent", "is": "in", "value": ["promotion/sms", "service/any"]},
            "{consent}为促销 · 短信或服务 · 任何渠道",
        ),
    ],
)
def test_the_screen_says_a_rule_in_chinese(node: Any, words: str) -> None:
    from django.utils import translation

    from yutang.console.sentences import spoken

    with translation.override("zh-hans"):
        named = {"consent": translation.gettext("Consent"), "first": translation.gettext("First order")}
        assert spoken(sentence_of(rule_from_json(rule(node)), names=NAMES)) == words.format(**named)
