"""The pictures and films of a post as each network takes them: cropped to its shapes, small enough, described.

A file that fits as it is goes as it is; else a rendition is made once, by a job, for all accounts that want the same.
A post with a file that is not made yet waits, and is missed like any other if it takes too long.
"""

from __future__ import annotations

import io
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from uuid import UUID

from django.core.files import File as Content
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from openline.accounts.models import Account
from openline.channels.base import MediaRule, OutgoingMedia
from openline.files import films, published
from openline.files.keeping import store
from openline.files.models import File
from openline.files.pictures import Refused
from openline.publishing.models import Post, PostMedia, Rendition, Variant

TASK = "openline.publishing.make_media"
_FILM = "film"
"""Profile under which it is kept why a film cannot be made anew at all."""
_QUALITIES = (85, 75, 65, 55)
_SMALLER = 0.75
_LEAST_SIDE = 320


@dataclass(frozen=True, slots=True)
class Shape:
    """What must become of a file: cut to `width` x `height` (of the source's pixels) around the focus, and at most
    `most_bytes` large; 0 where it may stay as it is."""

    kind: str
    width: int = 0
    height: int = 0
    focus: tuple[float, float] = (0.0, 0.0)
    most_bytes: int = 0

    @property
    def profile(self) -> str:
        """Its name in the database; the same shape is made once."""
        x, y = self.focus if self.width else (0.0, 0.0)
        return f"{self.kind}:{self.width}x{self.height}:{x:.2f},{y:.2f}:{self.most_bytes}"


def ready(variant: Variant) -> bool:
    """True if all files are there in the form that this account takes; what is missing is asked for."""
    missing = [item for item in _items(variant.post) if not _there(item, variant.account)]
    if missing:
        ask(variant.post_id)
    return not missing


def ask(post_id: UUID) -> None:
    """Have the files of a post made, by one job at a time."""
    job = app.configure_task(TASK, queueing_lock=f"media:{post_id}")
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(post_id=str(post_id))


def refused(variant: Variant) -> str:
    """Why one of the files cannot go out on this account, in words; "" if all can, as far as is known."""
    profiles = [
        Q(file=item.file, profile=profile)
        for item in _items(variant.post)
        for profile in (_FILM, *_profile(item, variant.account))
    ]
    if not profiles:
        return ""
    found = Rendition.objects.filter(reduce(or_, profiles), key="").first()
    return found.reason if found else ""


def _profile(item: PostMedia, account: Account) -> list[str]:
    shape = shape_for(item.file, _rule(item.file, account), (item.focus_x, item.focus_y))
    return [shape.profile] if shape else []


def outgoing(variant: Variant) -> tuple[OutgoingMedia, ...]:
    """The files as the channel gets them, described in the variant's language."""
    fetches = variant.account.capabilities.fetches_media
    return tuple(_one(item, variant, fetches) for item in _items(variant.post))


def prepare(post: Post) -> int:
    """Make all that the post's accounts need and that is not there; returns how much was made. Slow: for a job."""
    made = 0
    for item in _items(post):
        if item.file.is_film and not _make_film(item.file):
            continue
        for variant in post.variants.select_related("account"):
            rule = _rule(item.file, variant.account)
            shape = shape_for(item.file, rule, (item.focus_x, item.focus_y))
            if shape and not Rendition.objects.filter(file=item.file, profile=shape.profile).exists():
                _make(item.file, shape)
                made += 1
    return made


def shape_for(file: File, rule: MediaRule | None, focus: tuple[float, float]) -> Shape | None:
    """What must become of `file` by `rule`; None if it may go as it is, or if the network takes none of its kind."""
    if rule is None or not file.width or not file.height:
        return None
    width, height = _whole(file)
    narrow, wide = rule.ratios or (0.0, 1e9)
    cut = (0, 0)
    if width / height < narrow:
        cut = (width, round(width / narrow))
    elif width / height > wide:
        cut = (round(height * wide), height)
    key = file.film if file.is_film else file.view
    too_large = bool(key) and store().size(key) > rule.most_bytes
    if not any(cut) and not too_large:
        return None
    return Shape(rule.kind, *cut, focus, rule.most_bytes)


def _whole(file: File) -> tuple[int, int]:
    """Pixels of what is shown of a file (`view` of a picture has the same shape, but may be smaller)."""
    return int(file.width or 0), int(file.height or 0)


def _items(post: Post) -> list[PostMedia]:
    prefetch_related_objects([post], "media__file")  # asks once, however often they are looked at
    return list(post.media.all())


def _rule(file: File, account: Account) -> MediaRule | None:
    kind = "video" if file.is_film else "image"
    return next((rule for rule in account.capabilities.media if rule.kind == kind), None)


def _there(item: PostMedia, account: Account) -> bool:
    file = item.file
    if not (file.film if file.is_film else file.view):
        return False
    shape = shape_for(file, _rule(file, account), (item.focus_x, item.focus_y))
    return shape is None or Rendition.objects.filter(file=file, profile=shape.profile).exclude(key="").exists()


def _one(item: PostMedia, variant: Variant, fetches: bool) -> OutgoingMedia:
    file = item.file
    shape = shape_for(file, _rule(file, variant.account), (item.focus_x, item.focus_y))
    made = Rendition.objects.filter(file=file, profile=shape.profile).exclude(key="").first() if shape else None
    key = made.key if made else file.film or file.view
    width, height = (made.width, made.height) if made else (file.width or 0, file.height or 0)
    return OutgoingMedia(
        key,
        "video/mp4" if file.is_film else "image/jpeg",
        f"video-{item.position + 1}.mp4" if file.is_film else f"photo-{item.position + 1}.jpg",
        in_language(item.alts, variant),
        width,
        height,
        seconds=file.seconds or 0.0,
        focus=(item.focus_x, item.focus_y) if item.focus_x or item.focus_y else None,
        captions=in_language(item.captions, variant),
        url=published.address(key) if fetches else "",
        caption=in_language(item.words, variant),
    )


def in_language(texts: dict[str, str], variant: Variant) -> str:
    """The text in the variant's language, else in the post's."""
    return texts.get(variant.language) or texts.get(variant.post.language, "")


def _make_film(file: File) -> bool:
    """The film made anew; False, with the reason kept, if that cannot be."""
    try:
        films.make(file)
    except Refused as error:
        row = Rendition(file=file, profile=_FILM, reason=str(error)[:300], made_at=timezone.now())
        Rendition.objects.bulk_create([row], ignore_conflicts=True)
        return False
    return True


def _make(file: File, shape: Shape) -> Rendition:
    """The rendition, or why it cannot be made: kept either way, so that it is not tried for ever."""
    row = Rendition(file=file, profile=shape.profile, made_at=timezone.now())
    try:
        (_film if file.is_film else _picture)(file, shape, row)
    except Refused as error:
        row.key, row.reason = "", str(error)[:300]
    Rendition.objects.bulk_create([row], ignore_conflicts=True)
    return row


def _picture(file: File, shape: Shape, row: Rendition) -> None:
    with store().open(file.view) as opened, Image.open(opened, formats=("JPEG",)) as found:
        picture = found.crop(_box(shape, found.size, _whole(file))) if shape.width else found.copy()
    data = _small_enough(picture, shape.most_bytes)
    row.key = store().save(f"rendition/{row.pk}.jpg", ContentFile(data))
    row.media_type, row.size_bytes = "image/jpeg", len(data)
    row.width, row.height = Image.open(io.BytesIO(data)).size


def _small_enough(picture: Image.Image, most_bytes: int) -> bytes:
    """The picture as JPEG of at most `most_bytes`: first with less quality, then with fewer pixels."""
    while max(picture.size) >= _LEAST_SIDE:
        for quality in _QUALITIES:
            target = io.BytesIO()
            picture.save(target, "JPEG", quality=quality, optimize=True, progressive=True)
            if not most_bytes or target.tell() <= most_bytes:
                return target.getvalue()
        picture = picture.resize((int(picture.width * _SMALLER) or 1, int(picture.height * _SMALLER) or 1))
    raise Refused(_("This picture cannot be made small enough for the network."))


def _film(file: File, shape: Shape, row: Rendition) -> None:
    """With fewer pixels each time, until it is small enough."""
    with films.copied(file.film) as source, tempfile.TemporaryDirectory(prefix="openline-film-") as name:
        target = Path(name) / "film.mp4"
        large = store().size(file.film) > shape.most_bytes
        aim, seconds = (shape.most_bytes, file.seconds or 0.0) if large else (0, 0.0)
        for smaller in (1.0, 0.6, 0.36, 0.2):
            size = f"scale=trunc(iw*{smaller}/2)*2:trunc(ih*{smaller}/2)*2"
            filters = [_crop(shape, _whole(file)), size]
            films.encode(source, target, filters, most_bytes=aim, seconds=seconds)
            row.size_bytes = target.stat().st_size
            if row.size_bytes <= shape.most_bytes:
                break
            aim = int(aim * 0.75)
        else:
            raise Refused(_("This film cannot be made small enough for the network."))
        found = films.look(target)
        row.width, row.height, row.seconds = found.width, found.height, found.seconds
        with target.open("rb") as opened:
            row.key, row.media_type = store().save(f"rendition/{row.pk}.mp4", Content(opened)), "video/mp4"


def _crop(shape: Shape, whole: tuple[int, int]) -> str:
    if not shape.width:
        return "null"
    left, top, right, bottom = _box(shape, whole, whole)
    even = [2 * (n // 2) for n in (right - left, bottom - top, left, top)]
    return "crop={}:{}:{}:{}".format(*even)


def _box(shape: Shape, size: tuple[int, int], whole: tuple[int, int]) -> tuple[int, int, int, int]:
    """The part of a picture of `size` that stays, as near to the focus as it goes."""
    scale = size[0] / whole[0]
    width, height = min(size[0], round(shape.width * scale)), min(size[1], round(shape.height * scale))
    x, y = (shape.focus[0] + 1) / 2 * size[0], (1 - shape.focus[1]) / 2 * size[1]
    left = round(min(max(x - width / 2, 0), size[0] - width))
    top = round(min(max(y - height / 2, 0), size[1] - height))
    return left, top, left + width, top + height
