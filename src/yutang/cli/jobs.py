"""`yutang jobs`: what the workers do, did and failed to do."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now, progress_bar
from yutang.cli.text import _, say

if TYPE_CHECKING:
    from yutang.foundation.queries import JobView

app = typer.Typer(no_args_is_help=True, help=_("Background work: list, show, retry, cancel, start."))

JobId = Annotated[int, typer.Argument(help=_("Number of the job."))]


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="jobs")


@app.command("list", help=_("Show the latest jobs, the newest first."))
@command
def list_jobs(
    status: Annotated[
        list[str] | None, typer.Option("--status", help=_("Only: waiting, running, done, dead or cancelled."))
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=_("How many at most."))] = 20,
    as_json: Json = False,
) -> Answer:
    """List jobs."""
    from yutang.foundation import queries

    found = queries.recent_jobs(statuses=status or (), limit=limit)

    def show(console: Console) -> None:
        table = Table(_("Job"), _("Task"), _("Status"), _("Attempts"), _("Progress"), _("Reason"))
        for job in found:
            reason = say(job.reason) if job.reason else ""
            task = job.task.rpartition(".")[2]
            table.add_row(str(job.id), task, job.status, str(job.attempts), _progress(job), reason)
        console.print(table)

    return Answer({"counts": queries.job_counts(), "jobs": [_as_data(job) for job in found]}, show)


@app.command(help=_("Show one job with everything known of it."))
@command
def show(job_id: JobId, as_json: Json = False) -> Answer:
    """Show one job."""
    from yutang.foundation import queries

    data = _as_data(queries.job(job_id))

    def write(console: Console) -> None:
        for key, value in data.items():
            console.print(f"{key}: {value}", markup=False)

    return Answer(data, write)


@app.command(help=_("Let a failed or cancelled job be done again."))
@command
def retry(job_id: JobId, as_json: Json = False) -> Answer:
    """Retry a job."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    actions.retry_job(actor=Actor.system(), job_id=job_id, now=now())
    return Answer({"id": job_id, "status": "waiting"}, _("Job %(id)s waits for a worker.") % {"id": job_id})


@app.command(help=_("Cancel a job: at once while it waits, at its next check while it runs."))
@command
def cancel(job_id: JobId, as_json: Json = False) -> Answer:
    """Cancel a job."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    status = actions.cancel_job(actor=Actor.system(), job_id=job_id, now=now())
    text = _("Job %(id)s is cancelled.") if status == "cancelled" else _("Job %(id)s will stop at its next check.")
    return Answer({"id": job_id, "status": status}, text % {"id": job_id})


@app.command(help=_("List the work that comes round by itself, with when it comes next."))
@command
def periodic(as_json: Json = False) -> Answer:
    """List periodic work."""
    from yutang.foundation.jobs import all_schedules

    at = now()
    coming = sorted((one.next_time(at), one.name, one.period, one.needed()) for one in all_schedules())

    def show(console: Console) -> None:
        table = Table(_("Name"), _("Every so many minutes"), _("Next time"), _("Has something to do"))
        for next_at, name, period, needed in coming:
            row = (name, f"{period // timedelta(minutes=1):,}", f"{next_at.astimezone():%Y-%m-%d %H:%M}")
            table.add_row(*row, _("yes") if needed else _("no"))
        console.print(table)

    told = [
        {"name": name, "every_seconds": int(period.total_seconds()), "next_at": next_at.isoformat(), "needed": needed}
        for next_at, name, period, needed in coming
    ]
    return Answer({"periodic": told}, show)


@app.command(help=_("Start periodic work now, besides its time; where no worker lives, it is done here."))
@command
def start(
    name: Annotated[str, typer.Argument(help=_("Name, as `yutang jobs periodic` lists it."))], as_json: Json = False
) -> Answer:
    """Start periodic work."""
    from yutang.foundation import actions, jobs, queries
    from yutang.foundation.access import Actor

    job_id = actions.start_periodic(actor=Actor.system(), name=name, now=now())
    words = _("Job %(id)s waits for a worker.")
    if not queries.live_workers(now=now()):
        with progress_bar(name) as told:
            jobs.run_inline(job_id, told=told)
        words = _("Job %(id)s is done.")
    return Answer({"id": job_id, "status": queries.job(job_id).status}, words % {"id": job_id})


def _as_data(job: JobView) -> dict[str, Any]:
    return {
        **asdict(job),
        "reason": say(job.reason) if job.reason else None,
        "progress_note": say(job.progress_note) if job.progress_note else None,
    }


def _progress(job: JobView) -> str:
    if job.progress_total:
        return f"{job.progress_done:,} / {job.progress_total:,}"
    return f"{job.progress_done:,}" if job.progress_done else ""
