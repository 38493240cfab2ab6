"""Addresses for machines that look after the installation."""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from yutang.vitals.metrics import exposition

_fits: list[bool] = []


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "alive"})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether requests can be served: the store answers, and its tables fit this version."""
    found = {"store": _store_answers()}
    found["tables"] = found["store"] and _tables_fit()
    answer: dict[str, Any] = {"status": "ready" if all(found.values()) else "not ready", "checks": found}
    return JsonResponse(answer, status=200 if all(found.values()) else 503)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus, if it knows the token; without a token in the settings there are no metrics."""
    token = settings.YUTANG_METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if not token or not hmac.compare_digest(given, token.encode()):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _store_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _tables_fit() -> bool:
    """Return whether no migration is missing; once that is so, it stays so while the process runs."""
    from django.db.migrations.executor import MigrationExecutor

    if not _fits:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _fits.append(True)
    return True
