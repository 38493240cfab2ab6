"""Every read of referral that others may use: within the actor's stores, or by a signed link. Money in fen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from yutang.coupons.queries import kind_names
from yutang.economics.models import Programme as Stated
from yutang.economics.queries import is_paused
from yutang.foundation.access import Actor
from yutang.foundation.organisation import ORGANISATION_NAME
from yutang.foundation.queries import organisation_setting
from yutang.kit.text import Sentence
from yutang.referral.asking_risk import about_in
from yutang.referral.budget import Budget, MoreFriends, budget_of, more_friends
from yutang.referral.finding import (
    economics_key,
    invitation_by_id,
    invitations_within_reach,
    inviter_by_id,
    programme_by_id,
)
from yutang.referral.links import INVITE, PROGRESS, inviter_in, token_of
from yutang.referral.models import (
    Invitation,
    InvitationState,
    Inviter,
    Programme,
    ProgrammeState,
    Reward,
    RewardState,
    Role,
)
from yutang.referral.organisation import ADD_LINK
from yutang.referral.refusals import LinkIsWrong, NoSuchInvitation, NoSuchReferral
from yutang.referral.terms import Terms
from yutang.referral.views import (
    DEED_TITLES,
    INVITATION_TITLES,
    REWARD_TITLES,
    STATE_TITLES,
    Card,
    InvitationView,
    InviterView,
    ProgrammeView,
    Progress,
    RewardView,
    Tally,
)

__all__ = [
    "DEED_TITLES",
    "INVITATION_TITLES",
    "REWARD_TITLES",
    "STATE_TITLES",
    "Budget",
    "LinkIsWrong",
    "MoreFriends",
    "NoSuchInvitation",
    "NoSuchReferral",
    "best_inviters",
    "budget_of",
    "card_of",
    "invitation_state",
    "invitation_view",
    "invitations",
    "invite_of_ask",
    "links_of",
    "more_friends",
    "programme_view",
    "programmes",
    "progress_of",
]

_MOST_ROWS = 200
_TERMS = (
    "name", "deed", "title", "words", "friend_coupon", "inviter_coupon", "least_order_fen", "return_days", "valid_days", "most_friends",
    "most_of_ambassador", "commission_percent", "commission_most_fen", "commission_levels", "joining_fee_fen", "tax_note",
)  # fmt: skip


def programmes(*, access: Actor) -> tuple[ProgrammeView, ...]:
    """Return every programme with what became of the friends within reach, the open ones first, then the newest."""
    access.require("referral.view")
    rows = sorted(Programme.objects.order_by("-id"), key=lambda row: row.state != ProgrammeState.OPEN)
    return _views(access, rows)


def programme_names(*, access: Actor) -> dict[int, str]:
    """Return what programmes are called, by key."""
    access.require("referral.view")
    return dict(Programme.objects.order_by().values_list("pk", "name"))


def programme_view(*, access: Actor, programme_id: int) -> ProgrammeView:
    """Return one programme.

    Raises:
        NoSuchReferral: there is none.
    """
    access.require("referral.view")
    return _views(access, [programme_by_id(programme_id)])[0]


def invitations(
    *,
    access: Actor,
    programme_id: int | None = None,
    state: str = "",
    customer_id: int | None = None,
    after_key: int | None = None,
    limit: int = 50,
) -> tuple[InvitationView, ...]:
    """Return friends within reach who came, the newest first.

    Args:
        access: needs ``referral.view``.
        programme_id: only of this programme; None: of all.
        state: only in this state; empty: in any.
        customer_id: only where this person came or invited; None: of everybody.
        after_key: key of the last one of the page before; None for the first.
        limit: at most 200.
    """
    access.require("referral.view")
    rows = invitations_within_reach(access).order_by("-id")
    rows = rows if programme_id is None else rows.filter(programme_id=programme_id)
    rows = rows.filter(state=state) if state else rows
    rows = rows if after_key is None else rows.filter(pk__lt=after_key)
    if customer_id is not None:
        rows = rows.filter(Q(friend_id=customer_id) | Q(inviter_customer_id=customer_id))
    return _invitation_views(rows[: min(limit, _MOST_ROWS)])


def invitation_view(*, access: Actor, invitation_id: int) -> InvitationView:
    """Return a friend within reach who came.

    Raises:
        NoSuchInvitation: there is none.
    """
    access.require("referral.view")
    row = invitation_by_id(access, invitation_id)
    return _invitation_views(Invitation.objects.filter(pk=row.pk))[0]


def best_inviters(*, access: Actor, programme_id: int, limit: int = 50) -> tuple[InviterView, ...]:
    """Return who invites in a programme and is within reach, ambassadors first, then by friends who did it."""
    access.require("referral.view")
    rows = Inviter.objects.filter(programme_id=programme_id)
    if access.store_ids is not None:
        rows = rows.filter(customer__store_id__in=access.store_ids)
    done = Count("invitations", filter=Q(invitations__state=InvitationState.DONE))
    friends = Count("invitations", filter=~Q(invitations__state=InvitationState.REFUSED))
    counted = rows.annotate(n_done=done, n_friends=friends).select_related("group")
    best = counted.order_by("-is_ambassador", "-n_done", "-n_friends", "id")[: min(limit, _MOST_ROWS)]
    return tuple(
        InviterView(
            row.pk, row.customer_id, row.is_ambassador, row.group.name if row.group else "", row.n_friends, row.n_done
        )
        for row in best
    )


def links_of(*, access: Actor, inviter_id: int) -> tuple[str, str]:
    """Return the addresses of somebody's links: for friends, and of the own progress.

    Raises:
        LinkIsWrong: there is nobody within reach.
    """
    access.require("referral.view")
    row = inviter_by_id(inviter_id)
    there = Inviter.objects.filter(pk=row.pk)
    if access.store_ids is not None and not there.filter(customer__store_id__in=access.store_ids).exists():
        raise LinkIsWrong
    base = str(settings.YUTANG_PUBLIC_URL).rstrip("/")
    tokens = (token_of(inviter_id=row.pk, purpose=one) for one in (INVITE, PROGRESS))
    invite, progress = tokens
    return f"{base}/r/{invite}", f"{base}/r/mine/{progress}"


def card_of(*, token: str) -> Card:
    """Return what an invitation says to whoever opens its link.

    Raises:
        LinkIsWrong: nobody here signed it.
    """
    row = inviter_by_id(inviter_in(token, purpose=INVITE))
    return _card(row.programme, token)


def progress_of(*, token: str) -> Progress:
    """Return how the friends of a person are, by the link that only this person has.

    Raises:
        LinkIsWrong: nobody here signed it.
    """
    row = inviter_by_id(inviter_in(token, purpose=PROGRESS))
    own = Reward.objects.filter(role=Role.INVITER)
    found = Invitation.objects.filter(inviter=row).exclude(state=InvitationState.REFUSED).order_by("-id")[:_MOST_ROWS]
    rows = list(found)
    states = dict(own.filter(invitation__in=rows).values_list("invitation_id", "state"))
    invite = token_of(inviter_id=row.pk, purpose=INVITE)
    most = row.programme.most_of_ambassador if row.is_ambassador else row.programme.most_friends
    return Progress(
        card=_card(row.programme, invite),
        token=invite,
        friends=tuple((one.came_at, one.state, states.get(one.pk, "")) for one in rows),
        done=sum(one.state == InvitationState.DONE for one in rows),
        most=most,
        is_ambassador=row.is_ambassador,
        group=row.group.name if row.group else "",
    )


def invitation_state(*, token: str, invitation_id: int) -> str:
    """Return how far a friend is who holds the link of the invitation; empty where the two do not belong together."""
    inviter_id = inviter_in(token, purpose=INVITE)
    row = Invitation.objects.filter(pk=invitation_id, inviter_id=inviter_id).first()
    return row.state if row else ""


def invite_of_ask(*, key: str) -> str:
    """Return the token of the link by which the friend came about whom the guard was asked; empty: nobody did, or they are gone."""
    about = about_in(key)
    row = Invitation.objects.filter(**about, friend__isnull=False).order_by("-pk").first() if about else None
    return token_of(inviter_id=row.inviter_id, purpose=INVITE) if row else ""


def _card(programme: Programme, token: str) -> Card:
    names = kind_names()
    add_link = str(organisation_setting(ADD_LINK))
    mark = f"{'&' if '?' in add_link else '?'}customer_channel={token}"
    return Card(
        title=programme.title,
        words=programme.words,
        deed=programme.deed,
        friend_gift=names.get(programme.friend_coupon, ""),
        inviter_gift=names.get(programme.inviter_coupon, ""),
        valid_days=programme.valid_days,
        is_open=programme.state == ProgrammeState.OPEN and not is_paused(economics_key(programme.pk)),
        add_link=f"{add_link}{mark}" if add_link else "",
        organisation=str(organisation_setting(ORGANISATION_NAME)),
    )


def _views(access: Actor, rows: Sequence[Programme]) -> tuple[ProgrammeView, ...]:
    keys = [row.pk for row in rows]
    tallies = _tallies(access, keys)
    stated = {row.key: row for row in Stated.objects.filter(key__in=[economics_key(key) for key in keys])}
    there = Invitation.objects.filter(programme=OuterRef("pk"))
    promised = set(Programme.objects.filter(Exists(there), pk__in=keys).values_list("pk", flat=True))
    return tuple(
        ProgrammeView(
            id=row.pk,
            terms=_terms(row, stated.get(economics_key(row.pk))),
            state=row.state,
            is_paused=getattr(stated.get(economics_key(row.pk)), "state", "") == "paused",
            economics=economics_key(row.pk),
            is_promised=row.pk in promised,
            made_at=row.made_at,
            tally=tallies.get(row.pk, Tally()),
        )
        for row in rows
    )


def _terms(row: Programme, stated: Stated | None) -> Terms:
    columns: dict[str, Any] = {name: getattr(row, name) for name in _TERMS}
    if stated is not None:
        columns["budget_fen"], columns["margin_percent"] = stated.budget_fen, stated.margin_percent
        columns["worth_fen"] = stated.worth_fen if stated.worth_source == "stated" else None
    return Terms(**columns)


def _tallies(access: Actor, keys: Sequence[int]) -> dict[int, Tally]:
    rows = invitations_within_reach(access).filter(programme_id__in=keys).order_by()
    counted = rows.values("programme_id").annotate(
        inviters=Count("inviter_id", distinct=True),
        came=Count("pk", filter=Q(state=InvitationState.CAME)),
        done=Count("pk", filter=Q(state=InvitationState.DONE)),
        reversed=Count("pk", filter=Q(state=InvitationState.REVERSED)),
        held=Count("pk", filter=Q(state=InvitationState.HELD)),
        refused=Count("pk", filter=Q(state=InvitationState.REFUSED)),
        lapsed=Count("pk", filter=Q(state=InvitationState.LAPSED)),
    )
    given = Reward.objects.filter(invitation__in=rows, state=RewardState.GIVEN).order_by()
    gifts = dict(given.values_list("invitation__programme_id").annotate(Count("pk")))
    return {
        row["programme_id"]: Tally(
            inviters=row["inviters"],
            came=row["came"],
            done=row["done"],
            reversed=row["reversed"],
            held=row["held"],
            refused=row["refused"],
            lapsed=row["lapsed"],
            given=gifts.get(row["programme_id"], 0),
        )
        for row in counted
    }


def _invitation_views(rows: QuerySet[Invitation]) -> tuple[InvitationView, ...]:
    found = list(rows.select_related("programme").prefetch_related("rewards"))
    return tuple(
        InvitationView(
            id=row.pk,
            programme_id=row.programme_id,
            programme_name=row.programme.name,
            inviter_customer_id=row.inviter_customer_id,
            friend_id=row.friend_id,
            state=row.state,
            came_at=row.came_at,
            ends_at=row.ends_at,
            done_at=row.done_at,
            order_fen=row.order_fen,
            reasons=tuple(Sentence.from_json(one) for one in row.reasons),
            rewards=tuple(
                RewardView(
                    one.role,
                    one.state,
                    one.due_at,
                    one.given_at,
                    one.coupon_id,
                    one.cost_fen,
                    one.commission_fen,
                    one.reason,
                )
                for one in row.rewards.all()
            ),
        )
        for row in found
    )
