"""`yutang backup` and `yutang restore`: the whole installation in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer

from yutang.cli.output import Answer, Json, command, now, progress_bar
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.foundation.backups import BackupReport

Passphrase = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        exists=True,
        dir_okay=False,
        help=_("File whose first line is the passphrase that seals the backup."),
    ),
]


class PassphraseFileIsEmpty(DomainError):
    """The file of the passphrase holds none."""

    code: ClassVar[str] = "passphrase_file_is_empty"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The first line of %(file)s is empty: the passphrase stands there.")


class PassphraseFileIsUnreadable(DomainError):
    """The file of the passphrase cannot be read as text."""

    code: ClassVar[str] = "passphrase_file_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(file)s cannot be read as text in UTF-8: the passphrase stands in its first line.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.command("backup", help=_("Write store, imported files and keys into one file, while Yutang runs."))(backup)
    parent.command("restore", help=_("Put a backup back into an empty YUTANG_HOME, or only look whether it is whole."))(
        restore
    )


@command
def backup(
    file: Annotated[Path, typer.Argument(help=_("The file to write; it must not exist."))],
    passphrase_file: Passphrase = None,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help=_("Put the keys in, also without a passphrase."))
    ] = False,
    as_json: Json = False,
) -> Answer:
    """Write a backup and read it back."""
    from yutang.foundation.access import Actor
    from yutang.foundation.backups import make_backup

    with progress_bar(_("Writing the backup")) as told:
        report = make_backup(
            actor=Actor.system(),
            file=file,
            passphrase=_passphrase(passphrase_file),
            with_keys=True if with_keys else None,
            told=lambda done, total: told(done, total, None),
            now=now(),
        )
    words = _in_words(_("Written and read back: %(file)s, %(size)s MB, %(rows)s rows."), report)
    if not report.has_keys:
        words += " " + _(
            "The keys are not in it: keep keys.json in another place, without it nothing sealed opens again."
        )
    return Answer(_as_data(report), words)


@command(prepare=False)
def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=_("A file that yutang backup wrote."))],
    passphrase_file: Passphrase = None,
    check: Annotated[
        bool, typer.Option("--check", help=_("Only look whether it is whole and opens; change nothing."))
    ] = False,
    as_json: Json = False,
) -> Answer:
    """Restore a backup, or look whether it could be."""
    from django.conf import settings

    from yutang.foundation.backups import check_backup, restore_backup

    home = Path(settings.YUTANG_HOME)
    if check:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        report = check_backup(file=file, passphrase=_passphrase(passphrase_file))
        return Answer(_as_data(report), _in_words(_("%(file)s is whole: made %(made_at)s, %(rows)s rows."), report))
    report = restore_backup(file=file, home=home, passphrase=_passphrase(passphrase_file))
    words = _in_words(_("Restored what was made %(made_at)s: %(rows)s rows."), report) + " "
    words += (
        _("Now run: yutang up")
        if report.has_keys
        else _("Put keys.json into %(home)s, then run: yutang up") % {"home": home}
    )
    return Answer({**_as_data(report), "home": str(home)}, words)


def _passphrase(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PassphraseFileIsUnreadable(file=str(file)) from error
    if not lines or not lines[0]:
        raise PassphraseFileIsEmpty(file=str(file))
    return lines[0]


def _in_words(template: str, report: BackupReport) -> str:
    return template % {
        "file": report.file,
        "size": f"{report.size / 1e6:,.1f}",
        "made_at": report.made_at,
        "rows": f"{sum(report.rows.values()):,}",
    }


def _as_data(report: BackupReport) -> dict[str, Any]:
    return {
        "file": str(report.file),
        "size_bytes": report.size,
        "made_at": report.made_at,
        "version": report.version,
        "files": report.files,
        "has_keys": report.has_keys,
        "sealed": report.is_sealed,
        "rows": dict(report.rows),
    }
