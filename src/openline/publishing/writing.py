"""Writing a post: made, changed and put away, each change a version with its record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.publishing import content as contents
from openline.publishing import speaking
from openline.publishing.content import Content
from openline.publishing.errors import Conflict, NotPossible
from openline.publishing.models import Post, PostVersion, Review
from openline.publishing.states import POST_TRANSITIONS, PostState, VariantState
from openline.records import log
from openline.records.models import Kind as RecordKind

CHANGEABLE = (PostState.IDEA, PostState.DRAFT, PostState.REVIEW, PostState.SCHEDULED)


@transaction.atomic
def create(content: Content, *, by: User | None, state: str = PostState.DRAFT, **more: Any) -> Post:
    """A new post. `more` are fields beside the content, such as `series` and `occurs_on`. Raises NotPossible."""
    speaking.check(by, content)
    now = timezone.now()
    post = Post(state=state, written_by=by, created_at=now, changed_at=now, **more)
    contents.write(post, content)
    _keep(post, content, by, "post written")
    return post


@transaction.atomic
def change(post_id: UUID, content: Content, *, by: User, seen: int) -> Post:
    """Save `content` over the version `seen`. What was scheduled or approved has to be approved again (`scheduling`).

    Raises Conflict if somebody saved meanwhile, NotPossible once the post is out or cancelled.
    """
    post = locked(post_id)
    if post.version != seen:
        raise Conflict(_("Somebody else saved this post meanwhile. Load it again; your text is below."))
    if post.state not in CHANGEABLE:
        raise NotPossible(_("This post is out: correct or take down what stands on each account."))
    if contents.read(post) == content:
        return post
    speaking.check_post(by, post)
    speaking.check(by, content)
    post.version += 1
    post.changed_at = timezone.now()
    contents.write(post, content)
    _keep(post, content, by, "post changed")
    if post.state == PostState.SCHEDULED:
        back_to_draft(post, by)
    return post


@transaction.atomic
def put_back(post_id: UUID, *, by: User) -> Post:
    """Take a post out of the plan or the review: a draft again. Raises NotPossible if something of it is out."""
    post = locked(post_id)
    speaking.check_post(by, post)
    back_to_draft(post, by)
    return post


@transaction.atomic
def cancel(post_id: UUID, *, by: User | None, reason: str = "") -> Post:
    """Put a post away that is not out; it can be taken up again as a draft."""
    post = locked(post_id)
    speaking.check_post(by, post)
    move(post, PostState.CANCELLED)
    post.variants.exclude(state__in=[VariantState.SENT, VariantState.QUEUED]).update(
        state=VariantState.CANCELLED, pause=None
    )
    record(post, by, "post cancelled", reason=reason)
    return post


@transaction.atomic
def take_up(post_id: UUID, *, by: User) -> Post:
    """Make a draft of a cancelled post or an idea."""
    post = locked(post_id)
    speaking.check_post(by, post)
    if post.state not in (PostState.IDEA, PostState.CANCELLED):
        raise NotPossible(_("This post is at work already. Load the page again."))
    move(post, PostState.DRAFT)
    post.variants.update(state=VariantState.DRAFT, leave_at=None, reason="")
    record(post, by, "post taken up again")
    return post


@transaction.atomic
def shelve(post_id: UUID, *, by: User) -> Post:
    """Make an idea of a draft: something to come back to."""
    post = locked(post_id)
    move(post, PostState.IDEA)
    record(post, by, "post kept as an idea")
    return post


def back_to_draft(post: Post, by: User | None) -> None:
    """The post and all its variants wait again to be scheduled."""
    move(post, PostState.DRAFT)
    post.variants.filter(state__in=[VariantState.PLANNED, VariantState.HELD]).update(
        state=VariantState.DRAFT, leave_at=None, pause=None
    )
    record(post, by, "post out of the plan")


def move(post: Post, to: str) -> None:
    """Change the state of a locked post. Raises NotPossible where the one may not follow the other."""
    if to == post.state:
        return
    if to not in POST_TRANSITIONS[post.state]:
        raise NotPossible(
            _("A post in the state “%(state)s” cannot become “%(to)s”.")
            % {"state": PostState(post.state).label, "to": PostState(to).label}
        )
    post.state = to
    post.changed_at = timezone.now()
    post.save(update_fields=["state", "changed_at"])


def locked(post_id: UUID) -> Post:
    """The post, locked until the transaction ends. Raises NotPossible if there is none."""
    post = Post.objects.select_for_update(of=("self",)).filter(pk=post_id).first()
    if post is None:
        raise NotPossible(_("There is no such post any more."))
    return post


@transaction.atomic
def comment(post_id: UUID, text: str, *, by: User) -> Review:
    """Say something about the post as it stands, to those who work on it."""
    post = locked(post_id)
    if not text.strip():
        raise NotPossible(_("Write your comment first."), "comment")
    review = Review.objects.create(post=post, version=post.version, comment=text.strip(), by=by, at=timezone.now())
    record(post, by, "post commented", comment=review.comment)
    return review


def record(post: Post, by: User | None, what: str, **facts: Any) -> None:
    """Put a step of a post on the record."""
    body = {"what": what, "post": post.pk, "version": post.version, "state": post.state, **facts}
    log.write([log.Entry(RecordKind.CHANGED, by.get_username() if by else "openline", body=body)])


def _keep(post: Post, content: Content, by: User | None, what: str) -> None:
    plain = content.as_json()
    PostVersion.objects.create(post=post, number=post.version, content=plain, by=by, at=timezone.now())
    record(post, by, what, content=plain)
