"""Where messages may be sent: what an address says, and what its name stands for."""

from __future__ import annotations

import socket
from ipaddress import ip_network
from typing import Any

import pytest

from yutang.connectors import addresses
from yutang.connectors.addresses import AddressHoldsALogin, AddressIsOpen, AddressIsPrivate, AddressIsRefused

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class TestTarget:
    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1/x", "https://localhost/x", "https://db.localhost/", "https://printer.local/", "https://vault.internal/", "https://10.1.2.3/x",
            "https://192.168.1.1/", "https://172.20.0.1/", "https://169.254.169.254/latest/meta-data", "https://100.64.0.1/", "https://0.0.0.0/",
            "https://[::1]/x", "https://[::ffff:127.0.0.1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
            "https://[fd00::1]/", "https://[fe80::1]/", "https://224.0.0.1/", "https://255.255.255.255/", "https://[ff02::1]/", "https://localhost./",
        ],
    )  # fmt: skip
    def test_refuses_what_is_private(self, url: str) -> None:
        with pytest.raises(AddressIsPrivate):
            addresses.target_of(url, opened=())

    @pytest.mark.parametrize(
        "url",
        ["", "erp", "ftp://example.com/", "file:///etc/passwd", "https://", "https://exa mple.com", "https://example.com:99999/", "https://example.com/\n", "javascript:alert(1)", f"https://example.com/{'x' * 500}"],
    )  # fmt: skip
    def test_refuses_what_is_no_address(self, url: str) -> None:
        with pytest.raises(AddressIsRefused):
            addresses.target_of(url, opened=())

    def test_refuses_passwords_and_open_lines(self) -> None:
        with pytest.raises(AddressHoldsALogin):
            addresses.target_of("https://me:secret@example.com/", opened=())
        with pytest.raises(AddressIsOpen):
            addresses.target_of("http://example.com/", opened=())

    def test_takes_a_public_address_apart(self) -> None:
        target = addresses.target_of("https://Erp.Example.com:8443/hooks?x=1", opened=())

        assert (target.is_secure, target.host, target.port, target.path) == (
            True,
            "erp.example.com",
            8443,
            "/hooks?x=1",
        )
        assert target.host_header == "erp.example.com:8443"
        assert addresses.target_of("https://例子.cn/", opened=()).host == "xn--fsqu00a.cn"

    def test_opens_a_network_that_the_operator_names(self) -> None:
        assert addresses.target_of("http://127.0.0.1:8080/", opened=LOOPBACK).host == "127.0.0.1"
        with pytest.raises(AddressIsPrivate):
            addresses.target_of("https://10.0.0.1/", opened=LOOPBACK)
        with pytest.raises(AddressIsOpen):
            addresses.target_of("http://93.184.216.34/", opened=LOOPBACK)


class TestResolved:
    def stands_for(self, monkeypatch: pytest.MonkeyPatch, *found: str) -> list[str]:
        asked: list[str] = []

        def answer(host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

        monkeypatch.setattr(addresses.socket, "getaddrinfo", answer)
        return asked

    def test_returns_the_address_that_was_looked_at(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = self.stands_for(monkeypatch, "93.184.216.34")
        target = addresses.target_of("https://example.com/", opened=())

        assert addresses.resolved(target, opened=()) == "93.184.216.34"
        assert asked == ["example.com"]

    @pytest.mark.parametrize("found", [("127.0.0.1",), ("93.184.216.34", "10.0.0.5"), ("169.254.169.254",)])
    def test_refuses_a_name_that_leads_inside(self, monkeypatch: pytest.MonkeyPatch, found: tuple[str, ...]) -> None:
        self.stands_for(monkeypatch, *found)
        target = addresses.target_of("https://rebound.example.com/", opened=())

        with pytest.raises(AddressIsPrivate):
            addresses.resolved(target, opened=())
