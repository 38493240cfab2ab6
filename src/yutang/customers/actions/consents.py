"""The consent ledger: given or withdrawn, with evidence, append only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.customers.events import ConsentChanged
from yutang.customers.models import Consent, ConsentChannel, ConsentPurpose
from yutang.customers.queries import record_within_reach
from yutang.customers.touching import touch_consents
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class ConsentIsIncomplete(DomainError):
    """A consent without purpose, channel, wording or evidence proves nothing."""

    code: ClassVar[str] = "consent_is_incomplete"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "A consent needs a known purpose and channel, the version of the wording, and evidence."
    )


class ConsentIsInTheFuture(DomainError):
    """Nobody can have agreed tomorrow."""

    code: ClassVar[str] = "consent_is_in_the_future"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The consent cannot lie in the future.")


def record_consent(
    *,
    actor: Actor,
    customer_id: int,
    purpose: str,
    channel: str,
    wording_version: str,
    evidence: str,
    occurred_at: datetime,
    now: datetime,
) -> int:
    """Write down that a person agreed, and return the key of the entry.

    Args:
        actor: who writes it down.
        customer_id: who agreed.
        purpose: a `ConsentPurpose`.
        channel: a `ConsentChannel`.
        wording_version: version of the text that the person saw. At most 40 characters.
        evidence: how it can be proved (paper form, tick in WeCom, recorded call). At most 300 characters.
        occurred_at: when the person agreed. Aware UTC.
        now: when it is written down. Aware UTC.

    Raises:
        NoSuchCustomer: there is none within reach.
        ConsentIsIncomplete: something is missing.
        ConsentIsInTheFuture: `occurred_at` lies after `now`.
    """
    said = _Said(purpose, channel, True, wording_version.strip(), evidence.strip(), occurred_at)
    return _write(actor, customer_id, said, now=now)


def withdraw_consent(
    *,
    actor: Actor,
    customer_id: int,
    purpose: str,
    channel: str,
    wording_version: str,
    evidence: str,
    occurred_at: datetime,
    now: datetime,
) -> int:
    """Write down that a person no longer agrees, and return the key of the entry; arguments as for `record_consent`."""
    said = _Said(purpose, channel, False, wording_version.strip(), evidence.strip(), occurred_at)
    return _write(actor, customer_id, said, now=now)


@dataclass(frozen=True)
class _Said:
    purpose: str
    channel: str
    granted: bool
    wording_version: str
    evidence: str
    occurred_at: datetime


@transaction.atomic
def _write(actor: Actor, customer_id: int, said: _Said, *, now: datetime) -> int:
    actor.require("customers.tag")
    customer, _ = record_within_reach(actor, customer_id)
    known = said.purpose in ConsentPurpose.values and said.channel in ConsentChannel.values
    if not known or not 0 < len(said.wording_version) <= 40 or not 0 < len(said.evidence) <= 300:
        raise ConsentIsIncomplete
    if said.occurred_at > now:
        raise ConsentIsInTheFuture
    entry = Consent.objects.create(customer=customer, recorded_by_id=actor.staff_id, **asdict(said))
    touch_consents(now=now)
    outbox.record(
        ConsentChanged(entry.pk, customer_id, said.purpose, said.channel, said.granted, said.occurred_at), now=now
    )
    audit(
        actor=actor,
        action="customers.record_consent" if said.granted else "customers.withdraw_consent",
        subject_type="customer",
        subject_id=customer_id,
        detail={"purpose": said.purpose, "channel": said.channel, "wording_version": said.wording_version},
        now=now,
    )
    return entry.pk
