"""Pictures and files of contents, as they are kept."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from yutang.console.access import StaffRequest, room
from yutang.content import queries

_SHOWN = frozenset({"image/jpeg", "image/png"})


@room("content.view")
def medium(request: StaffRequest, digest: str) -> HttpResponse:
    """Give a picture to be shown, or a file to be downloaded; what it is was told by its bytes when it was added."""
    found = queries.medium(access=request.actor, digest=digest)
    if found is None:
        raise Http404
    view, content = found
    # A browser shows what it is told is a picture; anything else it only keeps.
    is_shown = view.media_type in _SHOWN
    answer = HttpResponse(content, content_type=view.media_type if is_shown else "application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(not is_shown, view.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
