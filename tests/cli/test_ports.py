from __future__ import annotations

import socket

from yutang.cli.ports import LOOPBACK, free_from


class TestFreeFrom:
    def test_leaves_out_what_others_listen_on_and_what_the_console_is_to_have(self) -> None:
        with socket.socket() as taken:
            taken.bind((LOOPBACK, 0))
            taken.listen()
            port = taken.getsockname()[1]

            found = free_from(port, without={port + 1})

        assert found > port + 1
