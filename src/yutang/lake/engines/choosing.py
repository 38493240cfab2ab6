"""Which engine answers: DuckDB in the process, or the cluster that `YUTANG_ENGINE` names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.lake.engines.base import Dialect

#: The embedded default. Engines are loaded by the first question: the settings ask for the name alone.
_EMBEDDED = "duckdb"


class EngineIsUnknown(DomainError):
    """The setting names no engine."""

    code: ClassVar[str] = "engine_is_unknown"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "YUTANG_ENGINE holds “%(value)s”, which is no engine. It takes duckdb, or a cluster such as spark://host:7077."
    )


def engine_named() -> str:
    """Return what `YUTANG_ENGINE` holds: ``duckdb``, the default, or the address of a cluster, ``spark://host:port``.

    Raises:
        EngineIsUnknown: it holds something else.
    """
    value = os.environ.get("YUTANG_ENGINE", "").strip()
    if value in {"", _EMBEDDED} or _is_cluster(value):
        return value or _EMBEDDED
    raise EngineIsUnknown(value=value[:60])


def chosen_engine() -> Dialect:
    """Return the engine that the environment names.

    Raises:
        EngineIsUnknown: it names none.
        SparkIsMissing: it names a cluster, and this machine cannot speak to one.
    """
    name = engine_named()
    if name == _EMBEDDED:
        from yutang.lake.engines.duckdb import DUCKDB

        return DUCKDB
    from yutang.lake.engines.spark import spark_at

    return spark_at(name)


def _is_cluster(value: str) -> bool:
    try:
        place = urlsplit(value)
        return place.scheme == "spark" and bool(place.hostname) and bool(place.port) and not place.path
    except ValueError:
        return False
