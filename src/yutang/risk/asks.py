"""What is asked of the guard, and what it answers. Every room that gives something away asks by these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

#: What may be asked for, by code.
KINDS = {
    "join": _("Join"),
    "seat": _("Seat in a group"),
    "coupon": _("Coupon given"),
    "referral": _("Referral"),
    "redemption": _("Redemption"),
}
#: What became of it, as programmes tell it back.
OUTCOMES = {
    "kept": _("Stayed"),
    "left_at_once": _("Left at once"),
    "refunded": _("Refunded"),
    "bought": _("Bought"),
}
LONGEST_KEY, LONGEST_PROGRAMME, LONGEST_SUBJECT = 140, 64, 300


class Verdict(StrEnum):
    """What is answered, from the mildest to the hardest."""

    ALLOW = "allow"
    SLOW = "slow"
    REVIEW = "review"
    REFUSE = "refuse"


#: What people call the verdicts.
VERDICTS = {
    Verdict.ALLOW: _("Let through"),
    Verdict.SLOW: _("Slowed down"),
    Verdict.REVIEW: _("To be looked at"),
    Verdict.REFUSE: _("Turned down"),
}
#: The verdicts by their hardness.
HARDNESS = {verdict: at for at, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that somebody asks for, with the evidence that the caller has of it.

    Attributes:
        kind: ``join``, ``seat``, ``coupon``, ``referral`` or ``redemption``.
        key: idempotency key: the same key gets the same answer. 1 to 140 characters.
        person_id: customer; None: not known yet.
        programme: what it is asked of, such as ``groupbuy:12``; empty: none. At most 64 characters.
        device: what the caller knows the device by; only its keyed hash is kept.
        address: network address, IPv4 or IPv6; only keyed hashes of it and of its block are kept.
        payer: payment account; only its keyed hash is kept.
        inviter_id: customer who brought this one.
        store_id: store that it is asked at.
        place: postal address in any spelling; only the keyed hash of its folded form is kept.
        value_fen: what it is worth to who gets it. Fen.
    """

    kind: str
    key: str
    person_id: int | None
    programme: str = ""
    device: str = ""
    address: str = ""
    payer: str = ""
    inviter_id: int | None = None
    store_id: int | None = None
    place: str = ""
    value_fen: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was not simply let through; `risk.words` says it in the reader's language.

    Attributes:
        code: name of the fact that spoke against it, or of a list.
        params: values for the sentence. JSON-able.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the guard answers.

    Attributes:
        verdict: REVIEW: nothing is given until a person has looked; SLOW: ask again under the same key after the wait.
        reasons: the strongest first; empty where it was let through without a word.
        decision_id: the kept decision.
        wait_seconds: with SLOW, how long to wait. Seconds.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    decision_id: int
    wait_seconds: int = 0

    @property
    def is_stopped(self) -> bool:
        """Whether nothing may be given now."""
        return self.verdict is not Verdict.ALLOW
