"""The methods of the emulated Flickr, as `flickr.reflection.getMethodInfo` tells them: arguments, rights and errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openline.channels.emulation.base import Someone
from openline.channels.flickr.emulator import shapes
from openline.channels.flickr.emulator.state import Album, Comment, Photo

if TYPE_CHECKING:
    from openline.channels.flickr.emulator.network import Emulator

Values = Mapping[str, str]
Handler = Callable[["Emulator", Someone, Values], dict[str, Any]]
ABUSED = "abused.example"
_LONGEST_COMMENT = 65_535
_MOST_TAGS = 75


class Fail(Exception):
    """The method's refusal: Flickr's code and words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


@dataclass(frozen=True, slots=True)
class Method:
    """`perms`: 0 none, 1 read, 2 write, 3 delete. `required` and `optional` are its arguments beside api_key."""

    perms: int
    required: tuple[str, ...]
    optional: tuple[str, ...]
    handler: Handler


def login(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """test.login"""
    return {"user": {"id": me.id, "username": {"_content": me.handle}}}


def check_token(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """auth.oauth.checkToken"""
    token = network.tokens.get(values["oauth_token"])
    if token is None:
        raise Fail(96, "Invalid signature")
    user = {"nsid": token.who.id, "username": token.who.handle, "fullname": token.who.name}
    return {
        "oauth": {
            "token": {"_content": values["oauth_token"]},
            "perms": {"_content": shapes.PERMS[token.perms]},
            "user": user,
        }
    }


def limits(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """people.getLimits"""
    photos = {"maxdisplaypx": "2048", "maxupload": str(network.most_bytes["photo"])}
    videos = {"maxduration": str(network.most_seconds), "maxupload": str(network.most_bytes["video"])}
    return {"person": {"nsid": me.id, "photos": photos, "videos": videos}}


def upload_status(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """people.getUploadStatus"""
    used = sum(len(photo.content) for photo in network.photos.values())
    most = 1_000_000_000_000
    bandwidth = {"maxbytes": most, "maxkb": most // 1024, "usedbytes": used, "usedkb": used // 1024}
    bandwidth |= {"remainingbytes": most - used, "remainingkb": (most - used) // 1024}
    size = {"maxbytes": network.most_bytes["photo"], "maxkb": network.most_bytes["photo"] // 1024}
    user = {"id": me.id, "ispro": 1, "username": {"_content": me.handle}, "bandwidth": bandwidth, "filesize": size}
    return {"user": user}


def photos(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """people.getPhotos: newest first."""
    if values["user_id"] not in ("me", me.id):
        raise Fail(2, "Unknown user")
    since = int(values.get("min_upload_date", "0"))
    mine = [one for one in network.photos.values() if one.owner == me and one.at >= since]
    extras = values.get("extras", "").split(",")
    return {"photos": shapes.page(mine[::-1], values, "photo", lambda one: shapes.listed(one, extras), 100)}


def recently_updated(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.recentlyUpdated: the last change first."""
    if not values["min_date"].isdecimal():
        raise Fail(2, "Not a valid date")
    since = int(values["min_date"])
    mine = [one for one in network.photos.values() if one.owner == me and one.changed >= since]
    mine.sort(key=lambda one: one.changed, reverse=True)
    return {"photos": shapes.page(mine, values, "photo", lambda one: shapes.listed(one, ["last_update"]), 100)}


def info(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.getInfo"""
    return {"photo": shapes.whole(_photo(network, values["photo_id"], "Photo not found.", me))}


def set_meta(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.setMeta"""
    photo = _mine(network, values["photo_id"], me)
    if "title" not in values and "description" not in values:
        raise Fail(2, "At least one of title or description must be set")
    photo.title = values.get("title", photo.title)
    photo.description = values.get("description", photo.description)
    photo.changed = int(time.time())
    return {}


def set_tags(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.setTags"""
    photo, tags = _mine(network, values["photo_id"], me), shapes.tags(values["tags"])
    if len(tags) > _MOST_TAGS:
        raise Fail(2, "Maximum number of tags reached")
    photo.tags = tags
    return {}


def delete(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.delete; an album without photos is gone with them."""
    photo = _mine(network, values["photo_id"], me)
    del network.photos[photo.id]
    for album in network.albums.values():
        album.photos = [one for one in album.photos if one != photo.id]
    network.albums = {id: album for id, album in network.albums.items() if album.photos}
    return {}


def comments(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.comments.getList: all of them, oldest first."""
    photo = _photo(network, values["photo_id"], "Photo not found", me)
    since, until = int(values.get("min_comment_date", "0")), int(values.get("max_comment_date", str(2**40)))
    found = [shapes.comment(photo, one) for one in photo.comments if since <= one.at <= until]
    return {"comments": {"photo_id": photo.id} | ({"comment": found} if found else {})}


def add_comment(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.comments.addComment"""
    photo = _photo(network, values["photo_id"], "Photo not found.", me)
    if network.faults.limited:
        raise Fail(9, "User is posting comments too fast.")
    made = Comment(network.numbers.comment(photo), me, _comment_text(network, values))
    photo.comments.append(made)
    photo.changed = made.at
    return {"comment": {"id": made.id}}


def edit_comment(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.comments.editComment"""
    _found, comment = _comment(network, values["comment_id"])
    if comment.author != me:
        raise Fail(2, "Comment not found.")
    comment.text = _comment_text(network, values)
    return {}


def delete_comment(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.comments.deleteComment: its author and the photo's owner may."""
    photo, comment = _comment(network, values["comment_id"])
    if me not in (comment.author, photo.owner):
        raise Fail(2, "Comment not found.")
    photo.comments.remove(comment)
    return {}


def activity(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """activity.userPhotos: photos with comments of others."""
    active = [one for one in network.photos.values() if one.owner == me and one.comments]
    return {"items": shapes.page(active[::-1], values, "item", shapes.activity, 10)}


def licences(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.licenses.getInfo"""
    return {"licenses": {"license": [{"id": id, "name": name, "url": url} for id, name, url in shapes.LICENCES]}}


def set_licence(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.licenses.setLicense"""
    photo = _mine(network, values["photo_id"], me)
    if values["license_id"] not in {id for id, _name, _url in shapes.LICENCES}:
        raise Fail(2, "License not found")
    photo.licence = values["license_id"]
    return {}


def set_place(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.geo.setLocation"""
    photo = _mine(network, values["photo_id"], me)
    try:
        latitude, longitude = float(values["lat"]), float(values["lon"])
    except ValueError:
        raise Fail(2, "Required arguments missing.") from None
    if not -90 <= latitude <= 90:
        raise Fail(3, "Not a valid latitude.")
    if not -180 <= longitude <= 180:
        raise Fail(4, "Not a valid longitude.")
    if not 1 <= int(values.get("accuracy", "16")) <= 16:
        raise Fail(5, "Not a valid accuracy.")
    if not network.place_viewers_set:
        raise Fail(7, "User has not configured default viewing settings for location data.")
    photo.place = latitude, longitude
    return {}


def tickets(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photos.upload.checkTickets"""
    return {"uploader": {"ticket": [network.ticket(id) for id in values["tickets"].split(",")]}}


def create_album(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photosets.create"""
    if not values["title"].strip():
        raise Fail(1, "No title specified")
    photo = _photo(network, values["primary_photo_id"], "Photo not found", me, code=2)
    album = Album(network.numbers.album(), values["title"], values.get("description", ""), [photo.id])
    network.albums[album.id] = album
    return {"photoset": {"id": album.id, "url": f"https://www.flickr.com/photos/{me.id}/sets/{album.id}/"}}


def add_to_album(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photosets.addPhoto"""
    album = network.albums.get(values["photoset_id"])
    if album is None:
        raise Fail(1, "Photoset not found")
    photo = _photo(network, values["photo_id"], "Photo not found", me, code=2)
    if photo.id in album.photos:
        raise Fail(3, "Photo already in set")
    album.photos.append(photo.id)
    return {}


def albums(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photosets.getList"""
    found = list(network.albums.values())[::-1]
    return {"photosets": shapes.page(found, values, "photoset", shapes.album, 500) | {"cancreate": 1}}


def album_photos(network: Emulator, me: Someone, values: Values) -> dict[str, Any]:
    """photosets.getPhotos"""
    album = network.albums.get(values["photoset_id"])
    if album is None:
        raise Fail(1, "Photoset not found")
    inside = [network.photos[id] for id in album.photos]
    paged = shapes.page(inside, values, "photo", lambda one: shapes.in_album(one, album), 500)
    return {"photoset": paged | {"id": album.id, "primary": album.photos[0]}}


def _photo(network: Emulator, id: str, words: str, viewer: Someone, code: int = 1) -> Photo:
    photo = network.photos.get(id)
    if photo is None or not (photo.public or photo.owner == viewer):
        raise Fail(code, words)
    return photo


def _mine(network: Emulator, id: str, me: Someone) -> Photo:
    photo = _photo(network, id, "Photo not found", me)
    if photo.owner != me:
        raise Fail(1, "Photo not found")
    return photo


def _comment(network: Emulator, id: str) -> tuple[Photo, Comment]:
    photo = network.photos.get(id.split("-")[1] if id.count("-") == 2 else "")
    if photo is None:
        raise Fail(1, "Photo not found.")
    found = next((one for one in photo.comments if one.id == id), None)
    if found is None:
        raise Fail(2, "Comment not found.")
    return photo, found


def _comment_text(network: Emulator, values: Values) -> str:
    text = values["comment_text"]
    if not text.strip():
        raise Fail(8, "Blank comment.")
    if ABUSED in text or (network.faults.refuses and network.faults.refuses in text):
        raise Fail(116, "Bad URL found")
    return text[:_LONGEST_COMMENT]


_PAGED = ("per_page", "page")
METHODS: dict[str, Method] = {
    "flickr.test.login": Method(1, (), (), login),
    "flickr.auth.oauth.checkToken": Method(0, ("oauth_token",), (), check_token),
    "flickr.people.getLimits": Method(1, (), (), limits),
    "flickr.people.getUploadStatus": Method(1, (), (), upload_status),
    "flickr.people.getPhotos": Method(0, ("user_id",), ("min_upload_date", "extras", *_PAGED), photos),
    "flickr.photos.recentlyUpdated": Method(1, ("min_date",), ("extras", *_PAGED), recently_updated),
    "flickr.photos.getInfo": Method(0, ("photo_id",), ("secret",), info),
    "flickr.photos.setMeta": Method(2, ("photo_id",), ("title", "description"), set_meta),
    "flickr.photos.setTags": Method(2, ("photo_id", "tags"), (), set_tags),
    "flickr.photos.delete": Method(3, ("photo_id",), (), delete),
    "flickr.photos.comments.getList": Method(0, ("photo_id",), ("min_comment_date", "max_comment_date"), comments),
    "flickr.photos.comments.addComment": Method(2, ("photo_id", "comment_text"), (), add_comment),
    "flickr.photos.comments.editComment": Method(2, ("comment_id", "comment_text"), (), edit_comment),
    "flickr.photos.comments.deleteComment": Method(2, ("comment_id",), (), delete_comment),
    "flickr.photos.licenses.getInfo": Method(0, (), (), licences),
    "flickr.photos.licenses.setLicense": Method(2, ("photo_id", "license_id"), (), set_licence),
    "flickr.photos.geo.setLocation": Method(2, ("photo_id", "lat", "lon"), ("accuracy", "context"), set_place),
    "flickr.photos.upload.checkTickets": Method(0, ("tickets",), (), tickets),
    "flickr.photosets.create": Method(2, ("title", "primary_photo_id"), ("description",), create_album),
    "flickr.photosets.addPhoto": Method(2, ("photoset_id", "photo_id"), (), add_to_album),
    "flickr.photosets.getList": Method(0, (), ("user_id", *_PAGED), albums),
    "flickr.photosets.getPhotos": Method(0, ("photoset_id", "user_id"), ("extras", *_PAGED), album_photos),
    "flickr.activity.userPhotos": Method(1, (), ("timeframe", *_PAGED), activity),
}
