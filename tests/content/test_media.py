"""Media: told by their bytes, kept once, without what is personal, out of reach of any path, uploaded again in time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.content.conftest import chunk, jpeg, png, segment
from yutang.content import actions, queries
from yutang.content.media import MediumIsGone, MediumIsWrong, bytes_of, keep, path_of
from yutang.content.models import Medium, Upload
from yutang.content.pictures import picture_in
from yutang.content.uploading import UPLOADERS, Uploaded, copies_of, has_media_to_renew
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def office(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<x/>")
    return written.getvalue()


class TestPictures:
    def test_a_png_keeps_what_draws_and_nothing_else(self) -> None:
        whole = png(
            more=chunk(b"tEXt", b"GPS 31.2304") + chunk(b"eXIf", b"secret"), behind=b"<script>alert(1)</script>"
        )

        picture = picture_in(whole)

        assert picture is not None
        assert (picture.media_type, picture.width, picture.height) == ("image/png", 4, 3)
        assert picture.content == png()

    def test_a_jpeg_loses_place_and_comment(self) -> None:
        picture = picture_in(jpeg() + b"behind")

        assert picture is not None
        assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", 5, 2)
        assert b"31.2304N" not in picture.content
        assert b"taken at home" not in picture.content
        assert b"JFIF" in picture.content
        assert picture.content.endswith(b"\x12\x34\xff\x00\x56\xff\xd9")

    def test_a_second_picture_behind_the_first_is_cut_off(self) -> None:
        alone, followed = picture_in(jpeg()), picture_in(jpeg() + jpeg(place=b"30.0000N"))

        assert alone is not None
        assert followed == alone

    def test_every_scan_of_a_jpeg_is_kept_and_a_comment_between_them_is_not(self) -> None:
        scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x01\xff\x00\xff\xd3\x02\xff\xff"
        whole = jpeg()[:-2] + segment(0xFE, b"hidden\xff\xd9here") + scan + b"\xd9"

        picture = picture_in(whole)

        assert picture is not None
        assert b"hidden" not in picture.content
        assert picture.content.count(b"\xff\xda") == 2
        assert b"\x01\xff\x00\xff\xd3\x02" in picture.content

    def test_a_jpeg_that_stands_on_its_side_still_does(self) -> None:
        once = picture_in(jpeg(turned=6))
        assert once is not None
        twice = picture_in(once.content)

        assert b"Exif" in once.content
        assert b"31.2304N" not in once.content
        assert twice is not None
        assert twice.content == once.content

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\xff\xd8\xff",
            b"\x89PNG\r\n\x1a\n",
            png()[:-6],
            png().replace(b"IDAT", b"IDAX"),
            png(width=30_000),
            jpeg()[:-40],
            b"GIF89a" + b"\x00" * 40,
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        ],
    )
    def test_what_is_no_whole_picture_is_none(self, content: bytes) -> None:
        assert picture_in(content) is None

    def test_any_cut_of_a_picture_is_told_without_a_crash(self) -> None:
        for whole in (png(), jpeg(turned=3)):
            for end in range(len(whole)):
                cut = picture_in(whole[:end])
                assert cut is None or cut.content != whole


class TestKeep:
    def test_the_same_bytes_lie_once_under_their_hash(self, media_folder: Path) -> None:
        first, second = keep(content=png(), name="a.png"), keep(content=png(behind=b"x"), name="b.png")

        assert first.digest == second.digest
        assert [path.name for path in media_folder.rglob("*") if path.is_file()] == [first.digest]
        assert bytes_of(first.digest) == png()

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("../../etc/passwd.png", "passwd.png"),
            ("..\\..\\boot.exe", "boot.png"),
            ("C:\\a\\护理卡.JPG", "护理卡.png"),
            ("", "file.png"),
            ("...", "file.png"),
            ("a\x00b\u202egnp.exe", "a_b_gnp.png"),
            ("长" * 300, "长" * 116 + ".png"),
        ],
    )
    def test_a_name_is_words_and_no_path(self, name: str, kept: str) -> None:
        assert keep(content=png(), name=name).name == kept

    @pytest.mark.parametrize(
        ("content", "media_type"),
        [
            (PDF, "application/pdf"),
            (office("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ],
    )
    def test_files_are_told_by_their_bytes(self, content: bytes, media_type: str) -> None:
        assert keep(content=content, name="x.png").media_type == media_type

    @pytest.mark.parametrize(
        "content",
        [
            b"MZ\x90\x00",
            b"<html><script>alert(1)</script></html>",
            b"%PDF-1.7 without an end",
            PDF.replace(b"<<>>", b"<< /JavaScript (x) >>", 1),
            office("word/document.xml", "word/vbaProject.bin"),
            office("classes.dex"),
            b"PK\x03\x04 nothing",
            b"\x00" * 100,
        ],
    )
    def test_anything_else_is_refused(self, content: bytes) -> None:
        with pytest.raises(MediumIsWrong):
            keep(content=content, name="a.pdf")

    @pytest.mark.parametrize("digest", ["../keys.json", "..", "a" * 63, "A" * 64, "a" * 64 + "/x", ""])
    def test_whatever_is_no_hash_lies_nowhere(self, digest: str) -> None:
        with pytest.raises(MediumIsGone):
            path_of(digest)


@dataclass
class Uploader:
    """A WeCom that remembers what it was given."""

    now: datetime
    name: str = "test"
    given: list[tuple[str, str, bytes]] = field(default_factory=list)
    refuses: bool = False

    def is_ready(self) -> bool:
        return True

    def upload(self, *, kind: str, name: str, content: bytes) -> Uploaded:
        if self.refuses:
            raise DomainError
        self.given.append((kind, name, content))
        return Uploaded(f"media-{len(self.given)}", self.now + timedelta(days=3))


@pytest.mark.django_db
class TestUploads:
    @pytest.fixture
    def digest(self, owner: Actor, now: datetime) -> str:
        return actions.add_medium(actor=owner, content=png(), name="a.png", now=now)

    def picture(self, approved: Callable[..., int], digest: str, **more: object) -> int:
        return approved(kind="picture", attachments=({"kind": "image", "media": digest},), **more)

    def test_of_what_is_approved_are_made_once_and_again_before_three_days_end(
        self, owner: Actor, approved: Callable[..., int], digest: str, now: datetime
    ) -> None:
        self.picture(approved, digest)
        wecom = Uploader(now)

        first = actions.renew_uploads(actor=owner, uploader=wecom, now=now)
        at_once = actions.renew_uploads(actor=owner, uploader=wecom, now=now + timedelta(hours=45))
        in_time = actions.renew_uploads(actor=owner, uploader=wecom, now=now + timedelta(hours=46))

        assert (first.uploaded, at_once.uploaded, in_time.uploaded) == (1, 0, 1)
        assert wecom.given == [("image", "a.png", png())] * 2
        assert Upload.objects.count() == 1
        assert copies_of([digest], now=now) == {digest: "media-2"}

    def test_of_drafts_ended_ones_and_other_channels_are_not_made(
        self, owner: Actor, write: Callable[..., int], approved: Callable[..., int], digest: str, now: datetime
    ) -> None:
        write(kind="picture", attachments=({"kind": "image", "media": digest},))
        actions.end_content(actor=owner, content_id=self.picture(approved, digest), now=now)
        self.picture(approved, digest, channels=("email",))

        assert actions.renew_uploads(actor=owner, uploader=Uploader(now), now=now).uploaded == 0

    def test_one_that_fails_is_tried_again(
        self, owner: Actor, approved: Callable[..., int], digest: str, now: datetime
    ) -> None:
        self.picture(approved, digest)
        wecom = Uploader(now, refuses=True)
        failed = actions.renew_uploads(actor=owner, uploader=wecom, now=now)
        wecom.refuses = False

        assert (failed.uploaded, failed.failed) == (0, 1)
        assert actions.renew_uploads(actor=owner, uploader=wecom, now=now).uploaded == 1

    def test_are_asked_for_only_where_somebody_uploads(
        self, approved: Callable[..., int], digest: str, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.picture(approved, digest)
        # The corp's own uploader is there, but no corp is connected.
        assert not has_media_to_renew(now=now)

        monkeypatch.setitem(UPLOADERS._entries, "test", Uploader(now))

        assert has_media_to_renew(now=now)

    def test_the_same_bytes_are_one_medium(self, owner: Actor, digest: str, now: datetime) -> None:
        again = actions.add_medium(actor=owner, content=png(behind=b"x"), name="other.png", now=now)

        assert again == digest
        assert Medium.objects.count() == 1

    def test_a_medium_is_given_with_its_bytes(self, owner: Actor, digest: str) -> None:
        found = queries.medium(access=owner, digest=digest)

        assert found is not None
        assert (found[0].name, found[0].width, found[1]) == ("a.png", 4, png())
        assert queries.medium(access=owner, digest="0" * 64) is None
