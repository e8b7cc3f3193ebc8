"""What goes wrong with a Mastodon server, told in our closed set of errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

import requests
from mastodon import errors as mastodon_errors

from openline.channels import reading
from openline.channels.base import (
    ChannelError,
    NetworkDown,
    NotAllowed,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
)

_WINDOW = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=3)
# Mastodon's words for a login that only a person can mend (403 and 422), api/base_controller.rb 4.x.
_LOGIN_TROUBLE = ("outside the authorized scopes", "your login is", "requires an authenticated user")
# Signs in an error and its causes that the request cannot have left.
_NEVER_LEFT = (
    "NewConnectionError ConnectTimeout NameResolutionError InvalidURL InvalidSchema MissingSchema LocationParseError"
    " CERTIFICATE_VERIFY_FAILED"
).split() + ["Connection refused"]


class NotThere(NetworkDown):
    """What was asked for is not on this server: a post that is gone, or no Mastodon server at all."""


class Missing(Rejected):
    """What was to be changed or answered is not on this server, or the server has no such call."""


class Answered(Protocol):
    """Whatever keeps the headers of the last answer."""

    last_headers: Mapping[str, str]


def senseless(sending: bool, why: str) -> ChannelError:
    """The error for an answer that cannot be read."""
    return (Unclear if sending else NetworkDown)(f"The server's answer makes no sense: {why}")


@contextmanager
def translated(session: Answered, sending: bool = False) -> Iterator[None]:
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
        raise senseless(sending, _words(error)) from error


def _refusal(error: Exception, session: Answered, sending: bool) -> ChannelError:
    """What an answer that is no success means for us; Mastodon.py has its status among the arguments."""
    status = next((argument for argument in error.args if isinstance(argument, int)), 0)
    words = _words(error)
    if status == 0:
        return (Unclear if sending else NetworkDown)(words)
    if status == 429:
        return RateLimited(retry_at(session.last_headers))
    if status == 401 or (status == 422 and _needs_login(words)):
        return TokenExpired(words)
    if status == 403:
        return forbidden(words)
    if not sending:
        return (NotThere if status in (404, 405, 410) else NetworkDown)(words)
    if status in (404, 405, 410):
        return Missing("The post is gone, or the server does not know it.", "in_reply_to")
    return Rejected(words, "text" if status == 422 else "")


def _needs_login(words: str) -> bool:
    return any(sign in words.lower() for sign in _LOGIN_TROUBLE)


def forbidden(words: str) -> ChannelError:
    """The error for a 403: the token may not do this, or the account may not."""
    return TokenExpired(words) if _needs_login(words) else NotAllowed(words)


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
