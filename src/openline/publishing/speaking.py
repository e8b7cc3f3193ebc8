"""Who may speak as whom."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.channels.registry import channels
from openline.publishing.content import Content
from openline.publishing.errors import NotPossible
from openline.publishing.models import Post, Speaker


def accounts_of(user: User | None) -> QuerySet[Account]:
    """The accounts as which `user` may speak: those that name them, and those that name nobody.

    None is Openline itself (a series, an alert's update), whose content a person has written.
    """
    return Account.objects.filter(_names(user), enabled=True, network__in=public_networks()).distinct()


def _names(user: User | None) -> Q:
    if user is None or user.is_superuser:
        return Q()
    return Q(speakers__user=user) | Q(speakers__isnull=True)


def public_networks() -> list[str]:
    """Those of the city's networks on which something can be published at all."""
    ours = Account.objects.order_by("network").values_list("network", flat=True).distinct()
    can = {name: channels()[name].capabilities for name in ours if name in channels()}
    return [name for name, one in can.items() if one.public and not one.answers_only]


def check(user: User | None, content: Content) -> None:
    """Raises NotPossible if `content` names an account as which `user` may not speak, or files or languages amiss."""
    asked = {UUID(form.account) for form in content.forms}
    _refuse(asked, accounts_of(user))
    if len({(form.account, form.language) for form in content.forms}) < len(content.forms):
        raise NotPossible(_("An account is named twice in the same language."), "accounts")


def check_post(user: User | None, post: Post) -> None:
    """Raises NotPossible if `post` stands on an account as which `user` may not speak."""
    check_accounts(user, post.variants.values_list("account_id", flat=True))


def check_accounts(user: User | None, asked: Iterable[UUID]) -> None:
    """Raises NotPossible if `user` may not speak as one of the accounts, whether they are switched on or not."""
    _refuse(set(asked), Account.objects.filter(_names(user)))


def _refuse(asked: set[UUID], allowed: QuerySet[Account]) -> None:
    missing = asked - set(allowed.filter(pk__in=asked).values_list("pk", flat=True))
    if missing:
        names = ", ".join(str(one) for one in Account.objects.filter(pk__in=missing)) or _("an unknown account")
        raise NotPossible(_("You may not publish as %(accounts)s.") % {"accounts": names}, "accounts")


def may(user: User, account: Account, *rights: str) -> bool:
    """True if `user` has one of `rights` (`models.approval.Right`) for `account`."""
    return user.is_superuser or Speaker.objects.filter(account=account, user=user, right__in=rights).exists()
