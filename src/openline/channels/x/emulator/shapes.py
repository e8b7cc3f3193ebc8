"""What X answers, in both of its spellings: "tweets" as on the wire and in its document 2.159, "posts" as in 2.167."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from openline.channels.emulation.base import Someone
from openline.channels.x.emulator.state import Message, Post, State, Upload, stamp
from openline.channels.x.text import entities, urls

_ALWAYS = {"id", "text"}
_NEW = {"retweet": "repost", "tweet": "post"}


class Shapes:
    """Makes answers; `posts` chooses the spelling, `url` is where files lie."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.posts = False
        self.url = ""

    @property
    def host(self) -> str:
        """The host in the names of problems."""
        return "api.x.com" if self.posts else "api.twitter.com"

    @property
    def kind(self) -> str:
        """What X calls a post."""
        return "post" if self.posts else "tweet"

    def name(self, old: str) -> str:
        """A field's name in the spelling of the day."""
        for one, other in _NEW.items():
            old = old.replace(one, other) if self.posts else old
        return old

    def user(self, who: Someone) -> dict[str, Any]:
        """A person."""
        return {"id": who.id, "name": who.name, "username": who.handle}

    def post(self, post: Post, wanted: Iterable[str] = ()) -> dict[str, Any]:
        """A post: what is always told, and what was asked for (all if `wanted` is empty)."""
        whole = self._whole(post)
        asked = {*wanted, *_ALWAYS, self.name("edit_history_tweet_ids")}
        return {name: value for name, value in whole.items() if not wanted or name in asked}

    def _whole(self, post: Post) -> dict[str, Any]:
        shown, found = self._shown(post)
        references = [("replied_to", post.replied_to), ("quoted", post.quoted)]
        parent = self._state.posts.get(post.replied_to)
        made = {
            "id": post.id,
            "text": escape(shown, quote=False),
            "author_id": post.author.id,
            "conversation_id": post.conversation,
            "created_at": stamp(post.at),
            "lang": "en",
            "reply_settings": "everyone",
            "display_text_range": [len(post.prefix), len(shown)],
            self.name("edit_history_tweet_ids"): list(post.history),
            "entities": found,
            "in_reply_to_user_id": parent.author.id if parent else "",
            self.name("referenced_tweets"): [{"type": how, "id": one} for how, one in references if one],
            "attachments": {"media_keys": [one.media_key for one in post.media]} if post.media else {},
            "public_metrics": self._metrics(post),
        }
        return {name: value for name, value in made.items() if value not in ("", [], {})}

    def _metrics(self, post: Post) -> dict[str, int]:
        names = ("retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count")
        replies = sum(one.replied_to == post.id for one in list(self._state.posts.values()))
        return {self.name(name): post.counts.get(name, replies if name == "reply_count" else 0) for name in names}

    def _shown(self, post: Post) -> tuple[str, dict[str, Any]]:
        """The text as X shows it: names before an answer, short links, at the end one to the files."""
        text, links, at, made = post.prefix + post.text, list[dict[str, Any]](), 0, ""
        for url in urls.find(text):
            made += text[at : url.start]
            links.append(self._link(len(made), url.url))
            made, at = made + links[-1]["url"], url.end
        made += text[at:]
        if post.media:
            made += " " if made else ""
            whole = f"https://x.com/{post.author.handle}/status/{post.id}/photo/1"
            links.append({**self._link(len(made), whole), "media_key": post.media[0].media_key})
            made += links[-1]["url"]
        ids = {one.handle.lower(): one.id for one in self._state.people.values()}
        named = [
            {"start": one.start, "end": one.end, "username": one.name}
            | ({"id": ids[one.name.lower()]} if one.name.lower() in ids else {})
            for one in entities.mentions(made)
        ]
        tags = [{"start": one.start, "end": one.end, "tag": one.name} for one in entities.hashtags(made)]
        found = {"mentions": named, "urls": links, "hashtags": tags}
        return made, {name: value for name, value in found.items() if value}

    def _link(self, start: int, address: str) -> dict[str, Any]:
        whole = address if "://" in address else f"http://{address}"
        short = "https://t.co/" + hashlib.sha256(whole.encode()).hexdigest()[:10]
        self._state.links[short] = whole
        return {"start": start, "end": start + len(short), "url": short, "expanded_url": whole,
                "display_url": whole.split("://")[1][:26]}  # fmt: skip

    def media(self, upload: Upload, private: str = "") -> dict[str, Any]:
        """A file of a post, or of the private message `private`."""
        place = f"1.1/ton/data/dm/{private}/{upload.id}/file.jpg" if private else f"media/{upload.media_key}"
        made: dict[str, Any] = {"media_key": upload.media_key, "type": upload.kind}
        if upload.alt:
            made["alt_text"] = upload.alt
        if upload.kind == "photo":
            return made | {"url": f"{self.url}/{place}"}
        film = {"bit_rate": 832_000, "content_type": "video/mp4", "url": f"{self.url}/{place}.mp4"}
        return made | {"preview_image_url": f"{self.url}/{place}", "variants": [film]}

    def message(self, message: Message, wanted: Iterable[str] = ()) -> dict[str, Any]:
        """A private message in a list."""
        made: dict[str, Any] = {
            "id": message.id,
            "event_type": "MessageCreate",
            "text": escape(message.text, quote=False),
            "sender_id": message.sender.id,
            "dm_conversation_id": "-".join(sorted((message.sender.id, message.to.id))),
            "created_at": stamp(message.at),
        }
        if message.media:
            made["attachments"] = {"media_keys": [one.media_key for one in message.media]}
        asked = {*wanted, "id", "event_type", "text", "sender_id"}
        return {name: value for name, value in made.items() if name in asked}

    def pushed_message(self, message: Message) -> dict[str, Any]:
        """A private message in an event: the form of the API v1.1."""
        data: dict[str, Any] = {
            "text": escape(message.text, quote=False),
            "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []},
        }
        for one in message.media:
            address = self.media(one, message.id)["url"]
            data["attachment"] = {
                "type": "media",
                "media": {"id_str": one.id, "media_url_https": address, "type": "photo"},
            }
        event = {
            "type": "message_create",
            "id": message.id,
            "created_timestamp": str(int(message.at.timestamp() * 1000)),
            "message_create": {
                "target": {"recipient_id": message.to.id},
                "sender_id": message.sender.id,
                "message_data": data,
            },
        }
        people = {one.id: {"data": self.user(one)} for one in (message.sender, message.to)}
        return {"direct_message_events": [event], "users": people}

    def includes(self, posts: Sequence[Post], expansions: set[str]) -> dict[str, Any]:
        """What was asked to come along."""
        people = {one.author.id: one.author for one in posts} if "author_id" in expansions else {}
        files = [one for post in posts for one in post.media] if "attachments.media_keys" in expansions else []
        made: dict[str, Any] = {}
        if people:
            made["users"] = [self.user(one) for one in people.values()]
        if files:
            made["media"] = [self.media(one) for one in files]
        return made


def asked(query: Mapping[str, str], name: str) -> set[str]:
    """The values of a comma-separated parameter."""
    return {one for one in query.get(name, "").split(",") if one}
