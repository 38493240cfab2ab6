"""Every fact that the product writes into the audit trail has words on its page: looked at wherever a test writes an entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


def facts_of(detail: Mapping[str, Any]) -> set[str]:
    """Return the names of facts that the page of the audit log would show of a detail."""
    if isinstance(detail.get("before"), Mapping) and isinstance(detail.get("after"), Mapping):
        return {str(name) for name in detail["after"]}
    return set(detail)


@contextmanager
def facts_have_words() -> Iterator[None]:
    """Let an entry of an action of the product fail that has a fact without words."""
    from yutang.console.audit_details import FACTS
    from yutang.console.audit_words import AUDIT_ACTIONS
    from yutang.foundation.models import AuditEntry

    begin = AuditEntry.__init__

    def look(entry: AuditEntry, *args: Any, **fields: Any) -> None:
        begin(entry, *args, **fields)
        if fields.get("action") in AUDIT_ACTIONS:
            without = facts_of(fields.get("detail") or {}) - set(FACTS)
            assert not without, f"{fields['action']}: no words in console/audit_details.py for {sorted(without)}"

    AuditEntry.__init__ = look  # type: ignore[method-assign]
    try:
        yield
    finally:
        AuditEntry.__init__ = begin  # type: ignore[method-assign]
