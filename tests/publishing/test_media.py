"""Pictures and films as each network takes them; films by the real ffmpeg."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings
from PIL import Image

from openline.channels.base import Capabilities, MediaRule
from openline.files import films, keeping
from openline.files.models import File
from openline.files.pictures import Refused
from openline.publishing import leaving, media, scheduling
from openline.publishing.content import Item
from openline.publishing.models import Post, Rendition
from openline.publishing.states import VariantState
from tests.conftest import need
from tests.publishing.conftest import Newsroom
from tests.world import FileNetwork

ALL = Capabilities(
    500,
    True,
    True,
    True,
    "poll",
    idempotent_send=False,
    media=(
        MediaRule("image", ("image/jpeg",), 4, 60_000, ratios=(0.8, 1.91)),
        MediaRule("video", ("video/mp4",), 1, 150_000),
    ),
)


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[None]:
    from django.conf import settings

    place = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    with override_settings(STORAGES=settings.STORAGES | {"files": place}):
        yield


def noise(width: int, height: int) -> bytes:
    """A picture that does not get small by itself."""
    target = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(target, "JPEG", quality=95)
    return target.getvalue()


def film(path: Path, seconds: int = 2, size: str = "320x240") -> Path:
    """A film of noise with a tone, as a camera might make it, with metadata."""
    need(films.possible(), "ffmpeg")
    source = ["-f", "lavfi", "-i", f"testsrc=duration={seconds}:size={size}:rate=15"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
    told = ["-metadata", "location=+39.9526-075.1652/", "-metadata", "title=secret"]
    command = ["ffmpeg", "-v", "error", *source, *tone, "-vf", "noise=alls=60:allf=t", *told, "-c:v", "mpeg4"]
    subprocess.run([*command, "-q:v", "2", "-shortest", str(path)], check=True)
    return path


def post_with(newsroom: Newsroom, file: File, monkeypatch: pytest.MonkeyPatch, **item: object) -> Post:
    monkeypatch.setattr(FileNetwork, "capabilities", ALL)
    captions = {"en": "WEBVTT\n\n00:00.000 --> 00:02.000\n[A tone]\n"}
    content = Item(str(file.pk), {"en": "A street."}, **({"captions": captions} | item))  # type: ignore[arg-type]
    return newsroom.post("Look.", media=(content,))


def test_a_picture_is_cropped_around_its_focus_and_made_small(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = keeping.keep(noise(900, 300)).file
    post = post_with(newsroom, file, monkeypatch, focus_x=1.0)
    assert media.prepare(post) == 1
    assert media.prepare(post) == 0
    made = Rendition.objects.get()
    assert made.size_bytes <= 60_000
    assert made.width / made.height == pytest.approx(1.91, abs=0.02)
    [sent] = media.outgoing(newsroom.variant(post))
    assert (sent.file, sent.alt, sent.width) == (made.key, "A street.", made.width)


def test_a_picture_that_fits_goes_as_it_is(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    file = keeping.keep(noise(120, 100)).file
    post = post_with(newsroom, file, monkeypatch)
    assert media.prepare(post) == 0
    assert media.outgoing(newsroom.variant(post))[0].file == file.view


def test_a_film_is_made_anew_without_its_metadata(newsroom: Newsroom, tmp_path: Path) -> None:
    source = film(tmp_path / "phone.mov")
    with source.open("rb") as opened:
        file = films.keep(opened)
    assert not file.film
    made = films.make(file)
    with films.copied(made.film) as path:
        told = subprocess.run(["ffprobe", "-v", "error", "-show_format", str(path)], check=True, capture_output=True)
        assert b"secret" not in told.stdout
        assert b"39.95" not in told.stdout
        found = films.look(path)
    assert (found.width, found.height, found.sound) == (320, 240, True)
    assert made.seconds == pytest.approx(2, abs=0.2)
    assert keeping.store().exists(made.thumbnail)


def test_a_film_is_made_small_enough_for_its_network(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with film(tmp_path / "phone.mp4", 1, "640x360").open("rb") as opened:
        file = films.keep(opened)
    post = post_with(newsroom, file, monkeypatch)
    media.prepare(post)
    made = Rendition.objects.get()
    assert made.key
    assert made.size_bytes <= 150_000
    [sent] = media.outgoing(newsroom.variant(post))
    assert (sent.file, sent.media_type, sent.kind) == (made.key, "video/mp4", "video")


def test_a_post_waits_for_its_film(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with film(tmp_path / "phone.mp4", 1).open("rb") as opened:
        file = films.keep(opened)
    post = post_with(newsroom, file, monkeypatch)
    scheduling.hand_in(post.pk, None, by=newsroom.person("carla"))
    assert leaving.leave() == 0
    assert newsroom.variant(post).state == VariantState.PLANNED
    media.prepare(post)
    newsroom.work()
    assert newsroom.variant(post).state == VariantState.SENT


def test_a_film_that_cannot_be_made_stops_the_post_with_the_reason(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with film(tmp_path / "phone.mp4", 1).open("rb") as opened:
        file = films.keep(opened)
    monkeypatch.setattr(films, "encode", lambda *_args, **_more: (_ for _ in ()).throw(Refused("It is broken.")))
    post = post_with(newsroom, file, monkeypatch)
    scheduling.hand_in(post.pk, None, by=newsroom.person("carla"))
    media.prepare(post)
    leaving.leave()
    variant = newsroom.variant(post)
    assert (variant.state, variant.reason) == (VariantState.MISSED, "It is broken.")


@pytest.mark.parametrize("data", [b"", b"\0\0\0\x18ftypmp42" + b"x" * 100, b"\x1aE\xdf\xa3" + b"\0" * 50, b"#EXTM3U"])
def test_what_is_no_film_is_refused(data: bytes) -> None:
    need(films.possible(), "ffmpeg")
    with pytest.raises(Refused):
        films.keep(io.BytesIO(data))


def test_a_film_may_not_read_other_files(tmp_path: Path) -> None:
    """A playlist or a reference film that names other files gets nothing of them."""
    need(films.possible(), "ffmpeg")
    secret = film(tmp_path / "secret.mp4", 1)
    playlist = f"ffconcat version 1.0\nfile '{secret}'\n".encode()
    with pytest.raises(Refused):
        films.keep(io.BytesIO(playlist))
