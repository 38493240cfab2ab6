"""Stores by the words that files use for them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from yutang.foundation.models import Store


def stores_by_code_or_name(pairs: Iterable[tuple[str | None, str | None]]) -> dict[tuple[str | None, str | None], int]:
    """Return the store of each (code, name), by code first, else by name; a store seen for the first time is made."""
    wanted = list(pairs)
    codes = {code for code, _ in wanted if code}
    names = {name for _, name in wanted if name}
    known = (
        Store.objects.filter(Q(code__in=codes) | Q(name__in=names)).order_by("-id").values_list("pk", "code", "name")
    )
    by_code = {code: pk for pk, code, _ in known}
    by_name = {name: pk for pk, _, name in known}
    found: dict[tuple[str | None, str | None], int] = {}
    for code, name in wanted:
        pk = by_code.get(code) if code else by_name.get(name or "")
        if pk is None:
            store = Store.objects.create(code=code or name or "", name=name or code or "")
            pk = store.pk
            by_code[store.code], by_name[store.name] = pk, pk
        found[(code, name)] = pk
    return found
