"""What can be wrong with one row of a file that is otherwise readable. The row is given with its problem."""

from __future__ import annotations

from yutang.kit.text import N_

TOO_MANY_CELLS = "too_many_cells"
CUT_OFF = "cut_off"
UNCLOSED_QUOTE = "unclosed_quote"
UNREADABLE_CHARACTERS = "unreadable_characters"
FILE_CUT_OFF = "file_cut_off"

#: Problem code to the sentence that explains it.
PROBLEMS: dict[str, str] = {
    TOO_MANY_CELLS: N_("The row has more cells than the header has columns, perhaps a cell holds an unquoted comma."),
    CUT_OFF: N_("The file ends in the middle of this row. Export the file again."),
    UNCLOSED_QUOTE: N_("A quotation mark is opened in this row and never closed."),
    UNREADABLE_CHARACTERS: N_("The row holds characters that cannot be read in the encoding of the file."),
    FILE_CUT_OFF: N_("The compressed file ends too early: the rows after this place are missing. Export it again."),
}
