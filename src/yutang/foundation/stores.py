"""Stores by the words that files use for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.db.models import ManyToOneRel, Q

from yutang.foundation.models import Store


@dataclass(frozen=True)
class StoresFound:
    """Stores that rows name.

    Attributes:
        ids: the store of each (code, name).
        made: those that nobody knew before.
        has_changed: whether any was made, or got its code.
    """

    ids: dict[tuple[str | None, str | None], int]
    made: tuple[int, ...]
    has_changed: bool


def stores_by_code_or_name(pairs: Iterable[tuple[str | None, str | None]]) -> StoresFound:
    """Return the store of each (code, name), by code first, else by name; a store seen for the first time is made.

    A store that was known by its name only gets the code that a later file gives it.
    """
    made: list[int] = []
    given: list[int] = []

    def make(code: str, name: str) -> int:
        made.append(Store.objects.create(code=code, name=name).pk)
        return made[-1]

    def give_code(pk: int, code: str) -> None:
        given.append(Store.objects.filter(pk=pk).update(code=code))

    ids = _found(list(pairs), make=make, give_code=give_code)
    return StoresFound(ids, tuple(made), has_changed=bool(made or given))


def stores_not_known(pairs: Iterable[tuple[str | None, str | None]]) -> list[tuple[str, str]]:
    """Return (code, name) of the stores that `stores_by_code_or_name` would make for the same pairs; makes none."""
    new: list[tuple[str, str]] = []

    def note(code: str, name: str) -> int:
        new.append((code, name))
        return -len(new)

    _found(list(pairs), make=note, give_code=lambda pk, code: None)
    return new


def _found(
    wanted: list[tuple[str | None, str | None]],
    *,
    make: Callable[[str, str], int],
    give_code: Callable[[int, str], None],
) -> dict[tuple[str | None, str | None], int]:
    """Return the store of each (code, name); `make` is called for those that nobody knows."""
    codes = {_code(code) for code, _ in wanted if code}
    names = {_name(name) for _, name in wanted if name}
    known = (
        Store.objects.filter(Q(code__in=codes) | Q(name__in=names)).order_by("-id").values_list("pk", "code", "name")
    )
    by_code = {code: pk for pk, code, _ in known}
    by_name = {name: pk for pk, _, name in known}
    codeless = {pk for pk, code, name in known if code == _code(name)}
    found: dict[tuple[str | None, str | None], int] = {}
    for pair in wanted:
        code, name = _code(pair[0] or pair[1] or ""), _name(pair[1] or pair[0] or "")
        pk = by_code.get(code) if pair[0] else by_name.get(name)
        if pk is None and by_name.get(name) in codeless:
            pk = by_name[name]
            codeless.discard(pk)
            give_code(pk, code)
            by_code[code] = pk
        if pk is None:
            pk = by_code[code] = by_name[name] = make(code, name)
        found[pair] = pk
    return found


def remove_unused_stores(store_ids: Collection[int]) -> int:
    """Remove those of the stores that nobody has placed and nothing names but what is derived; return how many.

    Args:
        store_ids: stores that files brought, and whose files are taken back.
    """
    bare = Store.objects.filter(pk__in=store_ids, region=None, latitude=None)
    left = set(bare.values_list("pk", flat=True))
    for relation in Store._meta.get_fields(include_hidden=True):
        # The rows between two tables of a many-to-many relation come by themselves.
        if not left or not isinstance(relation, ManyToOneRel) or getattr(relation.related_model, "is_derived", False):
            continue
        column = relation.field.attname
        naming = relation.related_model._base_manager.filter(**{f"{column}__in": left}).order_by()
        left -= set(naming.values_list(column, flat=True).distinct())
    return Store.objects.filter(pk__in=left).delete()[1].get(Store._meta.label, 0)


def _code(text: str) -> str:
    return text[:64]


def _name(text: str) -> str:
    return text[:120]
