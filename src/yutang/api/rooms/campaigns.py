"""Operations on campaigns: drafted, foreseen, let go, paused, ended, and what came of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from yutang.api.answers import Given, Instant, Key, OneAsked, PageAsked, Shape, key_of, one, page, require_unchanged
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.channels import actions, queries
from yutang.channels.queries import CampaignFilters, CampaignView, Confirmations, PreviewView, Tally

router = Router(tags=["campaigns"])

_Channel = Literal["wecom", "sms", "email", "group"]
_Intent = Literal["transactional", "service", "value", "research", "promotion"]
_State = Literal["draft", "ready", "running", "paused", "ended"]
_Reference = Annotated[str, StringConstraints(max_length=80)]
_VIEW, _SEND = "channels.view", "channels.send"


class TallyShape(Shape):
    """Messages planned, let out and delivered; people who followed a link; people who bought within 30 days."""

    planned: int
    sent: int
    delivered: int
    clicked: int
    bought: int


class CampaignShape(Shape):
    """A campaign. `experiment` is the key under which its effect is told; `held_out_percent` of those who would get it get nothing.

    A list of people or groups in `audience` names those within reach; `out_of_reach` counts the others.
    Counts are of people and groups within reach.
    """

    id: int
    key: str
    name: str
    state: str
    audience: dict[str, Any]
    out_of_reach: int
    channel: str
    intent: str
    content: str
    words: dict[str, Any]
    instead: str
    fallback: str
    fallback_hours: int
    held_out_percent: int
    experiment: str
    starts_at: datetime | None
    latest: datetime | None
    planned_at: datetime | None
    made_by: str
    made_at: datetime
    changed_at: datetime
    counts: TallyShape


class CampaignsPage(Shape):
    """A page of campaigns, newest first."""

    items: list[CampaignShape]
    next: str | None


class SenderAskedShape(Shape):
    """A member of staff by userid of WeCom: how often they confirm, and for how many people or groups."""

    userid: str
    tasks: int
    receivers: int


class ConfirmationsShape(Shape):
    """What a campaign asks of staff in WeCom. One task holds the receivers of one member of staff who read the same words.

    `varies`: the words hold values of a person, so that nearly everybody is a task of their own. `silent` receivers lack a value
    that the words need, and get nothing. `by_sender` names those who confirm most, at most 200.
    """

    tasks: int
    senders: int
    receivers: int
    varies: bool
    silent: int
    by_sender: list[SenderAskedShape]


class CampaignPreviewShape(Shape):
    """What the policy says of a campaign before anything is sent; `made_at` is null while it is being asked.

    `receivers` get something, now or later; `reasons` are those of whom `at`, `replace` and `refuse` count; `days` are those
    on which the later ones get it. `ways` are the receivers by channel: who cannot be reached by the first way is asked about by
    the other one at once. `confirmations` is null where no member of staff has to confirm anything, and for whoever does not
    reach all of its stores: they see counts of people and groups within reach. A campaign is let go
    only by a fresh preview.
    """

    campaign_id: int
    asked_at: datetime
    made_at: datetime | None
    is_fresh: bool
    asked: int
    receivers: int
    outcomes: dict[str, int]
    reasons: dict[str, dict[str, int]]
    days: dict[date, int]
    ways: dict[str, int]
    confirmations: ConfirmationsShape | None


class CampaignResultsShape(Shape):
    """What became of a campaign: messages by state and channel, how far they came, who got none and why, and what came back.

    `by_other_way` counts people who are planned or told by the other way: `at_once` those who cannot be reached by the first,
    `later` those who were not reached when it was tried. All of people and groups within reach; `anonymous_visits` are by links
    that many got and of no store: 0 for whoever sees some stores only.
    """

    campaign_id: int
    state: str
    way: dict[str, int]
    states: dict[str, int]
    by_channel: dict[str, dict[str, int]]
    by_other_way: dict[Literal["at_once", "later"], int]
    refusals: dict[str, int]
    faults: dict[str, int]
    held_out: int
    instead: int
    readers: int
    anonymous_visits: int
    replies: int
    opt_outs: int
    bought: int
    waits_for_staff: int


class AudienceGiven(Given):
    """For whom it is: exactly one of a rule (as of segments), a saved segment, everybody, people, or groups by their chat ids."""

    rule: dict[str, Any] | None = None
    segment_id: int | None = Field(default=None, ge=1, le=2**53)
    everybody: bool = False
    people: list[Annotated[int, Field(ge=1, le=2**53)]] = Field(default_factory=list, max_length=10_000)
    groups: list[Annotated[str, StringConstraints(min_length=1, max_length=64)]] = Field(
        default_factory=list, max_length=4_000
    )


class WordsGiven(Given):
    """Words of a campaign's own: `text`; `subject` of an e-mail; `template` and its `values` of an SMS; `attachments` of WeCom."""

    text: str = Field(default="", max_length=20_000)
    subject: str = Field(default="", max_length=200)
    template: str = Field(default="", max_length=80)
    values: dict[str, str] = Field(default_factory=dict, max_length=20)
    attachments: list[dict[str, str]] = Field(default_factory=list, max_length=9)


class CampaignGiven(Given):
    """A campaign as a draft. `content` and `instead` are references of approved contents (`content:17:3`), or `words` are given."""

    name: str = Field(min_length=1, max_length=80)
    audience: AudienceGiven
    channel: _Channel
    intent: _Intent
    content: _Reference = ""
    words: WordsGiven = Field(default_factory=WordsGiven)
    instead: _Reference = ""
    fallback: Literal["", "wecom", "sms", "email"] = ""
    fallback_hours: int = Field(default=24, ge=1, le=336)
    held_out_percent: int = Field(default=10, ge=0, le=95)
    starts_at: Instant | None = None
    latest: Instant | None = None


class LaunchGiven(Given):
    """How many receivers the preview named; must be right for a large campaign (setting `delivery.confirm_from`)."""

    people: int | None = Field(default=None, ge=0, le=2**53)


class CampaignsAsked(PageAsked):
    """Filters of the list of campaigns."""

    q: Annotated[str, StringConstraints(max_length=80)] = ""
    state: _State | None = None
    channel: _Channel | None = None


@operation(router, "GET", "/campaigns", permission=_VIEW, answers={200: CampaignsPage}, title="List campaigns")
def list_campaigns(request: ApiRequest, asked: Query[CampaignsAsked]) -> HttpResponse:
    """Return campaigns, newest first, with their counts."""
    refuse_unknown_parameters(request, CampaignsAsked)
    filters = CampaignFilters(text=asked.q, state=asked.state or "", channel=asked.channel or "")
    keys = queries.campaign_keys(
        access=request.actor, filters=filters, before_id=key_of(asked.cursor), limit=asked.limit + 1
    )
    following = str(keys[asked.limit - 1]) if len(keys) > asked.limit else None
    shown = _shapes(request, keys[: asked.limit])
    return page(request, shown, kind=CampaignShape, following=following, fields=asked.fields)


@operation(
    router,
    "POST",
    "/campaigns",
    permission=_SEND,
    answers={201: CampaignShape},
    title="Draft a campaign",
)
def draft_campaign(request: ApiRequest, given: CampaignGiven) -> HttpResponse:
    """Write a campaign down as a draft; nothing is planned. Stores that the token does not reach are left out of its audience."""

    def work() -> Shape:
        key = actions.draft_campaign(actor=request.actor, wish=_wish(given), now=request.now)
        return _one(request, key)

    return once(request, work, status=201, location=lambda shown: f"/api/v1/campaigns/{shown.id}")


@operation(
    router,
    "GET",
    "/campaigns/{campaign_id}",
    permission=_VIEW,
    answers={200: CampaignShape},
    title="One campaign",
)
def get_campaign(request: ApiRequest, campaign_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one campaign."""
    refuse_unknown_parameters(request, OneAsked)
    return one(request, _one(request, campaign_id), fields=asked.fields)


@operation(
    router,
    "PUT",
    "/campaigns/{campaign_id}",
    permission=_SEND,
    answers={200: CampaignShape},
    refuses=(404,),
    title="Change a campaign",
)
def change_campaign(request: ApiRequest, campaign_id: Key, given: CampaignGiven) -> HttpResponse:
    """Change a campaign that was not started; everything is given anew, and the policy has to be asked again."""

    def work() -> Shape:
        require_unchanged(request, _one(request, campaign_id))
        actions.change_campaign(actor=request.actor, campaign_id=campaign_id, wish=_wish(given), now=request.now)
        return _one(request, campaign_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/campaigns/{campaign_id}/preview",
    permission=_SEND,
    answers={200: CampaignPreviewShape},
    refuses=(404,),
    title="Ask the policy about a campaign",
)
def ask_for_campaign_preview(request: ApiRequest, campaign_id: Key) -> HttpResponse:
    """Ask what the policy says of everybody of a campaign, without a trace; a large audience is asked about by a job."""

    def work() -> Shape:
        actions.ask_for_preview(actor=request.actor, campaign_id=campaign_id, now=request.now)
        return _preview(request, campaign_id)

    return once(request, work)


@operation(
    router,
    "GET",
    "/campaigns/{campaign_id}/preview",
    permission=_VIEW,
    answers={200: CampaignPreviewShape},
    refuses=(409,),
    title="What the policy says of a campaign",
)
def get_campaign_preview(request: ApiRequest, campaign_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return the latest preview of a campaign."""
    refuse_unknown_parameters(request, OneAsked)
    return one(request, _preview(request, campaign_id), fields=asked.fields)


@operation(
    router,
    "POST",
    "/campaigns/{campaign_id}/start",
    permission=_SEND,
    answers={200: CampaignShape},
    refuses=(404,),
    title="Let a campaign go",
)
def start_campaign(request: ApiRequest, campaign_id: Key, given: LaunchGiven) -> HttpResponse:
    """Let a campaign go at its time or at once, or go on after a pause; a draft needs a fresh preview."""

    def work() -> Shape:
        actions.launch_campaign(actor=request.actor, campaign_id=campaign_id, people=given.people, now=request.now)
        return _one(request, campaign_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/campaigns/{campaign_id}/pause",
    permission=_SEND,
    answers={200: CampaignShape},
    refuses=(404,),
    title="Pause a campaign",
)
def pause_campaign(request: ApiRequest, campaign_id: Key) -> HttpResponse:
    """Let a campaign rest: what is planned waits; what staff were asked to send stays asked."""

    def work() -> Shape:
        actions.pause_campaign(actor=request.actor, campaign_id=campaign_id, now=request.now)
        return _one(request, campaign_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/campaigns/{campaign_id}/stop",
    permission=_SEND,
    answers={200: CampaignShape},
    refuses=(404,),
    title="End a campaign",
)
def stop_campaign(request: ApiRequest, campaign_id: Key) -> HttpResponse:
    """End a campaign for good: what is planned is refused, what staff did not confirm is taken back."""

    def work() -> Shape:
        actions.stop_campaign(actor=request.actor, campaign_id=campaign_id, now=request.now)
        return _one(request, campaign_id)

    return once(request, work)


@operation(
    router,
    "GET",
    "/campaigns/{campaign_id}/results",
    permission=_VIEW,
    answers={200: CampaignResultsShape},
    title="What came of a campaign",
)
def get_campaign_results(request: ApiRequest, campaign_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return what became of the messages of a campaign; its effect is told by its experiment."""
    refuse_unknown_parameters(request, OneAsked)
    view = queries.campaign(access=request.actor, campaign_id=campaign_id)
    found = queries.campaign_results(access=request.actor, campaign_id=campaign_id)
    told = queries.campaign_progress(access=request.actor, campaign_id=campaign_id, now=request.now)
    shown = CampaignResultsShape(
        campaign_id=campaign_id,
        state=view.state,
        way=dict(told.way),
        states=dict(found.states),
        by_channel={channel: dict(counts) for channel, counts in found.by_channel.items()},
        by_other_way={"at_once": told.at_once, "later": told.other_way},
        refusals=dict(found.refusals),
        faults=dict(found.faults),
        held_out=told.held,
        instead=told.useful,
        readers=found.readers,
        anonymous_visits=found.anonymous_visits,
        replies=told.replies,
        opt_outs=told.opt_outs,
        bought=told.bought,
        waits_for_staff=found.waits_for_staff[1],
    )
    return one(request, shown, fields=asked.fields)


def _one(request: ApiRequest, campaign_id: int) -> CampaignShape:
    view = queries.campaign(access=request.actor, campaign_id=campaign_id)
    counts = queries.tallies(access=request.actor, campaign_ids=[campaign_id])
    return _shape(view, counts.get(campaign_id, Tally()))


def _shapes(request: ApiRequest, keys: tuple[int, ...]) -> list[CampaignShape]:
    views = queries.campaigns_of(access=request.actor, campaign_ids=keys)
    counts = queries.tallies(access=request.actor, campaign_ids=keys)
    return [_shape(views[key], counts.get(key, Tally())) for key in keys if key in views]


def _shape(view: CampaignView, tally: Tally) -> CampaignShape:
    names = CampaignShape.model_fields.keys() - {"experiment", "counts"}
    told = {name: getattr(view, name) for name in names}
    counts = TallyShape(**{name: getattr(tally, name) for name in TallyShape.model_fields})
    return CampaignShape(**told, experiment=queries.experiment_key(view.key), counts=counts)


def _preview(request: ApiRequest, campaign_id: int) -> CampaignPreviewShape:
    found = queries.preview_view(access=request.actor, campaign_id=campaign_id, now=request.now)
    if found is None:
        raise actions.CampaignWasNotLookedAt
    return _preview_shape(campaign_id, found)


def _preview_shape(campaign_id: int, found: PreviewView) -> CampaignPreviewShape:
    return CampaignPreviewShape(
        campaign_id=campaign_id,
        asked_at=found.asked_at,
        made_at=found.made_at,
        is_fresh=found.is_fresh,
        asked=found.asked,
        receivers=found.getting,
        outcomes=dict(found.outcomes),
        reasons={fate: dict(counts) for fate, counts in found.reasons.items()},
        days=dict(found.days),
        ways=dict(found.ways),
        confirmations=_confirmations(found.confirmations),
    )


def _confirmations(told: Confirmations | None) -> ConfirmationsShape | None:
    if told is None or not told.tasks:
        return None
    counts = {name: getattr(told, name) for name in ConfirmationsShape.model_fields if name != "by_sender"}
    by_sender = [SenderAskedShape(userid=userid, tasks=tasks, receivers=n) for userid, tasks, n in told.named]
    return ConfirmationsShape(**counts, by_sender=by_sender)


def _wish(given: CampaignGiven) -> actions.CampaignWish:
    told = given.model_dump(exclude={"audience", "starts_at", "latest", "words"})
    words = given.words.model_dump(exclude_defaults=True)
    starts_at, latest = (None if at is None else at.astimezone(UTC) for at in (given.starts_at, given.latest))
    return actions.CampaignWish(
        **told, words=words, starts_at=starts_at, latest=latest, audience=_audience(given.audience)
    )


def _audience(given: AudienceGiven) -> dict[str, Any]:
    """Return the audience as campaigns keep it; more than one, or none, is refused there."""
    told: dict[str, Any] = {name: value for name, value in given.model_dump().items() if value}
    if set(told) == {"segment_id"}:
        return {"rule": {"version": 1, "rule": {"segment": given.segment_id}}}
    return told
