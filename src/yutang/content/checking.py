"""The check of words before anything is sent: what law and platforms forbid, personal data, links that lead astray.

The list of words is in `risky_words.json`, each rule with its source; a shop adds words of its own and lets words be in the settings
`content.own_words` and `content.allowed_words`. A check finds words, not intentions: what it finds a person still reads.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from yutang.content.grammar import place_in
from yutang.content.personal_marks import personal_marks
from yutang.content.risky_links import LINK, risky_links
from yutang.kit.text import N_

Severity = Literal["block", "warn"]

#: What each group of findings is called, and why it matters.
GROUP_TITLES: Mapping[str, str] = {
    "absolute": N_("Absolute words"),
    "state": N_("Name of the state"),
    "medical": N_("Medical claim"),
    "promise": N_("Promised effect"),
    "share": N_("Inducement to share"),
    "bait": N_("Bait"),
    "pyramid": N_("Pyramid selling"),
    "superstition": N_("Gambling or superstition"),
    "own": N_("Your own list"),
    "personal": N_("Personal data"),
    "link": N_("Web link"),
    "opt_out": N_("No way out"),
}
REASONS: Mapping[str, str] = {
    "absolute": N_(
        "Advertising law forbids superlatives and what cannot be proved. Say what can be: a test, a number with its date and source."
    ),
    "state": N_("Advertising law forbids names and images of the state, its organs and leaders."),
    "medical": N_(
        "Only approved medical advertising may speak of curing, of effects on diseases, or in medical terms."
    ),
    "promise": N_("Advertising law forbids promises of effects, of returns, and of no risk."),
    "share": N_(
        "WeChat and WeCom forbid rewards for sharing, following or collecting likes, and punish whoever sends them. "
        "Reward what a friend really does: come, join, buy."
    ),
    "bait": N_(
        "What misleads about prices, times or prizes is false advertising. Name the date, the price and where it comes from."
    ),
    "pyramid": N_("Rewards for recruiting, or in more than one level, are pyramid selling."),
    "superstition": N_("Advertising law forbids gambling and superstition."),
    "own": N_("Your organisation has put this on its list (settings, “Words of your own that the check finds”)."),
    "id_card": N_("This looks like the number of an identity card. It belongs to one person, and this goes to many."),
    "bank_card": N_("This looks like the number of a bank card. It belongs to one person, and this goes to many."),
    "mobile": N_(
        "This is a mobile number. If it is your shop's, put it on the list of words that may stand; a customer's never belongs here."
    ),
    "email": N_("This is an e-mail address. If it is your shop's, put it on the list of words that may stand."),
    "home": N_("This looks like somebody's home address."),
    "not_https": N_(
        "The link does not begin with https://: what the customer reads and writes there can be seen and changed on its way."
    ),
    "link_user": N_("The link holds a log-in name: it does not lead where it seems to."),
    "link_number": N_("The link leads to a number instead of a name; WeChat blocks such links."),
    "link_short": N_(
        "The link hides where it leads. WeChat restricts links through other addresses; write the real one."
    ),
    "link_fixed": N_(
        "The gateway of short messages sends its template as it is filed, this address with it: nobody can tell who followed it. "
        "Use a link of the customer's own, such as the one for booking, if you want to know."
    ),
    "link_bare": N_("Without https:// this is no link on many phones."),
    "opt_out": N_(
        "An advertising short message must say how to refuse further ones, and gateways refuse those that do not."
    ),
    "opt_out_hint": N_("Short messages that are no service should say how to refuse further ones."),
}
#: What is suggested at the end of a short message.
OPT_OUT_WORDS: Mapping[str, str] = {"zh-hans": "拒收请回复R", "en": "Reply R to stop"}

_FILE = Path(__file__).with_name("risky_words.json")
#: What a pattern may pass over between an ask and its reward: not the deed of a friend, which may be rewarded.
_DEED = (
    r"(?:(?!(?:好友|朋友|亲友|闺蜜|对方|新客|[他她]|\bta)[^，,。！？!?\n]{0,5}"
    r"(?:下单|购买|买|到店|来店|进店|消费|成交|入会|注册|试穿))[^。！？!?\n])"
)
#: What is put between the characters of a word so that a check overlooks it; a new line is none of it.
_APART = re.compile(r"(?<=[\u4e00-\u9fff])[ \t.·*•_|~+/\\\u00ad\u200b-\u200d\u2060\ufeff-]+(?=[\u4e00-\u9fff])")
#: A word of so many characters is found whatever stands between them; of a shorter one every character must stand alone.
_LONG_ENOUGH = 3
_OPT_OUT = re.compile(r"退订|拒收|回复?\s?[TRN](?:D)?\b|\bstop\b|unsubscribe", re.IGNORECASE)
_SOURCES_OF: Mapping[str, str] = {"opt_out": "sms", "personal": "pipl", "link": "wx-links-url"}
_FURTHER_SOURCES: Mapping[str, Mapping[str, str]] = {
    "sms": {
        "zh-hans": "《广告法》第四十三条；《通信短信息服务管理规定》",
        "en": "Advertising Law of the PRC, art. 43; Rules on Short Message Services",
    },
    "pipl": {
        "zh-hans": "《个人信息保护法》第四条、第六条",
        "en": "Personal Information Protection Law of the PRC, art. 4 and 6",
    },
    "wx-links-url": {"zh-hans": "《微信外部链接内容管理规范》", "en": "WeChat rules for external links"},
}


@dataclass(frozen=True)
class Finding:
    """Something in a text that should not be there.

    Attributes:
        part: of the content: ``body``, ``subject``, ``title`` or ``attachment``.
        start: where it begins in that part; `end`: where it ends. Characters from 0.
        line: counted from 1; `column`: character in it, counted from 1.
        written: the words.
        group: code in `GROUP_TITLES`.
        severity: ``block``: with it nothing is approved; ``warn``: a person decides.
        reason: code in `REASONS`.
        suggestion: what could stand there instead, in the language of the list; empty where there is nothing.
        source: code of `source_words`; empty for an own word.
    """

    part: str
    start: int
    end: int
    line: int
    column: int
    written: str
    group: str
    severity: Severity
    reason: str
    suggestion: str = ""
    source: str = ""


@dataclass(frozen=True)
class OwnWords:
    """What a shop adds to the list.

    Attributes:
        risky: pairs of word and severity.
        allowed: words, within which nothing is found.
    """

    risky: tuple[tuple[str, Severity], ...] = ()
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Rule:
    group: str
    severity: Severity
    source: str
    found: re.Pattern[str]
    excepted: re.Pattern[str] | None
    suggestions: Mapping[str, str] = field(default_factory=dict)
    is_words: bool = False


def findings_in(text: str, *, part: str = "body", own: OwnWords | None = None) -> tuple[Finding, ...]:
    """Return what should not be in a text, in order; of findings of one group that overlap the gravest and longest."""
    own = own or OwnWords()
    folded = _folded(text)
    raw = [*_words_found(text, folded, own), *_spelled_found(text, folded, own), *_marks_found(text)]
    allowed = _spans(_any_of(own.allowed), folded)
    kept = _gravest(one for one in raw if not _is_within(one, allowed))
    return tuple(replace(one, part=part) for one in kept)


def without_opt_out(text: str, *, intent: str, language: str) -> tuple[Finding, ...]:
    """Return the finding that a short message does not say how to refuse further ones; nothing where it does, or is a service."""
    if intent in {"transactional", "service"} or _OPT_OUT.search(text):
        return ()
    severity: Severity = "block" if intent == "promotion" else "warn"
    reason = "opt_out" if severity == "block" else "opt_out_hint"
    words = OPT_OUT_WORDS.get(language, OPT_OUT_WORDS["zh-hans"])
    return (_finding(text, len(text), len(text), "opt_out", severity, reason, words, "sms"),)


def fixed_links(text: str) -> tuple[Finding, ...]:
    """Return the addresses that stand in a short message as it is filed with the gateway; their visits are not counted."""
    return tuple(_finding(text, *found.span(), "link", "warn", "link_fixed", "", "") for found in LINK.finditer(text))


def source_words(code: str, *, language: str) -> str:
    """Return a source in a language; empty for none."""
    named = {**_list()["sources"], **_FURTHER_SOURCES}.get(code, {})
    return str(named.get(language) or named.get("zh-hans", ""))


def listed_words() -> Mapping[str, int]:
    """Return how many words and patterns the list has, by group."""
    counts: dict[str, int] = {}
    for rule in _list()["rules"]:
        counts[rule["group"]] = counts.get(rule["group"], 0) + len(rule["words"]) + len(rule["patterns"])
    return counts


def _words_found(text: str, folded: str, own: OwnWords) -> Iterator[Finding]:
    for rule in (*_rules(), *_own_rules(own.risky)):
        excepted = _spans(rule.excepted, folded)
        for found in rule.found.finditer(folded):
            suggestion = rule.suggestions.get(found[0], "")
            start, end = found.span()
            one = _finding(text, start, end, rule.group, rule.severity, rule.group, suggestion, rule.source)
            if found[0] and not _is_within(one, excepted):
                yield one


def _spelled_found(text: str, folded: str, own: OwnWords) -> Iterator[Finding]:
    """Yield what stops and is seen only once what stands between the characters is left out, as in 最 低 价."""
    gaps = [found.span() for found in _APART.finditer(folded)]
    if not gaps:
        return
    edges = [0, *(edge for gap in gaps for edge in gap), len(folded)]
    pieces = list(zip(edges[::2], edges[1::2], strict=True))
    places = [place for start, end in pieces for place in range(start, end)]
    closed = "".join(folded[start:end] for start, end in pieces)
    alone = {place for gap in gaps for place in gap if _stands_alone(folded, place, gap)}
    for rule in (*_rules(), *_own_rules(own.risky)):
        if rule.severity != "block":
            continue
        excepted = _spans(rule.excepted, closed)
        for found in rule.found.finditer(closed):
            first, last = found.span()
            if last <= first or any(start <= first and last <= end for start, end in excepted):
                continue
            start, end = places[first], places[last - 1] + 1
            crossed = [gap for gap in gaps if start < gap[0] and gap[1] < end]
            is_word = rule.is_words and last - first >= _LONG_ENOUGH
            if crossed and (is_word or all(alone & set(gap) for gap in crossed)):
                suggestion = rule.suggestions.get(found[0], "")
                yield _finding(text, start, end, rule.group, rule.severity, rule.group, suggestion, rule.source)


def _stands_alone(folded: str, place: int, gap: tuple[int, int]) -> bool:
    """Return whether the character on this side of a gap has no other beside it."""
    beside = place - 2 if place == gap[0] else place + 1
    return not (0 <= beside < len(folded) and "\u4e00" <= folded[beside] <= "\u9fff")


def _marks_found(text: str) -> Iterator[Finding]:
    for group, marks in (("personal", personal_marks(text)), ("link", risky_links(text))):
        for mark in marks:
            severity: Severity = "block" if mark.blocks else "warn"
            yield _finding(text, mark.start, mark.end, group, severity, mark.code, mark.instead, _SOURCES_OF[group])


def _finding(
    text: str, start: int, end: int, group: str, severity: Severity, reason: str, suggestion: str, source: str
) -> Finding:
    line, column = place_in(text, start)
    return Finding("body", start, end, line, column, text[start:end], group, severity, reason, suggestion, source)


def _gravest(found: Iterable[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for one in sorted(found, key=lambda one: (one.severity != "block", one.start - one.end, one.start)):
        if not any(one.group == other.group and one.start < other.end and other.start < one.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: (one.start, one.end))


def _is_within(one: Finding, spans: list[tuple[int, int]]) -> bool:
    return any(start <= one.start and one.end <= end for start, end in spans)


def _spans(pattern: re.Pattern[str] | None, text: str) -> list[tuple[int, int]]:
    return [] if pattern is None else [found.span() for found in pattern.finditer(text)]


def _folded(text: str) -> str:
    """Return the text with wide, large and traditional characters like narrow, small and simplified ones; each keeps its place."""
    return "".join(_fold(character) for character in text).translate(_simplified())


def _fold(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).lower()
    return plain if len(plain) == 1 else character


@lru_cache(maxsize=1)
def _list() -> Any:
    return json.loads(_FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _simplified() -> dict[int, int]:
    traditional, simplified = _list()["traditional"]
    return str.maketrans(traditional, simplified)


@lru_cache(maxsize=1)
def _rules() -> tuple[_Rule, ...]:
    return tuple(part for rule in _list()["rules"] for part in _read(rule))


def _read(rule: Mapping[str, Any]) -> Iterator[_Rule]:
    suggestions = {_folded(word): instead for word, instead in rule["words"].items()}
    excepted = _any_of(rule["except"])
    words = _any_of(rule["words"])
    if words is not None:
        yield _Rule(rule["group"], rule["severity"], rule["source"], words, excepted, suggestions, is_words=True)
    for pattern in rule["patterns"]:
        found = re.compile(pattern.replace("{deed}", _DEED), re.IGNORECASE)
        yield _Rule(rule["group"], rule["severity"], rule["source"], found, excepted)


@lru_cache(maxsize=64)
def _own_rules(risky: tuple[tuple[str, Severity], ...]) -> tuple[_Rule, ...]:
    rules = []
    for severity in ("block", "warn"):
        words = _any_of(word for word, its in risky if its == severity)
        if words is not None:
            rules.append(_Rule("own", severity, "", words, None, is_words=True))
    return tuple(rules)


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of the words, the longest first; Latin ones as whole words. None where there are no words."""
    return _compiled(tuple(sorted({_folded(word) for word in words if word.strip()}, key=lambda one: (-len(one), one))))


@lru_cache(maxsize=128)
def _compiled(words: tuple[str, ...]) -> re.Pattern[str] | None:
    if not words:
        return None
    first = "".join(sorted({re.escape(word[0]) for word in words}))
    # Told by their first character, a long list costs hardly anything where it does not stand.
    return re.compile(f"(?=[{first}])(?:{'|'.join(map(_literal, words))})")


def _literal(word: str) -> str:
    before = r"(?<![a-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?![a-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
    return before + re.escape(word) + after
