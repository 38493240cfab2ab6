"""What the numbers of tags, imports and background jobs mean."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

ORGANISATION = (
    Metric(
        "tag_people",
        N_("People"),
        N_("Customers within your reach who have the tag now, given by hand, by an import or by its rule."),
        formula=N_("Count of customers, each once"),
        source="now",
    ),
    Metric(
        "import_rows",
        N_("Rows"),
        N_("Rows of the file that were read so far, without the row of titles; a dash until the import is confirmed."),
        formula=N_("Count of rows"),
        source="now",
    ),
    Metric(
        "import_fates",
        N_("What became of them"),
        N_(
            "How the rows came out, as shares of all that were read. Rows to be mended can be corrected and brought in again."
        ),
        formula=N_("Rows by what became of them ÷ rows read"),
        source="now",
    ),
    Metric(
        "job_progress",
        N_("Progress"),
        N_("How much of its work a job has done: files, rows, customers or messages, whichever it works on."),
        formula=N_("Done ÷ all that is to be done"),
        source="now",
    ),
)
