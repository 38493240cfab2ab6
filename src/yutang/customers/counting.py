"""How many people fit, as far as an index alone can tell."""

from __future__ import annotations

from yutang.customers.search import CustomerFilters, number_of_carriers, search_pieces
from yutang.foundation.access import Actor


def carrier_count(*, access: Actor, tag_id: int) -> int | None:
    """Return how many people carry a tag; None where the actor sees some stores only, for which no index counts them."""
    access.require("customers.view")
    return None if access.store_ids is not None else number_of_carriers(tag_id)


def is_found_by_pieces(filters: CustomerFilters) -> bool:
    """Return whether `customer_keys` finds names by several pieces, so that only `found_rows` knows who holds them together."""
    return len(search_pieces(filters.text.strip())) > 1
