"""Finds channels by their entry point, so that a city can add its own without touching ours."""

from __future__ import annotations

import os
from functools import cache
from importlib.metadata import entry_points

from openline.channels.base import Channel

GROUP = "openline.channels"
UNVERIFIED = "openline.channels.unverified"
"""Channels that were held against no server and no official contract: only those that a city names by itself."""


@cache
def channels() -> dict[str, Channel]:
    """All installed channels by network name (entry points of the group `openline.channels`), and of the unverified
    ones those that OPENLINE_UNVERIFIED_NETWORKS names, with commas."""
    named = {name.strip() for name in os.environ.get("OPENLINE_UNVERIFIED_NETWORKS", "").split(",")}
    points = [*entry_points(group=GROUP), *(one for one in entry_points(group=UNVERIFIED) if one.name in named)]
    return {point.name: point.load()() for point in points}


def channel_for(network: str) -> Channel:
    """The channel that speaks `network`; raises LookupError naming the installed ones if there is none."""
    try:
        return channels()[network]
    except KeyError:
        raise LookupError(f"No channel for {network!r}; installed: {', '.join(sorted(channels()))}") from None
