"""What must hold of imports: every row that was read is somewhere, and every import is at work or at rest; and of the lake."""

from yutang.foundation.invariants import INVARIANTS, Invariant, register
from yutang.ingest.lake_truth import files_are_whole, says_what_the_store_says
from yutang.kit.text import N_

_REBUILD = N_("Run: yutang lake rebuild")

register(
    "ingest.rows",
    N_("Each import that is done read as many rows as it took, knew already, kept and left out"),
    table="ingest_import",
    looked="SELECT COUNT(*) FROM ingest_import WHERE status IN ('done', 'undoing', 'undone')",
    broken="""
        SELECT id FROM ingest_import WHERE status IN ('done', 'undoing', 'undone') AND (
            rows_read <> rows_new + rows_updated + rows_unchanged + rows_quarantined + rows_ignored
            OR amount_read_minor <> amount_imported_minor + amount_cancelled_minor + amount_quarantined_minor
                + amount_ignored_minor)
    """,
)

register(
    "ingest.kept_rows",
    N_("Each import kept as many rows to be mended as it says"),
    table="ingest_import",
    broken="""
        SELECT i.id FROM ingest_import i
        LEFT JOIN (SELECT source_id, COUNT(*) AS kept FROM ingest_quarantinedrow GROUP BY source_id) q ON q.source_id = i.id
        WHERE i.status <> 'draft' AND i.rows_quarantined <> COALESCE(q.kept, 0)
    """,
)

register(
    "ingest.at_work",
    N_("Each import that is under way has a job that does it"),
    table="ingest_import",
    looked="SELECT COUNT(*) FROM ingest_import WHERE status IN ('waiting', 'running', 'undoing')",
    broken="""
        SELECT i.id FROM ingest_import i LEFT JOIN foundation_job j ON j.id = i.job_id
        WHERE i.status IN ('waiting', 'running') AND (j.id IS NULL OR j.status IN ('done', 'dead', 'cancelled'))
    """,
    do=N_("Start the import once more in the console: it goes on where it stopped."),
)

INVARIANTS.register(
    Invariant(
        "lake.files",
        N_("Every file of the lake is the one that was written"),
        files_are_whole,
        _REBUILD,
        own_reads=True,
    )
)
INVARIANTS.register(
    Invariant("lake.truth", N_("The lake says what the store says"), says_what_the_store_says, _REBUILD, own_reads=True)
)
