"""The room of the background jobs: what runs, what failed and why, cancel and retry."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms.asked import back_to, number_asked
from yutang.console.sheets import sheet_answer, sheet_asked
from yutang.console.words import STATUSES
from yutang.foundation import actions, queries

_PAGE = 40
#: Jobs of a table that leaves, newest first.
_MOST_IN_A_SHEET = 10_000
#: Tasks that run all day and say nothing once they are done.
_HOUSEKEEPING = (
    "yutang.foundation.outbox.deliver_events",
    "yutang.foundation.outbox.forget_finished",
    "yutang.foundation.tasks.forget_sessions",
    "yutang.webhooks.tasks.deliver_webhooks",
)
#: What an address says of the list.
_CHOICES = ("status", "all", "before")
_STATUSES = ("waiting", "running", "done", "dead", "cancelled")


@room("jobs.manage")
def jobs(request: StaffRequest) -> HttpResponseBase:
    """Show the jobs, newest first, by status and page."""
    status = request.GET.get("status", "")
    statuses = (status,) if status in _STATUSES else ()
    before = request.GET.get("before", "")
    everything = request.GET.get("all") == "1"
    without = () if everything else _HOUSEKEEPING
    if sheet_asked(request):
        found = queries.recent_jobs(statuses=statuses, without_done=without, limit=_MOST_IN_A_SHEET)
        return sheet_answer(request, listed.of_jobs(found))
    found = queries.recent_jobs(
        statuses=statuses, before_id=number_asked(before), without_done=without, limit=_PAGE + 1
    )
    counts = queries.job_counts(without_done=without)
    context = {
        "jobs": found[:_PAGE],
        "next": found[_PAGE - 1].id if len(found) > _PAGE else None,
        "status": status,
        "total": sum(counts.values()),
        "statuses": [{"code": code, "label": _(STATUSES[code]), "count": counts.get(code, 0)} for code in _STATUSES],
        "labels": {code: _(STATUSES[code]) for code in _STATUSES},
        "workers": queries.workers(),
        "everything": everything,
        "moving": counts.get("running", 0) + counts.get("waiting", 0) > 0 and not before,
    }
    return render(request, "console/jobs/list.html" if request.htmx else "console/jobs/page.html", context)


@room("jobs.manage")
@require_POST
def retry(request: StaffRequest, job_id: int) -> HttpResponse:
    """Let a failed or cancelled job wait for a worker again."""
    actions.retry_job(actor=request.actor, job_id=job_id, now=request.now)
    messages.success(request, _("The job waits for a worker again."))
    return back_to(request, "jobs", keep=_CHOICES)


@room("jobs.manage")
@require_POST
def cancel(request: StaffRequest, job_id: int) -> HttpResponse:
    """Cancel a waiting or running job."""
    actions.cancel_job(actor=request.actor, job_id=job_id, now=request.now)
    messages.success(request, _("The job is being cancelled."))
    return back_to(request, "jobs", keep=_CHOICES)
