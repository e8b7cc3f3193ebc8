"""Finds channels by their entry point, so that a city can add its own without touching ours."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, MutableMapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from openline.channels.base import Channel

GROUP = "openline.channels"
UNVERIFIED = "openline.channels.unverified"
"""Channels that were held against no server and no official contract: only those that a city names by itself."""


class Channels(MutableMapping[str, Channel]):
    """Channels by network name. Each is imported when it is first asked for: what a city does not use costs nothing.

    Asking for a name, or whether there is one, imports no other; to go over all of them imports all.
    """

    def __init__(self, points: Iterable[EntryPoint]) -> None:
        self._known: dict[str, Channel | EntryPoint] = {point.name: point for point in points}

    def __getitem__(self, network: str) -> Channel:
        found = self._known[network]
        if isinstance(found, EntryPoint):
            found = self._known[network] = found.load()()
        return found

    def __setitem__(self, network: str, channel: Channel) -> None:
        self._known[network] = channel

    def __delitem__(self, network: str) -> None:
        del self._known[network]

    def __contains__(self, network: object) -> bool:
        return network in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


@cache
def channels() -> Channels:
    """All installed channels by network name (entry points of the group `openline.channels`), and of the unverified
    ones those that OPENLINE_UNVERIFIED_NETWORKS names, with commas."""
    named = {name.strip() for name in os.environ.get("OPENLINE_UNVERIFIED_NETWORKS", "").split(",")}
    unverified = (one for one in entry_points(group=UNVERIFIED) if one.name in named)
    return Channels([*entry_points(group=GROUP), *unverified])


def channel_for(network: str) -> Channel:
    """The channel that speaks `network`; raises LookupError naming the installed ones if there is none."""
    if network not in channels():
        raise LookupError(f"No channel for {network!r}; installed: {', '.join(sorted(channels()))}")
    return channels()[network]
