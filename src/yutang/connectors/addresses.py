"""To which addresses this machine may be sent: public ones, and private networks that the operator names.

Whoever can register an address must not reach through this machine what only this machine reaches: its own services, the
network of the shop, the metadata of a cloud.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_URL = 500
#: Addresses of version 6 that a gateway turns into ones of version 4, which stand in their last 32 bits.
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_LOWEST_BITS = 0xFFFFFFFF
_OWN_NAMES = (".localhost", ".local", ".internal")


class AddressIsRefused(DomainError):
    """Nothing is sent to the address: it is no address of the web."""

    code: ClassVar[str] = "address_is_refused"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Nothing is sent to this address: write one such as https://example.com/hooks.")


class AddressHoldsALogin(AddressIsRefused):
    """A name or a password in an address ends up in logs."""

    message: ClassVar[str] = N_("Nothing is sent to an address that holds a name or a password.")


class AddressIsOpen(AddressIsRefused):
    """What is sent openly is read on the way."""

    message: ClassVar[str] = N_(
        "Nothing is sent to an address without https, unless it lies in a network of YUTANG_WEBHOOK_NETWORKS."
    )


class AddressIsPrivate(AddressIsRefused):
    """The address leads into a private network, or to this machine."""

    message: ClassVar[str] = N_(
        "Nothing is sent into private networks or to this machine. Whoever runs the server opens a network by YUTANG_WEBHOOK_NETWORKS."
    )


@dataclass(frozen=True)
class Target:
    """Where a request goes, taken apart.

    Attributes:
        host: as the receiver is called; its certificate must say the same.
        path: with the query.
    """

    is_secure: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """What the request calls the receiver."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.is_secure else 80) else f"{name}:{self.port}"


def target_of(url: str, *, opened: Collection[Network]) -> Target:
    """Return where an address leads, as far as it can be told without asking for names.

    Args:
        url: as somebody wrote it.
        opened: private networks that may be written to.

    Raises:
        AddressIsRefused: it is no address, holds a password, or is private.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host.encode("idna").decode() if host and not host.isascii() else host
    except ValueError as error:
        raise AddressIsRefused from error
    is_written_well = url.isprintable() and " " not in url and (parts.path + parts.query).isascii()
    if parts.scheme not in {"http", "https"} or not host or len(url) > LONGEST_URL or not is_written_well:
        raise AddressIsRefused
    if parts.username is not None or parts.password is not None:
        raise AddressHoldsALogin
    is_secure = parts.scheme == "https"
    if not is_secure and not opened:
        raise AddressIsOpen
    literal = _literal(host)
    if literal is not None:
        require_reachable([literal], is_secure=is_secure, opened=opened)
    elif (host == "localhost" or host.endswith(_OWN_NAMES)) and not opened:
        raise AddressIsPrivate
    query = f"?{parts.query}" if parts.query else ""
    return Target(is_secure, host, port or (443 if is_secure else 80), (parts.path or "/") + query)


def resolved(target: Target, *, opened: Collection[Network]) -> str:
    """Return the one address that will be connected to: the name is asked for once, and what was looked at is what is used.

    Raises:
        AddressIsRefused: one of the addresses that the name stands for may not be written to.
        OSError: the name stands for nothing.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    require_reachable(addresses, is_secure=target.is_secure, opened=opened)
    return str(addresses[0])


def require_reachable(addresses: Collection[Address], *, is_secure: bool, opened: Collection[Network]) -> None:
    """Raise `AddressIsRefused` unless every address is public and the way is sealed, or its network was opened."""
    for address in addresses:
        bare = _bare(address)
        if any(bare.version == network.version and bare in network for network in opened):
            continue
        if not bare.is_global or bare.is_multicast or bare.is_reserved:
            raise AddressIsPrivate
        if not is_secure:
            raise AddressIsOpen


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _bare(address: Address) -> Address:
    """Return the address of version 4 that one of version 6 stands for; any other as it is."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & _LOWEST_BITS)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address
