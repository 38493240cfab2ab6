"""Pictures and files of contents, as they are kept."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from yutang.console.access import StaffRequest, room
from yutang.content import queries


@room("content.view")
def medium(request: StaffRequest, digest: str) -> HttpResponse:
    """Give a picture to be shown, or a file to be downloaded; what it is was told by its bytes when it was added."""
    found = queries.medium(access=request.actor, digest=digest)
    if found is None:
        raise Http404
    view, content = found
    answer = HttpResponse(content, content_type=view.media_type)
    answer["Content-Disposition"] = content_disposition_header(view.kind != "picture", view.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    # The address is the hash of the bytes: what it leads to never changes.
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer
