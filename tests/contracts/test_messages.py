"""The reader of sentences finds what a person sees, and forbids what it could not find."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import messages  # noqa: E402

from yutang.lake.catalogue import catalogue_of  # noqa: E402


class TestHiddenSentences:
    @pytest.mark.parametrize(
        "code",
        [
            "print(f\"{_('Folder')}: {folder}\")",
            "print(f\"{gettext('Folder')}: {folder}\")",
            "print(f\"{translation.gettext('Folder')}\")",
            "print(_(f'Folder: {folder}'))",
            "N_(f'Folder: {folder}')",
        ],
    )
    def test_are_found_in_and_around_f_strings(self, code: str) -> None:
        assert [line for line, _fault in messages.hidden_sentences(code)] == [1]

    @pytest.mark.parametrize(
        "code",
        ["print(f'{_(kind.title)}: {n}')", "print(_('Folder: %(folder)s') % {'folder': f'{a}/{b}'})", "x = f'{a}'"],
    )
    def test_are_not_seen_where_there_are_none(self, code: str) -> None:
        assert list(messages.hidden_sentences(code)) == []

    def test_there_are_none_in_the_product(self) -> None:
        found = [
            f"{path.name}:{line}"
            for path in messages.SOURCE.rglob("*.py")
            for line, _fault in messages.hidden_sentences(path.read_text(encoding="utf-8"))
        ]

        assert found == []


def test_what_a_row_of_a_named_query_is_is_translated() -> None:
    sentences = {message.id for message in messages.fresh("zh_Hans")}

    assert [query.grain for query in catalogue_of("yutang") if query.grain not in sentences] == []
