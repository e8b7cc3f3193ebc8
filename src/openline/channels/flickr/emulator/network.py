"""The emulated Flickr: its state, its residents, its addresses."""

from __future__ import annotations

import html
import io
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from openline.channels.accounts import AccountRef
from openline.channels.emulation import base
from openline.channels.emulation.base import NAMES, CannotDo, Shown, Someone
from openline.channels.flickr.emulator import serving
from openline.channels.flickr.emulator.state import Album, Comment, Numbers, Photo
from openline.channels.text import text_of_html

CITY = Someone("61000001@N08", "philly311", "City of Philadelphia")
RESIDENTS = tuple(Someone(f"6200000{n}@N02", handle, name) for n, (handle, name) in enumerate(NAMES, 1))
_NAMES = {one.id: one.name for one in (CITY, *RESIDENTS)}
_MEMBER = re.compile(r"\[https://www\.flickr\.com/photos/([^/\]]+)/\]")
"""Flickr shows a member's address in brackets as the member's name."""
APP_KEY, APP_SECRET = "9e1a5f0c7b3d4e6f8a2b1c0d9e8f7a6b", "a1b2c3d4e5f60718"
TOKEN, TOKEN_SECRET = "72157720000000001-0123456789abcdef", "fedcba9876543210"


@dataclass(frozen=True, slots=True)
class Token:
    """A login; `perms` from 1 (read) to 3 (delete)."""

    secret: str
    who: Someone
    perms: int


@dataclass(slots=True)
class Asked:
    """A login that has begun (a request token)."""

    secret: str
    back: str
    perms: int = 1
    verifier: str = ""


class Emulator(base.Emulator):
    """Flickr in memory, with the city's account and one app of the city's."""

    network: ClassVar[str] = "flickr"
    label: ClassVar[str] = "Flickr"
    many_posts: ClassVar[str] = "Photos of the city"
    private_too: ClassVar[bool] = False

    def __init__(self, hook: str = "") -> None:
        super().__init__(hook)
        self.numbers = Numbers()
        self.photos: dict[str, Photo] = {}
        self.albums: dict[str, Album] = {}
        self.apps = {APP_KEY: APP_SECRET}
        self.tokens = {TOKEN: Token(TOKEN_SECRET, CITY, 3)}
        self.asked: dict[str, Asked] = {}
        self.nonces: set[tuple[str, str]] = set()
        self.tickets: dict[str, tuple[float, str]] = {}
        self.most_bytes = {"photo": 209_715_200, "video": 1_073_741_824}
        self.most_seconds = 600
        self.film_seconds = 0.5
        """How long it takes to work through a film."""
        self.place_viewers_set = True
        self.add(CITY, "City Hall", "The tower on a clear day.", _picture())

    @property
    def city(self) -> AccountRef:
        """The city's account, logged in."""
        credentials = {
            "api_key": APP_KEY,
            "api_secret": APP_SECRET,
            "oauth_token": TOKEN,
            "oauth_token_secret": TOKEN_SECRET,
        }
        return AccountRef("", CITY.handle, self.url, credentials, {"nsid": CITY.id}, author_id=CITY.id)

    def routes(self) -> Sequence[BaseRoute]:
        """The API, the login, and the pictures for the page."""
        return [*serving.routes(self), Route("/pictures/{photo}", self._show, methods=["GET"])]

    def add(self, owner: Someone, title: str, description: str, content: bytes, **more: Any) -> Photo:
        """Put up a photo or film."""
        kind = {"media": "photo", "media_type": "image/jpeg", "tags": []} | more
        with self.lock:
            photo = Photo(self.numbers.photo(), owner, title, description, content=content, **kind)
            self.photos[photo.id] = photo
        return photo

    def ticket(self, id: str) -> dict[str, Any]:
        """How far the work on an upload is."""
        if id not in self.tickets:
            return {"id": id, "invalid": 1}
        ready_at, photo = self.tickets[id]
        if time.time() < ready_at:
            return {"id": id, "complete": 0}
        return {"id": id, "complete": 1, "photoid": photo} if photo else {"id": id, "complete": 2}

    # Residents

    @property
    def residents(self) -> Sequence[Someone]:
        """Members who comment."""
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
        """Comment under a photo, or under the city's newest."""
        if private:
            raise CannotDo("Flickr's private messages are not for programs.")
        if photos:
            raise CannotDo("A comment on Flickr holds no files.")
        with self.lock:
            photo = self._photo(in_reply_to)
            made = Comment(self.numbers.comment(photo), who, html.escape(text, quote=False))
            photo.comments.append(made)
            photo.changed = made.at
        return made.id

    def edit(self, post: str, text: str) -> None:
        """Change a comment. Flickr does not say whether that counts as a change of the photo: here it does not."""
        with self.lock:
            self._comment(post).text = html.escape(text, quote=False)

    def delete(self, post: str) -> None:
        """Take a comment back."""
        with self.lock:
            self._photo(post).comments.remove(self._comment(post))

    def thread(self, post: str, who: Someone) -> list[Shown]:
        """A photo and what was said under it."""
        with self.lock:
            try:
                photo = self._photo(post)
            except CannotDo:
                return []
            return [self._shown(photo), *(self._said(photo, one) for one in photo.comments)]

    def newest(self, who: Someone, limit: int = 30) -> list[Shown]:
        """The city's photos."""
        with self.lock:
            found = [one for one in self.photos.values() if one.owner == CITY and one.public]
            return [self._shown(one) for one in found[: -limit - 1 : -1]]

    def _photo(self, post: str) -> Photo:
        id = post.split("-")[1] if post.count("-") == 2 else post or next(reversed(self.photos), "")
        if id not in self.photos:
            raise CannotDo("There is no such photo, or the city has none yet.")
        return self.photos[id]

    def _comment(self, post: str) -> Comment:
        found = next((one for one in self._photo(post).comments if one.id == post), None)
        if found is None:
            raise CannotDo("There is no such comment.")
        return found

    def _shown(self, photo: Photo) -> Shown:
        ending = ".mp4" if photo.media == "video" else ""
        media = ((f"{self.url}/pictures/{photo.id}{ending}", photo.title),)
        text, at = text_of_html(photo.description), datetime.fromtimestamp(photo.at, UTC)
        return Shown(photo.id, photo.owner, text, at, photo.owner == CITY, media=media, title=photo.title)

    def _said(self, photo: Photo, one: Comment) -> Shown:
        at = datetime.fromtimestamp(one.at, UTC)
        text = _MEMBER.sub(lambda found: _NAMES.get(found[1], found[0]), text_of_html(one.text))
        return Shown(one.id, one.author, text, at, one.author == CITY, photo.id)

    def _show(self, request: Request) -> Response:
        photo = self.photos.get(request.path_params["photo"].removesuffix(".mp4"))
        if photo is None:
            return Response(status_code=404)
        return Response(photo.content, media_type=photo.media_type)


def new_secret() -> str:
    """A token, verifier or secret like Flickr's."""
    return secrets.token_hex(8)


def _picture() -> bytes:
    Image.new("RGB", (480, 320), (92, 124, 160)).save(buffer := io.BytesIO(), "JPEG")
    return buffer.getvalue()
