"""Tasks of the room."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from yutang.channels.actions.campaigns import clear_ended, plan_running, start_due
from yutang.channels.delivery import following
from yutang.channels.delivery.books import wecom_book
from yutang.channels.delivery.falling_back import fall_back_round, has_someone_left
from yutang.channels.delivery.gateways import senders
from yutang.channels.delivery.mass import CHANNELS, MassRound, create_round
from yutang.channels.delivery.rounds import Round, due_keys, has_lapsed, send_round
from yutang.channels.models import Campaign, CampaignState, StrayReceipt
from yutang.channels.previews import make_preview
from yutang.foundation import jobs
from yutang.foundation.access import Actor

#: One job goes on for so long, then other work has its turn.
_SECONDS = 45.0
#: Receipts of messages that are not ours are kept so long.
KEPT_STRAYS = timedelta(days=8)


@jobs.task(priority=5)
def deliver_messages(context: jobs.JobContext) -> dict[str, int]:
    """Hand over what is due, round after round, each channel in turn.

    A round that lets nothing out goes on to the next: those that wait for later must not stand before those that may go out.
    """
    until, claimed = time.monotonic() + _SECONDS, 0
    ways = senders()
    while time.monotonic() < until:
        context.check_cancelled()
        done: list[Round | MassRound] = [send_round(sender=one, clock=context.now) for one in ways.values()]
        if (book := wecom_book()) is not None:
            done.append(create_round(book=book, clock=context.now))
        if not any(one.decided for one in done):
            break
        claimed += sum(one.claimed for one in done)
        context.progress(claimed)
    return {"claimed": claimed}


@jobs.task()
def follow_deliveries(context: jobs.JobContext) -> dict[str, int]:
    """Ask WeCom what became of its tasks, and the policy about the other way for whom the first did not reach."""
    until, looked_at, asked = time.monotonic() + _SECONDS, 0, 0
    book = wecom_book()
    while book is not None and time.monotonic() < until:
        context.check_cancelled()
        if not (done := following.follow_round(book=book, clock=context.now)):
            break
        looked_at += done
    while time.monotonic() < until and (done := fall_back_round(now=context.now())):
        asked += done
    return {"tasks": looked_at, "asked_again": asked}


@jobs.task()
def run_campaigns(context: jobs.JobContext) -> dict[str, int]:
    """Start campaigns whose time has come, ask the policy about their people, and clear up after those that ended."""
    actor = Actor.system()
    started = start_due(actor=actor, now=context.now())
    planned = plan_running(actor=actor, now=context.now())
    cleared = 0
    while done := clear_ended(actor=actor, now=context.now()):
        context.check_cancelled()
        cleared += done
    return {"started": started, "planned": planned, "cleared": cleared}


@jobs.task(priority=5)
def preview_campaign(context: jobs.JobContext, campaign_id: int) -> dict[str, int]:
    """Ask the policy what it says of a campaign, without a trace."""
    row = Campaign.objects.filter(pk=campaign_id).first()
    if row is None:
        return {"asked": 0}

    def told(done: int, total: int) -> None:
        context.check_cancelled()
        context.progress(done, total)

    make_preview(row, told=told, now=context.now())
    return {"asked": 1}


@jobs.task()
def forget_receipts(context: jobs.JobContext) -> dict[str, int]:
    """Delete receipts of messages that others sent."""
    old = StrayReceipt.objects.filter(received_at__lt=context.now() - KEPT_STRAYS)
    return {"forgotten": old.delete()[0]}


def has_due_messages() -> bool:
    """Return whether anything can be handed over now, or was left by a killed worker."""
    now = datetime.now(UTC)
    channels = [*senders(), *(CHANNELS if wecom_book() is not None else ())]
    return bool(channels) and (bool(due_keys(*channels, most=1, now=now)) or has_lapsed(now=now))


def has_open_deliveries() -> bool:
    """Return whether something is to be asked about."""
    now = datetime.now(UTC)
    waits = wecom_book() is not None and (following.is_due(now=now) or following.is_stopped(now=now))
    return waits or has_someone_left()


def has_campaigns_to_run() -> bool:
    """Return whether a campaign is to be started, planned or cleared up."""
    now = datetime.now(UTC)
    return (
        Campaign.objects.filter(state=CampaignState.READY, starts_at__lte=now).exists()
        or Campaign.objects.filter(state=CampaignState.RUNNING, planned_at=None).exists()
        or Campaign.objects.filter(state=CampaignState.ENDED, cleared_at=None).exists()
    )


def has_strays() -> bool:
    """Return whether there are receipts that belong to nothing."""
    return StrayReceipt.objects.exists()
