"""The lists of customer value as tables that leave: the most valuable, and whose value moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.rooms.listed import AT_ONCE, MOST_PEOPLE
from yutang.console.sentences import spoken_name
from yutang.console.sheets import Sheet
from yutang.customers.queries import customer_rows
from yutang.foundation.access import Actor
from yutang.insight import queries
from yutang.kit.money import from_minor


def of_most_valuable(access: Actor, store_ids: list[int] | None) -> Sheet:
    """Return customers by expected value of the coming year, highest first, masked."""
    titles = [_("Number"), _("Name"), _("Store"), _("Value of the coming year"), _("At least"), _("At most")]
    titles += [_("Expected orders"), _("Still a customer"), _("Next order"), _("Currency")]
    found = queries.most_valuable(access=access, store_ids=store_ids, limit=MOST_PEOPLE)

    def line(card: queries.ValueCard) -> list[Any]:
        amounts = [
            from_minor(each, currency=card.currency) for each in (card.value_minor, card.low_minor, card.high_minor)
        ]
        chances = [f"{card.orders_365:.2f}", f"{card.p_alive:.4f}"]
        return [*amounts, *chances, card.next_order_date, card.currency]

    lines = ((card.customer_id, line(card)) for card in found)
    return Sheet(_("The most valuable"), titles, _named(access, list(lines)), of_people=True)


def of_movers(access: Actor, store_ids: list[int] | None, *, currency: str, since: date, as_of: date) -> Sheet:
    """Return whose value rose the most, then whose fell the most, masked.

    Args:
        access: who takes the list.
        store_ids: only customers of these stores; None: all within reach.
        currency: of the amounts.
        since: exclusive day of the value before.
        as_of: exclusive day of the value now.
    """
    ends = (_("Value at the end of %(day)s") % {"day": formats.day_before(day)} for day in (since, as_of))
    titles = [_("Number"), _("Name"), _("Store"), _("Change of value"), *ends]
    found = queries.value_movers(access=access, store_ids=store_ids, per_side=MOST_PEOPLE // 2)
    lines = [
        (
            mover.customer_id,
            [
                *(
                    from_minor(each, currency=currency)
                    for each in (mover.change_minor, mover.before_minor, mover.value_minor)
                ),
                f"{mover.p_alive:.4f}",
                currency,
            ],
        )
        for mover in found
    ]
    titles += [_("Still a customer"), _("Currency")]
    return Sheet(_("Whose value moved"), titles, _named(access, lines), of_people=True)


def _named(access: Actor, lines: Sequence[tuple[int, list[Any]]]) -> Iterator[list[Any]]:
    """Yield the lines with masked names in front; who may not see customers takes their numbers."""
    for start in range(0, len(lines), AT_ONCE):
        batch = lines[start : start + AT_ONCE]
        may_see = access.can("customers.view")
        known = customer_rows(access=access, ids=[key for key, _line in batch]) if may_see else {}
        for key, line in batch:
            person = known.get(key)
            name = "" if person is None else spoken_name(person.name)
            yield [key, name, person.store_name if person else "", *line]
    if len(lines) >= MOST_PEOPLE:
        yield [_("Only the first %(n)s people: build a segment to take them all.") % {"n": len(lines)}]
