"""The API of the emulated network, its login page, its calls to us, and what residents do there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.requests import Request

from openline.channels.emulation.base import NAMES, CannotDo, Shown, Someone
from openline.channels.graph.emulated import GraphRefuses, Token, fetch_image, page, picked, signed, stamp
from openline.channels.graph.emulator import Answer, GraphEmulator, missing
from openline.channels.instagram.emulator.picture import first_picture
from openline.channels.instagram.emulator.state import (
    CITY,
    COMMENT,
    IMAGES,
    MESSAGE_BYTES,
    SCOPED,
    Comment,
    Media,
    Message,
    Network,
    wanted,
)

APP_ID, APP_SECRET = "312312312312312", "emulated-instagram-secret"
_MENTIONED = re.compile(r"mentioned_(comment|media)\.\w+_id\((\d+)\)\{(.*)\}")
_NO_FIELDS = {"media_type", "caption", "permalink", "media_url", "like_count_of_media"}
_INSIGHTS = ("views", "reach", "likes", "comments", "shares", "saved")


class Emulator(GraphEmulator):
    """Instagram, with one official account: the city's."""

    network: ClassVar[str] = "instagram"
    label: ClassVar[str] = "Instagram"
    many_posts: ClassVar[str] = "Posts, and your messages"
    version: ClassVar[str] = "v26.0"
    short_name: ClassVar[str] = "ig"
    app_id: ClassVar[str] = APP_ID
    app_secret: ClassVar[str] = APP_SECRET
    account: ClassVar[Someone] = CITY
    wrong_app: ClassVar[Mapping[str, Any]] = {
        "error_type": "OAuthException",
        "code": 400,
        "error_message": "Invalid app",
    }

    def __init__(self, hook: str = "") -> None:
        super().__init__(hook)
        self.net: Network = Network(self.lock, self.clock, self.faults)
        self._people = [Someone(f"99{n:014}", handle, name) for n, (handle, name) in enumerate(NAMES, 1)]
        file = self.net.keep(first_picture(), "image/jpeg")
        words = "Tell us what is broken in your street: comment here, or write to us."
        self.first = self.net.add_media(CITY, words, file=file, alt="A street with a bench and a tree")

    def edges(self) -> Sequence[tuple[str, str, Answer]]:
        """The paths of docs/instagram-platform."""
        return [
            ("GET", "/me", self._me),
            ("POST", "/me/media", self._prepare),
            ("GET", "/me/media", self._posts),
            ("POST", "/me/media_publish", self._publish),
            ("GET", "/me/stories", self._stories),
            ("GET", "/me/tags", self._tags),
            ("GET", "/me/content_publishing_limit", self._limit),
            ("POST", "/me/mentions", self._answer_mention),
            ("POST", "/me/messages", self._send),
            ("GET", "/me/conversations", self._talks),
            ("POST", "/me/subscribed_apps", self._subscribe),
            ("GET", "/me/subscribed_apps", self._subscribed),
            ("GET", "/{id}/comments", self._comments),
            ("POST", "/{id}/comments", self._comment),
            ("GET", "/{id}/replies", self._replies),
            ("POST", "/{id}/replies", self._reply),
            ("GET", "/{id}/messages", self._messages),
            ("GET", "/{id}/insights", self._insights),
            ("GET", "/{id}", self._object),
            ("POST", "/{id}", self._hide),
            ("DELETE", "/{id}", self._delete),
        ]

    def usage(self) -> Mapping[str, str]:
        """By business, as one number."""
        return {"x-business-use-case-usage": json.dumps({CITY.id: [{"type": "instagram", "call_count": 2}]})}

    def redeemed(self, token: Token) -> Mapping[str, Any]:
        """The token and whose it is, for this app."""
        row = {"access_token": token.value, "user_id": SCOPED, "permissions": "instagram_business_basic"}
        return {"data": [row]}

    @property
    def settings(self) -> Mapping[str, str]:
        """Whose login it is, and what Meta has granted the app."""
        return {"user_id": SCOPED, "human_agent": "yes"}

    # What is asked for

    def _me(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        fields = given.get("fields", "id")
        if found := _MENTIONED.fullmatch(fields):
            return {found[0].partition(".")[0]: self._mentioned(*found.groups()), "id": SCOPED}
        told = {
            "id": SCOPED,
            "user_id": CITY.id,
            "username": CITY.handle,
            "name": CITY.name,
            "account_type": "BUSINESS",
        }
        return picked(told, fields)

    def _mentioned(self, kind: str, network_id: str, fields: str) -> dict[str, Any]:
        """Only what names the city is told; the sign before its name is left out, as Instagram does it."""
        if kind == "media":
            media = self.net.media.get(network_id)
            if media is None or f"@{CITY.handle}" not in media.caption:
                raise GraphRefuses(100, "The media does not mention this user", 33)
            return picked(self._shown_media(media), fields)
        comment = self.net.comments.get(network_id)
        if comment is None or f"@{CITY.handle}" not in comment.text:
            raise GraphRefuses(100, "The comment does not mention this user", 33)
        told = self.net.comment_shown(comment)
        told["media"] = {"data": [self._shown_media(comment.media)]}
        told = picked(told, fields)
        told["media"] = told["media"]["data"][0]
        return told

    def _shown_media(self, media: Media) -> dict[str, Any]:
        return self.net.media_shown(media, self.url)

    def _list(self, rows: Sequence[Media], given: Mapping[str, str]) -> dict[str, Any]:
        return page(list(rows), given, lambda one: picked(self._shown_media(one), given.get("fields", "id")))

    def _of_city(self, story: bool) -> list[Media]:
        found = [one for one in reversed(self.net.media.values()) if one.author is CITY]
        return [one for one in found if (one.product == "STORY") == story]

    def _posts(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return self._list(self._of_city(False), given)

    def _stories(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return self._list(self._of_city(True), given)

    def _tags(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        found = [one for one in reversed(self.net.media.values()) if one.author is not CITY]
        return self._list([one for one in found if f"@{CITY.handle}" in one.caption], given)

    def _limit(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        told = {"quota_usage": self.net.posts.used, "config": self.net.posts.config()}
        return {"data": [picked(told, given.get("fields", "quota_usage"))]}

    def _comments(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return self._rows(self._media(request).comments, given)

    def _replies(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        comment = self._its_comment(request)
        return self._rows((comment.parent or comment).replies, given)

    def _rows(self, comments: Sequence[Comment], given: Mapping[str, str]) -> dict[str, Any]:
        """Newest first, at most 50."""
        fields = given.get("fields", "id,text,timestamp")
        rows = [one for one in reversed(comments) if not one.deleted]
        return page(rows, given, lambda one: picked(self.net.comment_shown(one), fields), 50)

    def _talks(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        if given.get("platform", "instagram").lower() != "instagram":
            raise GraphRefuses(100, "Param platform must be instagram")
        rows = [(person, said[-1].at) for person, said in self.net.talks.items() if said]
        if only := given.get("user_id"):
            rows = [one for one in rows if one[0] == only]
        rows.sort(key=lambda one: one[1], reverse=True)
        fields = given.get("fields", "id,updated_time")
        return page(rows, given, lambda one: picked({"id": _talk(one[0]), "updated_time": stamp(one[1])}, fields))

    def _messages(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        person = request.path_params["id"].removeprefix("talk_")
        rows = [one for one in reversed(self.net.talks.get(person, [])) if not one.deleted]
        fields = given.get("fields", "id,created_time")
        return page(rows, given, lambda one: picked(self.net.message_shown(one, self.url), fields))

    def _object(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        network_id, fields = request.path_params["id"], given.get("fields", "id")
        if container := self.net.containers.get(network_id):
            state = self.net.status(container)
            words = (
                f"Error: Media upload has failed with error code {container.error}"
                if container.error
                else state.title()
            )
            return picked({"id": network_id, "status_code": state, "status": words}, fields)
        if network_id in self.net.media:
            return picked(self._shown_media(self._media(request)), fields)
        comment = self._its_comment(request)
        if wrong := next((name for name in fields.split(",") if name in _NO_FIELDS), ""):
            raise GraphRefuses(100, f"(#100) Tried accessing nonexisting field ({wrong}) on node type (IGComment)")
        return picked(self.net.comment_shown(comment), fields)

    def _insights(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        media, names = self._media(request), given.get("metric", "").split(",")
        if not set(names) <= set(_INSIGHTS):
            raise GraphRefuses(100, "Param metric is not a known metric")
        rows = [
            {"name": name, "period": "lifetime", "values": [{"value": len(media.comments)}], "title": name.capitalize(),
             "description": f"The number of {name}.", "id": f"{media.id}/insights/{name}/lifetime"}
            for name in names
        ]  # fmt: skip
        return {"data": rows}

    def _subscribed(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return {"data": [{"subscribed_fields": self.net.subscribed}] if self.net.subscribed else []}

    # What is changed

    def _subscribe(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        self.net.subscribed = [one for one in wanted(given, "subscribed_fields").split(",") if one]
        return {"success": True}

    def _prepare(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return {"id": self.net.prepare(dict(given)).id}

    def _publish(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        with self.lock:
            return {"id": self.net.publish(wanted(given, "creation_id")).id}

    def _comment(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return self._say_publicly(self._media(request), None, given)

    def _reply(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        comment = self._its_comment(request)
        return self._say_publicly(comment.media, comment, given)

    def _say_publicly(self, media: Media, above: Comment | None, given: Mapping[str, str]) -> dict[str, Any]:
        text = wanted(given, "message")
        if len(text) > COMMENT:
            raise GraphRefuses(100, "The comment is longer than 300 characters")
        if self.faults.refuses and self.faults.refuses in text:
            raise GraphRefuses(100, "The text of this comment is not allowed")
        with self.lock:
            comment = self.net.add_comment(CITY, text, media, above)
        self._tell_comment(comment)
        return {"id": comment.id}

    def _answer_mention(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        media = self.net.media.get(wanted(given, "media_id"))
        above = self.net.comments.get(given.get("comment_id", ""))
        named = above.text if above else media.caption if media else ""
        if media is None or f"@{CITY.handle}" not in named:
            raise GraphRefuses(100, "The user is not mentioned there", 33)
        return self._say_publicly(media, above, given)

    def _send(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        receiver, message = json.loads(wanted(given, "recipient")), json.loads(wanted(given, "message"))
        text, payload = message.get("text", ""), message.get("attachment", {}).get("payload", {})
        if len(text.encode()) > MESSAGE_BYTES:
            raise GraphRefuses(100, "Length of param message[text] must be less than or equal to 1000")
        if self.faults.refuses and self.faults.refuses in text:
            raise GraphRefuses(100, "The text of this message is not allowed")
        with self.lock:
            person = self._receiver(receiver, given.get("tag", ""))
            sent = self.net.add_message(person, True, text, files=self._attached(payload))
        self._tell_message(sent, {"is_echo": True})
        return {"recipient_id": person.id, "message_id": sent.id}

    def _receiver(self, receiver: Mapping[str, str], tag: str) -> Someone:
        if "comment_id" in receiver:
            comment = self.net.may_reply_privately(self.net.comments.get(receiver["comment_id"]))
            comment.private_reply = True
            return comment.author
        person = next((one for one in self._people if one.id == receiver.get("id")), None)
        self.net.may_message(receiver.get("id", ""), tag)
        assert person
        return person

    def _attached(self, payload: Mapping[str, str]) -> tuple[str, ...]:
        if not payload:
            return ()
        found = fetch_image(payload.get("url", ""), IMAGES)
        if found.error:
            raise GraphRefuses(100, "The attachment could not be fetched", 2018047)
        return (self.net.keep(found.content, found.kind),)

    def _hide(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        comment = self._its_comment(request)
        if comment.media.author is not CITY or comment.author is CITY:
            raise GraphRefuses(10, "Only comments of others on your own media can be hidden")
        comment.hidden = wanted(given, "hide") == "true"
        return {"success": True}

    def _delete(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        if request.path_params["id"] in self.net.media:
            raise GraphRefuses(10, "Application does not have permission for this action")
        comment = self._its_comment(request)
        if comment.media.author is not CITY and comment.author is not CITY:
            raise GraphRefuses(10, "Application does not have permission for this action")
        comment.deleted = True
        return {"success": True}

    def _media(self, request: Request) -> Media:
        found = self.net.media.get(request.path_params["id"])
        if found is None:
            raise missing(request)
        return found

    def _its_comment(self, request: Request) -> Comment:
        found = self.net.comments.get(request.path_params["id"])
        if found is None or found.deleted:
            raise missing(request)
        return found

    # Its calls

    def _call(self, entry: Mapping[str, Any]) -> None:
        told = {"id": CITY.id, "time": int(self.clock.now().timestamp()), **entry}
        self.calls.push(*signed({"object": "instagram", "entry": [told]}, APP_SECRET))

    def _change(self, field: str, value: Mapping[str, Any]) -> None:
        self._call({"changes": [{"field": field, "value": value}]})

    def _tell_comment(self, comment: Comment) -> None:
        """The city's own comments are told, too."""
        if comment.media.author is CITY:
            media = {"id": comment.media.id, "media_product_type": comment.media.product}
            writer = {"id": comment.author.id, "username": comment.author.handle}
            told: dict[str, Any] = {"id": comment.id, "text": comment.text, "media": media, "from": writer}
            self._change("comments", told | ({"parent_id": comment.parent.id} if comment.parent else {}))
        if f"@{CITY.handle}" in comment.text:
            self._change("mentions", {"media_id": comment.media.id, "comment_id": comment.id})

    def _tell_message(self, message: Message, more: Mapping[str, Any]) -> None:
        told: dict[str, Any] = {"mid": message.id, **more}
        if message.text and not message.deleted:
            told["text"] = message.text
        if message.files and not message.deleted:
            rows = [{"type": "image", "payload": {"url": f"{self.url}/files/{one}"}} for one in message.files]
            told["attachments"] = rows
        if message.above:
            told["reply_to"] = {"mid": message.above}
        self._event(message, {"message": told})

    def _event(self, message: Message, more: Mapping[str, Any]) -> None:
        sides = [{"id": CITY.id}, {"id": message.person.id}]
        sender, receiver = sides if message.by_city else sides[::-1]
        at = int(message.at.timestamp() * 1000)
        self._call({"messaging": [{"sender": sender, "recipient": receiver, "timestamp": at, **more}]})

    # Residents

    @property
    def residents(self) -> Sequence[Someone]:
        """Who can post."""
        return self._people

    def say(
        self,
        who: Someone,
        text: str,
        *,
        in_reply_to: str = "",
        private: bool = False,
        photos: Sequence[bytes] = (),
        quiet: bool = False,
    ) -> str:
        """Comment below the city's newest post, or what it is said to answer; with the city's @name, a post of one's
        own; or write in private. `quiet`: without a call to us."""
        above = self.net.messages.get(in_reply_to)
        if private or above:
            return self._write(who, text, above, photos, quiet)
        comment, media = self.net.comments.get(in_reply_to), self.net.media.get(in_reply_to)
        if in_reply_to and not comment and not media:
            raise CannotDo("It is not there any more.")
        if photos and (comment or media):
            raise CannotDo("Comments on Instagram take no pictures: write in private, or name the city in a post.")
        if not in_reply_to and (f"@{CITY.handle}" in text or photos):
            return self.post(who, text, photos, quiet)
        with self.lock:
            found = self.net.add_comment(
                who, text, comment.media if comment else media or self._of_city(False)[0], comment
            )
        if not quiet:
            self._tell_comment(found)
        return found.id

    def post(self, who: Someone, caption: str, photos: Sequence[bytes] = (), quiet: bool = False) -> str:
        """A resident's own post; it names the city."""
        caption = caption if f"@{CITY.handle}" in caption else f"{caption} @{CITY.handle}"
        with self.lock:
            file = self.net.keep(photos[0] if photos else first_picture(), "image/jpeg")
            media = self.net.add_media(who, caption, file=file)
        if not quiet:
            self._change("mentions", {"media_id": media.id})
        return media.id

    def _write(self, who: Someone, text: str, above: Message | None, photos: Sequence[bytes], quiet: bool) -> str:
        with self.lock:
            files = tuple(self.net.keep(one, "image/jpeg") for one in photos)
            message = self.net.add_message(who, False, text, files=files, above=above.id if above else "")
        if not quiet:
            self._tell_message(message, {})
        return message.id

    def edit(self, post: str, text: str) -> None:
        """Private messages can be edited; Instagram tells of it."""
        message = self.net.messages.get(post)
        if message is None:
            raise CannotDo("On Instagram nobody can change a comment.")
        message.text, message.edits = text, message.edits + 1
        self._event(message, {"message_edit": {"mid": message.id, "text": text, "num_edit": message.edits}})

    def delete(self, post: str) -> None:
        """Of a comment that goes Instagram tells nobody; of a private message that was taken back it does."""
        if message := self.net.messages.get(post):
            message.deleted = True
            self._tell_message(message, {"is_deleted": True})
        elif comment := self.net.comments.get(post):
            comment.deleted = True

    def thread(self, post: str, who: Someone) -> list[Shown]:
        """A post with all below it, a comment with its answers, or the conversation."""
        if message := self.net.messages.get(post):
            talk = self.net.talks.get(message.person.id, [])
            return [self._shown_message(one) for one in talk if not one.deleted] if message.person == who else []
        comment = self.net.comments.get(post)
        media = comment.media if comment else self.net.media.get(post)
        if media is None:
            return []
        tops = [comment.parent or comment] if comment else media.comments
        below = [one for top in tops for one in (top, *top.replies)]
        return [self._shown_post(media), *(self._shown_comment(one) for one in below if _visible(one, who))]

    def newest(self, who: Someone, limit: int = 30) -> list[Shown]:
        """All posts, and one's own conversation with the city, newest first."""
        found = [self._shown_post(one) for one in reversed(self.net.media.values())][:limit]
        talk = [one for one in self.net.talks.get(who.id, []) if not one.deleted]
        return sorted([*found, *(self._shown_message(one) for one in talk[-1:])], key=lambda one: one.at, reverse=True)

    def _shown_post(self, media: Media) -> Shown:
        files = tuple((f"{self.url}/files/{one.file}", one.alt) for one in (media, *media.children) if one.file)
        return Shown(media.id, media.author, media.caption, media.at, media.author is CITY, media=files)

    def _shown_comment(self, one: Comment) -> Shown:
        above = one.parent.id if one.parent else one.media.id
        return Shown(one.id, one.author, one.text, one.at, one.author is CITY, above, hidden=one.hidden)

    def _shown_message(self, one: Message) -> Shown:
        author = CITY if one.by_city else one.person
        files = tuple((f"{self.url}/files/{name}", "") for name in one.files)
        return Shown(one.id, author, one.text, one.at, one.by_city, one.above, private=True, media=files)


def _talk(person: str) -> str:
    return f"talk_{person}"


def _visible(comment: Comment, who: Someone) -> bool:
    """Hidden comments are seen by who wrote them."""
    if comment.deleted or (comment.parent and comment.parent.deleted):
        return False
    hidden = comment.hidden or bool(comment.parent and comment.parent.hidden)
    return not hidden or comment.author == who
