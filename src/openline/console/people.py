"""The accounts of the city's staff: made, changed, switched off and on; each step is on the record."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from openline.console.permissions import ROLES, create_roles
from openline.foundation.changes import conversations_changed
from openline.inbox.models import Conversation, Status
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import assigning
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import Department, ServiceRequest


def everybody() -> QuerySet[User]:
    """All accounts, those in use first."""
    return User.objects.prefetch_related("groups", "departments").order_by("-is_active", "username")


@transaction.atomic
def set_roles(user: User, roles: Iterable[str], departments: Iterable[Department], *, by: str) -> None:
    """What `user` may do, and for which departments. Raises NotPossible if nobody would administer any more."""
    create_roles()
    wanted = sorted(set(roles) & ROLES.keys())
    if "administrator" not in wanted:
        _somebody_administers_without(user)
    user.groups.set(Group.objects.filter(name__in=wanted))
    own = list(departments)
    user.departments.set(own)
    _record(by, "user", user, roles=wanted, departments=sorted(one.code for one in own))


@transaction.atomic
def new_password(user: User, *, by: str) -> str:
    """A new password for `user`, to be shown once; whoever is signed in with the old one is signed out."""
    password = "-".join(secrets.token_hex(2) for _part in range(4))
    set_password(user, password, by=by)
    return password


@transaction.atomic
def set_password(user: User, password: str, *, by: str) -> None:
    """Give `user` this password; its goodness is the caller's to check."""
    user.set_password(password)
    user.save(update_fields=["password"])
    _record(by, "user password", user)


@transaction.atomic
def switch_off(user: User, *, by: User | str) -> int:
    """Who left can do nothing any more, at once; what lay with them goes back. Returns how much that was."""
    if user == by:
        raise NotPossible(_("You cannot switch yourself off. Ask another administrator."))
    _somebody_administers_without(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    back = _give_back(user, by if isinstance(by, User) else None)
    _record(str(by), "user off", user, given_back=back)
    return back


@transaction.atomic
def switch_on(user: User, *, by: User | str) -> None:
    """Who came back may work again, with the roles of before."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    _record(str(by), "user on", user)


def _give_back(user: User, by: User | None) -> int:
    talks = list(Conversation.objects.filter(assigned_to=user).exclude(status=Status.DONE).values_list("pk", flat=True))
    Conversation.objects.filter(pk__in=talks).update(assigned_to=None)
    conversations_changed(*talks)
    requests = list(ServiceRequest.objects.filter(assigned_to=user, closed_at=None).select_related("team"))
    for request in requests:
        assigning.give(request.pk, by=by or user, team=request.team)
    return len(talks) + len(requests)


def _somebody_administers_without(user: User) -> None:
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    left = others.filter(groups__name="administrator") | others.filter(is_superuser=True)
    was = user.is_active and (user.is_superuser or user.groups.filter(name="administrator").exists())
    if was and not left.exists():
        raise NotPossible(_("Nobody could administer Openline any more. Make somebody else an administrator first."))


def _record(by: str, what: str, user: User, **facts: Any) -> None:
    log.write([log.Entry(Kind.ADMINISTERED, by, body={"what": what, "name": user.get_username(), **facts})])
