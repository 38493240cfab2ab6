from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yutang.kit import sealed_streams
from yutang.kit.sealed_streams import OpeningReader, SealingWriter, SealIsBroken, is_sealed

HEAD = len(sealed_streams.MAGIC) + 16 + 1 + 7
SEALED_PIECE = 2**20 + 16


@pytest.fixture(autouse=True, scope="module")
def _cheap_keys() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed_streams, "_COST", 4)
        yield


def sealed(content: bytes, *, passphrase: str = "a pond", at_once: int = 300_000) -> bytes:
    target = io.BytesIO()
    with SealingWriter(target, passphrase=passphrase) as writer:
        for start in range(0, len(content), at_once):
            writer.write(content[start : start + at_once])
    return target.getvalue()


def opened(data: bytes, *, passphrase: str = "a pond") -> bytes:
    return io.BufferedReader(OpeningReader(io.BytesIO(data), passphrase=passphrase)).read()


class TestSealing:
    @pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1, 2 * 2**20, 3 * 2**20 + 17])
    def test_gives_back_what_was_written(self, size: int) -> None:
        content = bytes(range(256)) * (size // 256 + 1)

        assert opened(sealed(content[:size])) == content[:size]

    def test_shows_nothing_and_never_looks_the_same(self) -> None:
        first, second = sealed(b"secret" * 1000), sealed(b"secret" * 1000)

        assert b"secret" not in first
        assert first[HEAD:] != second[HEAD:]
        assert is_sealed(first[:16])
        assert not is_sealed(b"\x1f\x8b and so on")

    def test_does_not_open_with_another_passphrase(self) -> None:
        with pytest.raises(SealIsBroken):
            opened(sealed(b"x"), passphrase="another")


class TestDamage:
    content = bytes(3 * 2**20)

    @settings(max_examples=25, deadline=None)
    @given(place=st.integers(0, 2**23), bit=st.integers(0, 7))
    def test_a_changed_bit_is_noticed(self, place: int, bit: int) -> None:
        data = bytearray(sealed(b"a short text"))
        data[place % len(data)] ^= 1 << bit

        with pytest.raises(SealIsBroken):
            opened(bytes(data))

    def test_pieces_cut_off_are_noticed(self) -> None:
        data = sealed(self.content)

        for size in (HEAD + SEALED_PIECE, HEAD + 2 * SEALED_PIECE, len(data) - 1, HEAD, HEAD - 3, 0):
            with pytest.raises(SealIsBroken):
                opened(data[:size])

    def test_swapped_pieces_are_noticed(self) -> None:
        data = sealed(self.content)
        one, two = data[HEAD : HEAD + SEALED_PIECE], data[HEAD + SEALED_PIECE : HEAD + 2 * SEALED_PIECE]

        with pytest.raises(SealIsBroken):
            opened(data[:HEAD] + two + one + data[HEAD + 2 * SEALED_PIECE :])

    def test_a_head_that_asks_for_all_memory_is_refused(self) -> None:
        data = bytearray(sealed(b"x"))
        data[HEAD - 8] = 40

        with pytest.raises(SealIsBroken):
            opened(bytes(data))
