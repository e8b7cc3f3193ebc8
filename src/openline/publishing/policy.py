"""The rules of approval and who is heard by which account, read once, and how far posts are by them.

All of it in a fixed number of queries, for one post or for a page of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth.models import User

from openline.publishing.models import ApprovalRule, Needs, Post, PostVersion, Review, Right, Speaker, Variant

_STRENGTH = [Needs.NONE, Needs.ONE, Needs.TWO, Needs.OFFICE]
_PERSONS = {Needs.NONE: 0, Needs.ONE: 1, Needs.TWO: 2}


@dataclass(frozen=True, slots=True)
class Policy:
    """`rules` by (account or None, kind or ""), `speakers` by account and person, `above` whom every account hears."""

    rules: Mapping[tuple[UUID | None, str], str]
    speakers: Mapping[UUID, Mapping[int, str]]
    above: frozenset[int]

    @classmethod
    def read(cls) -> Policy:
        """As it is now."""
        speakers: dict[UUID, dict[int, str]] = {}
        for account_id, user_id, right in Speaker.objects.values_list("account_id", "user_id", "right"):
            speakers.setdefault(account_id, {})[user_id] = right
        return cls(
            {(rule.account_id, rule.kind): rule.needs for rule in ApprovalRule.objects.all()},
            speakers,
            frozenset(User.objects.filter(is_superuser=True).values_list("pk", flat=True)),
        )

    def needs(self, account: UUID, kind: str) -> str:
        """What posts of `kind` need on `account`: the most particular rule counts, without any nothing."""
        keys = ((account, kind), (account, ""), (None, kind), (None, ""))
        return next((self.rules[key] for key in keys if key in self.rules), Needs.NONE)

    def hears(self, user: int, account: UUID) -> bool:
        """True if an approval of `user` counts for `account`: it names them for that, or it names nobody."""
        named = self.speakers.get(account)
        return not named or user in self.above or named.get(user) in (Right.APPROVE, Right.OFFICE)

    def is_office(self, user: int, account: UUID) -> bool:
        """True if `user` has the last word for `account`."""
        return user in self.above or self.speakers.get(account, {}).get(user) == Right.OFFICE

    def content(self, account: UUID, needs: str, given: Iterable[int]) -> bool:
        """True if the approvals `given` are what `account` asks for."""
        if needs == Needs.OFFICE:
            return any(self.is_office(user, account) for user in given)
        return sum(self.hears(user, account) for user in given) >= _PERSONS[Needs(needs)]


@dataclass(slots=True)
class Standing:
    """How far one post is: what its accounts ask for, who wrote it, and who approved this version of it."""

    policy: Policy
    needed: dict[UUID, str] = field(default_factory=dict)
    authors: set[int] = field(default_factory=set)
    given: list[int] = field(default_factory=list)

    @property
    def open(self) -> dict[UUID, str]:
        """The accounts that have not what they ask for."""
        given = set(self.given) - self.authors
        return {a: needs for a, needs in self.needed.items() if not self.policy.content(a, needs, given)}

    @property
    def missing(self) -> str:
        """The strongest approval that is missing; "" if none is."""
        return max(self.open.values(), key=lambda needs: _STRENGTH.index(Needs(needs)), default="")

    def hears(self, user: User) -> bool:
        """True if the word of `user` counts for one of the accounts."""
        return user.pk not in self.authors and any(self.policy.hears(user.pk, account) for account in self.needed)

    def waits_for(self, user: User) -> bool:
        """True if an approval of `user` would bring the post further; one that has all still waits for a button."""
        if user.pk in self.authors or user.pk in self.given:
            return False
        still = self.open or self.needed
        return any(
            self.policy.is_office(user.pk, account) if needs == Needs.OFFICE else self.policy.hears(user.pk, account)
            for account, needs in still.items()
        )


def standings(posts: Sequence[Post]) -> dict[UUID, Standing]:
    """How far each of `posts` is."""
    policy, by_id = Policy.read(), {post.pk: post for post in posts}
    found = {post.pk: Standing(policy) for post in posts}
    for post_id, account_id in Variant.objects.filter(post__in=by_id).values_list("post_id", "account_id"):
        found[post_id].needed[account_id] = policy.needs(account_id, by_id[post_id].kind)
    for post in posts:
        if post.written_by_id:
            found[post.pk].authors.add(post.written_by_id)
    for post_id, author in PostVersion.objects.filter(post__in=by_id, by__isnull=False).values_list("post_id", "by"):
        found[post_id].authors.add(author)
    _read_verdicts(found, by_id)
    return found


def _read_verdicts(found: dict[UUID, Standing], by_id: dict[UUID, Post]) -> None:
    """Approvals of the present version by those who still work here; whoever sends it back takes all of them away."""
    reviews = Review.objects.filter(post__in=by_id, verdict__in=["approved", "returned"], by__is_active=True)
    for post_id, version, verdict, user in reviews.order_by("at", "id").values_list(
        "post_id", "version", "verdict", "by"
    ):
        given = found[post_id].given
        if version != by_id[post_id].version:
            continue
        if verdict == "returned":
            given.clear()
        elif user not in given:
            given.append(user)
