"""Films: as a video, a reel or a video story. Started, uploaded in parts, finished; each a step.

Nobody sees anything before `finish`. After it Facebook works on the film; asking how far it is only reads.
docs/video-api/guides/publishing, docs/video-api/guides/reels-publishing, docs/page-stories-api (2026).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO, Literal

from django.utils.translation import gettext as _

from openline.channels import reading as plain
from openline.channels.base import (
    NetworkDown,
    Outgoing,
    OutgoingMedia,
    Progress,
    Receipt,
    Rejected,
    Unclear,
)
from openline.channels.facebook import captions, reading, rules, writing
from openline.channels.facebook.page import OtherOffset
from openline.channels.graph.client import Graph
from openline.channels.graph.errors import NotThere

Kind = Literal["videos", "video_reels", "video_stories"]

WAIT_SECONDS, LOOK_SECONDS = 120.0, 2.0
_BLOCK = 1 << 20
_STATUS = "id,status,post_id,published,permalink_url"


def kind_of(outgoing: Outgoing) -> Kind:
    """What the film becomes."""
    if outgoing.form == "story":
        return "video_stories"
    return "video_reels" if outgoing.options.get("as") == "reel" else "videos"


def publish(graph: Graph, page: str, outgoing: Outgoing, film: OutgoingMedia, progress: Progress) -> Receipt:
    """The film on the page; now, or by Facebook itself later."""
    kind, planned = kind_of(outgoing), writing.plan(outgoing)
    _fits(kind, film, bool(planned))
    with progress.open(film.file) as content:
        size = _size(content)
        begun = progress.step("start", partial(_start, graph, page, kind, size))
        upload = _transfer if kind == "videos" else _upload
        progress.step("upload", partial(upload, graph, page, begun, content, size))
    values = _words(kind, outgoing) | _when(kind, planned)
    finished = progress.step("finish", partial(_finish, graph, page, kind, begun, values))
    made = progress.step("watch", partial(_watch, graph, page, begun["video_id"], finished, bool(planned)))
    spoken = progress.step("captions", partial(captions.add, graph, begun["video_id"], film, outgoing.language))
    return Receipt(**made, facts={"captions": spoken} if spoken else {})


def find_sent(graph: Graph, page: str, progress: Progress) -> Receipt | None:
    """By the film's own id, which is known since it was started; what is found is kept, and `publish` goes on."""
    begun = progress.done("start")
    if not begun:
        return None
    try:
        said = graph.get(begun["video_id"], fields=_STATUS)
    except NotThere:
        return None
    if not _is_finished(said):
        return None
    finished = progress.step("finish", lambda: {"post_id": plain.text(said, "post_id")})
    planned = _phase(said, "publishing_phase").get("publish_status") == "scheduled"
    return Receipt(**progress.step("watch", partial(_watch, graph, page, begun["video_id"], finished, planned)))


def _fits(kind: Kind, film: OutgoingMedia, planned: bool) -> None:
    limits = {"video_reels": rules.REEL_SECONDS, "video_stories": rules.STORY_SECONDS}.get(kind)
    if limits and film.seconds and not limits[0] <= film.seconds <= limits[1]:
        words = _("It may last from %(least)d to %(most)d seconds; this film has %(found)d.")
        raise Rejected(words % {"least": limits[0], "most": limits[1], "found": film.seconds}, "media")
    if kind == "video_stories" and planned:
        raise Rejected(_("Facebook takes no stories ahead of time."), "publish_at")


def _words(kind: Kind, outgoing: Outgoing) -> dict[str, Any]:
    text = writing.post_text(outgoing)
    return {} if kind == "video_stories" else {"description": text or None, "title": outgoing.title or None}


def _when(kind: Kind, planned: dict[str, Any]) -> dict[str, Any]:
    if kind == "videos":
        return planned
    if not planned:
        return {"video_state": "PUBLISHED"} if kind == "video_reels" else {}
    return {"video_state": "SCHEDULED", "scheduled_publish_time": planned["scheduled_publish_time"]}


def _start(graph: Graph, page: str, kind: Kind, size: int) -> dict[str, Any]:
    values = {"upload_phase": "start"} | ({"file_size": size} if kind == "videos" else {})
    said = graph.post(f"{page}/{kind}", values, films=kind == "videos")
    names = ("video_id", "upload_session_id", "start_offset", "end_offset", "upload_url")
    found = {name: plain.text(said, name) for name in names}
    if not found["video_id"]:
        raise Unclear("Facebook began the upload, but names no id.")
    return found


def _transfer(graph: Graph, page: str, begun: dict[str, Any], content: BinaryIO, size: int) -> bool:
    """The film in the parts that the server asks for, until it wants no more. It says where to go on after a break."""
    start, end = int(begun["start_offset"] or 0), int(begun["end_offset"] or size)
    while start < end:
        content.seek(start)
        values = {"upload_phase": "transfer", "upload_session_id": begun["upload_session_id"], "start_offset": start}
        files = {"video_file_chunk": ("film", content.read(end - start), "application/octet-stream")}
        try:
            said = graph.post(f"{page}/videos", values, files, films=True)
        except OtherOffset as error:
            start, end = error.start, error.end
            continue
        start, end = (int(plain.text(said, name) or size) for name in ("start_offset", "end_offset"))
    return True


def _upload(graph: Graph, page: str, begun: dict[str, Any], content: BinaryIO, size: int) -> bool:
    """The film in one go, or what the server lacks of it."""
    there = plain.text(_phase(graph.get(begun["video_id"], fields="status"), "uploading_phase"), "bytes_transfered")
    offset = int(there) if there.isdecimal() else 0
    if offset < size:
        content.seek(offset)
        told = {"offset": str(offset), "file_size": str(size), "Content-Length": str(size - offset)}
        graph.upload(begun["upload_url"], _blocks(content), told)
    return True


def _finish(graph: Graph, page: str, kind: Kind, begun: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    named = "upload_session_id" if kind == "videos" else "video_id"
    said = graph.post(
        f"{page}/{kind}", {"upload_phase": "finish", named: begun[named], **values}, films=kind == "videos"
    )
    return {"post_id": plain.text(said, "post_id")}


def _watch(graph: Graph, page: str, video: str, finished: dict[str, Any], planned: bool) -> dict[str, Any]:
    """Wait until Facebook has made the film ready; only reads. Raises NetworkDown to be asked again later."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        said = graph.get(video, fields=_STATUS)
        _must_not_have_failed(said)
        if _is_ready(said) or (planned and plain.text(said, "post_id")):
            break
        if time.monotonic() > until:
            if planned:
                break  # it is there, and may have a post only when its time comes
            raise NetworkDown(_("Facebook is still working on the film."))
        time.sleep(LOOK_SECONDS)
    post = plain.text(said, "post_id") or finished.get("post_id") or video
    named = post if "_" in post or post == video else f"{page}_{post}"
    return {"network_id": named, "url": _whole(plain.text(said, "permalink_url")) or reading.address(named)}


def _is_ready(said: dict[str, Any]) -> bool:
    return plain.text(plain.child(said, "status"), "video_status") == "ready"


def _is_finished(said: dict[str, Any]) -> bool:
    """Whether `finish` was taken: it is being made public, was, or is planned."""
    phase = _phase(said, "publishing_phase")
    return said.get("published") is True or plain.text(phase, "status") in ("in_progress", "complete", "scheduled")


def _must_not_have_failed(said: dict[str, Any]) -> None:
    for name in ("uploading_phase", "processing_phase", "publishing_phase"):
        phase = _phase(said, name)
        if plain.text(phase, "status") == "error":
            words = plain.text(plain.child(phase, "error"), "message")
            raise Rejected(words or _("Facebook cannot use this film."), "media")


def _phase(said: dict[str, Any], name: str) -> dict[str, Any]:
    return plain.child(plain.child(said, "status"), name)


def _whole(path: str) -> str:
    return f"https://www.facebook.com{path}" if path.startswith("/") else path


def _size(content: BinaryIO) -> int:
    return content.seek(0, os.SEEK_END)


def _blocks(content: BinaryIO) -> Iterator[bytes]:
    while block := content.read(_BLOCK):
        yield block
