"""Why a move does not begin, or does not go on."""

from __future__ import annotations

from typing import ClassVar

from yutang.foundation.moving.differences import told_of_difference
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence, Sentences


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
    """The server is not found, does not answer, or does not let us in."""

    code: ClassVar[str] = "target_is_out_of_reach"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "The database to move to is out of reach; nothing was changed. Check host, port, name, user and password in the address, "
        "and that the server runs; then run the same command again. What the server or the network says: %(detail)s"
    )


class TargetIsMissing(DomainError):
    """The server has no database of that name."""

    code: ClassVar[str] = "target_is_missing"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_(
        "There is no database %(name)s on that server; nothing was changed. Make it there, and run the same command again:\n"
        "createdb --encoding=UTF8 --template=template0 %(name)s"
    )


class TargetIsLost(DomainError):
    """The server went away in between."""

    code: ClassVar[str] = "target_is_lost"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "The connection to the database to move to broke off. When the server is there again, run the same command again: "
        "what was moved is kept. What the server or the network says: %(detail)s"
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
        "Another store, an older copy of this one, or another version of Yutang began to move into that database. Create an empty "
        "one; nothing was changed."
    )


class TargetIsOfAnotherStore(DomainError):
    """A move of another store was finished in that database."""

    code: ClassVar[str] = "target_is_of_another_store"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Another store lies in that database, moved there at %(moved_at)s: this one, or this copy of it, was never moved there. Nothing "
        "was changed. Name an empty database to move to; with --check, the one that this store was moved to."
    )


class MoveIsDone(DomainError):
    """The database holds a whole store by now, and may be in use."""

    code: ClassVar[str] = "move_is_done"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "This store was moved into that database at %(moved_at)s. To compare both sides again, add --check."
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
    """Both sides of a finished move do not hold the same rows."""

    code: ClassVar[str] = "rows_differ"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Both sides do not hold the same rows:\n%(tables)s\nThe SQLite file is the older side, moved at %(moved_at)s. If somebody has "
        "worked in PostgreSQL since, that is expected: stay with PostgreSQL. If nobody has, move anew into an empty database."
    )

    @property
    def sentence(self) -> Sentence:
        """The refusal with one table a line."""
        lines = tuple(told_of_difference(found) for found in self.data["tables"])
        return Sentence(self.message, {**self.data, "tables": Sentences(lines)})


class RowsWereNotMoved(RowsDiffer):
    """What was read back is not what was moved."""

    message: ClassVar[str] = N_(
        "PostgreSQL does not hold the rows that were moved:\n%(tables)s\nRun the same command again: it moves these tables anew."
    )
