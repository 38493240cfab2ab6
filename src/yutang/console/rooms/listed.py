"""The lists of the rooms as tables that leave: what the filters find, with plain numbers instead of written ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import Sheet
from yutang.console.templatetags.console import task_title
from yutang.console.words import STATUSES, role_label, stage_label
from yutang.customers.queries import customer_rows
from yutang.foundation.access import Actor
from yutang.foundation.queries import JobView
from yutang.insight import queries as insight
from yutang.kit.money import from_minor

#: People of one table; who wants more builds a segment, whose export has no end.
MOST_PEOPLE = 20_000
#: People whose records are read together.
AT_ONCE = 200


def of_customers(access: Actor, wanted: insight.PeopleWanted) -> Sheet:
    """Return the people of a list, masked."""
    titles = [_("Number"), _("Name"), _("Phone"), _("City"), _("Store"), _("Stage"), _("Orders"), _("Spent")]
    titles += [_("Currency"), _("Last order"), _("Tags")]
    return Sheet(_("Customers"), titles, _customers(access, wanted), of_people=True)


def _customers(access: Actor, wanted: insight.PeopleWanted) -> Iterator[list[Any]]:
    after, told = "", 0
    while True:
        page = insight.people_listed(access=access, wanted=wanted, after=after, limit=AT_ONCE)
        for key in page.ids:
            row, score = page.rows.get(key), page.scores.get(key)
            if row is None:
                continue
            name = spoken_name(row.name)
            figures: list[Any] = [None] * 5
            if score is not None:
                spent = from_minor(score.spend_minor, currency=score.currency)
                figures = [stage_label(score.stage), score.orders, spent, score.currency, score.last_order_date]
            tags = " ".join(tag.name for tag in row.tags)
            yield [key, name, row.phone, row.city, row.store_name, *figures, tags]
            told += 1
        if page.next_key is None:
            return
        if told >= MOST_PEOPLE:
            yield [_("Only the first %(n)s people: build a segment to take them all.") % {"n": MOST_PEOPLE}]
            return
        after = page.next_key


def of_buyers(access: Actor, name: str, found: insight.Buyers, *, words: tuple[str, str]) -> Sheet:
    """Return the people behind a figure, masked; `words` are what their orders and amounts are called."""
    titles = [_("Number"), _("Name"), _("Store"), *words, _("Currency"), _("Last order")]
    return Sheet(name, titles, _buyers(access, found), of_people=True)


def _buyers(access: Actor, found: insight.Buyers) -> Iterator[list[Any]]:
    for start in range(0, len(found.buyers), AT_ONCE):
        batch = found.buyers[start : start + AT_ONCE]
        known = customer_rows(access=access, ids=[one.customer_id for one in batch])
        for one in batch:
            person = known.get(one.customer_id)
            if person is not None:
                shown = spoken_name(person.name)
                spent = None if one.spend_minor is None else from_minor(one.spend_minor, currency=found.currency)
                yield [one.customer_id, shown, person.store_name, one.orders, spent, found.currency, one.last_date]
    if found.next_key is not None:
        yield [_("Only the first %(n)s people: build a segment to take them all.") % {"n": len(found.buyers)}]


def of_changed(access: Actor, name: str, found: insight.CustomersBehind) -> Sheet:
    """Return the people behind a part of a change, masked."""
    titles = [_("Number"), _("Name"), _("Store"), _("Orders before"), _("Orders now"), _("Before"), _("Now")]
    return Sheet(name, [*titles, _("Currency")], _changed(access, found), of_people=True)


def _changed(access: Actor, found: insight.CustomersBehind) -> Iterator[list[Any]]:
    for start in range(0, len(found.customers), AT_ONCE):
        batch = found.customers[start : start + AT_ONCE]
        known = customer_rows(access=access, ids=[one.customer_id for one in batch])
        for one in batch:
            person = known.get(one.customer_id)
            if person is not None:
                shown = spoken_name(person.name)
                amounts = [from_minor(each, currency=found.currency) for each in (one.before_minor, one.now_minor)]
                yield [
                    one.customer_id,
                    shown,
                    person.store_name,
                    one.orders_before,
                    one.orders_now,
                    *amounts,
                    found.currency,
                ]
    if found.next_key is not None:
        yield [_("Only the first %(n)s people: build a segment to take them all.") % {"n": len(found.customers)}]


def of_change(found: insight.SalesChange, title: str) -> Sheet:
    """Return why sales moved: a row a group, a column a part."""
    codes = list(found.parts)
    titles = [title, _("Before"), _("Now"), _("Difference"), *(_(insight.PARTS[code][0]) for code in codes)]

    def amount(minor: int) -> Any:
        return from_minor(minor, currency=found.currency)

    lines = (
        [
            spoken(group.name),
            amount(group.split.before_minor),
            amount(group.split.now_minor),
            amount(group.difference_minor),
            *(amount(group.split.parts.get(code, 0)) for code in codes),
            found.currency,
        ]
        for group in found.groups
    )
    return Sheet(_("Why sales moved"), [*titles, _("Currency")], lines)


def of_coming_back(found: insight.ComingBack, title: str) -> Sheet:
    """Return who comes back: a row a group of first orders, a column a span of days."""
    spans = max((len(group.ratios) for group in found.groups), default=0)
    heads = [_("%(n)s days") % {"n": insight.SPAN_DAYS * (place + 1)} for place in range(spans)]
    titles = [title, _("First-time buyers"), _("Half come back within (days)"), _("Within 90 days"), *heads]
    lines = (
        [
            spoken(group.name) or group.key or "",
            group.customers,
            group.median_days,
            _ratio(group.within_90),
            *(_ratio(each) for each in group.ratios),
        ]
        for group in found.groups
    )
    return Sheet(_("Who comes back"), titles, lines)


def of_traffic(found: insight.TrafficCost) -> Sheet:
    """Return what traffic cost by channel."""
    titles = [_("Channel"), _("Orders"), _("of earlier buyers"), _("Newcomers"), _("Kept"), _("Watched long enough")]
    titles += [_("Cost"), _("Cost an order"), _("Cost a newcomer"), _("Cost a kept customer"), _("Currency")]

    def amount(minor: float | None) -> Any:
        return None if minor is None else from_minor(round(minor), currency=found.currency)

    lines = (
        [
            spoken(each.name) or _("Unknown"),
            each.orders,
            each.returning_orders,
            each.newcomers,
            each.kept,
            each.ripe,
            amount(each.cost_minor),
            amount(each.cost_per_order_minor),
            amount(each.cost_per_newcomer_minor),
            amount(each.cost_per_kept_minor),
            found.currency,
        ]
        for each in found.channels
    )
    return Sheet(_("Owned and bought traffic"), titles, lines)


def of_staff(cards: Iterable[Any], names: dict[int, str]) -> Sheet:
    """Return who works here."""
    titles = [_("Name"), _("Log-in name"), _("Role"), _("Stores"), _("May log in"), _("Second factor")]
    lines = (
        [
            card.person.display_name,
            card.person.username,
            role_label(card.person.role, card.role_name),
            " · ".join(names.get(store, str(store)) for store in sorted(card.person.reach or ()))
            or _("the whole chain"),
            _("yes") if card.person.can_log_in else _("no"),
            _("yes") if card.has_second_factor else _("no"),
        ]
        for card in cards
    )
    return Sheet(_("Staff"), titles, lines)


def of_jobs(jobs: Sequence[JobView]) -> Sheet:
    """Return background jobs with how they ended."""
    titles = ["#", _("Job"), _("Status"), _("Attempts"), _("Reason"), _("Asked for"), _("Started"), _("Ended at")]
    lines = (
        [
            job.id,
            task_title(job.task),
            _(STATUSES[job.status]),
            job.attempts,
            spoken(job.reason) if job.reason else "",
            _instant(job.enqueued_at),
            _instant(job.started_at),
            _instant(job.finished_at),
        ]
        for job in jobs
    )
    return Sheet(_("Background jobs"), titles, lines)


def of_imports(views: Iterable[Any]) -> Sheet:
    """Return imports with how their rows came out."""
    titles = ["#", _("File"), _("Status"), _("Rows"), _("New"), _("Updated"), _("Unchanged"), _("To be mended")]
    lines = (
        [
            view.id,
            view.file_name,
            _(STATUSES[view.status]) if view.status in STATUSES else view.status,
            view.counts.get("read", 0),
            view.counts.get("new", 0),
            view.counts.get("updated", 0),
            view.counts.get("unchanged", 0),
            view.counts.get("quarantined", 0),
            _instant(view.created_at),
        ]
        for view in views
    )
    return Sheet(_("Imports"), [*titles, _("Begun")], lines)


def of_tags(groups: Iterable[Any]) -> Sheet:
    """Return tags by group with how many people carry each."""
    titles = [_("Group"), _("Tag"), _("How it is given"), _("Days"), _("People")]
    lines = (
        [
            group.name,
            tag.name,
            _("by hand") if tag.rule is None else _("by rule"),
            tag.expires_after_days,
            tag.people,
        ]
        for group in groups
        for tag in group.tags
    )
    return Sheet(_("Tags"), titles, lines)


def of_results(reports: Iterable[Any]) -> Sheet:
    """Return what became of proposals by kind, and what followed."""
    titles = [_("Kind"), _("Proposed"), _("Done"), _("Not useful"), _("Ran out"), _("Touched")]
    titles += [_("Ordered within 30 days"), _("Similar people"), _("Chance that it helps")]
    lines = (
        [
            _(one.kind.title),
            one.proposed,
            one.done,
            one.not_useful,
            one.lapsed,
            one.effect.touched if one.effect else None,
            _ratio(one.effect.ratio if one.effect else None),
            _ratio(one.effect.similar_ratio if one.effect else None),
            _ratio(one.chance),
        ]
        for one in reports
    )
    return Sheet(_("What came of it"), titles, lines)


def of_segments(views: Iterable[Any]) -> Sheet:
    """Return saved segments with their sizes."""
    titles = [_("Segment"), _("People"), _("Came"), _("Left"), _("Looked at")]
    lines = ([view.name, view.size, view.entered, view.left, _instant(view.taken_at)] for view in views)
    return Sheet(_("Segments"), titles, lines)


def _ratio(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}"


def _instant(value: Any) -> str | None:
    return None if value is None else value.isoformat(timespec="seconds")
