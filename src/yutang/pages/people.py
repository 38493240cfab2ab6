"""Whose a link is now: a person who was merged is the one it was found to be, one who was erased is nobody."""

from __future__ import annotations

from yutang.customers.queries import NoSuchCustomer, customer_card
from yutang.foundation.access import Actor
from yutang.pages.signed import Signed, SignedLinkIsUnknown


def person_behind(signed: Signed) -> int:
    """Return the key of the person of a link.

    Raises:
        SignedLinkIsUnknown: it is nobody's, or of somebody who is not there any more.
    """
    if signed.customer_id is None:
        raise SignedLinkIsUnknown
    return person_now(signed.customer_id)


def person_now(customer_id: int) -> int:
    """Return whom a person is found to be now.

    Raises:
        SignedLinkIsUnknown: they are not there any more.
    """
    try:
        card = customer_card(access=Actor.system(), customer_id=customer_id)
    except NoSuchCustomer as error:
        raise SignedLinkIsUnknown from error
    return card.merged_into_id or card.id
