"""The emulated networks of the sandbox, all in one process of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openline.channels.registry import channels

NETWORKS = ("x", "facebook", "instagram", "threads", "youtube", "flickr", "whatsapp")
MODULE = "openline.channels.emulation"


@dataclass(frozen=True, slots=True)
class Emulated:
    """One emulated network: its name here, for people, and the page where residents post."""

    network: str
    label: str
    page: str


def ports(first: int) -> dict[str, int]:
    """The networks that are installed, each with its port, from `first` on."""
    return {network: first + n for n, network in enumerate(NETWORKS) if network in channels()}


def arguments(hooks: str, at: Mapping[str, int]) -> list[str]:
    """What the program is started with; `hooks` is the address below which the networks call us."""
    return [MODULE, hooks, *(f"{network}:{port}" for network, port in at.items())]


def url(port: int) -> str:
    """Where the network on that port is reached."""
    return f"http://127.0.0.1:{port}"


def shown(first: int) -> list[Emulated]:
    """The emulated networks, for the sandbox's page."""
    return [Emulated(name, channels()[name].label, f"{url(port)}/sandbox/") for name, port in ports(first).items()]
