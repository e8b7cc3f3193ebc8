"""Files into the media library, categories and tags by their names: what a post needs before it can be published."""

from __future__ import annotations

from functools import partial
from html import escape, unescape
from io import BytesIO
from typing import Any, BinaryIO

from openline.channels import reading
from openline.channels.base import Outgoing, OutgoingMedia, Progress, Unclear
from openline.channels.wordpress import writing
from openline.channels.wordpress.client import NEWEST, PAGE, Exists, Site
from openline.channels.wordpress.writing import Uploaded


def files(site: Site, outgoing: Outgoing, key: str, progress: Progress, post: int) -> list[Uploaded]:
    """Upload the message's files, each once, and describe them; they belong to `post`."""
    return [_file(site, media, f"file {n}", key, progress, post) for n, media in enumerate(outgoing.media)]


def terms(site: Site, kind: str, names: tuple[str, ...], progress: Progress) -> list[int]:
    """The ids of `categories` or `tags` by their names, made where there are none."""
    wanted = [name.strip() for name in dict.fromkeys(names) if name.strip()]
    return [progress.step(f"{kind} {name}", partial(_term, site, kind, name)) for name in wanted]


def _file(site: Site, media: OutgoingMedia, part: str, key: str, progress: Progress, post: int) -> Uploaded:
    name = writing.file_name(media, writing.mark(key, part))
    about: dict[str, Any] = {"alt_text": media.alt, "caption": escape(media.caption), "title": media.name or media.alt}

    def from_storage() -> BinaryIO:
        return progress.open(media.file)

    kept = progress.step(part, lambda: _once(site, name, media.media_type, from_storage, post))
    progress.step(f"{part} described", lambda: bool(site.post(f"media/{kept['id']}", about)))
    captions = ""
    if media.captions:
        words, name = BytesIO(media.captions.encode()), name.rpartition(".")[0] + ".vtt"
        captions = progress.step(f"{part} captions", lambda: _once(site, name, "text/vtt", lambda: words, post))["url"]
    return Uploaded(kept["id"], kept["url"], media, captions)


def _once(site: Site, name: str, media_type: str, opened: Any, post: int) -> dict[str, Any]:
    """The file of that name on the site: there from an earlier try, or uploaded now."""
    if found := _find(site, name):
        return found
    with opened() as file:
        size = file.seek(0, 2)
        file.seek(0)
        # The mark as the name of its own page keeps "parks" free for the city's page on parks.
        slug = name.replace(".", "-")
        answer = site.upload(name, media_type, file, size, post=post, slug=slug)
    return _kept(answer)


def _find(site: Site, name: str) -> dict[str, Any] | None:
    """WordPress may have changed the ending by what it saw, never the rest."""
    word = name.rpartition(".")[0] or name
    ask = {"context": "edit", "orderby": "id", "_fields": "id,source_url,mime_type"}
    vtt = name.endswith(".vtt")
    for some in ({"search": word, "per_page": PAGE}, {"author": site.user(), "per_page": NEWEST}):
        for _raw, item in reversed(site.items("media", **ask, **some)[0]):
            if word in reading.text(item, "source_url") and (reading.text(item, "mime_type") == "text/vtt") == vtt:
                return _kept(item)
    return None


def _kept(item: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(item.get("id"), int):
        raise Unclear("The site took the file, but names no id.")
    return {"id": item["id"], "url": reading.web_address(item, "source_url")}


def _term(site: Site, kind: str, name: str) -> int:
    found, _total = site.items(kind, search=escape(name, quote=False), per_page=PAGE, _fields="id,name")
    for _raw, item in found:
        if unescape(reading.text(item, "name")).casefold() == name.casefold():
            return int(item["id"])
    try:
        return int(site.post(kind, {"name": name})["id"])
    except Exists as error:
        return error.term
