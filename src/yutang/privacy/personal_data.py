"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.customers.erasing import ERASERS, Eraser
from yutang.foundation.access import Actor
from yutang.foundation.sealing import seal
from yutang.kit.text import N_
from yutang.privacy.models import DataRequest


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people off what they asked, with their words."""
    actor.require("privacy.answer")
    rows = DataRequest.objects.filter(customer_id__in=list(customer_ids))
    # The key names the person: requests of nobody need none, and it must stay unique.
    return sum(
        DataRequest.objects.filter(pk=pk).update(customer=None, sealed_words=seal({}), key=f"erased:{pk}")
        for pk in list(rows.values_list("pk", flat=True))
    )


ERASERS.register(
    Eraser(
        room="privacy",
        title=N_("Requests about data"),
        columns=(
            "privacy_datarequest.customer_id",
            "privacy_datarequest.sealed_words",
        ),
        forget=forget_people,
        kept=N_(
            "That something was asked, and what was answered, stays as evidence, without the person and the words."
        ),
    )
)
