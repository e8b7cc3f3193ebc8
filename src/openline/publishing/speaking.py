"""Who may speak as whom."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.channels.registry import channels
from openline.publishing.content import Content
from openline.publishing.errors import NotPossible
from openline.publishing.models import Speaker


def accounts_of(user: User | None) -> QuerySet[Account]:
    """The accounts as which `user` may speak: those that name them, and those that name nobody.

    None is Openline itself (a series, an alert's update), whose content a person has written.
    """
    found = Account.objects.filter(enabled=True, network__in=public_networks())
    if user is None or user.is_superuser:
        return found
    return found.filter(Q(speakers__user=user) | Q(speakers__isnull=True)).distinct()


def public_networks() -> list[str]:
    """The networks on which something can be published at all."""
    return [name for name, channel in channels().items() if channel.capabilities.public]


def check(user: User | None, content: Content) -> None:
    """Raises NotPossible if `content` names an account as which `user` may not speak, or files or languages amiss."""
    asked = {UUID(form.account) for form in content.forms}
    missing = asked - set(accounts_of(user).filter(pk__in=asked).values_list("pk", flat=True))
    if missing:
        names = ", ".join(str(one) for one in Account.objects.filter(pk__in=missing)) or _("an unknown account")
        raise NotPossible(_("You may not publish as %(accounts)s.") % {"accounts": names}, "accounts")
    if len({(form.account, form.language) for form in content.forms}) < len(content.forms):
        raise NotPossible(_("An account is named twice in the same language."), "accounts")


def may(user: User, account: Account, *rights: str) -> bool:
    """True if `user` has one of `rights` (`models.approval.Right`) for `account`."""
    return user.is_superuser or Speaker.objects.filter(account=account, user=user, right__in=rights).exists()
