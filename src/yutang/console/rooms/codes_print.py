"""Sheets of printed codes to take away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from yutang.codes import queries
from yutang.codes.sheets import LAYOUTS, Label, archive_of, pdf_of, png_of
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken

_LONGEST, _MOST_COPIES = 40, 500


@room("codes.view")
def sheet(request: StaffRequest, code_id: int) -> HttpResponse:
    """Return the QR codes of some places: as PDF on A4 in a layout, or as PNG (several in a ZIP)."""
    asked = request.GET
    chosen = [key for text in asked.getlist("spot") if (key := number_asked(text)) is not None]
    title = asked.get("title", "").strip()[:_LONGEST] or _("Scan and add us")
    try:
        found = queries.labels(
            access=request.actor,
            code_id=code_id,
            spot_ids=chosen,
            title=title,
            line=asked.get("line", "").strip()[:_LONGEST],
        )
    except queries.AddressIsUnknown as refusal:
        messages.error(request, spoken(refusal.sentence))
        return redirect("codes-one", code_id)
    if asked.get("as") == "png":
        return _pictures(found, code_id)
    layout = asked.get("layout", "poster")
    copies = min(max(number_asked(asked.get("copies", "")) or 1, 1), _MOST_COPIES)
    pages = [one for one in found for _copy in range(copies)]
    return _file(
        pdf_of(pages, layout=layout if layout in LAYOUTS else "poster"), "application/pdf", f"codes-{code_id}.pdf"
    )


def _pictures(found: tuple[Label, ...], code_id: int) -> HttpResponse:
    if len(found) == 1:
        return _file(png_of(found[0].address), "image/png", f"code-{code_id}.png")
    return _file(archive_of(found), "application/zip", f"codes-{code_id}.zip")


def _file(body: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
