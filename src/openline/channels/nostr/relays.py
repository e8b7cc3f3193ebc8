"""Several relays as one network: each may be down, one is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

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

T = TypeVar("T")

# What may have been sent goes first, then what is worth another try, then what is final.
_GRAVEST_FIRST = (Unclear, RateLimited, NetworkDown, TokenExpired, NotAllowed, Rejected)


def relays_of(account: AccountRef) -> list[str]:
    """The addresses in the account's server field, which may name several with commas; raises NetworkDown if none."""
    urls = list(dict.fromkeys(url.strip() for url in account.server.split(",") if url.strip()))
    if not urls:
        raise NetworkDown("The account names no relay.")
    return urls


def normal(url: str) -> str:
    """The address in one spelling, to compare two of them."""
    parts = urlsplit(url.strip())
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), parts.query, ""))


def at_each(urls: list[str], work: Callable[[str], T]) -> tuple[dict[str, T], dict[str, ChannelError]]:
    """What `work` gives at each relay, all at once, and what went wrong at the others.

    `work` may raise only ChannelErrors.
    """

    def guarded(url: str) -> tuple[list[T], list[ChannelError]]:
        try:
            return [work(url)], []
        except ChannelError as error:
            return [], [error]

    if not urls:
        return {}, {}
    with ThreadPoolExecutor(max_workers=min(len(urls), 16)) as pool:
        outcomes = dict(zip(urls, pool.map(guarded, urls), strict=True))
    return (
        {url: found[0] for url, (found, _errors) in outcomes.items() if found},
        {url: errors[0] for url, (_found, errors) in outcomes.items() if errors},
    )


def at_all(urls: list[str], work: Callable[[str], T]) -> list[T]:
    """What `work` gives at every relay where it succeeds; raises the gravest failure if it does nowhere."""
    results, errors = at_each(urls, work)
    if not results:
        raise gravest(errors.values())
    return list(results.values())


def at_first(urls: list[str], work: Callable[[str], T]) -> T:
    """What `work` gives at the first relay where it succeeds; raises the gravest failure if it does nowhere."""
    failures: list[ChannelError] = []
    for url in urls:
        try:
            return work(url)
        except ChannelError as error:
            failures.append(error)
    raise gravest(failures)


def gravest(errors: Iterable[ChannelError]) -> ChannelError:
    """The failure that decides what to do next, of at least one."""
    return min(
        errors, key=lambda error: next((rank for rank, kind in enumerate(_GRAVEST_FIRST) if isinstance(error, kind)), 0)
    )
