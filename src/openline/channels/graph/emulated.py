"""What the emulators of Instagram and Threads have in common: tokens that run out, Graph's errors, signed calls to us,
and media that is really fetched. Written from Meta's documentation; what that leaves open is marked "assumed".
"""

from __future__ import annotations

import hashlib
import hmac
import html
import io
import itertools
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from PIL import Image
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

SHORT, LONG = timedelta(hours=1), timedelta(days=60)
CONTAINER_LIFE = timedelta(hours=24)
_FETCH_SECONDS = 10.0


class GraphRefuses(Exception):
    """A refusal as Graph words it."""

    def __init__(self, code: int, message: str, subcode: int = 0, status: int = 400, **more: Any) -> None:
        super().__init__(message)
        self.code, self.status = code, status
        error = {"message": message, "type": "OAuthException", "code": code}
        error |= {"error_subcode": subcode} if subcode else {}
        self.body = {"error": error | more | {"fbtrace_id": "A" + secrets.token_urlsafe(16)}}

    def answer(self) -> Response:
        """As it goes over the wire."""
        return JSONResponse(self.body, self.status)


@dataclass(slots=True)
class Token:
    """A token of the city's account."""

    value: str
    long: bool
    issued: datetime
    expires: datetime


class Clock:
    """The emulated network's time, which tests may put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """In UTC."""
        return datetime.now(UTC) + self.ahead


class Tokens:
    """Who may speak. `prefix` is how the network's tokens begin."""

    def __init__(self, clock: Clock, prefix: str) -> None:
        self._clock, self._prefix = clock, prefix
        self._codes: dict[str, str] = {}
        self.known: dict[str, Token] = {}

    def code(self, return_to: str) -> str:
        """A code for that address, good once."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = return_to
        return code

    def redeem(self, code: str, return_to: str) -> Token:
        """A short token for a code."""
        if self._codes.pop(code, None) != return_to:
            raise GraphRefuses(100, "This authorization code has been used, or was not issued for this redirect URI")
        return self.issue(long=False)

    def issue(self, *, long: bool = True, lasts: timedelta | None = None, age: timedelta = timedelta()) -> Token:
        """A new token, `age` old already, which runs out after `lasts`."""
        now = self._clock.now()
        value = self._prefix + secrets.token_urlsafe(32)
        found = Token(value, long, now - age, now + (lasts or (LONG if long else SHORT)))
        self.known[value] = found
        return found

    def of(self, request: Request) -> Token:
        """Whose request it is. Raises GraphRefuses(190)."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ").removeprefix("OAuth ")
        given = given or request.query_params.get("access_token", "")
        found = self.known.get(given)
        if found is None:
            raise GraphRefuses(190, "Invalid OAuth access token - Cannot parse access token", status=401)
        if found.expires <= self._clock.now():
            raise GraphRefuses(190, "Error validating access token: Session has expired", 463, status=401)
        return found

    def exchanged(self, request: Request) -> Token:
        """A long token for a short one."""
        if self.of(request).long:
            raise GraphRefuses(100, "The access token is a long-lived one already")
        return self.issue()

    def renewed(self, request: Request) -> Token:
        """A long token for one that is a day old and has not run out."""
        found = self.of(request)
        if not found.long or self._clock.now() - found.issued < timedelta(days=1):
            raise GraphRefuses(100, "Only a long-lived token that is at least 24 hours old can be refreshed")
        return self.issue()


def login_page(request: Request, network: str, handle: str) -> Response:
    """A person sees which app asks for what, and allows it."""
    asked = request.query_params
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(asked.get(name, ""))}">'
        for name in ("redirect_uri", "state")
    )
    words = html.escape(asked.get("scope", "").replace(",", ", "))
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Login</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/sandbox/style.css"></head><body>'
        f"<header><p>{network} <small>for training, on this machine only</small></p></header><main>"
        f"<h1>Log in as @{handle}</h1><p>An app of the city asks for: {words}</p>"
        f'<form method="post" action="/oauth/allow" class="say">{hidden}<button>Allow</button></form>'
        "</main></body></html>"
    )


def signed(value: Mapping[str, Any], secret: str) -> tuple[bytes, dict[str, str]]:
    """A call's body and headers: text escaped as Meta does it, signed over the very bytes."""
    body = json.dumps(value, ensure_ascii=True).replace("/", "\\/").encode()
    seal = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return body, {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={seal}"}


def stamp(at: datetime) -> str:
    """A time as Graph writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that the network fetched: `error` says what is wrong with it, "" if nothing is."""

    content: bytes = field(repr=False, default=b"")
    kind: str = ""
    width: int = 0
    height: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class ImageRule:
    """What a network takes of pictures."""

    formats: tuple[str, ...]
    most_bytes: int
    narrowest: float
    widest: float


def fetch_image(address: str, rule: ImageRule) -> Fetched:
    """Get a picture from its public address and look at it, as the network does."""
    content = _get(address, rule.most_bytes + 1)
    if content is None:
        return Fetched(error="download")
    if len(content) > rule.most_bytes:
        return Fetched(error="size")
    try:
        picture = Image.open(io.BytesIO(content))
        name, (width, height) = str(picture.format), picture.size
    except (OSError, ValueError):
        return Fetched(error="format")
    if name not in rule.formats:
        return Fetched(error="format")
    if not rule.narrowest <= width / height <= rule.widest:
        return Fetched(error="ratio")
    return Fetched(content, f"image/{name.lower()}", width, height)


def fetch_video(address: str, most_bytes: int) -> Fetched:
    """Get a film from its public address; whether it is one is told by its first box (ISO 14496-12)."""
    content = _get(address, most_bytes + 1)
    if content is None:
        return Fetched(error="download")
    if len(content) > most_bytes:
        return Fetched(error="size")
    return Fetched(content, "video/mp4") if content[4:8] == b"ftyp" else Fetched(error="format")


def _get(address: str, most: int) -> bytes | None:
    if not address.startswith(("https://", "http://127.0.0.1:")):
        return None
    try:
        with httpx.stream("GET", address, timeout=_FETCH_SECONDS, follow_redirects=True) as answer:
            if not answer.is_success:
                return None
            content = b""
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > most:
                    break
            return content
    except (httpx.HTTPError, httpx.InvalidURL):
        return None


class Ids:
    """Numbers as Meta gives them: 17 digits, rising."""

    def __init__(self) -> None:
        self._count = itertools.count(int(time.time()) * 10_000_000)

    def __call__(self) -> str:
        return str(next(self._count))


def picked(value: Mapping[str, Any], fields: str) -> dict[str, Any]:
    """The fields that were asked for, of those that there are; the id always. Braces are looked into one level."""
    found = {"id": value["id"]} if "id" in value else {}
    for name, inner in _split(fields):
        if value.get(name) is None:
            continue
        below = value[name]
        if inner and isinstance(below, dict) and isinstance(below.get("data"), list):
            below = {"data": [picked(one, inner) for one in below["data"]]}
        found[name] = below
    return found


def _split(fields: str) -> list[tuple[str, str]]:
    found, depth, word = list[str](), 0, ""
    for sign in fields + ",":
        depth += (sign == "{") - (sign == "}")
        if sign == "," and not depth:
            found.append(word.strip())
            word = ""
        else:
            word += sign
    return [(one.partition("{")[0], one.partition("{")[2].removesuffix("}")) for one in found if one]


def page(
    rows: list[Any], query: Mapping[str, str], shown: Callable[[Any], dict[str, Any]], most: int = 100
) -> dict[str, Any]:
    """One page of an edge: `rows` in the order of the edge; the cursor is where the next page begins."""
    limit = min(int(query.get("limit") or 25), most)
    begin = int(query.get("after") or 0)
    part = rows[begin : begin + limit]
    if not part:
        return {"data": []}
    cursors = {"before": str(begin), "after": str(begin + len(part))}
    return {"data": [shown(one) for one in part], "paging": {"cursors": cursors}}


class Allowance:
    """How often something may be done in a rolling time."""

    def __init__(self, clock: Clock, total: int, seconds: int = 86_400) -> None:
        self._clock, self.total, self.seconds = clock, total, seconds
        self._done: list[datetime] = []

    @property
    def used(self) -> int:
        """How often it was done in that time."""
        since = self._clock.now() - timedelta(seconds=self.seconds)
        self._done = [at for at in self._done if at > since]
        return len(self._done)

    def use(self) -> bool:
        """Do it once more; False if that is too often."""
        if self.used >= self.total:
            return False
        self._done.append(self._clock.now())
        return True

    def config(self) -> dict[str, int]:
        """As the network tells it."""
        return {"quota_total": self.total, "quota_duration": self.seconds}
