"""The library in a file, the one that comes ready, and scripts for staff."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest

from yutang.content import actions, queries
from yutang.content.checking import findings_in
from yutang.content.library_file import LibraryIsUnreadable, library_in, ready
from yutang.content.models import Content, Script
from yutang.content.queries import ContentFilters
from yutang.content.situations import SITUATIONS
from yutang.content.writing import ContentIsWrong
from yutang.foundation.access import Actor

TEXT = {"title": "一", "kind": "text", "intent": "value", "channels": ["wecom"], "body": "针织平放不挂。"}


def packed(**parts: Any) -> bytes:
    return json.dumps(parts, ensure_ascii=False).encode()


class TestReadyLibrary:
    def test_promises_nothing_that_nothing_gives(self) -> None:
        library = ready()
        gifts = re.compile(
            r"免费|赠|送您|白送|不收钱|不用买|留着?了?一[条件份双]|减\s*\d|\d+\s*元|\d+\s*折|\d+月\d+日|for nothing|\bfree\b|waits? at|\boff\b",
            re.IGNORECASE,
        )

        texts = {one.title: f"{one.subject}\n{one.body}" for one in (*library.contents,)}
        texts |= {one.title: one.body for one in library.scripts}

        assert {title: found[0] for title, text in texts.items() if (found := gifts.search(text))} == {}

    def test_speaks_both_languages_about_every_situation(self) -> None:
        library = ready()

        assert {one.language for one in library.contents} == {"zh-hans", "en"}
        assert len(library.contents) >= 20
        for language in ("zh-hans", "en"):
            assert {one.situation for one in library.scripts if one.language == language} == set(SITUATIONS)

    def test_has_nothing_that_the_check_finds(self) -> None:
        library = ready()
        texts = [*(one.body for one in library.contents), *(one.body for one in library.scripts)]

        assert [(text[:20], findings_in(text)) for text in texts if findings_in(text)] == []

    @pytest.mark.django_db
    def test_comes_in_approved_once(self, now: datetime) -> None:
        first = actions.ready_library(actor=Actor.system(), now=now)
        again = actions.ready_library(actor=Actor.system(), now=now)

        counts = queries.state_counts(access=Actor.system(), filters=ContentFilters(), now=now)
        assert counts["approved"] == len(first.content_ids) == len(ready().contents)
        assert (again.content_ids, again.scripts) == ((), 0)
        assert again.known == len(ready().contents) + len(ready().scripts)


@pytest.mark.django_db
class TestWriteLibrary:
    def test_makes_drafts_and_leaves_alone_what_is_there(self, owner: Actor, now: datetime) -> None:
        script = {"situation": "price", "title": "贵", "body": "理解。", "language": "zh-hans"}
        library = library_in(packed(contents=[TEXT, {**TEXT, "title": "二"}], scripts=[script]))

        written = actions.write_library(actor=owner, library=library, now=now)
        again = actions.write_library(actor=owner, library=library, now=now)

        assert (len(written.content_ids), written.scripts, written.known) == (2, 1, 0)
        assert (again.content_ids, again.scripts, again.known) == ((), 0, 3)
        assert queries.state_counts(access=owner, filters=ContentFilters(), now=now)["draft"] == 2

    def test_takes_all_or_nothing(self, owner: Actor, now: datetime) -> None:
        library = library_in(packed(contents=[TEXT, {**TEXT, "title": "二", "intent": "spam"}]))

        with pytest.raises(ContentIsWrong):
            actions.write_library(actor=owner, library=library, now=now)

        assert not Content.objects.exists()


class TestLibraryFile:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[]",
            b"\xff\xfe",
            b"[" * 100_000,
            packed(contents={}),
            packed(further=[]),
            packed(contents=["x"]),
            packed(contents=[{**TEXT, "colour": "red"}]),
            packed(contents=[{**TEXT, "title": 7}]),
            packed(contents=[{"title": "x"}]),
            packed(contents=[{**TEXT, "channels": "wecom"}]),
            packed(contents=[{**TEXT, "attachments": ["x"]}]),
            packed(contents=[{**TEXT, "last_date": "soon"}]),
            packed(scripts=[{"title": "x"}]),
            packed(scripts=[{"situation": "price", "title": "x", "body": 1, "language": "en"}]),
            b" " * 4_000_001,
        ],
    )
    def test_what_is_no_library_is_refused_with_its_place(self, content: bytes) -> None:
        with pytest.raises(LibraryIsUnreadable) as refusal:
            library_in(content)

        assert refusal.value.data["where"]

    def test_reads_a_file_with_a_mark_of_its_encoding(self) -> None:
        assert library_in(b"\xef\xbb\xbf" + packed(contents=[TEXT])).contents[0].title == "一"


@pytest.mark.django_db
class TestScripts:
    def add(self, owner: Actor, now: datetime, **parts: str) -> int:
        script = {"situation": "price", "title": "觉得贵", "body": "理解，您看看袖口。", "language": "zh-hans", **parts}
        return actions.add_script(actor=owner, now=now, **script)

    def test_are_found_by_word_situation_and_language(self, owner: Actor, now: datetime) -> None:
        price = self.add(owner, now)
        late = self.add(owner, now, situation="late", title="物流慢", body="我去催")
        english = self.add(owner, now, title="Not cheap", body="Turn a cuff", language="en")

        def found(**asked: str) -> list[int]:
            return [one.id for one in queries.scripts(access=owner, **asked)]

        assert sorted(found()) == [price, late, english]
        assert found(text="袖口") == [price]
        assert found(text="贵 袖口") == [price]
        assert found(text="cuff", situation="price") == [english]
        assert found(situation="late") == [late]
        assert found(language="en") == [english]

    def test_may_not_say_what_may_not_be_advertised(self, owner: Actor, now: datetime) -> None:
        with pytest.raises(actions.FindingsStopIt):
            self.add(owner, now, body="我们全网最低价")

        assert not Script.objects.exists()

    @pytest.mark.parametrize("parts", [{"situation": "x"}, {"language": "fr"}, {"title": ""}, {"body": "长" * 1_001}])
    def test_are_refused_where_a_part_is_wrong(self, owner: Actor, now: datetime, parts: dict[str, str]) -> None:
        with pytest.raises(actions.ScriptIsWrong):
            self.add(owner, now, **parts)

    def test_change_and_go(self, owner: Actor, now: datetime) -> None:
        script_id = self.add(owner, now)
        actions.change_script(
            actor=owner, script_id=script_id, situation="late", title="新", body="新词", language="en", now=now
        )
        changed = queries.script(access=owner, script_id=script_id)

        actions.delete_script(actor=owner, script_id=script_id, now=now)

        assert (changed.situation, changed.title, changed.body, changed.language) == ("late", "新", "新词", "en")
        with pytest.raises(queries.NoSuchScript):
            queries.script(access=owner, script_id=script_id)
