"""The connection to a Mastodon server: Mastodon.py, with our time limits and our closed set of errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from mastodon import Mastodon
from mastodon import errors as mastodon_errors

from openline.channels import reading
from openline.channels.base import (
    AccountRef,
    ChannelError,
    NetworkDown,
    NotAllowed,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
)

TIMEOUT_SECONDS = 20
# Mastodon.py asks the server for its version and recurses endlessly when the answer is unusable; we name one.
_VERSION = "4.2.0"
_WINDOW = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=3)
_REMEMBER_SECONDS = 3600
# Mastodon's words for a login that only a person can mend (403 and 422), api/base_controller.rb 4.x.
_LOGIN_TROUBLE = ("outside the authorized scopes", "your login is", "requires an authenticated user")
# Signs in an error and its causes that the request cannot have left.
_NEVER_LEFT = (
    "NewConnectionError ConnectTimeout NameResolutionError InvalidURL InvalidSchema MissingSchema LocationParseError"
    " CERTIFICATE_VERIFY_FAILED"
).split() + ["Connection refused"]


class NotThere(NetworkDown):
    """What was asked for is not on this server: a post that is gone, or no Mastodon server at all."""


class Recorder(requests.Session):
    """A session that keeps the last answer: its bytes for the record, its headers for when to come back."""

    last: bytes = b""
    last_headers: Mapping[str, str] = {}

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send as usual. Requests never repeats a call by itself (its adapters are made with no retries)."""
        if method == "GET" and str(url).endswith("/api/v1/notifications"):
            # Since 4.3 Mastodon sets aside mentions of strangers, by default all private ones: a city hears them.
            kwargs["params"] = {**(kwargs.get("params") or {}), "include_filtered": "true"}
        response = super().request(method, url, *args, **kwargs)
        if not kwargs.get("stream"):
            self.last, self.last_headers = response.content, response.headers
        return response


class Server:
    """One account's server, as that account; made anew for each task, as its recorder is no thing to share."""

    def __init__(self, account: AccountRef) -> None:
        token = account.credentials.get("access_token", "")
        if not token or not token.isascii() or not token.isprintable():
            raise TokenExpired("The account has no usable access token.")
        self._address = account.server.rstrip("/")
        self._session = Recorder()
        with translated(self._session):
            # It raises on rate limits instead of sleeping.
            self._client = Mastodon(
                access_token=token,
                api_base_url=self._address,
                ratelimit_method="throw",
                request_timeout=TIMEOUT_SECONDS,
                mastodon_version=_VERSION,
                session=self._session,
                user_agent="openline",
            )

    def ask(self, call: Callable[[Mastodon], Any], *, sending: bool = False) -> Any:
        """What `call` gives; raises a ChannelError. With `sending`, what may have arrived is Unclear."""
        with translated(self._session, sending=sending):
            return call(self._client)

    def answer(self, call: Callable[[Mastodon], Any]) -> bytes:
        """The very bytes that the server answered to `call`."""
        self.ask(call)
        return self._session.last

    def object(self, call: Callable[[Mastodon], Any], *, sending: bool = False) -> dict[str, Any]:
        """The JSON object that the server answered to `call`."""
        self.ask(call, sending=sending)
        try:
            return reading.json_object(self._session.last)
        except reading.Unreadable as error:
            raise _senseless(sending, str(error)) from error

    def items(self, call: Callable[[Mastodon], Any]) -> list[tuple[bytes, dict[str, Any]]]:
        """The objects of the JSON array that the server answered to `call`, each as it sent it and as read."""
        try:
            found = reading.json_items(self.answer(call))
        except (ValueError, RecursionError) as error:
            raise _senseless(False, "no list") from error
        return [(raw, item) for raw, item in found if isinstance(item, dict)]

    def text_limit(self, usual: int) -> int:
        """The server's own limit in characters, asked for once an hour; `usual` if it does not say."""
        kept = _limits.get(self._address)
        if kept and time.monotonic() - kept[0] < _REMEMBER_SECONDS:
            return kept[1]
        try:
            said = self.object(lambda client: client.instance())
        except ChannelError:
            return usual
        limit = reading.child(reading.child(said, "configuration"), "statuses").get("max_characters")
        limit = limit or said.get("max_toot_chars")  # Pleroma and Akkoma
        found = limit if isinstance(limit, int) and limit > 0 else usual
        _limits[self._address] = (time.monotonic(), found)
        return found


_limits: dict[str, tuple[float, int]] = {}


def _senseless(sending: bool, why: str) -> ChannelError:
    return (Unclear if sending else NetworkDown)(f"The server's answer makes no sense: {why}")


@contextmanager
def translated(session: Recorder, sending: bool = False) -> Iterator[None]:
    """Turn whatever Mastodon.py raises into our errors. When `sending`, what may have arrived is Unclear."""
    try:
        yield
    except ChannelError:
        raise
    except mastodon_errors.MastodonRatelimitError as error:
        raise RateLimited(retry_at(session.last_headers)) from error
    except (mastodon_errors.MastodonIllegalArgumentError, mastodon_errors.MastodonVersionError) as error:
        raise Rejected(_words(error)) from error
    except mastodon_errors.MastodonServerError as error:
        raise (Unclear if sending else NetworkDown)(_words(error)) from error
    except mastodon_errors.MastodonAPIError as error:
        raise _refusal(error, session, sending) from error
    except (mastodon_errors.MastodonNetworkError, requests.RequestException) as error:
        raise _network(error, sending) from error
    except (mastodon_errors.MastodonError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise _senseless(sending, _words(error)) from error


def _refusal(error: Exception, session: Recorder, sending: bool) -> ChannelError:
    """What an answer that is no success means for us; Mastodon.py has its status among the arguments."""
    status = next((argument for argument in error.args if isinstance(argument, int)), 0)
    words = _words(error)
    if status == 0:
        return (Unclear if sending else NetworkDown)(words)
    if status == 429:
        return RateLimited(retry_at(session.last_headers))
    if status == 401 or (status in (403, 422) and any(sign in words.lower() for sign in _LOGIN_TROUBLE)):
        return TokenExpired(words)
    if status == 403:
        return NotAllowed(words)
    if not sending:
        return (NotThere if status in (404, 410) else NetworkDown)(words)
    if status == 404:
        return Rejected("The post to answer is gone, or the server does not know it.", "in_reply_to")
    return Rejected(words, "text" if status == 422 else "")


def _network(error: Exception, sending: bool) -> ChannelError:
    """Refused connections and unknown hosts mean that nothing was sent; anything later is unclear."""
    cause: BaseException | None = error
    words = ""
    while cause is not None:
        words += f" {cause!r}"
        cause = cause.__cause__ or cause.__context__
    if sending and not any(sign in words for sign in _NEVER_LEFT):
        return Unclear("The connection broke while sending.")
    return NetworkDown("The server cannot be reached.")


def retry_at(headers: Mapping[str, str]) -> datetime:
    """When the server says to come back (Retry-After in seconds, X-RateLimit-Reset in ISO 8601), within reason."""
    now = datetime.now(UTC)
    after = headers.get("Retry-After", "")
    reset = headers.get("X-RateLimit-Reset", "")
    if after.isdecimal():
        told = now + timedelta(seconds=min(int(after[:9]), 86_400))
    else:
        told = reading.moment(int(reset) if reset.isdecimal() else reset) or now + _WINDOW
    return min(max(told, now + timedelta(seconds=1)), now + _LONGEST_WAIT)


def _words(error: Exception) -> str:
    return " ".join(str(argument) for argument in error.args)[:300] or type(error).__name__
