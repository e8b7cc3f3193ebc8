"""Where Flickr's interfaces stand: three hosts in the world, one for an emulator."""

from __future__ import annotations

from openline.channels import addresses

FLICKR = "https://api.flickr.com"
_UPLOAD, _WEB = "https://up.flickr.com", "https://www.flickr.com"


def rest(server: str) -> str:
    """The address of all methods."""
    return f"{_base(server)}/services/rest/"


def upload(server: str) -> str:
    """The address to which files go."""
    return f"{_UPLOAD if _base(server) == FLICKR else _base(server)}/services/upload/"


def oauth(server: str, step: str) -> str:
    """The address of a step of the login: request_token, authorize or access_token."""
    return f"{_WEB if _base(server) == FLICKR else _base(server)}/services/oauth/{step}"


def person(nsid: str) -> str:
    """A member's page for people."""
    return f"{_WEB}/photos/{nsid}/"


def photo(nsid: str, number: str) -> str:
    """A photo's page for people."""
    return f"{_WEB}/photos/{nsid}/{number}/"


def album(nsid: str, number: str) -> str:
    """An album's page for people."""
    return f"{_WEB}/photos/{nsid}/albums/{number}/"


def server(typed: str) -> str:
    """The server that a person named: Flickr, or an emulator on this machine. Raises Rejected."""
    return addresses.server(typed, FLICKR, addresses.NAMED_HERE)


def _base(server: str) -> str:
    return (server or FLICKR).rstrip("/")
