"""Whose approval a post needs, and who gave it."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.publishing import speaking, writing
from openline.publishing.errors import Conflict, NotPossible
from openline.publishing.models import ApprovalRule, Needs, Post, Review, Right

_STRENGTH = [Needs.NONE, Needs.ONE, Needs.TWO, Needs.OFFICE]


def needed(post: Post) -> dict[str, str]:
    """What each account of the post asks for, by the account's id: the most particular rule counts."""
    rules = {(str(r.account_id or ""), r.kind): r.needs for r in ApprovalRule.objects.filter(_about(post))}
    found = {}
    for account_id in {str(one) for one in post.variants.values_list("account_id", flat=True)}:
        keys = ((account_id, post.kind), (account_id, ""), ("", post.kind), ("", ""))
        found[account_id] = next((rules[key] for key in keys if key in rules), Needs.NONE)
    return found


def _about(post: Post) -> Q:
    accounts = post.variants.values("account_id")
    return (Q(account=None) | Q(account__in=accounts)) & Q(kind__in=("", post.kind))


def missing(post: Post) -> str:
    """The strongest approval that this version of the post still needs; "" if it has all."""
    wanted = needed(post)
    given = list(
        Review.objects.filter(post=post, version=post.version, verdict="approved")
        .exclude(by=post.written_by_id)
        .values_list("by", flat=True)
        .distinct()
    )
    still = [needs for account_id, needs in wanted.items() if not _has(account_id, needs, given)]
    return max(still, key=lambda needs: _STRENGTH.index(Needs(needs)), default="")


def _has(account_id: str, needs: str, given: list[int]) -> bool:
    if needs == Needs.OFFICE:
        return User.objects.filter(
            Q(is_superuser=True) | Q(speaks_as__account_id=account_id, speaks_as__right=Right.OFFICE), pk__in=given
        ).exists()
    return len(given) >= {Needs.NONE: 0, Needs.ONE: 1, Needs.TWO: 2}[Needs(needs)]


def may_approve(user: User, post: Post) -> bool:
    """True if the word of `user` counts: not the writer's own, and on accounts that name people, one of those."""
    if post.written_by_id == user.pk:
        return False
    for variant in post.variants.select_related("account"):
        named = variant.account.speakers.exists()
        if named and not speaking.may(user, variant.account, Right.APPROVE, Right.OFFICE):
            return False
    return True


def say(post: Post, verdict: str, *, by: User, seen: int, comment: str = "") -> Review:
    """Keep a verdict on the version `seen` of a locked post. Raises Conflict or NotPossible."""
    if post.version != seen:
        raise Conflict(_("The post was changed since you opened it. Look at it again."))
    if not may_approve(by, post):
        raise NotPossible(_("Another person has to approve this post."))
    if verdict == "returned" and not comment.strip():
        raise NotPossible(_("Say what should change."), "comment")
    review = Review.objects.create(
        post=post, version=seen, verdict=verdict, comment=comment.strip(), by=by, at=timezone.now()
    )
    writing.record(post, by, f"post {verdict}", comment=review.comment)
    return review
