"""How the room forgets a person."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from yutang.customers.erasing import ERASERS, Eraser
from yutang.foundation.access import Actor
from yutang.foundation.sealing import seal
from yutang.ingest import journal
from yutang.kit.text import N_
from yutang.wecom.marking import mark_contacts
from yutang.wecom.models import Contact, Friendship


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Empty the cards of contacts and the notes about them, and make the contacts unrecognisable."""
    actor.require("customers.merge")
    with journal.marked_transaction():
        contacts = list(Contact.objects.filter(customer_id__in=list(customer_ids)))
        for one in contacts:
            one.customer, one.sealed_card, one.digest = None, seal({}), secrets.token_bytes(16)
            one.save(update_fields=["customer", "sealed_card", "digest"])
        Friendship.objects.filter(contact__in=contacts).update(sealed_note=seal({}))
        if contacts:
            mark_contacts(now=now)
    return len(contacts)


ERASERS.register(
    Eraser(
        room="wecom",
        title=N_("Contacts in WeCom"),
        columns=(
            "wecom_contact.customer_id",
            "wecom_contact.sealed_card",
            "wecom_friendship.sealed_note",
        ),
        forget=forget_people,
        kept=N_(
            "That somebody was a friend or in a group stays counted, without the person. Who is still a friend of staff in WeCom "
            "comes back with the next look at it: remove the friend there first."
        ),
    )
)
