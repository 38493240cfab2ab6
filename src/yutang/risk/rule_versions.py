"""Which versions of the rules are in force and on trial; asked at each ask, parsed once a process."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import orjson

from yutang.risk.models import RuleSet, VersionState
from yutang.risk.ready_rules import ready_rules
from yutang.risk.refusals import NoSuchRuleVersion
from yutang.risk.rules import Rules, read_rules

#: Number of the rules that come with the product.
READY_VERSION = 0


def rules_at_work() -> tuple[int, Rules, int | None, Rules | None]:
    """Return (number, rules) in force and (number, rules) on trial; the latter None, None where none is."""
    used = {state: (pk, digest) for state, pk, digest in _used()}
    version, rules = READY_VERSION, ready_rules()
    if VersionState.ACTIVE in used:
        version, rules = used[VersionState.ACTIVE][0], _parsed(*used[VersionState.ACTIVE])
    if VersionState.SHADOW not in used:
        return version, rules, None, None
    return version, rules, used[VersionState.SHADOW][0], _parsed(*used[VersionState.SHADOW])


def rules_of(version: int) -> Rules:
    """Return the rules of a version.

    Raises:
        NoSuchRuleVersion: there is none.
    """
    if version == READY_VERSION:
        return ready_rules()
    body = RuleSet.objects.filter(pk=version).values_list("body", flat=True).first()
    if body is None:
        raise NoSuchRuleVersion(version=version)
    return read_rules(body)


def digest_of(body: Any) -> str:
    """Return what tells the content of one version from another's."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _used() -> list[tuple[str, int, str]]:
    rows = RuleSet.objects.filter(state__in=(VersionState.ACTIVE, VersionState.SHADOW)).order_by()
    return list(rows.values_list("state", "pk", "digest"))


@lru_cache(maxsize=32)
def _parsed(version: int, digest: str) -> Rules:
    """Return the rules of a version; the digest tells one content from another under the same number."""
    return read_rules(RuleSet.objects.values_list("body", flat=True).get(pk=version, digest=digest))
