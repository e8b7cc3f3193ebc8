"""Hearing networks that have to be asked: look, hand on, wait, look again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from openline.channels.base import AccountRef, Channel, Heard

_NOTICE_STOP_SECONDS = 0.5


def polling(
    channel: Channel, account: AccountRef, cursor: str, stopping: Callable[[], bool], every_seconds: float
) -> Iterator[Heard]:
    """`Channel.listen` by `Channel.poll`: at once as long as there is more, else every `every_seconds`."""
    while not stopping():
        heard = channel.poll(account, cursor)
        more, cursor = bool(heard.items) and heard.cursor != cursor, heard.cursor
        yield heard
        if not more:
            pause(every_seconds, stopping)


def pause(seconds: float, stopping: Callable[[], bool]) -> None:
    """Wait, but notice soon that it is time to stop."""
    until = time.monotonic() + seconds
    while not stopping() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _NOTICE_STOP_SECONDS))
