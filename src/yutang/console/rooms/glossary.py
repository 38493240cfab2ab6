"""The glossary: the words of the trade in both languages side by side, each in plain words and with its formula."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from yutang.console.access import StaffRequest, room
from yutang.console.glossary import GROUPS, TERMS, Term

_LANGUAGES = (("zh-hans", "zh-Hans"), ("en", "en"))


@room(None)
def glossary(request: StaffRequest) -> HttpResponse:
    """Show the terms that the address asks for, by group."""
    text = request.GET.get("q", "").strip()[:120]
    found = terms_with(text)
    context = {
        "q": text,
        "count": len(found),
        "groups": [
            (_(title), [_shown(term) for term in found if term.group == code])
            for code, title in GROUPS.items()
            if any(term.group == code for term in found)
        ],
    }
    template = "console/glossary/terms.html" if request.htmx else "console/glossary/page.html"
    return render(request, template, context)


def terms_with(text: str) -> list[Term]:
    """Return the terms that hold every word of a text, in either language; all of them for none."""
    words = text.casefold().split()
    return [term for term in TERMS if all(word in _written(term) for word in words)]


def _written(term: Term) -> str:
    """Return everything by which a term is found."""
    parts = [term.others]
    for code, _lang in _LANGUAGES:
        with override(code):
            parts += [_(term.title), _(term.meaning)]
    return " ".join(parts).casefold()


def _shown(term: Term) -> dict[str, Any]:
    """Return a term in both languages, the reader's first."""
    sides = []
    for code, lang in sorted(_LANGUAGES, key=lambda each: each[0] != get_language()):
        with override(code):
            formula = _(term.formula) if term.formula else ""
            see = _(TERMS[term.see].title) if term.see else ""
            sides.append(
                {"lang": lang, "title": _(term.title), "meaning": _(term.meaning), "formula": formula, "see": see}
            )
    return {"code": term.code, "others": term.others, "see": term.see, "sides": sides}
