"""How much one member may say, and what of it a person sees before everybody does.

Somebody's first words are not held: a neighbor who joins to say "it is deeper now" is read within seconds, like
everybody else. Held is only what spam lives from: links of new members, many links, and the same words from several
members.
"""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from openline.community.models import NETWORK, Comment, CommentState, Member
from openline.inbox.models import Heard, HeardState
from openline.service_requests.actions import NotPossible

NEW_UNTIL = 3
"""A member is new until so many of their comments are public."""
MOST_LINKS = 3
RATES = ((timedelta(minutes=10), 6), (timedelta(days=1), 60))
RATES_OF_NEW = ((timedelta(minutes=10), 3), (timedelta(days=1), 10))
"""So many comments in so long."""
SAME_WITHIN = timedelta(days=1)
_LINK = re.compile(r"https?://|\bwww\.|\b[\w-]+\.(?:com|net|org|info|biz|io|me|ly|shop|xyz|ru|cn)\b", re.I)


def is_new(member: Member) -> bool:
    """Whether few have read the member yet."""
    shown = Comment.objects.filter(by=member, state=CommentState.SHOWN, message__deleted_at=None)
    return len(shown.values_list("pk", flat=True)[:NEW_UNTIL]) < NEW_UNTIL


def check(member: Member, text: str) -> None:
    """Raise NotPossible, saying what to do, if the member said too much lately, or the very same."""
    now = timezone.now()
    waiting = Heard.objects.filter(
        account__network=NETWORK, state=HeardState.WAITING, event_id__startswith=f"{member.id.hex}."
    ).count()  # fmt: skip
    for span, most in RATES_OF_NEW if is_new(member) else RATES:
        if Comment.objects.filter(by=member, at__gt=now - span).count() + waiting >= most:
            raise NotPossible(_("You wrote a lot lately. Please wait a little, then send it once more."))
    mine = Comment.objects.filter(by=member, at__gt=now - SAME_WITHIN, message__text=text, message__deleted_at=None)
    if mine.exists():
        raise NotPossible(_("You said this already."))


def why_held(member: Member, text: str) -> str:
    """Why a person looks before everybody does; "" if nobody has to. No viewpoint is a reason."""
    links = len(_LINK.findall(text))
    if links > MOST_LINKS:
        return "Has many links."
    if links and is_new(member):
        return "A link from a new member."
    since = timezone.now() - SAME_WITHIN
    others = Comment.objects.filter(at__gt=since, message__text=text).exclude(by=member).exclude(by=None)
    if len(text) > 60 and others.exists():
        return "The same words came from several members."
    return ""
