"""Keyed hashes of what people ask with: nothing of it is kept in the clear."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from yutang.foundation.sealing import digest16
from yutang.risk.asks import Ask
from yutang.risk.postal import folded

#: Bits of a block of network addresses, by version of the protocol: what one office or campus has.
_BLOCK_BITS = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True)
class Things:
    """The keyed hashes of one ask; None: not known. 63 bits."""

    device: int | None = None
    address: int | None = None
    block: int | None = None
    payer: int | None = None
    place: int | None = None


def things_of(ask: Ask) -> Things:
    """Return the keyed hashes of what an ask came with; a place that names no door is none: a whole building shares it."""
    address, block = _network(ask.address)
    place = folded(ask.place)
    return Things(
        device=key_of("device", ask.device.strip()),
        address=address,
        block=block,
        payer=key_of("payer", ask.payer.strip()),
        place=key_of("place", place.key) if place.is_door else None,
    )


def key_of(kind: str, value: str) -> int | None:
    """Return the keyed hash of a value, 63 bits, so that every database takes it as a whole number; None for no value."""
    if not value:
        return None
    return int.from_bytes(digest16(f"guard-{kind}", "", value)[:8], "big") >> 1


def listed_key(subject: str, value: str) -> int | None:
    """Return the keyed hash by which something on a list is found; None where the value cannot be read as such a thing."""
    if subject in {"address", "block"}:
        address, block = _network(value)
        return address if subject == "address" else block
    if subject == "place":
        place = folded(value)
        return key_of("place", place.key) if place.is_door else None
    return key_of(subject, value.strip())


def _network(written: str) -> tuple[int | None, int | None]:
    """Return the keyed hashes of a network address and of its block; None, None where it is none."""
    text = written.strip()
    if not text:
        return None, None
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None, None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    block = ipaddress.ip_network((parsed, _BLOCK_BITS[parsed.version]), strict=False)
    return key_of("address", str(parsed)), key_of("block", str(block))
