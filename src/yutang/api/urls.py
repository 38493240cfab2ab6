"""Addresses of the door for programs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from yutang.api.operations import door
from yutang.api.problems import kinds_of_problems, problem
from yutang.api.refusals import NothingHere


@login_not_required
@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """Return the description of all operations, OpenAPI 3.1; nothing of it is secret."""
    return JsonResponse(door.get_openapi_schema())


@login_not_required
@require_safe
def problem_types(request: HttpRequest) -> HttpResponse:
    """Return what each code of a problem means, in the caller's language; the type of a problem leads here."""
    return JsonResponse({"problems": kinds_of_problems()}, json_dumps_params={"ensure_ascii": False, "indent": 1})


@login_not_required
@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return problem(request, NothingHere())


def _without_session(patterns: list[Any]) -> list[Any]:
    """Let tokens decide who gets in: the log-in page of the console is nothing for programs."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback.login_required = False  # type: ignore[attr-defined]
    return patterns


_patterns, _app_name, _namespace = door.urls
urlpatterns = [
    path("v1/openapi.json", description, name="api-description"),
    path("v1/problems", problem_types, name="api-problems"),
    path("v1/", (_without_session(_patterns), _app_name, _namespace)),
    re_path(r"^(?P<rest>.*)$", nothing),
]
