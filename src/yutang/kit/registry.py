"""A named list that lower rooms own and higher rooms plug into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """Entries by a unique name, in the order in which they were registered."""

    def __init__(self, *, what: str, name_of: Callable[[Entry], str]) -> None:
        self._what = what
        self._name_of = name_of
        self._entries: dict[str, Entry] = {}

    def register(self, entry: Entry) -> Entry:
        """Add an entry; a second one of the same name is a programming error."""
        name = self._name_of(entry)
        if name in self._entries and self._entries[name] is not entry:
            raise ValueError(f"two entries named {name!r} in the registry of {self._what}")
        self._entries[name] = entry
        return entry

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)
