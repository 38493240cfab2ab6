"""A process whose threads share connections: ``python -m tests.foundation.pool_samples NAME`` prints one JSON object."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

django.setup()

from django.db import OperationalError, connection  # noqa: E402

from yutang.foundation import pooling  # noqa: E402


def asked(seconds: float = 0.05) -> int:
    """Ask the store for so long, give the connection back, and return which process of the server answered."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid() FROM pg_sleep(%s)", [seconds])
            return int(cursor.fetchone()[0])
    finally:
        connection.close()


def lends() -> dict[str, Any]:
    """Six threads share two connections."""
    pooling.share_connections(most=2)
    with ThreadPoolExecutor(6) as threads:
        answered = list(threads.map(lambda _: asked(), range(30)))
    told = pooling.numbers_since_last()
    assert told is not None
    return {"answers": len(answered), "connections": len(set(answered)), "lent": told.lent, "waited": told.waited}


def refuses() -> dict[str, Any]:
    """Who gets no connection in time is refused, and the next one is served."""
    pooling.PATIENCE = 0.2
    pooling.share_connections(most=1)
    holder = threading.Thread(target=asked, args=(1.5,))
    holder.start()
    while not (pooling.numbers_since_last() or pooling.PoolNumbers(0, 0, 0, 0, 0, 0)).opened:
        threading.Event().wait(0.05)
    refused = ""
    try:
        asked()
    except OperationalError as error:
        refused = "in vain" if pooling.waited_in_vain(error) else repr(error)
    told = pooling.numbers_since_last()
    assert told is not None
    holder.join()
    return {"refused": refused, "counted": told.refused, "afterwards": bool(asked())}


def returns() -> dict[str, Any]:
    """Its server goes and comes back, told by lines: nobody is given a dead connection."""
    pooling.share_connections(most=2)
    before = asked()
    pooling.numbers_since_last()
    print("stop", flush=True)
    sys.stdin.readline()
    try:
        asked()
        away = "answered"
    except OperationalError as error:
        away = "in vain" if pooling.waited_in_vain(error) else repr(error)
    print("start", flush=True)
    sys.stdin.readline()
    after = asked()
    told = pooling.numbers_since_last()
    assert told is not None
    return {"away": away, "same": before == after, "opened": told.opened}


def restarts() -> dict[str, Any]:
    """Its server was started anew between two questions."""
    pooling.share_connections(most=2)
    before = asked()
    print("restart", flush=True)
    sys.stdin.readline()
    return {"same": before == asked()}


SAMPLES: dict[str, Callable[[], dict[str, Any]]] = {one.__name__: one for one in (lends, refuses, returns, restarts)}

if __name__ == "__main__":
    print(json.dumps(SAMPLES[sys.argv[1]]()))
