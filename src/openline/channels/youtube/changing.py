"""Changing and taking back films and comments."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import NotAllowed, Outgoing, Progress, Receipt
from openline.channels.http import NotThere
from openline.channels.youtube import commenting, places, writing
from openline.channels.youtube.client import YouTube


def edit(youtube: YouTube, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Give a film or a comment of ours new words. The rest of the film stays as it is."""
    about = outgoing.about
    if not commenting.is_video(about):
        return commenting.edit(youtube, outgoing, progress)
    before = reading.child(_ours(youtube, about), "snippet")
    snippet = {name: before[name] for name in _KEPT if before.get(name)}
    snippet |= {"title": writing.title(outgoing), "description": writing.description(outgoing)}
    progress.step("edit", partial(_edit, youtube, about, snippet))
    return Receipt(about, places.video(about))


_KEPT = ("tags", "categoryId", "defaultLanguage", "defaultAudioLanguage")
"""An update drops what of a part it does not name again."""


def _edit(youtube: YouTube, video: str, snippet: dict[str, Any]) -> bool:
    youtube.put("videos", {"id": video, "snippet": snippet}, part="snippet")
    return True


def delete(youtube: YouTube, about: str) -> Receipt:
    """Take a film or a comment of ours back; what is gone already is fine."""
    if not commenting.is_video(about):
        return commenting.delete(youtube, about)
    try:
        _ours(youtube, about)
        youtube.delete("videos", about)
    except NotThere:
        pass
    return Receipt(about)


def find(youtube: YouTube, outgoing: Outgoing) -> Receipt | None:
    """Whether it is gone or out of sight. An edit is simply made again: that changes nothing."""
    about = outgoing.about
    if outgoing.action == "edit":
        return None
    if outgoing.action == "show":  # what waits for an eye is not told to programs: what is told is public
        return Receipt(about) if commenting.one(youtube, about) else None
    there = bool(_video(youtube, about)) if commenting.is_video(about) else bool(commenting.one(youtube, about))
    return None if there else Receipt(about)


def _video(youtube: YouTube, id: str) -> dict[str, Any] | None:
    found = youtube.items("videos", part="snippet", id=id)
    return found[0] if found else None


def _ours(youtube: YouTube, id: str) -> dict[str, Any]:
    found = _video(youtube, id)
    if found is None:
        raise NotThere(_("The film is not on YouTube any more."), "about")
    if reading.text(reading.child(found, "snippet"), "channelId") != youtube.me():
        raise NotAllowed(_("This film is not this account's."))
    return found
