"""Whose approval a post needs, and who gave it. An approval holds for one version, and never the writer's own."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.publishing import writing
from openline.publishing.errors import Conflict, NotPossible
from openline.publishing.models import Needs, Post, Review
from openline.publishing.policy import Standing, standings
from openline.publishing.states import PostState

APPROVED, RETURNED, OVERRIDDEN = "approved", "returned", "overridden"


def needed(post: Post) -> dict[str, str]:
    """What each account of the post asks for, by the account's id: the most particular rule counts."""
    return {str(account): needs for account, needs in standing(post).needed.items()}


def missing(post: Post) -> str:
    """The strongest approval that this version of the post still needs; "" if it has all."""
    return standing(post).missing


def standing(post: Post) -> Standing:
    """How far the approval of one post is."""
    return standings([post])[post.pk]


def waiting_for(user: User, posts: Sequence[Post]) -> list[Post]:
    """Those of `posts` under review that wait for the word of `user`."""
    found = standings(posts)
    return [post for post in posts if post.state == PostState.REVIEW and found[post.pk].waits_for(user)]


def say(post: Post, verdict: str, *, by: User, seen: int, comment: str = "") -> Review:
    """Keep a verdict on the version `seen` of a locked post. Raises Conflict or NotPossible."""
    if post.version != seen:
        raise Conflict(_("The post was changed since you opened it. Look at it again."))
    stands = standing(post)
    if by.pk in stands.authors:
        raise NotPossible(_("You wrote or changed this post: another person has to approve it."))
    if not stands.hears(by):
        raise NotPossible(_("You may not approve for the accounts of this post."))
    if verdict == RETURNED and not comment.strip():
        raise NotPossible(_("Say what should change."), "comment")
    return note(post, verdict, by=by, comment=comment)


def note(post: Post, verdict: str, *, by: User, comment: str) -> Review:
    """Write a verdict on the present version down, and on the record."""
    review = Review.objects.create(
        post=post, version=post.version, verdict=verdict, comment=comment.strip(), by=by, at=timezone.now()
    )
    writing.record(post, by, f"post {verdict}", comment=review.comment)
    return review


def words(needs: str) -> str:
    """What is missing, in words; "" if nothing is."""
    return {
        Needs.ONE.value: _("Waits for one other person"),
        Needs.TWO.value: _("Waits for two other persons"),
        Needs.OFFICE.value: _("Waits for the official's office"),
    }.get(needs, "")
