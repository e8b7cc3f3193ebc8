"""The connection to a Mastodon server: Mastodon.py, with our time limits and our closed set of errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


class Recorder(requests.Session):
    """A session that keeps the last answer: its bytes for the record, its headers for when to come back."""

    last: bytes = b""
    last_headers: Mapping[str, str] = {}

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send as usual. Requests never repeats a call by itself (its adapters are made with no retries)."""
        response = super().request(*args, **kwargs)
        if not kwargs.get("stream"):
            self.last, self.last_headers = response.content, response.headers
        return response


def connect(account: AccountRef) -> tuple[Mastodon, Recorder]:
    """A client for `account` that raises on rate limits instead of sleeping, and its recorder."""
    session = Recorder()
    client = Mastodon(
        access_token=account.credentials.get("access_token", ""),
        api_base_url=account.server.rstrip("/"),
        ratelimit_method="throw",
        request_timeout=TIMEOUT_SECONDS,
        mastodon_version=_VERSION,
        session=session,
        user_agent="openline",
    )
    return client, session


@contextmanager
def translated(session: Recorder, sending: bool = False) -> Iterator[None]:
    """Turn whatever Mastodon.py raises into our errors. When `sending`, what may have arrived is Unclear."""
    try:
        yield
    except ChannelError:
        raise
    except mastodon_errors.MastodonRatelimitError as error:
        raise RateLimited(_retry_at(session.last_headers)) from error
    except mastodon_errors.MastodonUnauthorizedError as error:
        raise TokenExpired(_words(error)) from error
    except mastodon_errors.MastodonNotFoundError as error:
        raise Rejected("The post to answer is gone, or the server does not know it.", "in_reply_to") from error
    except mastodon_errors.MastodonServerError as error:
        raise (Unclear if sending else NetworkDown)(_words(error)) from error
    except mastodon_errors.MastodonAPIError as error:
        raise _refusal(error, session, sending) from error
    except (mastodon_errors.MastodonNetworkError, requests.RequestException) as error:
        raise _network(error, sending) from error
    except (mastodon_errors.MastodonError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise (Unclear if sending else NetworkDown)(f"The server's answer makes no sense: {_words(error)}") from error


def _refusal(error: Exception, session: Recorder, sending: bool) -> ChannelError:
    """An answer that Mastodon.py has no class for: with its status as an argument, or not readable at all."""
    status = next((argument for argument in error.args if isinstance(argument, int)), 0)
    if status == 0:
        return (Unclear if sending else NetworkDown)(_words(error))
    if status == 429:
        return RateLimited(_retry_at(session.last_headers))
    if status == 401:
        return TokenExpired(_words(error))
    if status == 403:
        return NotAllowed(_words(error))
    return Rejected(_words(error))


def _network(error: Exception, sending: bool) -> ChannelError:
    """Refused connections and unknown hosts mean that nothing was sent; anything later is unclear."""
    cause: BaseException | None = error
    words = ""
    while cause is not None:
        words += f" {cause!r}"
        cause = cause.__cause__ or cause.__context__
    never_left = any(
        sign in words for sign in ("NewConnectionError", "ConnectTimeout", "NameResolutionError", "Connection refused")
    )
    if sending and not never_left:
        return Unclear("The connection broke while sending.")
    return NetworkDown("The server cannot be reached.")


_WINDOW = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=3)


def _retry_at(headers: Mapping[str, str]) -> datetime:
    """When the server says to come back (Retry-After in seconds, X-RateLimit-Reset in ISO 8601), within reason."""
    now = datetime.now(UTC)
    after = headers.get("Retry-After", "")
    reset = reading.moment(headers.get("X-RateLimit-Reset", ""))
    told = now + timedelta(seconds=int(after)) if after.isdigit() and len(after) < 7 else reset
    return min(max(told or now + _WINDOW, now + timedelta(seconds=1)), now + _LONGEST_WAIT)


def _words(error: Exception) -> str:
    return " ".join(str(argument) for argument in error.args)[:300] or type(error).__name__
