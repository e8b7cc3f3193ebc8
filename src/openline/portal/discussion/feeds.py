"""A discussion as a feed: what everybody may read of it, newest first."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openline.community import discussion, threads
from openline.community.models import Comment
from openline.portal.feeds import answering, content, formats
from openline.service_requests.jurisdiction import jurisdiction

SECONDS = 60


@require_safe
def feed(request: HttpRequest, thread: str, ending: str) -> HttpResponseBase:
    """The feed of one discussion, in the city's own language."""
    if ending not in content.ENDINGS or not threads.is_public(thread):
        raise Http404
    with translation.override(settings.LANGUAGE_CODE):
        found = _feed(thread, ending)
        written, media_type = formats.write(found, ending, [])
    return answering.kept(request, written, media_type, SECONDS, found.updated.timestamp() if found.updated else None)


def _feed(thread: str, ending: str) -> content.Feed:
    page = threads.address(thread)
    newest = discussion.public(thread).select_related("by").order_by("-at", "-message_id")
    title = _("%(city)s: discussion of %(what)s") % {"city": jurisdiction().name, "what": thread.partition(":")[2]}
    address = f"{settings.PUBLIC_URL}/discussions/{thread}/feed.{ending}"
    return content.Feed(title, address, page, tuple(_entry(one, page) for one in newest[: content.MOST]))


def _entry(one: Comment, page: str) -> content.Entry:
    top = one.above_id or one.pk
    name = _("a former member") if one.by and one.by.left_at else one.by.name if one.by else jurisdiction().name
    where = f"{page}?comment={one.pk.hex}#c-{top.hex}"
    return content.Entry(where, name, where, one.text, one.at, one.edited_at or one.at, _("Discussion"), None, None)
