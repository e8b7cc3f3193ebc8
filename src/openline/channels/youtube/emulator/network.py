"""The emulated YouTube: its state, its residents, its day's units."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from openline.channels.accounts import AccountRef
from openline.channels.emulation import base
from openline.channels.emulation.base import NAMES, CannotDo, Shown, Someone
from openline.channels.youtube.emulator import serving
from openline.channels.youtube.emulator.refusing import Refused, quota
from openline.channels.youtube.emulator.state import Caption, Comment, Playlist, Upload, Video, new_id

CITY = Someone("UCphilly311AAAAAAAAAAAAAA", "philly311", "City of Philadelphia")
RESIDENTS = tuple(Someone(f"UCresident{n}AAAAAAAAAAAAA", handle, name) for n, (handle, name) in enumerate(NAMES, 1))
CLIENT_ID, CLIENT_SECRET = "1234-openline.apps.googleusercontent.com", "GOCSPX-of-the-city"
ACCESS, REFRESH = "ya29.first-access-token", "1//refresh-token-of-the-city"
TOKEN_SECONDS = 3600


@dataclass(slots=True)
class Access:
    """An access token: whose, and until when."""

    who: Someone
    until: float


@dataclass(frozen=True, slots=True)
class Code:
    """A login that was allowed: what its code may be exchanged with."""

    challenge: str
    back: str


class Emulator(base.Emulator):
    """YouTube in memory, with the city's channel and one project of the city's."""

    network: ClassVar[str] = "youtube"
    label: ClassVar[str] = "YouTube"
    many_posts: ClassVar[str] = "Films of the city"
    private_too: ClassVar[bool] = False

    def __init__(self, hook: str = "") -> None:
        super().__init__(hook)
        self.ours = CITY
        self.videos: dict[str, Video] = {}
        self.comments: dict[str, Comment] = {}
        self.captions: dict[str, Caption] = {}
        self.playlists: dict[str, Playlist] = {}
        self.uploads: dict[str, Upload] = {}
        self.uploads_list = f"UU{CITY.id[2:]}"
        self.clients = {CLIENT_ID: CLIENT_SECRET}
        self.access = {ACCESS: Access(CITY, time.time() + TOKEN_SECONDS)}
        self.refresh = {REFRESH}
        self.codes: dict[str, Code] = {}
        self.units, self.uploads_a_day = 10_000, 100
        self.used: dict[tuple[str, str], int] = {}
        self.film_seconds = 0.2
        """How long it takes to work through a film."""
        self.audited, self.verified, self.long_uploads = True, True, "allowed"
        self.add(CITY, {"snippet": {"title": "Welcome to the city", "description": "What 311 does."}})

    @property
    def city(self) -> AccountRef:
        """The city's account, logged in."""
        credentials = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "access_token": ACCESS,
            "refresh_token": REFRESH,
            "expires_at": str(int(self.access[ACCESS].until)),
        }
        settings = {"channel": CITY.id}
        return AccountRef("", f"@{CITY.handle}", self.url, credentials, settings, author_id=CITY.id)

    def routes(self) -> Sequence[BaseRoute]:
        """The API, the login, and the films for the page."""
        return [*serving.routes(self), Route("/films/{video}", self._show, methods=["GET"])]

    def people(self) -> tuple[Someone, ...]:
        """All who have a channel."""
        return (CITY, *RESIDENTS)

    def add(self, owner: Someone, about: dict[str, Any], content: bytes = b"", media_type: str = "video/mp4") -> Video:
        """Put up a film. The projects that Google has not audited get theirs locked as private."""
        about = {name: dict(value) for name, value in about.items()}
        status = {"privacyStatus": "public", "embeddable": True, "publicStatsViewable": True} | about.get("status", {})
        about["status"] = status if self.audited else status | {"privacyStatus": "private"}
        one = Video(new_id(11), owner, about, content, media_type)
        one.ready_at = time.time() + (self.film_seconds if content else 0)
        self.videos[one.id] = one
        return one

    def is_public(self, one: Video) -> bool:
        """Whether everybody can see it now."""
        status = one.about.get("status", {})
        at = status.get("publishAt", "")
        due = bool(at) and datetime.fromisoformat(at) <= datetime.now(UTC)
        return status.get("privacyStatus") != "private" or due

    def comment(self, who: Someone, text: str, video: str, parent: str = "") -> Comment:
        """Say something under a film or in a thread."""
        id = f"{parent}.{new_id(22)}" if parent else f"Ug{new_id(22)}AB"
        one = Comment(id, video, who, text, parent)
        self.comments[id] = one
        return one

    def tops(self) -> list[Comment]:
        """The comments at the top of threads, newest first."""
        found = [one for one in self.comments.values() if not one.parent]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def replies(self, thread: str) -> list[Comment]:
        """A thread's replies that stand, oldest first."""
        return [one for one in self.comments.values() if one.parent == thread and one.moderation == "published"]

    def remove(self, one: Comment) -> None:
        """Take a comment away, with its replies."""
        self.comments = {id: other for id, other in self.comments.items() if id != one.id and other.parent != one.id}

    def spend(self, bucket: str, amount: int, limit: int) -> None:
        """Count it on the Pacific day; raises Refused where there is not enough left."""
        day = datetime.now(ZoneInfo("America/Los_Angeles")).date().isoformat()
        used = self.used.get((bucket, day), 0) + amount
        if used > limit:
            raise quota()
        self.used[bucket, day] = used

    def who(self, token: str) -> Someone:
        """Whose access token that is; raises Refused."""
        found = self.access.get(token)
        if found is None or found.until < time.time() or token in self.faults.dead_tokens:
            raise Refused(401, "authError", "Request had invalid authentication credentials.", "global")
        return found.who

    # Residents

    @property
    def residents(self) -> Sequence[Someone]:
        """People who comment."""
        return RESIDENTS

    def say(
        self,
        who: Someone,
        text: str,
        *,
        in_reply_to: str = "",
        private: bool = False,
        photos: Sequence[bytes] = (),
    ) -> str:
        """Comment under a film, or in a thread: a reply to a reply stands in the same thread."""
        if private:
            raise CannotDo("YouTube has no private messages.")
        if photos:
            raise CannotDo("A comment on YouTube holds no files.")
        with self.lock:
            above = in_reply_to or next(reversed(self.videos), "")
            if above in self.videos:
                return self.comment(who, text, above).id
            parent = self.comments.get(above.partition(".")[0])
            if parent is None:
                raise CannotDo("There is nothing to comment on.")
            return self.comment(who, text, parent.video, parent.id).id

    def edit(self, post: str, text: str) -> None:
        """Change a comment."""
        with self.lock:
            one = self._comment(post)
            one.text, one.changed = text, time.time()

    def delete(self, post: str) -> None:
        """Take a comment back."""
        with self.lock:
            self.remove(self._comment(post))

    def thread(self, post: str, who: Someone) -> list[Shown]:
        """A film with all that is said under it, or a comment's thread; what is held only its author sees."""
        with self.lock:
            if post in self.videos:
                tops = [one for one in self.tops()[::-1] if one.video == post]
                said = [one for top in tops for one in (top, *self._replies(top.id))]
                return [self._film(self.videos[post]), *self._said(said, who)]
            top = self.comments.get(post.partition(".")[0])
            if top is None:
                return []
            return [self._film(self.videos[top.video]), *self._said([top, *self._replies(top.id)], who)]

    def newest(self, who: Someone, limit: int = 30) -> list[Shown]:
        """The city's films."""
        with self.lock:
            found = [one for one in self.videos.values() if one.owner == CITY and self.is_public(one)]
            return [self._film(one) for one in found[: -limit - 1 : -1]]

    def _replies(self, thread: str) -> list[Comment]:
        return [one for one in self.comments.values() if one.parent == thread]

    def _comment(self, post: str) -> Comment:
        if post not in self.comments:
            raise CannotDo("There is no such comment.")
        return self.comments[post]

    def _film(self, one: Video) -> Shown:
        snippet, at = one.about.get("snippet", {}), datetime.fromtimestamp(one.at, UTC)
        title = str(snippet.get("title", ""))
        media = ((f"{self.url}/films/{one.id}.mp4", title),) if one.content else ()
        text = str(snippet.get("description", ""))
        return Shown(one.id, one.owner, text, at, one.owner == CITY, media=media, title=title)

    def _said(self, said: Sequence[Comment], who: Someone) -> list[Shown]:
        return [
            Shown(
                one.id,
                one.author,
                one.text,
                datetime.fromtimestamp(one.at, UTC),
                one.author == CITY,
                one.parent or one.video,
                hidden=one.moderation != "published",
            )
            for one in said
            if one.moderation == "published" or one.author == who
        ]

    def _show(self, request: Request) -> Response:
        one = self.videos.get(request.path_params["video"].removesuffix(".mp4"))
        if one is None:
            return Response(status_code=404)
        return Response(one.content, media_type=one.media_type)
