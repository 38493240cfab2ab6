"""Translations compiled from .po to .mo by Babel, so that no gettext program is needed."""

from __future__ import annotations

from pathlib import Path

from yutang.cli.text import LOCALES


def compile_stale(folder: Path = LOCALES) -> tuple[Path, ...]:
    """Compile every catalogue that is newer than its compiled form and return those that were compiled."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = []
    for source in stale(folder):
        with source.open("rb") as file:
            catalogue = read_po(file)
        target = source.with_suffix(".mo")
        draft = target.with_suffix(".mo.new")
        with draft.open("wb") as file:
            write_mo(file, catalogue)
        draft.replace(target)
        compiled.append(target)
    return tuple(compiled)


def stale(folder: Path = LOCALES) -> tuple[Path, ...]:
    """Return the catalogues whose compiled form is missing or older."""
    sources = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    return tuple(source for source in sources if _modified(source.with_suffix(".mo")) < source.stat().st_mtime_ns)


def _modified(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0
