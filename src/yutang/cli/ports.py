"""Ports of this machine for what `yutang up` starts beside the console."""

from __future__ import annotations

import socket
from collections.abc import Collection

LOOPBACK = "127.0.0.1"
#: So many ports are tried one after the other.
_TRIED = 40


def free_from(first: int, *, without: Collection[int]) -> int:
    """Return the first port from one on that nobody listens on; it itself where all are taken, which the process then says.

    Args:
        first: 1 to 65,535.
        without: those of processes that do not listen yet.
    """
    for port in range(first, min(first + _TRIED, 65_536)):
        if port in without:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    return first
