"""Writing calls are done once: the change and the answer to it are kept in one transaction, by the key that the caller gave.

Source: IETF draft "The Idempotency-Key HTTP Header Field" (httpapi-idempotency-key-header).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse

from yutang.api.actions import ANSWERS_KEPT
from yutang.api.answers import Shape, one
from yutang.api.door import ApiRequest
from yutang.api.models import KeptAnswer
from yutang.api.refusals import BodyIsTooLarge, KeyIsMissing, KeyIsTaken

_KEY = re.compile(r"[!-~]{1,200}")
#: Headers that are told again.
_KEPT_HEADERS = ("Location", "ETag")


def once(
    request: ApiRequest,
    work: Callable[[], Shape],
    *,
    status: int = HTTPStatus.OK,
    location: Callable[[Any], str] | None = None,
    kept_as: Callable[[Any], Shape] | None = None,
) -> HttpResponse:
    """Do the work of a writing call and answer with what it returns; asked again under the same key, only answer.

    A refused call changes nothing and keeps nothing: it may be sent again under the same key.

    Args:
        request: carries the key.
        work: changes the store, and returns what the answer shows.
        status: of the answer.
        location: address of what was made.
        kept_as: what is told again instead of what was shown, where a part of it is told once only.

    Raises:
        KeyIsMissing: there is no key, or none of printable characters.
        KeyIsTaken: it was used for something else, or the first call with it is still at work.
    """
    key, digest = _key_of(request), _digest_of(request)
    told = _told_before(request, key, digest)
    if told is not None:
        return told
    with transaction.atomic():
        kept = _begun(request, key, digest)
        if kept is None:
            # Another call with the same key was faster by a moment.
            told = _told_before(request, key, digest)
            if told is None:
                raise KeyIsTaken
            return told
        shown = work()
        answer = one(request, shown, status=status)
        if location:
            answer["Location"] = location(shown)
        told_again = answer if kept_as is None else one(request, kept_as(shown), status=status)
        kept.status, kept.body = answer.status_code, told_again.content.decode()
        kept.headers = {name: answer[name] for name in _KEPT_HEADERS if name in answer}
        kept.save(update_fields=["status", "body", "headers"])
    return answer


def body_of(request: ApiRequest, *, most_bytes: int) -> bytes:
    """Return the body of a call that may be larger than a form, for `once` and for the operation.

    Raises:
        BodyIsTooLarge: it is larger than that.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > most_bytes:
        raise BodyIsTooLarge(most=f"{most_bytes // 1_000_000} MB")
    # Django keeps here what `body` returns; it would refuse a body larger than a form.
    request._body = request.read()
    return request.body


def _begun(request: ApiRequest, key: str, digest: bytes) -> KeptAnswer | None:
    """Keep that the call is at work; None where one with its key is known."""
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(
                token_id=request.actor.token_id, key=key, request_digest=digest, answered_at=request.now
            )
    except IntegrityError:
        return None


def _key_of(request: ApiRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise KeyIsMissing
    return key


def _digest_of(request: ApiRequest) -> bytes:
    hashed = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    hashed.update(request.body)
    return hashed.digest()


def _told_before(request: ApiRequest, key: str, digest: bytes) -> HttpResponse | None:
    rows = KeptAnswer.objects.filter(token_id=request.actor.token_id, key=key)
    kept = rows.first()
    if kept is None:
        return None
    if kept.answered_at < request.now - ANSWERS_KEPT:
        rows.delete()
        return None
    if bytes(kept.request_digest) != digest:
        raise KeyIsTaken
    headers = {**kept.headers, **request.allowance.headers(), "Idempotency-Replayed": "true"}
    return HttpResponse(kept.body, status=kept.status, content_type="application/json", headers=headers)
