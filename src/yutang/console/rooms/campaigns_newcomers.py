"""People whom a campaign cannot decide about yet, because they came after the figures were made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _

from yutang.channels.queries import PreviewView
from yutang.console.access import StaffRequest
from yutang.ingest.lake_sync import lake_status
from yutang.segments import actions as segments

_UNKNOWN = "unknown_person"


def newcomers_shown(request: StaffRequest, preview: PreviewView) -> dict[str, Any]:
    """Return how many came after the figures were made, and up to when these are; empty where nobody did."""
    n = preview.reasons.get("refuse", {}).get(_UNKNOWN, 0)
    if not n:
        return {}
    written_at = lake_status().written_at
    at = datetime.fromisoformat(written_at) if written_at else None
    return {"newcomers": {"n": n, "at": at, "may_refresh": request.actor.can("segments.view")}}


def refresh_figures(request: StaffRequest) -> None:
    """Ask for figures that know the newcomers."""
    if segments.ask_for_refresh(actor=request.actor, now=request.now):
        messages.success(request, _("The figures are being made anew. Ask the policy again in a moment."))
    else:
        messages.info(request, _("The figures are up to date."))
