"""Looking at what a campaign would do before it does, letting it go by who has seen it, and asking staff once more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import F

from yutang.channels.actions.campaign_planning import groups_of_campaign, people_of_campaign
from yutang.channels.actions.campaigns import (
    CampaignIsElsewhere,
    checked_campaign,
    known_campaign,
    start_campaign,
    wish_from,
)
from yutang.channels.bodies import BODIES
from yutang.channels.delivery.books import wecom_book
from yutang.channels.models import Campaign, CampaignPreview, CampaignState, MassTask, TaskState
from yutang.channels.organisation_campaigns import confirm_from
from yutang.channels.previews import make_preview, preview_of
from yutang.connectors.wecom.errors import RemindedOftenEnough, WeComError
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Audiences up to this size are asked about while somebody waits.
AT_ONCE = 20_000
#: WeCom reminds of one task three times, and nobody wants it twice in an hour.
MOST_REMINDERS, _BETWEEN = 3, timedelta(hours=1)
#: What mends itself within an hour does not keep a campaign from being let go.
_MENDS_ITSELF = "media_are_not_uploaded"


class CampaignWasNotLookedAt(DomainError):
    """Nobody has seen what the policy says of the campaign as it is now."""

    code: ClassVar[str] = "campaign_was_not_looked_at"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Look first at what the policy says of this campaign: it was never asked, or the campaign or the policy has changed, or a day "
        "has passed since."
    )


class NobodyWouldGetIt(DomainError):
    """The policy lets the campaign out to nobody."""

    code: ClassVar[str] = "nobody_would_get_it"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Nobody would get this campaign. The check says why; choose other people or another content."
    )


class NumberIsAnother(DomainError):
    """A large campaign was not confirmed with its number."""

    code: ClassVar[str] = "number_is_another"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "This campaign goes to %(people)s receivers. From %(most)s on the number has to be typed, "
        "so that nobody sends to more than they mean."
    )


class NotToBeReminded(DomainError):
    """Nobody is to be asked again."""

    code: ClassVar[str] = "not_to_be_reminded"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "No reminder went out: the message was confirmed or taken back, it was reminded of within the last hour, or three times already."
    )


class WecomDidNotRemind(DomainError):
    """WeCom refused, or could not be reached."""

    code: ClassVar[str] = "wecom_did_not_remind"
    http_status: ClassVar[int] = 502
    message: ClassVar[str] = N_(
        "WeCom did not take the reminder (%(fault)s). Look at the connection and try again later."
    )


def ask_for_preview(*, actor: Actor, campaign_id: int, now: datetime) -> bool:
    """Ask what the policy says of a campaign; return whether the answer is there: a large audience is asked about by a job.

    Raises:
        NoSuchCampaign: there is none.
        AudienceIsWrong: nobody can tell whom it is for.
        CampaignIsElsewhere: it was started.
        CampaignIsIncomplete: something is missing; says what.
        FiguresAreNotReady: the figures do not hold what is to be decided about.
    """
    actor.require("channels.send")
    row = known_campaign(campaign_id, actor=actor)
    if row.state not in {CampaignState.DRAFT, CampaignState.READY}:
        raise CampaignIsElsewhere(state=row.state)
    checked_campaign(wish_from(row))
    if audience_size(row, now=now) <= AT_ONCE:
        make_preview(row, now=now)
        return True
    from yutang.channels.tasks import preview_campaign

    with transaction.atomic():
        job_id = jobs.enqueue(preview_campaign, {"campaign_id": row.pk}, now=now)
        asked: dict[str, Any] = {"asked_at": now, "made_at": None, "job_id": job_id, "counts": {}, "answers": b""}
        CampaignPreview.objects.update_or_create(campaign=row, defaults=asked)
    return False


def audience_size(campaign: Campaign, *, now: datetime) -> int:
    """Return how many people or groups the audience of a campaign has now."""
    if "groups" in campaign.audience:
        return len(groups_of_campaign(campaign))
    return len(people_of_campaign(campaign, now=now))


@transaction.atomic
def launch_campaign(*, actor: Actor, campaign_id: int, people: int | None = None, now: datetime) -> str:
    """Let a campaign go that somebody has looked at, and return the state in which it is.

    Args:
        actor: who lets it go.
        campaign_id: which.
        people: how many receivers whoever lets it go believes it has; must be right from `confirm_from` on.
        now: aware UTC.

    Raises:
        NoSuchCampaign: there is none.
        CampaignIsElsewhere: it runs or has ended.
        CampaignIsIncomplete: something is missing; says what.
        CampaignWasNotLookedAt: there is no fresh preview.
        NobodyWouldGetIt: the preview says so.
        NumberIsAnother: it is large, and another number was told.
    """
    actor.require("channels.send")
    row = known_campaign(campaign_id, actor=actor)
    if row.state == CampaignState.DRAFT:
        _look_before(row, people, now)
    return start_campaign(actor=actor, campaign_id=campaign_id, now=now)


def remind_staff(*, actor: Actor, campaign_id: int, task_id: int, now: datetime) -> None:
    """Let WeCom ask a member of staff once more to confirm a message.

    Raises:
        NoSuchCampaign: there is none.
        NotToBeReminded: it is closed, or was reminded of often enough.
        WecomDidNotRemind: WeCom refused, or could not be reached.
    """
    actor.require("channels.send")
    row = known_campaign(campaign_id, actor=actor)
    task = MassTask.objects.filter(pk=task_id, campaign=row.key).first()
    book = wecom_book()
    client = None if book is None else book.client()
    if task is None or client is None or not may_remind(task, now=now):
        raise NotToBeReminded
    # Written down first: whoever is killed after the call reminds once too little, not too much.
    mine = MassTask.objects.filter(pk=task.pk, state=TaskState.OPEN, reminders=task.reminders)
    if not mine.update(reminders=F("reminders") + 1, reminded_at=now):
        raise NotToBeReminded
    try:
        client.mass.remind(msgid=task.msgid)
    except RemindedOftenEnough as error:
        MassTask.objects.filter(pk=task.pk).update(reminders=MOST_REMINDERS)
        raise NotToBeReminded from error
    except WeComError as error:
        raise WecomDidNotRemind(fault=error.code) from error
    detail = {"name": row.name, "sender": task.sender}
    audit(
        actor=actor, action="channels.remind_staff", subject_type="campaign", subject_id=row.key, detail=detail, now=now
    )


def may_remind(task: MassTask, *, now: datetime) -> bool:
    """Return whether somebody may be asked once more."""
    rested = now - (task.reminded_at or task.handed_at) >= _BETWEEN
    return task.state == TaskState.OPEN and bool(task.msgid) and task.reminders < MOST_REMINDERS and rested


def _look_before(row: Campaign, people: int | None, now: datetime) -> None:
    checked_campaign(wish_from(row))
    _check_contents(row, now)
    preview = preview_of(row, now=now)
    if preview is None or not preview.is_fresh:
        raise CampaignWasNotLookedAt
    if not preview.getting:
        raise NobodyWouldGetIt
    most = confirm_from()
    if preview.getting >= most and people != preview.getting:
        raise NumberIsAnother(people=preview.getting, most=most)


def _check_contents(row: Campaign, now: datetime) -> None:
    """Refuse what cannot be said by a way of the campaign; the room that keeps the contents says why."""
    for reference in filter(None, (row.content, row.instead)):
        source = BODIES[reference.partition(":")[0]]
        for channel in filter(None, (row.channel, row.fallback)):
            try:
                source.bodies(reference=reference, channel=channel, customer_ids=[], group_keys=[], now=now)
            except DomainError as error:
                if error.code != _MENDS_ITSELF:
                    raise
