"""What the guard says to people: reasons, verdicts, kinds and facts as sentences that every door speaks in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from yutang.kit.text import N_, Sentence
from yutang.risk.asks import Reason
from yutang.risk.fact_list import FACTS
from yutang.risk.facts import MOST_SEEN

VERDICT_TITLES = {
    "allow": N_("Let through"),
    "slow": N_("Slowed down"),
    "review": N_("To be looked at"),
    "refuse": N_("Turned down"),
}
#: What a rule does to whom it meets.
RULE_VERDICT_TITLES = {
    "slow": N_("Have them wait"),
    "review": N_("Leave it to a person"),
    "refuse": N_("Refuse at once"),
}
KIND_TITLES = {
    "join": N_("Added by a channel code"),
    "seat": N_("Place in group-buying"),
    "coupon": N_("Coupon given"),
    "referral": N_("Referral"),
    "redemption": N_("Redemption"),
}
OUTCOME_TITLES = {
    "kept": N_("Stayed"),
    "left_at_once": N_("Left at once"),
    "refunded": N_("Refunded"),
    "bought": N_("Bought"),
}
SETTLED_TITLES = {"let_through": N_("Let through after a look"), "kept_stopped": N_("Kept stopped after a look")}
SUBJECT_TITLES = {
    "person": N_("Customer"),
    "device": N_("Device"),
    "address": N_("Network address"),
    "block": N_("Block of network addresses"),
    "payer": N_("Payment account"),
    "place": N_("Postal address"),
}
EFFECT_TITLES = {"allow": N_("Always let through"), "block": N_("Always refuse")}
STATE_TITLES = {
    "draft": N_("Draft"),
    "shadow": N_("On trial"),
    "active": N_("In force"),
    "retired": N_("Replaced"),
}
APPEAL_TITLES = {"open": N_("Waiting for an answer"), "granted": N_("Granted"), "declined": N_("Declined")}
#: What the rules that come with the product look for; a rule that somebody added is called as they called it.
RULE_TITLES: Mapping[str, str] = {
    "person_hasty": N_("One customer asks very often within an hour"),
    "person_many": N_("One customer asks very often within a day"),
    "device_hasty": N_("One device asks very often within an hour"),
    "device_row": N_("Several newcomers, one after the other on one device"),
    "device_row_hour": N_("Many newcomers on one device within an hour"),
    "device_row_day": N_("Many newcomers on one device within a day"),
    "payer_hasty": N_("One payment account asks very often within an hour"),
    "address_hasty": N_("Very many come from one network address within an hour"),
    "device_shared": N_("Several people share a device, and hardly anybody bought"),
    "device_crowded": N_("Many people share a device, and hardly anybody bought"),
    "payer_shared": N_("Several people share a payment account"),
    "payer_crowded": N_("Many people share a payment account"),
    "own_left": N_("Left at once more than once"),
    "inviter_left": N_("Most whom the inviter brought left at once"),
    "bought_before": N_("Has bought before: speaks for them"),
    "self_invited_device": N_("The inviter and the invited are on one device"),
    "near_few_devices": N_("Many strangers around them, on few devices"),
    "place_one_hand": N_("Many strangers at one postal address, with few payment accounts"),
    "near_many_few_payers": N_("Many strangers around them, with few payment accounts"),
    "ring": N_("Invitations go round in a ring"),
    "joined_crowd": N_("A crowd of strangers connected by shared things"),
    "joined_large_crowd": N_("A large crowd of strangers connected by shared things"),
    "joined_few_devices": N_("A crowd of strangers on few devices"),
    "joined_one_hand": N_("A crowd of strangers in one hand"),
    "group_left": N_("Most of the community around them left at once"),
    "woke_together": N_("Accounts that slept for long ask at the same time"),
    "score_low": N_("Low security score"),
}
#: Reasons that are no facts.
_OTHERS = {
    "block_list": N_("This stands on the list of those who are always refused."),
    "allow_list": N_("This stands on the list of those who are always let through."),
    "rules": N_("Several signs together speak against it."),
    "low_score": N_("The security score of this customer is %(n)s of 100."),
}
#: What the customer is told: nothing by which the rules could be learnt.
TOLD_CUSTOMER = {
    "slow": N_("That was a little fast. Please try again in a moment."),
    "review": N_("We are taking a closer look at this; it does not take long. Nothing was charged."),
    "refuse": N_("This cannot be given here. If that is a mistake, ask us for another look."),
}
#: Of what kind the signs are, for the customer: no number and no rule.
_WHY_TOLD = {
    "list": N_("The shop has written down earlier that it gives nothing more to this customer, phone or account."),
    "pace": N_(
        "Very much was asked for within a short time: by this customer, or with this phone, account or network."
    ),
    "shared": N_("One phone, payment account or address was used by several people."),
    "past": N_("What was given to this customer, or to those around them, earlier was often left or given back soon."),
    "unusual": N_("Several things about it are unusual; none of them alone means anything bad."),
}
_KINDS_OF_SIGNS = {
    "block_list": "list",
    **dict.fromkeys(
        ("person_hour", "person_day", "device_hour", "device_row", "device_row_hour", "device_row_day", "payer_hour",
         "address_hour", "block_hour", "near_hour", "inviter_hour", "inviter_month"), "pace",
    ),
    **dict.fromkeys(
        ("device_people", "payer_people", "place_people", "place_strangers", "near_people", "near_strangers",
         "near_per_device", "near_per_payer", "self_device", "self_payer", "joined_people", "joined_shared_percent",
         "joined_strangers_percent", "joined_per_device", "joined_per_payer", "group_shared_percent"), "shared",
    ),
    **dict.fromkeys(
        ("own_left", "own_stopped", "score", "low_score", "inviter_left_percent", "group_left_percent",
         "group_stopped_percent"), "past",
    ),
}  # fmt: skip


def sentence_of(reason: Reason | Mapping[str, Any]) -> Sentence:
    """Return a reason as a sentence for staff."""
    code = reason.code if isinstance(reason, Reason) else str(reason["code"])
    params = reason.params if isinstance(reason, Reason) else reason.get("params", {})
    if code in _OTHERS:
        return Sentence(_OTHERS[code], dict(params))
    # A fact that a later release has not any more still has its decision.
    known = FACTS[code] if code in FACTS else None
    if known is None or not known.reason:
        return Sentence(_OTHERS["rules"])
    return Sentence(known.reason, {**params, "n": told_number(known.name, params.get("n", 0))})


def told_number(fact: str, n: int) -> int | str:
    """Return the number of a fact as people read it: of a window that is read no further, that there are more; hundredths with a point."""
    known = FACTS[fact] if fact in FACTS else None
    if known is None:
        return n
    if known.unit == "hundredths":
        return f"{n / 100:.2f}".rstrip("0").rstrip(".")
    return f"{MOST_SEEN}+" if known.is_window and n > MOST_SEEN else n


def has_number(code: str) -> bool:
    """Return whether the sentence of a reason names a number."""
    return "%(n)s" in (FACTS[code].reason if code in FACTS else _OTHERS.get(code, ""))


def reason_title(code: str) -> Sentence:
    """Return what a reason is about, without the number of one decision: what several decisions are listed under."""
    if code in FACTS and has_number(code):
        return Sentence(FACTS[code].title)
    return Sentence(N_("Low security score")) if code == "low_score" else sentence_of(Reason(code))


def sentences_of(reasons: Iterable[Reason | Mapping[str, Any]]) -> list[Sentence]:
    """Return reasons as sentences for staff, the strongest first."""
    return [sentence_of(one) for one in reasons]


def told_customer(verdict: str) -> Sentence:
    """Return what the customer is told of a verdict that stops them."""
    return Sentence(TOLD_CUSTOMER[verdict])


def told_why(reasons: Iterable[Reason | Mapping[str, Any]]) -> Sentence:
    """Return why somebody was stopped as the customer is told it: of what kind the strongest sign is."""
    first = next(iter(reasons), None)
    code = "" if first is None else first.code if isinstance(first, Reason) else str(first["code"])
    return Sentence(_WHY_TOLD[_KINDS_OF_SIGNS.get(code, "unusual")])
