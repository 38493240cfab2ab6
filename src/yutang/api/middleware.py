"""What every answer under ``/api/`` carries: the caller's language, and problems instead of pages."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from yutang.api.problems import MEDIA_TYPE, problem, refused
from yutang.api.refusals import BodyIsTooLarge, MethodIsWrong, NothingHere, RequestIsWrong, SoftwareFault
from yutang.api.speech import language_of
from yutang.kit.errors import DomainError

Next = Callable[[HttpRequest], HttpResponse]


class ProgramsMiddleware:
    """Stands before everything that programs ask for, and leaves all other requests alone."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language of Accept-Language; what some other part of the server refused becomes a problem too."""
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        with translation.override(language_of(request.headers.get("Accept-Language", ""))):
            answer = self.get_response(request)
            if answer.status_code >= HTTPStatus.BAD_REQUEST and answer.get("Content-Type") != MEDIA_TYPE:
                allowed = answer.get("Allow")
                answer = problem(request, _refusal_of(answer))
                if allowed:
                    answer["Allow"] = allowed
            answer["Content-Language"] = translation.get_language() or ""
        answer.headers.setdefault("Cache-Control", "private, no-cache")
        return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what was raised outside of an operation."""
        return refused(request, exception) if request.path_info.startswith("/api/") else None


def _refusal_of(answer: HttpResponse) -> DomainError:
    """Return what an answer of another part of the server says."""
    if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return MethodIsWrong(allowed=answer.get("Allow", ""))
    if answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return BodyIsTooLarge(most="2.5 MB")
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return NothingHere()
    return RequestIsWrong() if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else SoftwareFault()
