"""Operations on growth: what programmes cost and are worth, letting paused ones go on; referral programmes, their links and friends."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from yutang.api.answers import Given, Key, OneAsked, PageAsked, Shape, key_of, one, page
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.economics import actions as economics_actions
from yutang.economics import queries as economics
from yutang.economics.views import ProgrammeView
from yutang.referral import actions, queries
from yutang.referral.views import InvitationView
from yutang.referral.views import ProgrammeView as ReferralView

router = Router(tags=["growth"])


class EconomicsShape(Shape):
    """A programme: what was stated and how it stands. Money in fen; null: not known yet.

    One with `brings_newcomers` false is for customers who are here already: it has no worth and never pauses. `came_before` counts
    people who came before anything was stated; they stand in no other number.
    """

    id: int
    programme: str
    title: str
    is_paused: bool
    reason: str
    unit_cost_fen: int
    worth_fen: int
    budget_fen: int
    spent_fen: int
    newcomers: int
    kept: int
    left: int
    left_at_once: int
    ordered: int
    kept_costs_at_least_fen: int | None
    kept_costs_at_most_fen: int | None
    saved_fen: int
    watched_from: datetime
    brings_newcomers: bool
    came_before: int


class EconomicsListShape(Shape):
    """Every programme, the paused ones first."""

    items: list[EconomicsShape]


class ResumeGiven(Given):
    """What is different now; the audit log keeps it."""

    reason: str = Field(min_length=5, max_length=300)


class ReferralShape(Shape):
    """A referral programme and what became of its friends within reach."""

    id: int
    name: str
    state: str
    is_paused: bool
    deed: str
    friend_coupon: str
    inviter_coupon: str
    friends: int
    done: int
    held: int
    refused: int


class ReferralListShape(Shape):
    """Every referral programme, the open ones first."""

    items: list[ReferralShape]


class LinksGiven(Given):
    """Who invites."""

    customer_id: int = Field(ge=1, le=2**63 - 1)


class LinksShape(Shape):
    """The links of a customer: for friends, and of the own progress."""

    invitation: str
    progress: str


class FriendShape(Shape):
    """A friend who came by somebody's link."""

    id: int
    programme_id: int
    inviter_id: int | None
    customer_id: int | None
    state: str
    came_at: datetime
    done_at: datetime | None


class FriendsPage(Shape):
    """A page of friends, newest first."""

    items: list[FriendShape]
    next: str | None


@operation(
    router,
    "GET",
    "/economics",
    permission="economics.view",
    answers={200: EconomicsListShape},
    title="What programmes cost and are worth",
)
def list_economics(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return every programme as it stood at its last look."""
    refuse_unknown_parameters(request, OneAsked)
    found = [_economics(view) for view in economics.programmes(access=request.actor)]
    return one(request, EconomicsListShape(items=found), fields=asked.fields)


@operation(
    router,
    "POST",
    "/economics/{economy_id}/resume",
    permission="economics.change",
    answers={200: EconomicsShape},
    refuses=(404,),
    title="Let a paused programme go on",
)
def resume_programme(request: ApiRequest, economy_id: Key, given: ResumeGiven) -> HttpResponse:
    """Let a paused programme go on; from now on only those who come later are evidence."""
    request.actor.require("economics.view")

    def work() -> EconomicsShape:
        key = economics.key_of(access=request.actor, programme_id=economy_id)
        economics_actions.resume(actor=request.actor, programme=key, reason=given.reason, now=request.now)
        return _economics(economics.programme_view(access=request.actor, programme=key))

    return once(request, work)


@operation(
    router,
    "GET",
    "/referral",
    permission="referral.view",
    answers={200: ReferralListShape},
    title="Referral programmes",
)
def list_referrals(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return every referral programme with what became of the friends within reach."""
    refuse_unknown_parameters(request, OneAsked)
    found = [_referral(view) for view in queries.programmes(access=request.actor)]
    return one(request, ReferralListShape(items=found), fields=asked.fields)


@operation(
    router,
    "POST",
    "/referral/{referral_id}/links",
    permission="referral.invite",
    answers={200: LinksShape},
    refuses=(404,),
    title="The links of somebody who invites",
)
def make_referral_links(request: ApiRequest, referral_id: Key, given: LinksGiven) -> HttpResponse:
    """Return the links of a customer within reach; asked again, they are the same."""
    request.actor.require("referral.view")

    def work() -> LinksShape:
        inviter_id = actions.invite(
            actor=request.actor, programme_id=referral_id, customer_id=given.customer_id, now=request.now
        )
        invitation, progress = queries.links_of(access=request.actor, inviter_id=inviter_id)
        return LinksShape(invitation=invitation, progress=progress)

    return once(request, work)


@operation(
    router,
    "GET",
    "/referral/friends",
    permission="referral.view",
    answers={200: FriendsPage},
    title="Friends who came by an invitation",
)
def list_referral_friends(request: ApiRequest, asked: Query[PageAsked]) -> HttpResponse:
    """Return friends within reach who came by an invitation, newest first."""
    refuse_unknown_parameters(request, PageAsked)
    after = key_of(asked.cursor)
    found = queries.invitations(access=request.actor, after_key=after, limit=asked.limit)
    following = str(found[-1].id) if len(found) == asked.limit else None
    shown = [_friend(view) for view in found]
    return page(request, shown, kind=FriendShape, following=following, fields=asked.fields)


def _economics(view: ProgrammeView) -> EconomicsShape:
    numbers = view.numbers
    return EconomicsShape(
        id=view.id,
        programme=view.key,
        title=view.title,
        is_paused=view.is_paused,
        reason=view.pause.reason if view.pause else "",
        unit_cost_fen=view.unit_cost_fen,
        worth_fen=view.worth_fen,
        budget_fen=view.budget_fen,
        spent_fen=view.spent_fen,
        newcomers=numbers.newcomers,
        kept=numbers.kept,
        left=numbers.left,
        left_at_once=numbers.left_at_once,
        ordered=numbers.ordered,
        kept_costs_at_least_fen=numbers.low_fen,
        kept_costs_at_most_fen=numbers.high_fen,
        saved_fen=view.pause.saved_fen if view.pause else 0,
        watched_from=view.watched_from,
        brings_newcomers=view.brings_newcomers,
        came_before=view.came_before,
    )


def _referral(view: ReferralView) -> ReferralShape:
    return ReferralShape(
        id=view.id,
        name=view.name,
        state=view.state,
        is_paused=view.is_paused,
        deed=view.terms.deed,
        friend_coupon=view.terms.friend_coupon,
        inviter_coupon=view.terms.inviter_coupon,
        friends=view.tally.friends,
        done=view.tally.done,
        held=view.tally.held,
        refused=view.tally.refused,
    )


def _friend(view: InvitationView) -> FriendShape:
    return FriendShape(
        id=view.id,
        programme_id=view.programme_id,
        inviter_id=view.inviter_customer_id,
        customer_id=view.friend_id,
        state=view.state,
        came_at=view.came_at,
        done_at=view.done_at,
    )
