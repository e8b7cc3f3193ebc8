"""Several relays as one network: each may be down, one is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

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


def at_all(urls: list[str], work: Callable[[str], T]) -> list[T]:
    """What `work` gives at every relay where it succeeds, all at once; raises the gravest failure if it does nowhere.

    `work` may raise only ChannelErrors.
    """

    def guarded(url: str) -> tuple[list[T], list[ChannelError]]:
        try:
            return [work(url)], []
        except ChannelError as error:
            return [], [error]

    with ThreadPoolExecutor(max_workers=min(len(urls), 16)) as pool:
        outcomes = list(pool.map(guarded, urls))
    results = [result for found, _errors in outcomes for result in found]
    if not results:
        raise gravest(error for _found, errors in outcomes for error in errors)
    return results


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
