"""Tags of the pages: what a link shows when it is shared, money and instants in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from yutang.kit.text import Sentence
from yutang.pages import wording
from yutang.pages.naming import merchant_name

register = template.Library()
#: The largest of what messengers take is 300 by 300 pixels and more, square.
_PICTURE = "pages/share.png"
_LONGEST_TEXT = 110


@register.simple_tag(takes_context=True)
def organisation_name(context: template.Context) -> str:
    """Return what the merchant is called: as the page says, else as everywhere; empty where no name was ever told."""
    return str(context.get("organisation") or merchant_name())


@register.simple_tag
def themes() -> tuple[tuple[str, str], ...]:
    """Return (code, word) of the themes that a reader may choose."""
    return (("auto", gettext("As the phone")), ("light", gettext("Light")), ("dark", gettext("Dark")))


@register.simple_tag(takes_context=True)
def share(
    context: template.Context, title: str = "", text: str = "", picture: str = "", address: str = ""
) -> SafeString:
    """Return what messengers show of the link: title, text and picture (Open Graph), never of whom it is.

    Args:
        context: of the template, with the request.
        title: empty: the name of the merchant.
        text: what one finds there; cut where messengers cut it. Empty: none.
        picture: address of a square picture, from the root; empty: the mark of the pages.
        address: the address that may be passed on; empty: none is named, so that a personal link does not travel by itself.
    """
    name = organisation_name(context) or gettext("Your store")
    said = {
        "og:type": "website",
        "og:site_name": name,
        "og:title": title or name,
        "og:description": text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1].rstrip() + "…",
        "og:image": _absolute(context, picture or static(_PICTURE)),
        "og:url": _absolute(context, address) if address else "",
    }
    shown = [(key, value) for key, value in said.items() if value]
    described = format_html('<meta name="description" content="{}">', said["og:description"]) if text else ""
    return SafeString(described) + format_html_join("", '\n<meta property="{}" content="{}">', shown)


@register.filter
def money(minor: int, currency: str = "CNY") -> str:
    """Write an amount in minor units."""
    return wording.money(minor, currency)


@register.filter
def day(value: date) -> str:
    """Write a day with its weekday."""
    return wording.day(value)


@register.filter
def day_of(value: datetime) -> str:
    """Write the day of an instant that is in the store's own time already."""
    return wording.day(value.date())


@register.filter
def instant(value: datetime) -> str:
    """Write an instant so that a form sends it back unchanged."""
    return value.isoformat()


@register.filter
def clock(value: datetime) -> str:
    """Write the time of day of an instant that is in the store's own time already."""
    return wording.clock(value)


@register.filter
def moment(value: datetime) -> str:
    """Write an instant, day and time of day, on the organisation's clock."""
    return wording.moment(value)


@register.filter
def spoken(value: Sentence | str | None) -> str:
    """Say a sentence in the reader's language."""
    return wording.spoken(value)


def _absolute(context: template.Context, address: str) -> str:
    """Return an address that other servers can follow: under the public one where it is known."""
    if settings.YUTANG_PUBLIC_URL and address.startswith("/"):
        return f"{settings.YUTANG_PUBLIC_URL}{address}"
    request: Any = context.get("request")
    return str(request.build_absolute_uri(address)) if request is not None else address
