"""A film to TikTok: ask what the account may, announce it, bring its parts, wait (a read) until it stands."""

from __future__ import annotations

import time
from typing import Any

from django.utils.translation import gettext as _

from openline.channels.base import AccountRef, NotAllowed, Outgoing, Progress, Receipt, Rejected, Unclear
from openline.channels.reading import text
from openline.channels.tiktok.client import API, call, put

CAPTION_LIMIT = 2200
CHUNK = 10_000_000
"""Parts have 5 to 64 MB; the last takes what is left."""
_POLLS, _PAUSE_SECONDS = 30, 2.0


def publish(account: AccountRef, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Publish the film of `outgoing`; each call is a step."""
    caption = caption_of(outgoing)
    film = outgoing.media[0]
    level = progress.step("level", lambda: _level(account, outgoing))
    with progress.open(film.file) as file:
        content = file.read()
    value = {"post_info": {"title": caption, "privacy_level": level}, "source_info": source(len(content))}
    begun = progress.step("init", lambda: call(account, "post/publish/video/init/", value, sending=True))
    progress.step("upload", lambda: _upload(account, begun, content, film.media_type))
    return Receipt(**progress.step("wait", lambda: _wait(account, text(begun, "publish_id"))))


def find(account: AccountRef, progress: Progress) -> Receipt | None:
    """By the number that TikTok gave to the announced film; what was not announced was not published."""
    begun = progress.done("init")
    if not begun:
        return None
    if not progress.done("upload"):  # its last part may have arrived though the answer was lost
        said = call(account, "post/publish/status/fetch/", {"publish_id": text(begun, "publish_id")})
        if text(said, "status") != "PUBLISH_COMPLETE":
            return None
    return Receipt(**progress.step("wait", lambda: _wait(account, text(begun, "publish_id"))))


def caption_of(outgoing: Outgoing) -> str:
    """The caption. Raises NotAllowed, Rejected."""
    if outgoing.action != "post" or outgoing.in_reply_to or outgoing.visibility == "private":
        raise NotAllowed(_("On TikTok the city can only publish films from here."))
    if [item.kind for item in outgoing.media] != ["video"]:
        raise Rejected(_("TikTok takes one film."), "media")
    words = outgoing.text.strip()
    if words.encode("utf-8", "replace").decode() != words or length(words) > CAPTION_LIMIT:
        raise Rejected(_("TikTok takes captions of up to %d characters.") % CAPTION_LIMIT, "text")
    return words


def length(words: str) -> int:
    """In UTF-16 units."""
    return len(words.encode("utf-16-le", "replace")) // 2


def source(size: int) -> dict[str, Any]:
    """How the film comes: in parts of ten million bytes, the last one longer instead of a short one behind it."""
    chunk = min(size, CHUNK)
    parts = max(1, size // chunk) if chunk else 1
    return {"source": "FILE_UPLOAD", "video_size": size, "chunk_size": chunk, "total_chunk_count": parts}


def _level(account: AccountRef, outgoing: Outgoing) -> str:
    """Who sees it: what was chosen, if the account may; an app that TikTok has not audited may only SELF_ONLY."""
    said = call(account, "post/publish/creator_info/query/", {})
    allowed = [str(one) for one in said.get("privacy_level_options") or []]
    wanted = outgoing.options.get("privacy_level") or "PUBLIC_TO_EVERYONE"
    if wanted not in allowed:
        raise NotAllowed(_("TikTok lets this account publish only for: %s.") % (", ".join(allowed) or _("nobody")))
    return wanted


def _upload(account: AccountRef, begun: dict[str, Any], content: bytes, media_type: str) -> bool:
    told = source(len(content))
    for n in range(told["total_chunk_count"]):
        first = n * told["chunk_size"]
        last = len(content) if n + 1 == told["total_chunk_count"] else first + told["chunk_size"]
        own = account.server.rstrip("/") or API
        put(text(begun, "upload_url"), content[first:last], first, len(content), media_type, own)
    return True


def _wait(account: AccountRef, publish_id: str) -> dict[str, str]:
    for _n in range(_POLLS):
        said = call(account, "post/publish/status/fetch/", {"publish_id": publish_id})
        state = text(said, "status")
        if state == "PUBLISH_COMPLETE":
            posts = said.get("publicaly_available_post_id") or [publish_id]  # the network's own spelling
            return {"network_id": str(posts[0])}
        if state == "FAILED":
            raise Rejected(_("TikTok did not take the film: %s.") % text(said, "fail_reason"), "media")
        time.sleep(_PAUSE_SECONDS)
    raise Unclear(_("TikTok is still working on the film."))
