"""Mail to those who can approve: when a post becomes urgent, and when an alert went out without them.

Where no mail server is set up, the console alone shows what waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from openline.publishing import writing
from openline.publishing.models import Post
from openline.publishing.policy import standings
from openline.publishing.states import PostState
from openline.service_requests import languages
from openline.service_requests.jurisdiction import jurisdiction

_TASK = "openline.publishing.tell_of_override"
_RETURNED = "openline.publishing.tell_of_return"
URGENT = timedelta(hours=4)
"""So long before its time a post that is not approved is urgent."""
APPROVERS = ("communications", "supervisor", "official", "administrator")
"""The roles (groups) whose members may approve."""


def urgent(now: datetime | None = None) -> list[Post]:
    """Posts under review whose time is near or past, and those that shall go as soon as they are approved."""
    soon = (now or timezone.now()) + URGENT
    found = Post.objects.filter(state=PostState.REVIEW).filter(Q(leave_at=None) | Q(leave_at__lte=soon))
    return list(found.order_by(F("leave_at").asc(nulls_first=True), "id")[:200])


def remind() -> int:
    """Remind of what is urgent, each post once for each time that it has; returns how many posts that were."""
    with transaction.atomic():
        ids = [post.pk for post in urgent() if post.reminded_at is None]
        posts = list(Post.objects.select_for_update(of=("self",), skip_locked=True).filter(
            pk__in=ids, state=PostState.REVIEW, reminded_at=None))  # fmt: skip
        Post.objects.filter(pk__in=[post.pk for post in posts]).update(reminded_at=timezone.now())
        mails = [mail for post in posts if (mail := _reminder(post))]
        transaction.on_commit(lambda: _send(mails))
    return len(posts)


def of_override(post: Post, by: User, reason: str) -> None:
    """Let a job tell those who would have approved, once the caller's transaction is through."""
    app.configure_task(_TASK).defer(post_id=str(post.pk), by=by.pk, reason=reason.strip())


def tell_of_override(post_id: UUID, by: int, reason: str) -> list[str]:
    """Tell those who would have approved; returns their addresses."""
    post = Post.objects.get(pk=post_id)
    people = [user for user in approvers(post) if user.pk != by]
    body = _("%(who)s sent the alert “%(post)s” without approval. The reason: %(reason)s") % {
        "who": User.objects.get(pk=by).get_username(), "post": post, "reason": reason}  # fmt: skip
    _send([_mail(_("An alert went out without approval"), body, post, people)] if people else [])
    return [user.email for user in people if user.email]


def of_return(post: Post, by: User, comment: str) -> None:
    """Let a job tell those who wrote `post` that it was sent back, once the caller's transaction is through."""
    app.configure_task(_RETURNED).defer(post_id=str(post.pk), by=by.pk, comment=comment.strip())


def tell_of_return(post_id: UUID, by: int, comment: str) -> list[str]:
    """Tell who wrote the post and who changed it last why it was sent back; returns their addresses."""
    post = Post.objects.select_related("written_by").prefetch_related("texts").get(pk=post_id)
    last = post.versions.select_related("by").order_by("-number").first()
    people = {user.pk: user for user in (post.written_by, last and last.by) if user and user.pk != by}
    text = next((one.title or one.text for one in post.texts.all() if one.language == post.language), "")
    facts = {"who": User.objects.get(pk=by).get_username(), "post": (post.name or text)[:80], "comment": comment}
    body = _("%(who)s sent “%(post)s” back: %(comment)s") % facts
    mail = _mail(_("A post was sent back"), body, post, people.values(), "posts/{}/edit/")
    _send([mail])
    return mail.bcc


def approvers(post: Post) -> list[User]:
    """Who could bring the approval of `post` further: members of the roles that approve, whom its accounts hear."""
    standing = standings([post])[post.pk]
    active = User.objects.filter(Q(groups__name__in=APPROVERS) | Q(is_superuser=True), is_active=True)
    return [user for user in active.distinct().order_by("pk") if standing.waits_for(user)]


def _reminder(post: Post) -> EmailMessage | None:
    people = approvers(post)
    writing.record(post, None, "approvers reminded", people=[user.get_username() for user in people])
    when = f"{languages.day(post.leave_at)}, {languages.hour(post.leave_at)}" if post.leave_at else _("at once")
    body = _("“%(post)s” waits for your approval. It is to go out: %(when)s.") % {"post": post, "when": when}
    return _mail(_("A post waits for you"), body, post, people) if people else None


def _mail(subject: str, body: str, post: Post, people: Iterable[User], page: str = "approvals/{}/") -> EmailMessage:
    """One mail for all; nobody sees the others' addresses. `page` is where it leads in the console."""
    link = f"{settings.PUBLIC_URL}/console/{page.format(post.pk)}"
    to = [user.email for user in people if user.email]
    return EmailMessage(f"{jurisdiction().name}: {subject}", f"{body}\n\n{link}\n", bcc=to)


def _send(mails: list[EmailMessage]) -> None:
    mails = [mail for mail in mails if mail.bcc]
    if mails and not settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        get_connection().send_messages(mails)
