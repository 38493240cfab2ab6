"""What the import engine tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ImportFinished:
    """An import has brought all its rows.

    Attributes:
        import_id: the import.
        target: what it brought.
        changed: whether anything in the store is new or updated.
    """

    import_id: int
    target: str
    changed: bool


@dataclass(frozen=True)
class ImportUndone:
    """An import was taken back whole.

    Attributes:
        import_id: the import.
    """

    import_id: int
