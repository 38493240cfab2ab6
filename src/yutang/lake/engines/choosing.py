"""Which engine answers: DuckDB in the process, or the cluster that `YUTANG_ENGINE` names."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

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


class QueryRoomIsUnreadable(DomainError):
    """The memory or the threads of a question are no size, or no number."""

    code: ClassVar[str] = "query_room_is_unreadable"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_("%(name)s holds “%(value)s”. It takes %(takes)s.")


_SIZE = Sentence(N_("a size such as 512MB or 2GB"))
_THREADS = Sentence(N_("a whole number, 0 for as many as the machine has"))


def engine_named() -> str:
    """Return what `YUTANG_ENGINE` holds: ``duckdb``, the default, or the address of a cluster, ``spark://host:port``.

    Raises:
        EngineIsUnknown: it holds something else.
    """
    value = os.environ.get("YUTANG_ENGINE", "").strip()
    if value in {"", _EMBEDDED} or _is_cluster(value):
        return value or _EMBEDDED
    raise EngineIsUnknown(value=value[:60])


def query_memory() -> str:
    """Return the memory that one question may take (`YUTANG_QUERY_MEMORY`), as DuckDB writes it.

    Raises:
        QueryRoomIsUnreadable: the setting holds no size.
    """
    value = os.environ.get("YUTANG_QUERY_MEMORY", "").strip()
    if value and not re.fullmatch(r"[1-9][0-9]{0,9} ?[KMGT]i?B", value, re.IGNORECASE):
        raise QueryRoomIsUnreadable(name="YUTANG_QUERY_MEMORY", value=value[:60], takes=_SIZE)
    return value or "1GB"


def query_threads() -> int:
    """Return the threads that one question may take (`YUTANG_QUERY_THREADS`); 0: all that there are.

    Raises:
        QueryRoomIsUnreadable: the setting holds no number.
    """
    value = os.environ.get("YUTANG_QUERY_THREADS", "").strip()
    if value and not re.fullmatch(r"[0-9]{1,4}", value):
        raise QueryRoomIsUnreadable(name="YUTANG_QUERY_THREADS", value=value[:60], takes=_THREADS)
    return int(value or 0)


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
