"""What every answer under ``/api/`` carries: the caller's language, and problems instead of pages."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO

from django.conf import settings
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
            answer = self._answer(request)
            if answer.status_code >= HTTPStatus.BAD_REQUEST and answer.get("Content-Type") != MEDIA_TYPE:
                allowed = answer.get("Allow")
                answer = problem(request, _refusal_of(answer))
                if allowed:
                    answer["Allow"] = allowed
            answer["Content-Language"] = translation.get_language() or ""
        answer.headers.setdefault("Cache-Control", "private, no-cache")
        return answer

    def _answer(self, request: HttpRequest) -> HttpResponse:
        """Return the answer; to HEAD it is that to GET, without its body."""
        if not _take_in_chunks(request):
            return problem(request, BodyIsTooLarge(most="2.5 MB"))
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        try:
            answer = self.get_response(request)
        finally:
            request.method = "HEAD"
        if not answer.streaming:
            length = len(answer.content)
            answer.content = b""
            if answer.status_code != HTTPStatus.NOT_MODIFIED:
                answer["Content-Length"] = str(length)
        return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what was raised outside of an operation."""
        return refused(request, exception) if request.path_info.startswith("/api/") else None


def _take_in_chunks(request: HttpRequest) -> bool:
    """Read a body that comes in chunks, of which no header tells the length; return whether it was not too large."""
    coded = request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    if "chunked" not in coded or request.META.get("CONTENT_LENGTH"):
        return True
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    stream, body = request.META["wsgi.input"], b""
    while len(body) <= most and (some := stream.read(most + 1 - len(body))):
        body += some
    request.META["CONTENT_LENGTH"] = str(len(body))
    request._stream = BytesIO(body)
    return len(body) <= most


def _refusal_of(answer: HttpResponse) -> DomainError:
    """Return what an answer of another part of the server says."""
    if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return MethodIsWrong(allowed=answer.get("Allow", ""))
    if answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return BodyIsTooLarge(most="2.5 MB")
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return NothingHere()
    return RequestIsWrong() if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else SoftwareFault()
