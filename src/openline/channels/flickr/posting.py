"""Publishing photos and films: each file uploaded once, given licence and place, and put into its album.

Every step can be made again without harm: an upload is found by its machine tag, the rest sets what is set already.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import Outgoing, Progress, RateLimited, Receipt, Rejected
from openline.channels.flickr import albums, limits, places, writing
from openline.channels.flickr.client import Flickr

WAIT_SECONDS = 60.0
"""How long one try waits until Flickr has worked through a film; then the post is tried again later."""
_LOOK_EVERY_SECONDS = 1.0
_COME_BACK = timedelta(minutes=1)
_PAGE, _PAGES = 500, 4
_PRIVACY = {"public": ("1", "0", "0"), "friends": ("0", "1", "0"), "family": ("0", "0", "1"), "private": ("0",) * 3}


def publish(flickr: Flickr, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
    """Upload, wait for films, and settle what belongs to the post."""
    if not progress.done("photo 0"):
        limits.refuse(flickr, outgoing, progress)
    for n in range(len(outgoing.media)):
        if not progress.done(f"photo {n}"):
            progress.step(f"upload {n}", partial(_upload, flickr, outgoing, key, n, progress))
    return _finish(flickr, outgoing, progress)


def find(flickr: Flickr, outgoing: Outgoing, key: str, progress: Progress, since: datetime) -> Receipt | None:
    """Look for our files by their marks. Those that are there are kept, and once all are, the rest is settled."""
    wanted = {writing.mark(key, n): n for n in range(len(outgoing.media)) if not _known(progress, n)}
    for photo in _newest(flickr, since) if wanted else ():
        for mark in reading.text(photo, "machine_tags").split():
            if mark in wanted:
                progress.step(f"upload {wanted.pop(mark)}", partial(dict, {"photoid": reading.text(photo, "id")}))
    return None if wanted or not outgoing.media else _finish(flickr, outgoing, progress)


def _known(progress: Progress, n: int) -> bool:
    return bool(progress.done(f"photo {n}") or progress.done(f"upload {n}"))


def _newest(flickr: Flickr, since: datetime) -> list[dict[str, Any]]:
    found = list[dict[str, Any]]()
    ask = {"user_id": "me", "min_upload_date": int(since.timestamp()), "extras": "machine_tags", "per_page": _PAGE}
    for number in range(1, _PAGES + 1):
        page = reading.child(flickr.ask("people.getPhotos", page=number, **ask), "photos")
        found += reading.children(page, "photo")
        if len(reading.children(page, "photo")) < _PAGE:
            break
    return found


def _upload(flickr: Flickr, outgoing: Outgoing, key: str, n: int, progress: Progress) -> dict[str, str]:
    media = outgoing.media[n]
    public, friend, family = _PRIVACY[outgoing.options.get("privacy") or "public"]
    values = {
        "title": writing.title(outgoing),
        "description": writing.description(outgoing, media, with_text=n == 0),
        "tags": writing.tag_list([*writing.tags(outgoing), writing.mark(key, n)]),
        "is_public": public,
        "is_friend": friend,
        "is_family": family,
        "safety_level": outgoing.options.get("safety") or "1",
        "content_type": "1",
        "async": "1" if media.kind == "video" else "0",
    }
    with progress.open(media.file) as content:
        return flickr.upload(content, media.name or f"file-{n}", media.media_type, values)


def _finish(flickr: Flickr, outgoing: Outgoing, progress: Progress) -> Receipt:
    photos = [
        progress.step(f"photo {n}", partial(_ready, flickr, progress.done(f"upload {n}")))
        for n in range(len(outgoing.media))
    ]
    for n, photo in enumerate(photos):
        if licence := outgoing.options.get("licence"):
            progress.step(
                f"licence {n}", partial(flickr.do, "photos.licenses.setLicense", photo_id=photo, license_id=licence)
            )
        if outgoing.place:
            progress.step(f"place {n}", partial(_place, flickr, photo, *outgoing.place))
    album = albums.put(flickr, outgoing, photos, progress)
    me = flickr.me()
    facts = {"album": places.album(me, album)} if album else {}
    return Receipt(photos[0], places.photo(me, photos[0]), parts=tuple(photos[1:]), facts=facts)


def _ready(flickr: Flickr, uploaded: dict[str, str]) -> str:
    """The photo's id, once Flickr has worked through the file. Only reads."""
    if photo := uploaded.get("photoid"):
        return photo
    until = time.monotonic() + WAIT_SECONDS
    while True:
        said = reading.child(flickr.ask("photos.upload.checkTickets", tickets=uploaded["ticketid"]), "uploader")
        ticket = next(iter(reading.children(said, "ticket")), {})
        state = reading.text(ticket, "complete")
        if state == "1" and (photo := reading.text(ticket, "photoid") or reading.text(ticket, "photo_id")):
            return photo
        if state == "2" or reading.text(ticket, "invalid") == "1":
            raise Rejected(_("Flickr could not work through the film."), "media")
        if time.monotonic() > until:
            raise RateLimited(datetime.now(UTC) + _COME_BACK, _("Flickr is still preparing the film."))
        time.sleep(_LOOK_EVERY_SECONDS)


def _place(flickr: Flickr, photo: str, latitude: float, longitude: float) -> dict[str, Any]:
    return flickr.do(
        "photos.geo.setLocation", photo_id=photo, lat=f"{latitude:.6f}", lon=f"{longitude:.6f}", accuracy=16
    )
