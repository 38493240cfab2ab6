"""Making, changing, opening, pausing and closing campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import Store
from yutang.groupbuy import neighbours
from yutang.groupbuy.events import CampaignPaused
from yutang.groupbuy.finding import campaign_by_id, new_code
from yutang.groupbuy.models import Campaign, CampaignState
from yutang.groupbuy.refusals import CampaignIsPromised, CampaignStateDiffers
from yutang.groupbuy.terms import Terms, checked, wrong
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.payments.adapters import adapter_of_new_payments

_COLUMNS = (
    "name", "product", "about", "picture", "list_minor", "cost_minor", "hours", "stock", "per_person", "newcomer_places", "radius_km",
    "when_late", "hold_minutes", "worth_minor", "budget_minor", "ends_at",
)  # fmt: skip
#: What members of groups were promised.
_PROMISED = (
    "product",
    "list_minor",
    "hours",
    "per_person",
    "newcomer_places",
    "radius_km",
    "when_late",
    "hold_minutes",
)
STATE_WORDS = {
    "draft": N_("a draft"),
    "open": N_("open"),
    "paused": N_("paused"),
    "closed": N_("closed"),
}
_CODE_LENGTH = 6


@transaction.atomic
def create_campaign(*, actor: Actor, terms: Terms, now: datetime) -> int:
    """Make a campaign as a draft, and return its key.

    Raises:
        CampaignIsWrong: a part cannot be this, or the name is taken.
    """
    actor.require("groupbuy.change")
    terms = _fitting(checked(terms, now=now))
    code = terms.code or new_code(_CODE_LENGTH)
    if Campaign.objects.filter(code=code).exists():
        raise wrong("code", code, N_("it is taken already"))
    campaign = Campaign.objects.create(
        code=code, tiers=_tiers(terms), made_by_id=actor.staff_id, made_at=now, changed_at=now, **_columns(terms)
    )
    campaign.stores.set(terms.store_ids)
    _note(actor, "groupbuy.create", campaign, {"name": campaign.name}, now)
    return campaign.pk


@transaction.atomic
def change_campaign(*, actor: Actor, campaign_id: int, terms: Terms, now: datetime) -> None:
    """Change a campaign; once it was opened only name, words, picture, stock, end, costs and budget change.

    Raises:
        NoSuchCampaign: there is none.
        CampaignIsWrong: a part cannot be this.
        CampaignIsPromised: it was opened, and what people were promised would change.
    """
    actor.require("groupbuy.change")
    campaign = campaign_by_id(campaign_id, is_locked=True)
    if campaign.state == CampaignState.CLOSED:
        raise _differs(campaign)
    terms = _fitting(checked(terms, now=now), but=campaign_id)
    if terms.stock < campaign.set_aside:
        raise wrong("stock", terms.stock, N_("at least as many as groups have set aside"))
    columns = {**_columns(terms), "tiers": _tiers(terms)}
    stores = set(campaign.stores.values_list("pk", flat=True))
    differs = any(columns[one] != getattr(campaign, one) for one in (*_PROMISED, "tiers"))
    if campaign.state != CampaignState.DRAFT and (differs or stores != set(terms.store_ids)):
        raise CampaignIsPromised(name=campaign.name)
    for name, value in columns.items():
        setattr(campaign, name, value)
    campaign.changed_at = now
    campaign.save(update_fields=[*columns, "changed_at"])
    campaign.stores.set(terms.store_ids)
    _state_economics(campaign, now)
    _note(actor, "groupbuy.change", campaign, {"name": campaign.name}, now)


@transaction.atomic
def open_campaign(*, actor: Actor, campaign_id: int, now: datetime) -> None:
    """Let people start groups.

    Raises:
        NoSuchCampaign: there is none.
        CampaignStateDiffers: it is no draft.
        NoWayToPay: nobody could pay.
        CampaignIsWrong: it is local, and none of its stores has a place on the map; or its end has passed.
    """
    actor.require("groupbuy.change")
    campaign = campaign_by_id(campaign_id, is_locked=True)
    if campaign.state != CampaignState.DRAFT:
        raise _differs(campaign)
    adapter_of_new_payments()
    if campaign.ends_at <= now:
        raise wrong("ends_at", campaign.ends_at.isoformat(), N_("a moment to come, within 400 days"))
    if campaign.radius_km and not stores_of(campaign):
        raise wrong("radius_km", campaign.radius_km, N_("0 until the stores have their places on the map"))
    _move(campaign, CampaignState.OPEN, now, opened_at=now)
    _state_economics(campaign, now)
    _note(actor, "groupbuy.open", campaign, {"name": campaign.name}, now)


def opening_refusal(*, actor: Actor, campaign_id: int, now: datetime) -> DomainError | None:
    """Return why a campaign cannot be opened as it stands, as `open_campaign` would say it; None: nothing speaks against it.

    Raises:
        NotAllowed: the actor may not open campaigns.
    """
    actor.require("groupbuy.change")
    try:
        with transaction.atomic():
            open_campaign(actor=actor, campaign_id=campaign_id, now=now)
            transaction.set_rollback(True)
    except DomainError as refusal:
        return refusal
    return None


@transaction.atomic
def pause_campaign(*, actor: Actor, campaign_id: int, why: str = "", now: datetime) -> bool:
    """Let nobody start or join for now, and return whether that was new; groups that run go on with those who are in.

    Args:
        actor: needs ``groupbuy.change``.
        campaign_id: which.
        why: in a word of the code, or in somebody's words. At most 200 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchCampaign: there is none.
        CampaignStateDiffers: it is a draft or closed.
    """
    actor.require("groupbuy.change")
    campaign = campaign_by_id(campaign_id, is_locked=True)
    if campaign.state == CampaignState.PAUSED:
        return False
    if campaign.state != CampaignState.OPEN:
        raise _differs(campaign)
    _move(campaign, CampaignState.PAUSED, now, paused_why=why[:200])
    outbox.record(CampaignPaused(campaign.pk, why[:200]), now=now)
    _note(actor, "groupbuy.pause", campaign, {"name": campaign.name, "reason": why[:200]}, now)
    return True


@transaction.atomic
def resume_campaign(*, actor: Actor, campaign_id: int, now: datetime) -> None:
    """Let people in again after a pause.

    Raises:
        NoSuchCampaign: there is none.
        CampaignStateDiffers: it is not paused.
    """
    actor.require("groupbuy.change")
    campaign = campaign_by_id(campaign_id, is_locked=True)
    if campaign.state != CampaignState.PAUSED:
        raise _differs(campaign)
    _move(campaign, CampaignState.OPEN, now, paused_why="")
    _note(actor, "groupbuy.resume", campaign, {"name": campaign.name}, now)


@transaction.atomic
def close_campaign(*, actor: Actor, campaign_id: int, now: datetime) -> None:
    """Let nobody start a group any more; groups that run can still fill, so that nobody's money is sent to and fro.

    Raises:
        NoSuchCampaign: there is none.
        CampaignStateDiffers: it is closed.
    """
    actor.require("groupbuy.change")
    campaign = campaign_by_id(campaign_id, is_locked=True)
    if campaign.state == CampaignState.CLOSED:
        raise _differs(campaign)
    _move(campaign, CampaignState.CLOSED, now)
    _note(actor, "groupbuy.close", campaign, {"name": campaign.name}, now)


def stores_of(campaign: Campaign) -> list[Store]:
    """Return the stores of a campaign that have a place on the map; all such stores where it names none."""
    rows = Store.objects.filter(latitude__isnull=False, closed_on=None).order_by("code")
    named = set(campaign.stores.values_list("pk", flat=True))
    return [one for one in rows if not named or one.pk in named]


def _move(campaign: Campaign, state: str, now: datetime, **more: Any) -> None:
    for name, value in {"state": state, "changed_at": now, **more}.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=["state", "changed_at", *more])


def _differs(campaign: Campaign) -> CampaignStateDiffers:
    return CampaignStateDiffers(state=Sentence(STATE_WORDS[campaign.state]).as_json())


def _fitting(terms: Terms, *, but: int | None = None) -> Terms:
    named = Campaign.objects.filter(name=terms.name)
    if (named if but is None else named.exclude(pk=but)).exists():
        raise wrong("name", terms.name, N_("it is taken already"))
    if Store.objects.filter(pk__in=terms.store_ids).count() != len(set(terms.store_ids)):
        raise wrong("store_ids", terms.store_ids, N_("stores that there are"))
    return terms


def _tiers(terms: Terms) -> list[list[int]]:
    return [[size, price] for size, price in terms.tiers]


def _columns(terms: Terms) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in _COLUMNS}


def _state_economics(campaign: Campaign, now: datetime) -> None:
    """Tell the economics of programmes what the campaign costs and what it is meant to bring."""
    if campaign.state == CampaignState.DRAFT:
        return
    price = min(price for _size, price in campaign.tiers)
    neighbours.NEIGHBOURS.state(
        neighbours.Statement(
            programme=neighbours.programme_of(campaign.pk),
            title=campaign.name,
            unit_cost_fen=max(0, campaign.cost_minor - price),
            budget_fen=campaign.budget_minor,
            worth_fen=campaign.worth_minor,
        ),
        now,
    )


def _note(actor: Actor, action: str, campaign: Campaign, detail: dict[str, Any], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="group_campaign", subject_id=campaign.pk, detail=detail, now=now)
