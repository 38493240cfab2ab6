"""What the life of an import may not do, and why."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import list_currencies

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class ImportIsBusy(DomainError):
    """The import is in a state in which this cannot be done."""

    code: ClassVar[str] = "import_is_busy"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This cannot be done now: import number %(import_id)s has the status “%(status)s”.")


class ImportIsAtWork(DomainError):
    """A process is working at the import, or has died so lately that this cannot be told yet."""

    code: ClassVar[str] = "import_is_at_work"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Import number %(import_id)s is being worked at. If its process was killed, go on with it in %(seconds)s seconds."
    )


class LaterImportsBuildOnIt(DomainError):
    """Later imports changed or confirmed rows of this one: they must be undone first."""

    code: ClassVar[str] = "later_imports_build_on_it"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "Later imports (%(later)s) hold rows of import number %(import_id)s. Undo those first, the newest first; "
        "afterwards import their files again."
    )


class CurrencyIsUnknown(DomainError):
    """Not an ISO 4217 code."""

    code: ClassVar[str] = "currency_is_unknown"
    message: ClassVar[str] = N_(
        "There is no currency “%(currency)s”. Give its code of three letters, such as CNY or USD."
    )


class TimeZoneIsUnknown(DomainError):
    """Not a name of the time zone database."""

    code: ClassVar[str] = "time_zone_is_unknown"
    message: ClassVar[str] = N_("There is no time zone “%(time_zone)s”. Give its name, such as Asia/Shanghai.")


class FileCouldNotBeKept(DomainError):
    """The copy of the file could not be written, or the file vanished meanwhile."""

    code: ClassVar[str] = "file_could_not_be_kept"
    message: ClassVar[str] = N_(
        "The file %(file)s could not be copied into %(folder)s (%(detail)s). Nothing was imported. "
        "Check the disk and the permissions, then import it again."
    )


class RowsAreGone(DomainError):
    """The kept rows were mended or dismissed in the meantime, or belong to several imports."""

    code: ClassVar[str] = "rows_are_gone"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("These rows are no longer open, or belong to several files. Load the page again.")


def refuse_unknown_places(currency: str, time_zone: str) -> None:
    """Raise where a currency is not in use, or a time zone does not exist.

    Raises:
        CurrencyIsUnknown: the currency is no ISO 4217 code.
        TimeZoneIsUnknown: the time zone is not in the IANA list.
    """
    if currency not in list_currencies():
        raise CurrencyIsUnknown(currency=currency)
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TimeZoneIsUnknown(time_zone=time_zone) from error
