"""Stores by the words that files use for them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from yutang.foundation.models import Store


def stores_by_code_or_name(pairs: Iterable[tuple[str | None, str | None]]) -> dict[tuple[str | None, str | None], int]:
    """Return the store of each (code, name), by code first, else by name; a store seen for the first time is made.

    A store that was known by its name only gets the code that a later file gives it.
    """
    wanted = list(pairs)
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
            Store.objects.filter(pk=pk).update(code=code)
            by_code[code] = pk
        if pk is None:
            pk = by_code[code] = by_name[name] = Store.objects.create(code=code, name=name).pk
        found[pair] = pk
    return found


def _code(text: str) -> str:
    return text[:64]


def _name(text: str) -> str:
    return text[:120]
