"""Pictures and videos that go out with a post: made small enough, given to the server, and described."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO

from openline.channels.base import MediaRule, OutgoingMedia, Progress, Rejected
from openline.channels.bluesky.client import Session

_EMBED = "app.bsky.embed."
_IMAGE_BYTES = 2_000_000  # app.bsky.embed.images, 2026
_CAPTION_BYTES = 20_000
_LONGEST_SIDE = 4_000
_QUALITIES = (90, 80, 70)
_SMALLER = 0.7
_SMALLEST_SIDE = 400

RULES = (
    MediaRule("image", ("image/jpeg", "image/png", "image/webp", "image/gif"), 4, 30_000_000),
    MediaRule("video", ("video/mp4",), 1, 100_000_000, 180.0),
)
"""Pictures over the network's 2 MB are made smaller, so larger ones are taken. Videos: as bsky.social takes them."""


def check(media: Sequence[OutgoingMedia]) -> None:
    """Raises Rejected where a post cannot carry these files together."""
    for rule in RULES:
        alike = [one for one in media if one.kind == rule.kind]
        if len(alike) > rule.most:
            raise Rejected(f"A post takes at most {rule.most} {rule.kind}s; there are {len(alike)}.", "media")
        for one in alike:
            if one.media_type not in rule.media_types:
                raise Rejected(f"Bluesky takes no {one.media_type}.", "media")
            if one.kind == "video" and one.seconds > rule.most_seconds:
                raise Rejected(f"A video may last {rule.most_seconds:.0f} seconds.", "media")
    kinds = {one.kind for one in media}
    if not kinds <= {"image", "video"} or len(kinds) > 1:
        raise Rejected("A post takes pictures or one video, and no other files.", "media")


def embed(session: Session, media: Sequence[OutgoingMedia], language: str, progress: Progress, prefix: str) -> Any:
    """The part of the record that shows the files, each uploaded in a step of its own; {} without any."""
    if not media:
        return {}
    check(media)
    blobs = [
        progress.step(f"{prefix} {n}", partial(_upload, session, one, partial(progress.open, one.file)))
        for n, one in enumerate(media)
    ]
    if media[0].kind == "video":
        return _video(session, media[0], blobs[0], language, progress, prefix)
    images = [{"image": blob["blob"], "alt": one.alt, **_ratio(blob)} for one, blob in zip(media, blobs, strict=True)]
    return {"$type": f"{_EMBED}images", "images": images}


def _video(
    session: Session, one: OutgoingMedia, blob: Any, language: str, progress: Progress, prefix: str
) -> dict[str, Any]:
    found = {"$type": f"{_EMBED}video", "video": blob["blob"], "alt": one.alt, **_ratio(blob)}
    if one.captions:
        words = one.captions.encode()
        if len(words) > _CAPTION_BYTES:
            raise Rejected(f"The captions have {len(words):,} bytes; {_CAPTION_BYTES:,} are taken.", "media")
        upload = partial(session.upload, lambda: BytesIO(words), len(words), "text/vtt")
        file = progress.step(f"{prefix} captions", upload)
        found["captions"] = [{"lang": language or "en", "file": file}]
    return found


def _ratio(blob: dict[str, Any]) -> dict[str, Any]:
    size = {"width": blob["width"], "height": blob["height"]}
    return {"aspectRatio": size} if all(size.values()) else {}


def _upload(session: Session, one: OutgoingMedia, opened: Any) -> dict[str, Any]:
    if one.kind == "video":
        with opened() as file:
            size = file.seek(0, 2)
        if size > RULES[1].most_bytes:
            raise Rejected(f"The video has {size:,} bytes; {RULES[1].most_bytes:,} are taken.", "media")
        return {"blob": session.upload(opened, size, one.media_type), "width": one.width, "height": one.height}
    with opened() as file:
        content, media_type, width, height = fitting(file, one.media_type)
    blob = session.upload(lambda: BytesIO(content), len(content), media_type)
    return {"blob": blob, "width": width, "height": height}


def fitting(file: BinaryIO, media_type: str, most: int = _IMAGE_BYTES) -> tuple[bytes, str, int, int]:
    """A picture of at most `most` bytes: as it is, or else as JPEG, as large and good as fits; with its size in pixels.

    Raises Rejected if it is no picture.
    """
    from PIL import Image, ImageOps

    try:
        content = file.read(RULES[0].most_bytes + 1)
        if len(content) > RULES[0].most_bytes:
            raise Rejected(f"The picture has more than {RULES[0].most_bytes:,} bytes.", "media")
        with Image.open(BytesIO(content)) as picture:
            if len(content) <= most:
                return content, media_type, *picture.size
            upright = ImageOps.exif_transpose(picture)
            flat = Image.new("RGB", upright.size, "white")
            flat.paste(upright, mask=upright.convert("RGBA").getchannel("A"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise Rejected("The picture cannot be read.", "media") from error
    flat.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    while max(flat.size) >= _SMALLEST_SIDE:
        for quality in _QUALITIES:
            small = BytesIO()
            flat.save(small, "JPEG", quality=quality, optimize=True)
            if small.tell() <= most:
                return small.getvalue(), "image/jpeg", *flat.size
        flat = flat.resize((max(1, int(flat.width * _SMALLER)), max(1, int(flat.height * _SMALLER))))
    raise Rejected("The picture cannot be made small enough.", "media")
