"""X's two spellings of one thing: "tweets" in its documents until 2026 and on the wire, "posts" in that of July 2026.

Requests differ (`tweet.fields`, `post.fields`), and so do answers (`retweet_count`, `repost_count`). Answers are read
in both spellings; a question is asked in the one that the server took last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openline.channels import reading

_OTHERS = {
    "user.fields": "id,name,username",
    "media.fields": "alt_text,height,media_key,preview_image_url,type,url,variants,width",
}
_TWEETS = {
    "tweet.fields": "attachments,author_id,conversation_id,created_at,display_text_range,edit_history_tweet_ids,"
    "entities,geo,id,in_reply_to_user_id,lang,note_tweet,referenced_tweets,text",
    "expansions": "attachments.media_keys,author_id",
    **_OTHERS,
}
_POSTS = {
    "post.fields": "attachments,conversation_id,created_at,display_text_range,entities,geo,id,lang,note_post,text",
    "expansions": "attachments.media_keys,author_id,edit_history_post_ids,in_reply_to_user_id,referenced_posts",
    **_OTHERS,
}
_posts_at: dict[str, bool] = {}


def wanted(server: str) -> Mapping[str, str]:
    """Which fields of posts are asked for, as this server spells them."""
    return _POSTS if _posts_at.get(server) else _TWEETS


def counted(server: str) -> Mapping[str, str]:
    """The same for the figures of posts alone."""
    return {"post.fields" if _posts_at.get(server) else "tweet.fields": "public_metrics"}


def change(server: str) -> None:
    """The server refused one spelling: use the other from now on."""
    _posts_at[server] = not _posts_at.get(server)


def is_about(words: str) -> bool:
    """Does this refusal speak of a spelling?"""
    return any(name in words for name in ("tweet.fields", "post.fields", "referenced_", "edit_history_"))


def child(value: Any, old: str) -> dict[str, Any]:
    """`reading.child` under the old name or the new one."""
    return reading.child(value, old) or reading.child(value, new(old))


def children(value: Any, old: str) -> list[dict[str, Any]]:
    """`reading.children` under the old name or the new one."""
    return reading.children(value, old) or reading.children(value, new(old))


def texts(value: Any, old: str) -> list[str]:
    """The texts in a list under the old name or the new one."""
    for name in (old, new(old)):
        found = value.get(name) if isinstance(value, dict) else None
        if isinstance(found, list):
            return [str(one) for one in found if isinstance(one, str | int)]
    return []


def new(old: str) -> str:
    """The new name of an old one: retweet_count is repost_count, tweets are posts."""
    return old.replace("retweet", "repost").replace("tweet", "post")
