"""Which imports hold rows that wait to be mended."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Sum

from yutang.ingest.models import ImportStatus, QuarantinedRow, QuarantineStatus


@dataclass(frozen=True)
class OpenProblems:
    """Rows of one import that wait: how many, and what they are worth in minor units of the import's currency."""

    import_id: int
    file_name: str
    actor_id: int | None
    currency: str
    rows: int
    amount_minor: int


def imports_with_open_problems() -> tuple[OpenProblems, ...]:
    """Return the imports with rows that wait to be mended, oldest first."""
    rows = (
        QuarantinedRow.objects.filter(status=QuarantineStatus.OPEN)
        .exclude(source__status=ImportStatus.UNDONE)
        .order_by("source_id")
        .values_list("source_id", "source__file_name", "source__actor_id", "source__currency")
        .annotate(Count("id"), Sum("amount_minor"))
    )
    return tuple(OpenProblems(*row) for row in rows)
