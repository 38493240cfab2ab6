"""Channel codes in words: how they stand, who answers when, what they cost beside bought traffic."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from yutang.codes import queries
from yutang.codes.duty import DAY_MINUTES, EVERY_DAY
from yutang.codes.results import KEPT_AFTER, Tally
from yutang.codes.terms import CodeTerms
from yutang.codes.views import BoughtCost, CodeRow, CodeView, ShiftView, SpotView
from yutang.console import formats
from yutang.console.sentences import spoken
from yutang.kit.text import N_, filled

STANDING_TONES = {"on": "accent", "off": "plain", "ahead": "info", "over": "plain", "paused": "down"}
DUTY_TONES = {"staff": "accent", "backups": "info", "stretched": "warn", "full": "warn", "nobody": "down", "": "plain"}
_DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
#: Days of the week that forms offer, by their bits.
WEEKDAYS = {EVERY_DAY: N_("every day"), 31: N_("Monday to Friday"), 96: N_("Saturday and Sunday")}
#: What the guard said, where somebody should look.
_VERDICTS = {
    "review": (N_("To be looked at"), "warn"),
    "refuse": (N_("Refused by the guard"), "down"),
    "slow": (N_("Slowed down by the guard"), "warn"),
}
#: Rows of the picture of costs.
_MOST_BARS = 12


def standing(row: CodeRow | CodeView) -> dict[str, str]:
    """Return how a code stands, with its tone."""
    return {"standing": _(queries.STANDING_TITLES[row.standing]), "tone": STANDING_TONES[row.standing]}


def clock(minute: int) -> str:
    """Return a minute of the day as a clock shows it: ``09:30``; the end of the day is ``24:00``."""
    return f"{minute // 60:02}:{minute % 60:02}"


def days_words(weekdays: int) -> str:
    """Return days of the week: the usual sets by name, others one by one."""
    if weekdays in WEEKDAYS:
        return _(WEEKDAYS[weekdays])
    return formats.listed([_(name) for place, name in enumerate(_DAYS) if weekdays >> place & 1])


def time_words(weekdays: int, since_minute: int, until_minute: int) -> str:
    """Return a time of the week: ``Monday to Friday 09:00-18:00``."""
    if (since_minute, until_minute) == (0, DAY_MINUTES):
        return _("%(days)s, all day") % {"days": days_words(weekdays)}
    return _("%(days)s %(since)s–%(until)s") % {
        "days": days_words(weekdays),
        "since": clock(since_minute),
        "until": clock(until_minute),
    }


def shift(one: ShiftView, currency: str) -> dict[str, Any]:
    """Return a member of staff with their words."""
    if not one.is_serving:
        word, tone = _("No longer in customer contact"), "down"
    elif one.is_away:
        word, tone = _("Away"), "warn"
    elif one.is_on_duty:
        word, tone = _("On duty"), "accent"
    elif one.is_full:
        word, tone = _("Enough for today"), "info"
    elif one.is_standing_in:
        word, tone = _("Off now, stands in"), "warn"
    elif one.is_ready:
        word, tone = _("Stands ready"), "plain"
    else:
        word, tone = _("Off now"), "plain"
    cap = "" if one.daily_cap is None else filled(_("%(n)s a day at most"), {"n": formats.number(one.daily_cap)})
    return {
        "one": one,
        "when": time_words(one.weekdays, one.since_minute, one.until_minute),
        "cap": cap,
        "word": word,
        "tone": tone,
    }


def spot(one: SpotView) -> dict[str, Any]:
    """Return a place with its words."""
    if one.fault:
        word, tone = _("WeCom refused: %(code)s") % {"code": one.fault}, "down"
    elif one.duty and one.state in {"", "asked"}:
        word, tone = _("WeCom is making the code"), "info"
    else:
        word, tone = _(queries.DUTY_TITLES[one.duty]), DUTY_TONES[one.duty]
    return {"one": one, "word": word, "tone": tone, "staff": formats.listed(list(one.staff))}


def facts(view: CodeView) -> list[tuple[str, str]]:
    """Return what a code is to do, each with its title."""
    terms = view.terms
    group = _(queries.GROUP_TITLES[terms.group])
    if terms.group == "named":
        group = _("Groups that begin with “%(prefix)s”, up to %(n)s people") % {
            "prefix": terms.group_prefix,
            "n": terms.group_places,
        }
    elif terms.group == "store":
        group = _("A group of the store, up to %(n)s people") % {"n": terms.group_places}
    known = _("to the staff who look after them") if terms.leads_known else _("to whoever is on duty")
    remark = _("“name-%(remark)s”") % {"remark": terms.remark} if terms.remark else _("none")
    return [
        (_("Where people meet it"), _(queries.KIND_TITLES[terms.kind])),
        (_("In use"), _span(terms)),
        (_("How newcomers are shared"), _(queries.SHARING_TITLES[terms.sharing])),
        (_("People who are known"), known),
        (_("Tags"), formats.listed(list(view.tags)) if view.tags else _("none")),
        (_("Remark"), remark),
        (_("Group to join"), group),
        (_("Cost of a newcomer"), formats.money(terms.unit_cost_minor, terms.currency)),
        (_("Budget"), formats.money(terms.budget_minor, terms.currency) if terms.budget_minor else _("not said")),
        (_("Margin"), f"{terms.margin_percent}%"),
    ]


def greetings(terms: CodeTerms) -> list[tuple[str, str]]:
    """Return what is said when, the usual words last."""
    told = [
        (time_words(one.weekdays, one.since_minute, one.until_minute), one.content or one.words) for one in terms.slots
    ]
    return [*told, (_("else"), terms.content or terms.words or _("the usual words of the settings"))]


def kept_words(tally: Tally) -> list[tuple[str, str]]:
    """Return who stayed after 1, 7 and 30 days: ``(7 days, 82%)``."""
    return [(filled(_("%(n)s days"), {"n": days}), ratio_word(tally, days)) for days in KEPT_AFTER]


def ratio_word(tally: Tally, days: int) -> str:
    """Return the share that stayed so many days; a dash where nobody came that long ago."""
    ratio = tally.kept_ratio(days=days)
    return "—" if ratio is None else formats.percent(ratio, 0)


def money_word(minor: int | None, currency: str) -> str:
    """Return an amount; a dash where there is none."""
    return "—" if minor is None else formats.compact_money(minor, currency)


def verdict(code: str) -> dict[str, str] | None:
    """Return what the guard said of somebody; None where nobody needs to look."""
    found = _VERDICTS.get(code)
    return None if found is None else {"word": _(found[0]), "tone": found[1]}


def cost_picture(rows: list[tuple[str, Tally]], currency: str, bought: BoughtCost | None) -> dict[str, Any] | None:
    """Return bars of what one who stayed costs by code, cheapest first, beside bought traffic; None where nothing was paid."""
    paid = sorted((tally.cost_per_kept_minor, name) for name, tally in rows if tally.cost_per_kept_minor is not None)[
        :_MOST_BARS
    ]
    if not paid:
        return None
    bars = [{"label": name, "value": minor / 100, "tone": "accent"} for minor, name in paid]
    if bought is not None and bought.currency == currency:
        told = (
            (_("Advertising, a first-time buyer"), bought.newcomer_minor),
            (_("Advertising, one who ordered again"), bought.kept_minor),
        )
        bars += [{"label": name, "value": minor / 100, "tone": "ink3"} for name, minor in told if minor is not None]
    return {"bars": bars, "currency": currency, "words": {"value": _("each")}}


def cost_words(tally: Tally, currency: str, bought: BoughtCost | None) -> str:
    """Return what one who stayed costs beside a first-time buyer of advertising, in a sentence."""
    mine = tally.cost_per_kept_minor
    if mine is None:
        return _("Nothing was paid for it yet, or nobody has stayed long enough to tell.")
    told = _("One who stayed %(n)s days costs %(cost)s.") % {
        "n": tally.kept_days,
        "cost": formats.money(mine, currency),
    }
    if bought is None or bought.newcomer_minor is None or bought.currency != currency:
        return told
    other = _("A first-time buyer by advertising costs %(cost)s.") % {
        "cost": formats.money(bought.newcomer_minor, currency)
    }
    return formats.sentences(told, other)


def no_cost_words(tally: Tally, currency: str) -> str:
    """Return why nothing can be set beside what advertising costs."""
    if not tally.cost_minor:
        return _("Write down what was paid for it, or what each newcomer costs, and this compares it with advertising.")
    return _("%(cost)s were paid in all. It is compared with advertising once somebody has stayed for a day.") % {
        "cost": formats.money(tally.cost_minor, currency)
    }


def funnel(tally: Tally) -> dict[str, Any]:
    """Return the bars from scan to order."""
    steps = [
        *([] if tally.scans is None else [(_("Scans"), tally.scans)]),
        (_("Came by it"), tally.came),
        (_("Still friends"), tally.friends),
        (_("In a group"), tally.grouped),
        (_("Ordered"), tally.buyers),
    ]
    bars = [
        {"label": name, "value": value, "tone": "info" if name == _("Scans") else "accent"} for name, value in steps
    ]
    return {"bars": bars, "currency": "", "words": {"value": _("people")}}


def channel_names(bought: BoughtCost | None) -> list[tuple[str, int]]:
    """Return the platforms of bought traffic with what a first-time buyer costs there."""
    return [] if bought is None else [(spoken(name), minor) for name, minor in bought.channels]  # type: ignore[arg-type]


def _span(terms: CodeTerms) -> str:
    if terms.first_date is None and terms.last_date is None:
        return _("from now on")
    if terms.last_date is None:
        return _("from %(day)s") % {"day": formats.day(terms.first_date)}
    if terms.first_date is None:
        return _("until %(day)s") % {"day": formats.day(terms.last_date)}
    return _("%(first)s to %(last)s") % {"first": formats.day(terms.first_date), "last": formats.day(terms.last_date)}
