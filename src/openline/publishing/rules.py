"""Changing who may speak as whom and whose approval posts need; each change is on the record.

A change moves no post: what is scheduled stays, what is under review asks from now on for what the rules now say.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.publishing.errors import NotPossible
from openline.publishing.models import ApprovalRule, Needs, Right, Speaker
from openline.publishing.states import Kind
from openline.records import log
from openline.records.models import Kind as RecordKind


@transaction.atomic
def set_rule(account: Account | None, kind: str, needs: str, *, by: User) -> ApprovalRule:
    """What posts of `kind` ("": any) on `account` (None: any) need from now on."""
    if needs not in Needs.values or (kind and kind not in Kind.values):
        raise NotPossible(_("Choose a kind and what it needs."), "needs")
    if needs == Needs.OFFICE and (account is None or not account.speakers.filter(right=Right.OFFICE).exists()):
        raise NotPossible(_("Name the official's office for this account first, else nobody could approve."), "needs")
    rule, _new = ApprovalRule.objects.update_or_create(account=account, kind=kind, defaults={"needs": needs})
    _record(by, "approval rule set", account, kind=kind, needs=needs)
    return rule


@transaction.atomic
def drop_rule(rule: ApprovalRule, *, by: User) -> None:
    """Let the next wider rule count; without any, nothing is asked for."""
    _record(by, "approval rule dropped", rule.account, kind=rule.kind, needs=rule.needs)
    rule.delete()


@transaction.atomic
def set_speaker(account: Account, user: User, right: str, *, by: User) -> Speaker:
    """Let `user` speak as `account`. The first name on an account takes it from all who are not named."""
    if right not in Right.values:
        raise NotPossible(_("Choose what the person may do."), "right")
    _keep_the_office(account, user, right)
    speaker, _new = Speaker.objects.update_or_create(account=account, user=user, defaults={"right": right})
    _record(by, "speaker named", account, user=user.get_username(), right=right)
    return speaker


@transaction.atomic
def drop_speaker(speaker: Speaker, *, by: User) -> None:
    """Take a person's right to speak as an account away."""
    _keep_the_office(speaker.account, speaker.user, "")
    _record(by, "speaker taken away", speaker.account, user=speaker.user.get_username(), right=speaker.right)
    speaker.delete()


def _keep_the_office(account: Account, user: User, right: str) -> None:
    """Raises NotPossible if a rule asks for the office of `account`, and nobody would be left in it."""
    asks = account.approval_rules.filter(needs=Needs.OFFICE).exists()
    if asks and right != Right.OFFICE and not account.speakers.filter(right=Right.OFFICE).exclude(user=user).exists():
        raise NotPossible(_("A rule asks for the office of this account: name another person for it first."), "right")


def _record(by: User, what: str, account: Account | None, **facts: str) -> None:
    body = {"what": what, "account": account and account.pk, **facts}
    log.write([log.Entry(RecordKind.ADMINISTERED, by.get_username(), account.pk if account else None, body=body)])
