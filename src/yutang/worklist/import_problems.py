"""The kind of proposal that is the room's own: rows of an import that wait to be mended."""

from __future__ import annotations

from yutang.ingest.open_problems import imports_with_open_problems
from yutang.kit.text import N_, Sentence
from yutang.worklist.actions import Draft
from yutang.worklist.kinds import KINDS, Outcome, ProposalKind

IMPORT_PROBLEMS = KINDS.register(
    ProposalKind(
        code="import_problems",
        title=N_("Mend the rows of an import"),
        advice=N_("Open the import, mend what can be mended and take it in again; dismiss what is not worth it."),
        ordinal=30,
        due_days=3,
        lapses_after_days=60,
        outcomes=(
            Outcome("mended", N_("Mended")),
            Outcome("asked_supplier", N_("Asked for a better file")),
            Outcome("accepted", N_("Left out for good")),
        ),
        is_capped=False,
    )
)


def import_problem_drafts() -> list[Draft]:
    """Return a draft for every import with rows that wait."""
    return [
        Draft(
            kind=IMPORT_PROBLEMS.code,
            dedupe_key=f"{IMPORT_PROBLEMS.code}:{each.import_id}",
            reason=Sentence(
                N_("%(rows)s rows of %(file_name)s could not be taken; they are worth %(amount_minor)s."),
                {
                    "rows": each.rows,
                    "file_name": each.file_name,
                    "amount_minor": each.amount_minor,
                    "currency": each.currency,
                },
            ),
            rank=abs(each.amount_minor) + each.rows,
            staff_id=each.actor_id,
            subject={"room": "imports", "id": each.import_id},
        )
        for each in imports_with_open_problems()
    ]
