"""How often WeCom was asked, and what is allowed: read from the ledger that all processes of this machine share."""

from __future__ import annotations

from datetime import UTC, datetime

from yutang.foundation.access import Actor
from yutang.wecom.connecting import client_of, ledger_of_calls, present_app
from yutang.wecom.views import ApiCalls


def api_calls(*, access: Actor, now: datetime) -> tuple[ApiCalls, ...]:
    """Return the APIs that were called within the last hour, or may not be called now, most called first.

    Args:
        access: who looks; limits are those of the whole corp.
        now: aware UTC.
    """
    access.require("channels.view")
    app, ledger = present_app(), ledger_of_calls()
    if app is None or ledger is None:
        return ()
    limits_of = client_of(app).settings.limits_of
    found = []
    for one in ledger.calls(corp_id=app.corp_id, now=now.timestamp()):
        limits = limits_of(one.api)
        found.append(
            ApiCalls(
                api=one.api,
                by_minute=one.by_minute,
                minute=one.minute,
                hour=one.hour,
                minute_most=limits.per_minute,
                hour_most=limits.per_hour,
                closed_until=datetime.fromtimestamp(one.closed_until, UTC) if one.closed_until else None,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.hour, one.api)))
