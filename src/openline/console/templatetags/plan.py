"""How the calendar of posts shows posts and the city's time."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from openline.channels.registry import channels
from openline.publishing import listing, scheduling
from openline.publishing.models import Post
from openline.publishing.states import PostState, VariantState
from openline.service_requests.jurisdiction import local

register = template.Library()

_POST = (
    '<li class="cal-post state-{}{}" id="post-{}"{}>'
    '<a href="{}" dir="auto"><span class="when">{}</span> {}</a> '
    '<span class="meta">{}</span>{}</li>'
)


@register.simple_tag
def cal_post(post: Post, may_move: bool, back: str) -> SafeString:
    """A post in the calendar, with its handle if it can be moved; one pass, as a month shows hundreds."""
    moves = may_move and scheduling.may_move(post)
    words, when = post_words(post, 70), city_time(post.leave_at) if post.leave_at else ""
    grip, handle = SafeString(""), SafeString("")
    if moves:
        grip = format_html(
            ' draggable="true" data-post="{}" data-seen="{}" data-seen-at="{}" data-words="{}"',
            post.pk, post.version, post.leave_at.isoformat() if post.leave_at else "", words,
        )  # fmt: skip
        handle = format_html(
            '<a class="grip" href="/console/calendar-of-posts/move/{}/?{}">{}<span class="sr"> {}</span></a>',
            post.pk, urlencode({"back": back}), _("Move"), words,
        )  # fmt: skip
    trouble = any(v.state in (VariantState.FAILED, VariantState.MISSED) for v in post.variants.all())
    state = f"{PostState(post.state).label} · {post_accounts(post)}"
    return format_html(
        _POST, post.state, " trouble" if trouble else "", post.pk, grip, post_address(post), when, words, state, handle
    )


@register.filter
def post_words(post: Post, limit: int = 160) -> str:
    """What the post is called."""
    return listing.first_words(post, limit) or _("Nothing written yet")


@register.filter
def post_accounts(post: Post) -> str:
    """Where it goes: the networks' names, each with how often."""
    known = channels()
    names = [known[v.account.network].label if v.account.network in known else v.account.network
             for v in post.variants.all()]  # fmt: skip
    counted = {name: names.count(name) for name in names}
    return ", ".join(name if count == 1 else f"{name} ({count})" for name, count in counted.items())


@register.filter
def post_address(post: Post) -> str:
    """The page on which the post is read and approved."""
    return f"/console/approvals/{post.pk}/"


@register.filter
def movable(post: Post) -> bool:
    """True while its time can be changed."""
    return scheduling.may_move(post)


@register.filter
def city_time(moment: datetime) -> str:
    """The hour on the city's clock."""
    return formats.time_format(local(moment), "TIME_FORMAT")


@register.filter
def city_day(moment: datetime | None) -> str:
    """The day in the city."""
    return formats.date_format(local(moment or timezone.now()), "l, F j")
