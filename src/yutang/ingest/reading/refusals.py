"""Why a file is not read at all: each refusal says what is wrong, where, and what to do."""

from __future__ import annotations

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class FileIsMissing(DomainError):
    """There is nothing under that name."""

    code = "file_is_missing"
    http_status = 404
    message = N_("There is no file %(file)s. Check its name and folder.")


class FileIsAFolder(DomainError):
    """A folder, a device or a pipe instead of a file."""

    code = "file_is_a_folder"
    message = N_("%(file)s is a folder or a device, not a file. Name the files in it one by one.")


class FileMayNotBeRead(DomainError):
    """The operating system refuses to open the file, or breaks off while it is read."""

    code = "file_may_not_be_read"
    message = N_("The file %(file)s cannot be read (%(detail)s). Check its permissions and the disk, then try again.")


class FileIsEmpty(DomainError):
    """The file has no byte."""

    code = "file_is_empty"
    message = N_("The file is empty (0 bytes). Export it again and check that the download finished.")


class FileHasNoHeader(DomainError):
    """The first row does not name columns."""

    code = "file_has_no_header"
    message = N_("The file has no header: its first row must name the columns. Add one row of names at the top.")


class FileIsNotATable(DomainError):
    """Neither delimited text nor a workbook."""

    code = "file_is_not_a_table"
    message = N_("The file is not a table. Choose a CSV, TSV, xlsx or xls file.")


class FileIsAWebPage(DomainError):
    """HTML, MHTML or XML under the name of a workbook."""

    code = "file_is_a_web_page"
    message = N_(
        "The file is a web page or XML under the name of a table. "
        "Open it in a spreadsheet program and save it as xlsx or CSV."
    )


class FileIsEncrypted(DomainError):
    """A workbook or archive with a password."""

    code = "file_is_encrypted"
    message = N_("The file is protected by a password. Remove the password and try again.")


class FileIsDamaged(DomainError):
    """The container says what it is, but cannot be read."""

    code = "file_is_damaged"
    message = N_("The file is damaged and cannot be opened (%(detail)s). Export it again.")


class FileExpandsTooFar(DomainError):
    """A compressed file that grows out of all proportion when it is opened."""

    code = "file_expands_too_far"
    message = N_(
        "The file grows out of proportion when unpacked (more than %(limit_mib)s MiB or %(limit_ratio)s times its "
        "size), so it was not opened. Split it, or upload the CSV unpacked."
    )


class ArchiveNeedsOneFile(DomainError):
    """A zip that does not hold exactly one table."""

    code = "archive_needs_one_file"
    message = N_("The zip archive holds %(files)s files; it must hold exactly one. Unpack it and choose one file.")


class FileHasNulBytes(DomainError):
    """Text never holds a NUL byte."""

    code = "file_has_nul_bytes"
    message = N_("The file holds NUL bytes (first at line %(line)s), so it is damaged. Export it again as CSV.")


class CellIsTooLarge(DomainError):
    """One cell is larger than any real one."""

    code = "cell_is_too_large"
    message = N_(
        "Row %(row)s, column %(column)s: the cell is larger than %(limit_kib)s KiB. "
        "Perhaps a quotation mark before it is not closed."
    )


class LineIsTooLong(DomainError):
    """One row is longer than any real one."""

    code = "line_is_too_long"
    message = N_("Row %(row)s is longer than %(limit_mib)s MiB. Check that the file is a table with line breaks.")


class HeaderHasTooManyColumns(DomainError):
    """More columns than any real export has."""

    code = "header_has_too_many_columns"
    message = N_("The header has %(columns)s columns; at most %(limit)s can be read. Delete the columns not needed.")


class SheetNotFound(DomainError):
    """The caller asks for a sheet that the file does not have."""

    code = "sheet_not_found"
    http_status = 404
    message = N_("The file has no sheet number %(sheet)s.")


class WorkbookIsTooLarge(DomainError):
    """The sheet does not fit into the memory set apart for it, or claims cells far outside its data."""

    code = "workbook_is_too_large"
    message = N_("The workbook is too large to be read. Save the sheet as CSV and import that.")
