"""Why a move does not begin, or does not go on."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class MoveIsFromTheEmbeddedStore(DomainError):
    """The store is on a server already."""

    code: ClassVar[str] = "move_is_from_the_embedded_store"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The store is PostgreSQL already. To move the SQLite store of YUTANG_HOME, run this without DATABASE_URL."
    )


class TargetIsNoPostgresql(DomainError):
    """The address names something else. It is not repeated: it may hold a password."""

    code: ClassVar[str] = "target_is_no_postgresql"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("--to is no address of PostgreSQL: write it as postgresql://user@host:5432/name.")


class TargetIsOutOfReach(DomainError):
    """The server does not answer, or does not let us in."""

    code: ClassVar[str] = "target_is_out_of_reach"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "The database to move to does not answer, or no longer (%(detail)s). Run the same command again: it goes on where it was."
    )


class TargetIsNotInUnicode(DomainError):
    """A database in another encoding cannot hold every name."""

    code: ClassVar[str] = "target_is_not_in_unicode"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The database to move to is in %(encoding)s. Create one in UTF8.")


class TargetHoldsOtherRows(DomainError):
    """A move never mixes two stores."""

    code: ClassVar[str] = "target_holds_other_rows"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The database to move to is not empty: %(tables)s. Create an empty one; nothing was changed."
    )


class TargetIsBeingFilled(DomainError):
    """Another process moves into the same database at this moment."""

    code: ClassVar[str] = "target_is_being_filled"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Another yutang move fills that database at this moment. Wait until it has ended.")


class TargetCannotBePrepared(DomainError):
    """The tables could not be made."""

    code: ClassVar[str] = "target_cannot_be_prepared"
    http_status: ClassVar[int] = 502
    message: ClassVar[str] = N_("The tables could not be made in the database to move to: %(detail)s")


class SourceIsInUse(DomainError):
    """Somebody has the file open."""

    code: ClassVar[str] = "source_is_in_use"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Another process has %(file)s open. End yutang up, web servers, workers and commands first: nothing may change during the move."
    )


class MoveOfAnotherStore(DomainError):
    """A move of another store was begun in that database."""

    code: ClassVar[str] = "move_of_another_store"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Another store, or another version of Yutang, began to move into that database. Create an empty one; nothing was changed."
    )


class MoveIsDone(DomainError):
    """The database holds a whole store by now, and may be in use."""

    code: ClassVar[str] = "move_is_done"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "This store was moved into that database at %(at)s. To compare both sides again, add --check."
    )


class MoveIsNotDone(DomainError):
    """There is nothing to compare yet."""

    code: ClassVar[str] = "move_is_not_done"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("No finished move is in that database. Run yutang move without --check.")


class RowCannotMove(DomainError):
    """PostgreSQL refuses a row that SQLite took."""

    code: ClassVar[str] = "row_cannot_move"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "PostgreSQL does not take row %(row)s of %(table)s (%(why)s). What came before it is kept; mend the row and run the same "
        "command again."
    )


class RowsBreakARule(DomainError):
    """A constraint does not hold over what was moved."""

    code: ClassVar[str] = "rows_break_a_rule"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Rows of %(table)s break the rule %(rule)s (%(why)s). Mend them in the source and run the same command again."
    )


class RowsDiffer(DomainError):
    """Both sides do not hold the same rows."""

    code: ClassVar[str] = "rows_differ"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Both sides do not hold the same rows: %(tables)s.")
