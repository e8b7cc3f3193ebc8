"""The pictures and films of a post as each network takes them."""

from __future__ import annotations

from openline.channels.base import OutgoingMedia
from openline.channels.registry import channel_for
from openline.files import published
from openline.publishing.models import PostMedia, Variant


def ready(variant: Variant) -> bool:
    """True if all files are there in the form that this account takes."""
    return all(item.file.is_picture for item in _items(variant))


def outgoing(variant: Variant) -> tuple[OutgoingMedia, ...]:
    """The files as the channel gets them, described in the variant's language."""
    account = variant.account
    fetches = channel_for(account.network).capabilities_of(account.public_ref()).fetches_media
    return tuple(_one(item, variant, fetches) for item in _items(variant))


def _items(variant: Variant) -> list[PostMedia]:
    return list(variant.post.media.select_related("file").order_by("position"))


def _one(item: PostMedia, variant: Variant, fetches: bool) -> OutgoingMedia:
    file = item.file
    return OutgoingMedia(
        file.view,
        "image/jpeg",
        f"photo-{item.position + 1}.jpg",
        in_language(item.alts, variant),
        file.width or 0,
        file.height or 0,
        focus=(item.focus_x, item.focus_y) if item.focus_x or item.focus_y else None,
        url=published.address(file.view) if fetches else "",
        caption=in_language(item.words, variant),
    )


def in_language(texts: dict[str, str], variant: Variant) -> str:
    """The text in the variant's language, else in the post's."""
    return texts.get(variant.language) or texts.get(variant.post.language, "")
