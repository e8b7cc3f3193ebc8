"""What of a message Instagram takes, told before anything is sent, and the forms in which it is sent."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from openline.channels import parts
from openline.channels.base import AccountRef, Outgoing, OutgoingMedia, Rejected
from openline.channels.instagram import rules


def refuse(account: AccountRef, outgoing: Outgoing) -> None:
    """Raises Rejected for what Instagram would not take."""
    if any("\ud800" <= sign <= "\udfff" for sign in outgoing.text):
        raise Rejected(_("The text has signs that cannot be written."), "text")
    for one in outgoing.media:
        if not one.url:
            raise Rejected(_("Instagram fetches files from their public address, and this one has none."), "media")
    if outgoing.visibility == "private" or outgoing.in_reply_to:
        _refuse_answer(outgoing)
    else:
        _refuse_post(account, outgoing)


def _refuse_answer(outgoing: Outgoing) -> None:
    if not outgoing.text.strip() and not outgoing.media:
        raise Rejected(_("There is nothing to say."), "text")
    if rules.length(outgoing.text) > rules.CAPTION_LIMIT:
        raise Rejected(_("The text has more than %d characters.") % rules.CAPTION_LIMIT, "text")
    if outgoing.visibility != "private" and outgoing.media:
        raise Rejected(_("Comments on Instagram take no pictures."), "media")


def _refuse_post(account: AccountRef, outgoing: Outgoing) -> None:
    if not outgoing.media:
        raise Rejected(_("A post on Instagram needs a picture or a film."), "media")
    if rules.length(outgoing.text) > rules.CAPTION_LIMIT:
        raise Rejected(_("A caption has at most %d characters.") % rules.CAPTION_LIMIT, "text")
    most = rules.setting(account.settings, "most_hashtags")
    if len(rules.HASHTAG.findall(outgoing.text)) > most:
        raise Rejected(_("A caption has at most %d hashtags.") % most, "text")
    if len(rules.MENTION.findall(outgoing.text)) > rules.MOST_MENTIONS:
        raise Rejected(_("A caption names at most %d accounts.") % rules.MOST_MENTIONS, "text")
    if len(outgoing.media) > (1 if outgoing.form == "story" else rules.CAROUSEL[1]):
        raise Rejected(_("Instagram takes at most 10 pictures and films in a post, one in a story."), "media")
    for one in outgoing.media:
        _refuse_file(outgoing, one)


def _refuse_file(outgoing: Outgoing, one: OutgoingMedia) -> None:
    if one.kind == "image" and one.media_type != "image/jpeg":
        raise Rejected(_("Instagram takes pictures as JPEG alone."), "media")
    if one.kind not in ("image", "video"):
        raise Rejected(_("Instagram takes pictures and films alone."), "media")
    if rules.length(one.alt) > rules.ALT_LIMIT:
        raise Rejected(_("A description has at most %d characters.") % rules.ALT_LIMIT, "alt")
    most = rules.STORY_SECONDS if outgoing.form == "story" else rules.REEL_SECONDS[1]
    if one.kind == "video" and one.seconds and not rules.REEL_SECONDS[0] <= one.seconds <= most:
        words = _("A film on Instagram lasts from %(least)d to %(most)d seconds.")
        raise Rejected(words % {"least": rules.REEL_SECONDS[0], "most": most}, "media")


def container(outgoing: Outgoing, children: tuple[str, ...] = ()) -> dict[str, Any]:
    """The container of a post; `children` are the containers of its files, where it has several."""
    caption = {"caption": outgoing.text or None}
    if children:
        return {"media_type": "CAROUSEL", "children": ",".join(children), **caption}
    one = outgoing.media[0]
    if outgoing.form == "story":
        return {"media_type": "STORIES", f"{one.kind}_url": one.url}
    if one.kind == "video":
        shared = outgoing.options.get("share_to_feed", "yes") != "no"
        return {"media_type": "REELS", "video_url": one.url, "share_to_feed": shared, **caption}
    return {"image_url": one.url, "alt_text": one.alt or None, **caption}


def item(one: OutgoingMedia) -> dict[str, Any]:
    """The container of one file of several."""
    if one.kind == "video":
        return {"media_type": "VIDEO", "video_url": one.url, "is_carousel_item": True}
    return {"image_url": one.url, "alt_text": one.alt or None, "is_carousel_item": True}


def comments(account: AccountRef, outgoing: Outgoing) -> list[str]:
    """The comments that an answer takes, each as long as Instagram lets programs write them."""
    return parts.split(outgoing.text, rules.setting(account.settings, "comment_limit"), rules.length)


def messages(outgoing: Outgoing) -> list[str]:
    """The private messages that an answer takes: its words, then "" for each file."""
    words = parts.split(outgoing.text, rules.MESSAGE_BYTES, rules.message_length) if outgoing.text.strip() else []
    return [*words, *("" for _one in outgoing.media)]
