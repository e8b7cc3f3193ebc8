"""How the emulated Flickr writes its things as JSON: reflection's sample answers, their XML in JSON's spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from openline.channels.flickr.emulator.state import Album, Comment, Photo

PERMS = ("none", "read", "write", "delete")
_CC = "https://creativecommons.org/licenses"
LICENCES = (
    ("0", "All Rights Reserved", ""),
    ("1", "Attribution-NonCommercial-ShareAlike License", f"{_CC}/by-nc-sa/2.0/"),
    ("2", "Attribution-NonCommercial License", f"{_CC}/by-nc/2.0/"),
    ("3", "Attribution-NonCommercial-NoDerivs License", f"{_CC}/by-nc-nd/2.0/"),
    ("4", "Attribution License", f"{_CC}/by/2.0/"),
    ("5", "Attribution-ShareAlike License", f"{_CC}/by-sa/2.0/"),
    ("6", "Attribution-NoDerivs License", f"{_CC}/by-nd/2.0/"),
    ("7", "No known copyright restrictions", "https://www.flickr.com/commons/usage/"),
    ("8", "United States Government Work", "http://www.usa.gov/copyright.shtml"),
    ("9", "Public Domain Dedication (CC0)", "https://creativecommons.org/publicdomain/zero/1.0/"),
    ("10", "Public Domain Mark", "https://creativecommons.org/publicdomain/mark/1.0/"),
)
_TAG = re.compile(r'"([^"]*)"|(\S+)')
Thing = TypeVar("Thing")


def page(
    things: Sequence[Thing], values: Mapping[str, str], name: str, shape: Callable[[Thing], dict[str, Any]], usual: int
) -> dict[str, Any]:
    """One page of a list, with its numbers."""
    size = min(max(int(values.get("per_page", usual)), 1), 500)
    number = max(int(values.get("page", "1")), 1)
    shown = things[(number - 1) * size : number * size]
    pages = -(-len(things) // size)
    return {
        "page": number,
        "pages": pages,
        "perpage": size,
        "total": str(len(things)),
        name: [shape(one) for one in shown],
    }


def tags(text: str) -> list[str]:
    """A line of tags, several words in quotes."""
    return [quoted or word for quoted, word in _TAG.findall(text)]


def listed(photo: Photo, extras: Sequence[str]) -> dict[str, Any]:
    """A photo in a list."""
    found: dict[str, Any] = {
        "id": photo.id,
        "owner": photo.owner.id,
        "secret": "5a3cc65d72",
        "server": "2",
        "title": photo.title,
        "ispublic": int(photo.public),
        "isfriend": 0,
        "isfamily": 0,
    }
    if "machine_tags" in extras:
        found["machine_tags"] = " ".join(photo.machine_tags)
    if "last_update" in extras:
        found["lastupdate"] = str(photo.changed)
    return found


def whole(photo: Photo) -> dict[str, Any]:
    """A photo with all that is told of it."""
    owner = {"nsid": photo.owner.id, "username": photo.owner.handle, "realname": photo.owner.name}
    tags = [
        {"id": f"{photo.id}-{n}", "author": photo.owner.id, "raw": tag, "_content": tag.lower().replace(" ", "")}
        for n, tag in enumerate(photo.tags)
    ]
    url = {"type": "photopage", "_content": f"https://www.flickr.com/photos/{photo.owner.id}/{photo.id}/"}
    found: dict[str, Any] = {
        "id": photo.id,
        "license": photo.licence,
        "safety_level": photo.safety,
        "views": str(photo.views),
        "media": photo.media,
        "owner": owner,
        "title": {"_content": photo.title},
        "description": {"_content": photo.description},
        "visibility": {"ispublic": int(photo.public), "isfriend": 0, "isfamily": 0},
        "dates": {"posted": str(photo.at), "lastupdate": str(photo.changed)},
        "comments": {"_content": str(len(photo.comments))},
        "tags": {"tag": tags},
        "urls": {"url": [url]},
    }
    if photo.place:
        found["location"] = {"latitude": str(photo.place[0]), "longitude": str(photo.place[1]), "accuracy": "16"}
    return found


def comment(photo: Photo, one: Comment) -> dict[str, Any]:
    """A comment."""
    number = one.id.rpartition("-")[2]
    return {
        "id": one.id,
        "author": one.author.id,
        "authorname": one.author.handle,
        "realname": one.author.name,
        "datecreate": str(one.at),
        "permalink": f"https://www.flickr.com/photos/{photo.owner.id}/{photo.id}/#comment{number}",
        "_content": one.text,
    }


def activity(photo: Photo) -> dict[str, Any]:
    """What happened to a photo."""
    events = [
        {
            "type": "comment",
            "user": one.author.id,
            "username": one.author.handle,
            "dateadded": str(one.at),
            "_content": one.text,
        }
        for one in photo.comments[-10:]
    ]
    title = {"_content": photo.title}
    return {"type": "photo", "id": photo.id, "owner": photo.owner.id, "title": title, "activity": {"event": events}}


def album(one: Album) -> dict[str, Any]:
    """An album in a list."""
    return {
        "id": one.id,
        "primary": one.photos[0],
        "photos": len(one.photos),
        "title": {"_content": one.title},
        "description": {"_content": one.description},
    }


def in_album(photo: Photo, one: Album) -> dict[str, Any]:
    """A photo in an album."""
    first = str(int(one.photos[0] == photo.id))
    return {"id": photo.id, "secret": "5a3cc65d72", "server": "2", "title": photo.title, "isprimary": first}
