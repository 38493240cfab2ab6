"""What a group is for, and who brought whom into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.communities.finding import one_within_reach, open_within_reach
from yutang.communities.marking import mark_members
from yutang.communities.models import Community, Place, PlaceState
from yutang.communities.refusals import GroupCannotBeThis, InvitationIsWrong, SeedsAnother
from yutang.customers.models import Customer, Tag
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import Store
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.wecom.models import GroupMember

_LONGEST_PURPOSE, _MOST_TAGS = 60, 20
_LEAST, _MOST = 2, 500


class NoSuchSeed(DomainError):
    """There is no such customer within reach."""

    code: ClassVar[str] = "no_such_seed"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no customer %(customer)s within your reach who could seed a group.")


@dataclass(frozen=True)
class Description:
    """What a group is for.

    Attributes:
        purpose: in a few words. At most 60 characters.
        capacity: people up to which newcomers are led into it, 2 to 500; None: as the organisation has set it.
        tag_ids: tags of customers by which members are alike. At most 20.
        seed_customer_id: around whom it grew; None: nobody.
        store_id: whose customers it is for; None: no store's.
        playbook_id: by which playbook it is led; None: by none.
    """

    purpose: str = ""
    capacity: int | None = None
    tag_ids: Sequence[int] = ()
    seed_customer_id: int | None = None
    store_id: int | None = None
    playbook_id: int | None = None


@transaction.atomic
def describe_community(*, actor: Actor, community_id: int, description: Description, now: datetime) -> None:
    """Write down what a group is for.

    Raises:
        NoSuchCommunity: there is none within reach.
        GroupIsClosed: it is closed.
        GroupCannotBeThis: a value cannot be; says which and why.
        NoSuchSeed: there is no such customer within reach.
        SeedsAnother: the customer seeds another group of this purpose.
    """
    actor.require("communities.change")
    row = open_within_reach(actor, community_id)
    _check(actor, description)
    _check_seed(actor, row, description)
    row.purpose = description.purpose.strip()
    row.capacity, row.likeness = description.capacity, sorted(set(description.tag_ids))
    row.seed_customer_id, row.store_id = description.seed_customer_id, description.store_id
    row.playbook_id = description.playbook_id
    columns = ["purpose", "capacity", "likeness", "seed_customer", "store", "playbook_id"]
    row.save(update_fields=columns)
    mark_members(now=now)
    detail = {"purpose": row.purpose, "capacity": row.capacity, "tags": len(row.likeness)}
    audit(
        actor=actor, action="communities.describe", subject_type="community", subject_id=row.pk, detail=detail, now=now
    )


@transaction.atomic
def note_invitation(
    *, actor: Actor, community_id: int, customer_id: int, inviter_id: int, source: str = "hand", now: datetime
) -> None:
    """Write down which member brought another; the last word holds.

    Raises:
        NoSuchCommunity: there is none within reach.
        InvitationIsWrong: somebody invites themselves, or one of the two was never in the group.
    """
    actor.require("communities.change")
    row = one_within_reach(actor, community_id)
    wanted = {customer_id, inviter_id}
    seats = GroupMember.objects.filter(group_id=row.group_id, contact__customer_id__in=wanted).order_by(
        "joined_at", "pk"
    )
    joined = dict(seats.values_list("contact__customer_id", "joined_at"))
    if customer_id == inviter_id or (wanted - joined.keys()) - {row.seed_customer_id}:
        raise InvitationIsWrong
    known = Place.objects.filter(community=row, customer_id=customer_id, state=PlaceState.TAKEN).order_by("pk").first()
    if known is not None:
        Place.objects.filter(pk=known.pk).update(inviter_id=inviter_id)
        return
    at = joined.get(customer_id, now)
    Place.objects.create(
        key=f"told:{row.pk}:{customer_id}",
        community=row,
        customer_id=customer_id,
        inviter_id=inviter_id,
        source=source[:60],
        state=PlaceState.TAKEN,
        held_until=now,
        given_at=at,
        came_at=at,
    )


def _check(actor: Actor, wanted: Description) -> None:
    if len(wanted.purpose.strip()) > _LONGEST_PURPOSE:
        raise GroupCannotBeThis(what=Sentence(N_("The purpose")), why=Sentence(N_("it has 60 characters at most.")))
    if wanted.capacity is not None and not _LEAST <= wanted.capacity <= _MOST:
        raise GroupCannotBeThis(
            what=Sentence(N_("The number of places")), why=Sentence(N_("it is a whole number from 2 to 500."))
        )
    tags = set(wanted.tag_ids)
    if len(tags) > _MOST_TAGS or Tag.objects.filter(pk__in=tags).count() != len(tags):
        raise GroupCannotBeThis(what=Sentence(N_("A tag")), why=Sentence(N_("choose at most 20 of those that exist.")))
    if wanted.store_id is not None and not (
        actor.reaches(wanted.store_id) and Store.objects.filter(pk=wanted.store_id).exists()
    ):
        raise GroupCannotBeThis(what=Sentence(N_("The store")), why=Sentence(N_("choose one within your reach.")))
    if wanted.store_id is None and actor.store_ids is not None:
        raise GroupCannotBeThis(what=Sentence(N_("The store")), why=Sentence(N_("choose one within your reach.")))


def _check_seed(actor: Actor, row: Community, wanted: Description) -> None:
    if wanted.seed_customer_id is None:
        return
    seed = Customer.objects.filter(pk=wanted.seed_customer_id, merged_into=None).first()
    if seed is None or not actor.reaches(seed.store_id):
        raise NoSuchSeed(customer=wanted.seed_customer_id)
    others = Community.objects.filter(seed_customer=seed, purpose=wanted.purpose.strip()).exclude(pk=row.pk)
    other = others.select_related("group").select_for_update(of=("self",)).first()
    if other is not None:
        raise SeedsAnother(name=other.group.name)
