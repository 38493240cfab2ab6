"""`yutang customers`: how many there are, one of them, and who answers to a name or a number. Always masked."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command
from yutang.cli.text import _, say
from yutang.kit.text import Sentence, filled

app = typer.Typer(no_args_is_help=True, help=_("Customers: count, show one, find by name or number."))

#: Words for the kinds of identifiers.
_KINDS = {
    "phone": _("Phone"),
    "wecom": _("WeCom external contact"),
    "unionid": _("WeChat unionid"),
    "openid": _("WeChat openid"),
    "nickname": _("Shop nickname"),
    "email": _("E-mail"),
    "member_no": _("Member number"),
    "device": _("Device"),
}


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="customers")


@app.command(help=_("Count the customers, and the pairs that wait for a decision."))
@command
def count(as_json: Json = False) -> Answer:
    """Count the customers."""
    from yutang.customers import queries
    from yutang.foundation.access import Actor

    access = Actor.system()
    counted = {"customers": queries.customer_count(access=access), "review": queries.review_count(access=access)}
    return Answer(counted, filled(_("%(customers)s customers; %(review)s pairs to be decided."), counted))


@app.command(help=_("Show one customer, masked."))
@command
def show(
    customer_id: Annotated[int, typer.Argument(help=_("Number of the customer."))], as_json: Json = False
) -> Answer:
    """Show one customer with identifiers and tags."""
    from yutang.customers import queries
    from yutang.foundation.access import Actor

    access = Actor.system()
    card = queries.customer_card(access=access, customer_id=customer_id)
    identifiers = queries.identifiers_of(access=access, customer_id=customer_id)
    shown: dict[str, Any] = {
        "id": card.id,
        "name": _spoken(card.name),
        "region": card.region,
        "store": card.store_name,
        "birthday": card.birthday,
        "first_seen_at": card.first_seen_at,
        "merged_into": card.merged_into_id,
        "identifiers": [
            {"kind": i.kind, "scope": i.scope, "value": i.value, "is_key": i.is_key, "shared_with": i.shared_with}
            for i in identifiers
        ],
        "tags": [tag.name for tag in card.tags],
    }

    def words(console: Console) -> None:
        console.print(f"{shown['name']}  #{card.id}", style="bold")
        facts = (card.region, card.store_name, str(card.birthday or ""), ", ".join(shown["tags"]))
        console.print("  ".join(fact for fact in facts if fact))
        table = Table(_("Identifier"), _("Value"), _("Within"), _("Shared with"))
        for i in identifiers:
            table.add_row(_KINDS.get(i.kind, i.kind), i.value, i.scope, str(i.shared_with or ""))
        console.print(table)

    return Answer(shown, words)


@app.command(
    help=_("Find customers by a name or part of one, a phone, e-mail, nickname or member number, or an order number.")
)
@command
def find(
    text: Annotated[str, typer.Argument(help=_("What to look for."))],
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help=_("How many."))] = 20,
    as_json: Json = False,
) -> Answer:
    """Find customers."""
    from yutang.customers import queries
    from yutang.foundation.access import Actor
    from yutang.orders.queries import customers_by_order_number

    access = Actor.system()
    also = tuple(customers_by_order_number(text.strip()))
    filters = queries.CustomerFilters(text=text, also_ids=also)
    page = queries.customer_page(access=access, filters=filters, limit=limit)
    rows = [
        {
            "id": row.id,
            "name": _spoken(row.name),
            "phone": row.phone,
            "city": row.city,
            "store": row.store_name,
            "tags": [tag.name for tag in row.tags],
        }
        for row in page.rows
    ]

    def words(console: Console) -> None:
        table = Table(_("Number"), _("Name"), _("Phone"), _("City"), _("Store"))
        for row in rows:
            table.add_row(str(row["id"]), *(str(row[k]) for k in ("name", "phone", "city", "store")))
        console.print(table)

    return Answer({"customers": rows, "more": page.next_key is not None}, words if rows else _("Nobody was found."))


def _spoken(name: str | Sentence) -> str:
    return name if isinstance(name, str) else say(name)
