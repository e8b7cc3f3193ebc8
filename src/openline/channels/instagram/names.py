"""The names of what is said on Instagram, so that from a name it is known how to answer.

A comment has Instagram's number, a private message Instagram's id of letters. A post of ours is told from a comment by
a word before its number, as other things can be done to it. A mention in somebody else's post is answered by another
call, which wants the post and the comment: its name holds both.
"""

from __future__ import annotations

_MENTION, _POST = "mention", "post:"


def post(media: str) -> str:
    """The name of a post of ours; "" for none."""
    return _POST + media if media else ""


def posted(name: str) -> str:
    """Instagram's number of a post of ours; "" if it is none."""
    return name.removeprefix(_POST) if name.startswith(_POST) else ""


def mention(media: str, comment: str) -> str:
    """The name of a mention: in the caption of `media`, or in a `comment` below it."""
    return ":".join((_MENTION, media, comment) if comment else (_MENTION, media))


def mentioned(name: str) -> tuple[str, str] | None:
    """The post and the comment ("" for the caption) of a mention; None if it is none."""
    parts = name.split(":")
    if parts[0] != _MENTION or len(parts) not in (2, 3):
        return None
    return parts[1], parts[2] if len(parts) == 3 else ""


def is_comment(name: str) -> bool:
    """True for a comment below a post of ours."""
    return name.isdecimal()
