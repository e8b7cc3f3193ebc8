"""Where YouTube's interfaces stand: two hosts of Google's, or one emulator."""

from __future__ import annotations

from openline.channels import addresses

YOUTUBE = "https://youtube.googleapis.com"
_LOGIN, _TOKEN = "https://accounts.google.com", "https://oauth2.googleapis.com"


def api(server: str, path: str) -> str:
    """The address of `path`, such as videos or upload/videos."""
    upload, name = path.startswith("upload/"), path.removeprefix("upload/")
    return f"{_base(server)}{'/upload' if upload else ''}/youtube/v3/{name}"


def login(server: str) -> str:
    """Google's login page."""
    return f"{_LOGIN if _base(server) == YOUTUBE else _base(server)}/o/oauth2/v2/auth"


def token(server: str) -> str:
    """Where codes and refresh tokens become access tokens."""
    return f"{_TOKEN if _base(server) == YOUTUBE else _base(server)}/token"


def video(number: str) -> str:
    """A film's page for people."""
    return f"https://www.youtube.com/watch?v={number}"


def comment(video_id: str, number: str) -> str:
    """A comment under its film."""
    return f"{video(video_id)}&lc={number}"


def channel(number: str) -> str:
    """A channel's page for people."""
    return f"https://www.youtube.com/channel/{number}"


def server(typed: str) -> str:
    """The server that a person named: YouTube, or an emulator on this machine. Raises Rejected."""
    return addresses.server(typed, YOUTUBE, addresses.NAMED_HERE)


def same_host(server: str, address: str) -> bool:
    """True if an upload address that the server gave lies on it: our token goes nowhere else."""
    base = _base(server)
    return address.startswith(f"{base}/") or (base == YOUTUBE and ".googleapis.com/" in address[:60])


def _base(server: str) -> str:
    return (server or YOUTUBE).rstrip("/")
