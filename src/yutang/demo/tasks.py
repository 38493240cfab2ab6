"""Tasks of the room."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from pathlib import Path

from django.conf import settings
from django.db import transaction

from yutang.demo.filling import make_shop, start_imports
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.ingest.queries import import_counts
from yutang.insight.queries import latest_run
from yutang.journeys.queries import playbooks
from yutang.kit.text import N_, Sentence
from yutang.wecom.queries import known_groups


@jobs.task(max_attempts=3)
def fill_demo_shop(context: jobs.JobContext, asked_at: str) -> dict[str, int]:
    """Make the files of the demo shop and put their imports in line; a second attempt makes the same files again."""
    steps = count(1)

    def told(_done: int, _total: int) -> None:
        context.check_cancelled()
        context.progress(next(steps), None, Sentence(N_("Making the demo shop")))

    files = make_shop(folder=Path(settings.YUTANG_HOME) / "demo", now=datetime.fromisoformat(asked_at), told=told)
    refused = start_imports(files, now=context.now())
    return {"files": len(files), "refused": len(refused)}


@jobs.task()
def play_demo_shop(context: jobs.JobContext) -> dict[str, int]:
    """Show playbooks that have run for weeks: begin them once all is imported, go on once the orders are known that they brought."""
    from yutang.demo import playing

    folder = Path(settings.YUTANG_HOME) / "demo"
    known = playbooks(access=Actor.system())
    is_busy = bool({"waiting", "running"} & import_counts().keys())
    if is_busy or latest_run() is None or not known_groups() or not (folder / "chain.json").exists():
        return {}
    if not known:
        return {"begun": playing.begin_playbooks(folder=folder, now=context.now())}
    if len(known) != 1 or not playing.is_begun():
        return {}
    told = playing.go_on_with_playbooks(now=context.now())
    with transaction.atomic():
        jobs.enqueue(reach_demo_shop, {}, now=context.now())
    return told


@jobs.task()
def reach_demo_shop(context: jobs.JobContext) -> dict[str, int]:
    """Show campaigns that have gone out: one that people answered, and one that runs in the sandbox."""
    from yutang.demo import reaching

    return {} if reaching.is_shown() else reaching.show_campaigns(now=context.now())


@jobs.task()
def play_demo_behaviour(context: jobs.JobContext) -> dict[str, int]:
    """Tell what people did before they bought, as other systems would, where none has told anything yet."""
    from yutang.demo import behaviour

    return {"events": behaviour.play_behaviour(now=context.now())} if behaviour.waits_for_behaviour() else {}


@jobs.task()
def play_demo_referral(context: jobs.JobContext) -> dict[str, int]:
    """Play the demo shop's two referral programmes, of which one pauses by itself."""
    from yutang.demo import referral

    return {"came": referral.play_referral(now=context.now())} if referral.waits_for_referral() else {}


@jobs.task()
def play_demo_groups_once(context: jobs.JobContext) -> dict[str, int]:
    """Show groups that have lived for weeks, where nobody has looked at them yet."""
    from yutang.demo import groups

    return {"groups": groups.play_demo_groups(now=context.now())} if groups.waits_for_groups() else {}


@jobs.task()
def play_demo_group_buying(context: jobs.JobContext) -> dict[str, int]:
    """Show an offer that has run for weeks, and who of its groups booked, came and topped up."""
    from yutang.demo import groupbuy, visits

    told = {"groups": groupbuy.make_demo_groups(now=context.now())} if groupbuy.waits_for_groups() else {}
    if visits.waits_for_visits():
        told |= visits.play_visits(folder=Path(settings.YUTANG_HOME) / "demo", now=context.now())
    return told
