"""Publishing a film: uploaded once, then thumbnail, captions and playlist, each a step of its own.

Once the film is there, nothing that follows may fail the post: what YouTube refuses then is told in the receipt.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import (
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    Progress,
    Receipt,
    Rejected,
)
from openline.channels.youtube import captions, finishing, places, uploading, writing
from openline.channels.youtube.client import YouTube

WAIT_SECONDS = 30.0
"""How long one try waits until YouTube has worked through the film; long films take longer, and are out anyway."""
_LOOK_EVERY_SECONDS = 2.0
_MOST_UPLOADS = 5


def publish(youtube: YouTube, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
    """Upload the film, go on where an earlier try stopped, and settle what belongs to it."""
    film = _film(outgoing)
    resource = writing.resource(outgoing, key)
    if not progress.done("film"):
        captions.webvtt(film.captions) if film.captions else None
        finishing.picture(outgoing, progress)
    video = progress.step("film", partial(_uploaded, youtube, outgoing, film, resource, key, progress))
    return _finish(youtube, outgoing, film, video, progress)


def find(youtube: YouTube, outgoing: Outgoing, key: str, progress: Progress, since: datetime) -> Receipt | None:
    """Look for the film by its mark among our newest; if it is there, settle the rest."""
    video = progress.done("film") or newest(youtube, writing.mark(key))
    if not video:
        return None
    return _finish(youtube, outgoing, _film(outgoing), progress.step("film", partial(dict, video)), progress)


def _film(outgoing: Outgoing) -> OutgoingMedia:
    films = [one for one in outgoing.media if one.kind == "video"]
    if not films:
        raise Rejected(_("YouTube holds films: add one to this post."), "media")
    if len(films) > 1:
        raise Rejected(_("A post on YouTube is one film: make a post of each."), "media")
    return films[0]


def _uploaded(
    youtube: YouTube, outgoing: Outgoing, film: OutgoingMedia, resource: dict[str, Any], key: str, progress: Progress
) -> dict[str, Any]:
    """The film on YouTube. Where an upload's address has ended, it is looked for before another is opened."""
    notify = outgoing.options.get("notify") != "no"
    for n in range(_MOST_UPLOADS):
        opened = progress.step(f"upload {n}", partial(uploading.begin, youtube, resource, film, progress, notify))
        if progress.done(f"ended {n}"):
            continue
        try:
            return _kept(uploading.carry(youtube, opened, film, progress))
        except uploading.Ended:
            if found := newest(youtube, writing.mark(key)):
                return found
            progress.step(f"ended {n}", lambda: True)
    raise Rejected(_("YouTube ended the upload again and again before the film was whole."), "media")


def _kept(video: dict[str, Any]) -> dict[str, Any]:
    return {"id": reading.text(video, "id"), "privacy": reading.text(reading.child(video, "status"), "privacyStatus")}


def newest(youtube: YouTube, mark: str) -> dict[str, Any] | None:
    """Our film with that mark, among the newest 50; None if there is none."""
    mine = youtube.items("channels", part="contentDetails", mine=True)
    lists = reading.child(reading.child(mine[0] if mine else {}, "contentDetails"), "relatedPlaylists")
    uploads = reading.text(lists, "uploads")
    if not uploads:
        return None
    listed = youtube.items("playlistItems", part="contentDetails", playlistId=uploads, maxResults=50)
    ids = [reading.text(reading.child(one, "contentDetails"), "videoId") for one in listed]
    for video in youtube.items("videos", part="snippet,status", id=",".join(ids)) if ids else ():
        if mark in (reading.child(video, "snippet").get("tags") or ()):
            return _kept(video)
    return None


def _finish(
    youtube: YouTube, outgoing: Outgoing, film: OutgoingMedia, video: dict[str, Any], progress: Progress
) -> Receipt:
    id, facts = video["id"], dict[str, str]()
    steps: dict[str, Callable[[], str]] = {
        "thumbnail": partial(finishing.thumbnail, youtube, outgoing, id, progress),
        "captions": partial(finishing.captioned, youtube, film, outgoing.language, id),
        "playlist": partial(finishing.listed, youtube, outgoing, id),
    }
    for name, step in steps.items():
        if said := progress.step(name, partial(_told, step)):
            facts[name] = said
    wanted = writing.resource(outgoing, "")["status"]["privacyStatus"]
    if video["privacy"] not in ("", wanted):
        facts["privacy"] = _("YouTube made it %(privacy)s: has Google audited the app?") % {"privacy": video["privacy"]}
    if said := progress.step("ready", partial(_told, partial(_ready, youtube, id))):
        facts["state"] = said
    return Receipt(id, places.video(id), facts=facts)


def _told(step: Callable[[], str]) -> str:
    """What came of a step; what YouTube refuses is told, and undoes nothing."""
    try:
        return step()
    except (NotAllowed, Rejected) as error:
        return error.reason


def _ready(youtube: YouTube, id: str) -> str:
    """How far YouTube is with the film, "" if it is shown. Only reads."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        found = youtube.items("videos", part="status", id=id)
        status = reading.child(found[0] if found else {}, "status")
        state = reading.text(status, "uploadStatus")
        if state in ("failed", "rejected"):
            why = reading.text(status, "failureReason") or reading.text(status, "rejectionReason")
            return _("YouTube does not show it (%(state)s: %(why)s).") % {"state": state, "why": why}
        if state != "uploaded":
            return ""
        if time.monotonic() > until:
            return _("YouTube is still preparing it.")
        time.sleep(_LOOK_EVERY_SECONDS)
