"""What can be wrong with one row of a file that is otherwise readable. The row is given with its problem."""

from __future__ import annotations

from yutang.kit.text import N_

TOO_MANY_CELLS = "too_many_cells"
CUT_OFF = "cut_off"
UNCLOSED_QUOTE = "unclosed_quote"
UNREADABLE_CHARACTERS = "unreadable_characters"
FILE_CUT_OFF = "file_cut_off"

#: Problem code to the sentence that explains it, given the row.
PROBLEMS: dict[str, str] = {
    TOO_MANY_CELLS: N_(
        "Row %(row)s has more cells than the header has columns; perhaps a cell holds a comma without quotation marks. "
        "Correct the row in the file and import it again."
    ),
    CUT_OFF: N_("The file ends in the middle of row %(row)s. Export the file again."),
    UNCLOSED_QUOTE: N_("Row %(row)s: a quotation mark is opened and never closed. Close it or delete it."),
    UNREADABLE_CHARACTERS: N_(
        "Row %(row)s holds characters that cannot be read in the encoding of the file. Export the file again as UTF-8."
    ),
    FILE_CUT_OFF: N_(
        "The compressed file ends too early, after row %(row)s: further rows are missing. Export the file again."
    ),
}
