"""Films of the city's staff: looked at without trusting them, and made anew for networks and pages.

What goes out is never what came, but a new film of the same pictures and sounds (H.264 and AAC in MP4, which every
network takes) without a word of metadata. ffmpeg does it (LGPL, a program of its own, optional: without it films are
refused with that reason). It gets one file, may read nothing else and ask no network, and is stopped when it takes too
long.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.core.files import File as Content
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.files.keeping import store
from openline.files.models import File
from openline.files.pictures import Refused

MOST_BYTES = 100_000_000
MOST_SECONDS = 3600.0
LONGEST_SIDE = 1920
"""Pixels: full HD, and what phones film."""
_ENCODING_SECONDS, _LOOKING_SECONDS = 1800, 60
_MEMORY_KILOBYTES = 3_000_000
_SOUND_BITS, _LEAST_BITS = 96_000, 50_000
_SAFE = ("-hide_banner", "-loglevel", "error", "-nostdin", "-y")
_ONLY_FILES = ("-protocol_whitelist", "file")


@dataclass(frozen=True, slots=True)
class Film:
    """What ffprobe tells of a film: seconds, pixels as shown, and whether it has sound."""

    media_type: str
    seconds: float
    width: int
    height: int
    sound: bool


def possible() -> bool:
    """True if this machine can make films anew."""
    return bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))


def is_film(head: bytes) -> bool:
    """True if a file that begins with `head` (16 bytes or more) is an MP4, a QuickTime film, or WebM or Matroska."""
    return bool(_demuxer(head))


def keep(opened: BinaryIO) -> File:
    """Take a film in; it is made anew later, by `make`. Raises Refused, with what to do; then nothing is kept."""
    if not possible():
        raise Refused(_("Films need ffmpeg on the city's machine, which is not installed."))
    with tempfile.TemporaryDirectory(prefix="openline-film-") as name:
        path = Path(name) / "film"
        digest = _copy(opened, path)
        found = look(path)
        known = File.objects.filter(sha256=digest).first()
        return known or _write(path, digest, found)


def look(path: Path) -> Film:
    """What is in the film at `path`. Raises Refused if it is none that can be shown."""
    with path.open("rb") as file:
        demuxer = _demuxer(file.read(16))
    if not demuxer:
        raise Refused(_("Only films in MP4, MOV or WebM are taken."))
    fields = "format=duration:stream=codec_type,width,height:stream_side_data=rotation"
    command = ["ffprobe", "-v", "error", *_ONLY_FILES, "-f", demuxer, "-show_entries", fields, "-of", "json", str(path)]
    try:
        answer = json.loads(_run(command, _LOOKING_SECONDS))
        seconds = float(answer["format"]["duration"])
        streams = answer["streams"]
        picture = next(one for one in streams if one["codec_type"] == "video")
        width, height = int(picture["width"]), int(picture["height"])
    except (ValueError, KeyError, StopIteration, TypeError):
        raise _damaged() from None
    if not 0 < seconds <= MOST_SECONDS or not 16 <= min(width, height) <= max(width, height) <= 8192:
        raise Refused(_("A film may last an hour and have at most 8192 pixels on a side."))
    turned = any(abs(int(data.get("rotation", 0))) % 180 == 90 for data in picture.get("side_data_list", ()))
    size = (height, width) if turned else (width, height)
    sound = any(one["codec_type"] == "audio" for one in streams)
    return Film("video/webm" if demuxer == "matroska" else "video/mp4", seconds, *size, sound)


def make(file: File) -> File:
    """Make the film anew and its poster, once; a film that is there already stays. Raises Refused."""
    if file.film:
        return file
    with copied(file.original) as source, tempfile.TemporaryDirectory(prefix="openline-film-") as name:
        film, poster = Path(name) / "film.mp4", Path(name) / "poster.webp"
        encode(source, film, [_fitting(LONGEST_SIDE)])
        run_on(film, ["-frames:v", "1", "-vf", "thumbnail,scale=320:-2", str(poster)])
        found, stem = look(film), f"{file.sha256[:2]}/{file.sha256}"
        file.width, file.height, file.seconds = found.width, found.height, found.seconds
        with poster.open("rb") as opened:
            file.thumbnail = store().save(f"thumbnail/{stem}.webp", Content(opened))
        with film.open("rb") as opened:
            file.film = store().save(f"film/{stem}.mp4", Content(opened))
    file.save(update_fields=["width", "height", "seconds", "thumbnail", "film"])
    return file


def encode(source: Path, target: Path, filters: Sequence[str], *, most_bytes: int = 0, seconds: float = 0.0) -> None:
    """A new film at `target`; with `most_bytes`, so small that it fits, given its length. Raises Refused."""
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-fpsmax", "30"]
    quality = ["-crf", "23", "-maxrate", "6M", "-bufsize", "12M"]
    if most_bytes and seconds:
        bits = int(most_bytes * 8 * 0.9 / seconds) - _SOUND_BITS
        if bits < _LEAST_BITS:
            raise Refused(_("This film is too long to be made small enough."))
        quality = ["-b:v", str(bits), "-maxrate", str(bits), "-bufsize", str(bits)]
    sound = ["-c:a", "aac", "-b:a", str(_SOUND_BITS), "-ac", "2"]
    plain = ["-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart"]
    run_on(source, [*plain, "-vf", ",".join(filters), *picture, *quality, *sound, "-f", "mp4", str(target)])


def run_on(source: Path, arguments: Sequence[str]) -> None:
    """ffmpeg on one file. Raises Refused if it fails or takes too long."""
    with source.open("rb") as file:
        demuxer = _demuxer(file.read(16))
    _run(["ffmpeg", *_SAFE, *_ONLY_FILES, "-f", demuxer, "-i", str(source), *arguments], _ENCODING_SECONDS)


@contextmanager
def copied(key: str) -> Iterator[Path]:
    """A stored file as a file of this machine, for as long as needed."""
    with tempfile.TemporaryDirectory(prefix="openline-film-") as name, store().open(key) as stored:
        path = Path(name) / "film"
        with path.open("wb") as target:
            shutil.copyfileobj(stored, target)
        yield path


def _fitting(side: int) -> str:
    """At most `side` pixels on the longer side, never enlarged, even numbers as H.264 wants them."""
    within = f"min({side}\\,iw):min({side}\\,ih)"
    return f"scale={within}:force_original_aspect_ratio=decrease:force_divisible_by=2"


def _copy(opened: BinaryIO, path: Path) -> str:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as target:
        while block := opened.read(1 << 20):
            size += len(block)
            if size > MOST_BYTES:
                raise Refused(
                    _("This film is too large: at most %(megabytes)d MB.") % {"megabytes": MOST_BYTES // 1_000_000}
                )
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _write(path: Path, digest: str, found: Film) -> File:
    with path.open("rb") as opened:
        original = store().save(f"original/{digest[:2]}/{digest}", Content(opened))
    new = File(
        sha256=digest,
        content_type=found.media_type,
        size_bytes=path.stat().st_size,
        width=found.width,
        height=found.height,
        seconds=found.seconds,
        original=original,
        created_at=timezone.now(),
    )
    File.objects.bulk_create([new], ignore_conflicts=True)
    return File.objects.get(sha256=digest)


def _demuxer(head: bytes) -> str:
    """ffmpeg's reader for the file, by its first bytes; "" for all but films."""
    if head[4:8] == b"ftyp" and head[8:12] not in (b"heic", b"heif", b"mif1", b"avif", b"crx "):
        return "mov"
    if head[4:8] in (b"moov", b"mdat", b"wide"):
        return "mov"
    return "matroska" if head.startswith(b"\x1aE\xdf\xa3") else ""


def _run(command: Sequence[str], seconds: int) -> bytes:
    """What the program says. It may use `seconds` of a processor, and twice as long by the clock."""
    bounds = f'ulimit -t {seconds} && ulimit -v {_MEMORY_KILOBYTES} && exec nice "$@"'
    try:
        return subprocess.run(
            ["sh", "-c", bounds, "sh", *command], check=True, capture_output=True, timeout=2 * seconds
        ).stdout
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise _damaged() from None


def _damaged() -> Refused:
    return Refused(_("This film is damaged or of a kind that we cannot read. Save it as MP4 and try again."))
