"""Help is told whole in both languages, on a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer
import typer.rich_utils
from rich.cells import cell_len

from yutang.cli import main
from yutang.cli.usage import translate_help
from yutang.cli.wrapping import breaks

pytestmark = pytest.mark.once


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_command_cuts_a_name_a_kind_of_value_or_a_sentence(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YUTANG_LANG", language)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(typer.rich_utils, "COLOR_SYSTEM", None)
    translate_help()
    yutang = typer.main.get_command(main.build())
    told, cut = 0, []

    for words, command in commands_of(yutang):
        yutang.main([*words, "--help"], prog_name="yutang", standalone_mode=False)
        help_text = capsys.readouterr().out
        told += "--help" in help_text
        cut += [(words, line) for line in help_text.splitlines() if "…" in line or cell_len(line) > 80]
        cut += [(words, part) for part in parts_of(yutang, command) if part not in help_text]

    assert told > 150
    assert cut == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one two", ["one two"]),
        ("one two three", ["one two ", "three"]),
        ("abcdefghijklmn op", ["abcdefghij", "klmn op"]),
        ("迁入一个空数据库", ["迁入一个空", "数据库"]),
        # No line begins with a mark, none ends with an opening one, and words of letters stay whole.
        ("迁入一个空，数据", ["迁入一个", "空，数据"]),
        ("迁入一个（空）", ["迁入一个", "（空）"]),
        ("写在 order 中", ["写在 order ", "中"]),
        ("迁入 postgresql://host，完", ["迁入 ", "postgresql", "://host，", "完"]),
    ],
)
def test_lines_are_broken_between_words_and_between_chinese_characters(text: str, lines: list[str]) -> None:
    at = breaks(text, width=10)

    assert [text[start:end] for start, end in zip([0, *at], [*at, len(text)], strict=True)] == lines


def commands_of(command: Any, *words: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, each in getattr(command, "commands", {}).items():
        yield from commands_of(each, *words, name)


def parts_of(yutang: Any, command: Any) -> Iterator[str]:
    """Yield the names of all options of a command, and the kinds of their values."""
    with yutang.make_context("yutang", [], resilient_parsing=True) as context:
        for option in command.params:
            yield from (name for name in (*option.opts, *option.secondary_opts) if name.startswith("-"))
            yield option.display_type_rich(ctx=context) or ""
