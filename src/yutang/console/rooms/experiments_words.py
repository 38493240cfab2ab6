"""What effects are in words: how many in a thousand, how much a head, from where to where."""

from __future__ import annotations

from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.experiments.queries import Effect, Worth
from yutang.kit.text import N_

_ARMS = {"held_out": N_("Held out"), "treated": N_("Treated")}
_MORE = {
    "share": N_("%(n)s in 1,000 people more than among those held out; the interval reaches from %(low)s to %(high)s."),
    "count": N_(
        "%(n)s more from 1,000 people than from as many held out; the interval reaches from %(low)s to %(high)s."
    ),
    "money": N_("%(n)s more a head than among those held out; the interval reaches from %(low)s to %(high)s."),
}
_FEWER = {
    "share": N_(
        "%(n)s in 1,000 people fewer than among those held out; the interval reaches from %(low)s to %(high)s."
    ),
    "count": N_(
        "%(n)s fewer from 1,000 people than from as many held out; the interval reaches from %(low)s to %(high)s."
    ),
    "money": N_("%(n)s less a head than among those held out; the interval reaches from %(low)s to %(high)s."),
}
#: Of the share who bought, as the page says it first.
_BOUGHT_MORE = N_("%(n)s in 1,000 more bought; the interval reaches from %(low)s to %(high)s in 1,000.")
_BOUGHT_FEWER = N_("%(n)s in 1,000 fewer bought; the interval reaches from %(low)s to %(high)s in 1,000.")
_OPEN = N_("It may as well be nothing.")
_SURE = N_("Chance alone hardly explains that, however often one looks.")
_THOUSAND = 1_000
_DIGITS = 2


def arm_words(code: str) -> str:
    """Return what the screen calls an arm; one of a playbook's own has the name that it was given there."""
    return _(_ARMS[code]) if code in _ARMS else code


def points(ratio: float) -> str:
    """Return a difference of shares in points, with its sign and a true minus."""
    return signed(100 * ratio)


def signed(value: float) -> str:
    """Return a number with its sign and a true minus; nothing in front of 0."""
    rounded = round(value, _DIGITS)
    return ("+" if rounded > 0 else "−" if rounded < 0 else "") + formats.number(abs(rounded))


def money_words(minor: float, currency: str) -> str:
    """Return a difference of amounts with its sign: to the cent below a hundred, without decimals above."""
    whole = round(abs(minor))
    written = formats.money(whole, currency) if whole < 10_000 else formats.whole_money(whole, currency)
    return ("+" if minor > 0 else "−" if minor < 0 else "") + written


def measure_words(kind: str, mean: float | None, currency: str) -> str:
    """Return a measure a head."""
    if mean is None:
        return "—"
    if kind == "share":
        return formats.percent(mean, 2)
    return formats.money(round(mean), currency) if kind == "money" else f"{mean:.3f}"


def interval_words(ends: tuple[float, float] | None) -> str:
    """Return the interval of a share; empty where there is none."""
    return f"{formats.percent(ends[0], 1)} – {formats.percent(ends[1], 1)}" if ends else ""


def effect_words(kind: str, effect: Effect, currency: str) -> str:
    """Return an effect in a sentence or two."""
    template = (_MORE if effect.value >= 0 else _FEWER)[kind]
    return formats.sentences(_(template) % _ends(kind, effect, currency), _verdict(effect))


def headline(effect: Effect) -> str:
    """Return the effect on the share who bought as the page says it first."""
    template = _BOUGHT_MORE if effect.value >= 0 else _BOUGHT_FEWER
    return formats.sentences(_(template) % _ends("share", effect, ""), _verdict(effect))


def worth_words(worth: Worth, currency: str) -> str:
    """Return what an arm brought, in a sentence."""
    low, high = (money_words(end, currency) for end in (worth.low_minor, worth.high_minor))
    said = _("So far that is worth %(sum)s (%(low)s to %(high)s), %(week)s a week.")
    return said % {
        "sum": money_words(worth.minor, currency),
        "low": low,
        "high": high,
        "week": money_words(worth.a_week(worth.minor), currency),
    }


def _verdict(effect: Effect) -> str:
    return _(_OPEN if effect.verdict == "open" else _SURE)


def _ends(kind: str, effect: Effect, currency: str) -> dict[str, str]:
    if kind == "money":
        ends = [money_words(end, currency) for end in (effect.low_always, effect.high_always)]
        return {"n": money_words(abs(effect.value), currency).lstrip("+"), "low": ends[0], "high": ends[1]}
    ends = [signed(round(_THOUSAND * end, 1)) for end in (effect.low_always, effect.high_always)]
    return {"n": formats.number(round(abs(_THOUSAND * effect.value), 1)), "low": ends[0], "high": ends[1]}
