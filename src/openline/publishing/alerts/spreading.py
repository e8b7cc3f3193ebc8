"""An edition of an alert on the accounts: the first posts, edits and answers to them, and what is taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.channels.registry import channel_for
from openline.outbox import actions
from openline.outbox.models import Delivery, State
from openline.publishing import changing, scheduling, speaking, writing
from openline.publishing.alerts import texts
from openline.publishing.content import Content, Form, Words
from openline.publishing.errors import NotPossible
from openline.publishing.fitting import Fitted
from openline.publishing.models import Alert, AlertEdition, Post, Variant
from openline.publishing.states import Kind, VariantState

Target = tuple[UUID, str]


def address(alert_id: UUID) -> str:
    """The public page of an alert (the portal serves it; rooms know no face)."""
    return f"{settings.PUBLIC_URL}/alerts/{alert_id}/"


def accounts() -> QuerySet[Account]:
    """All on which an alert can be told: who may issue alerts speaks for all of them."""
    return speaking.accounts_of(None).order_by("network", "handle")


def tellers() -> tuple[list[Account], list[Account]]:
    """Of `accounts` those on which words alone can stand, and those whose network wants a picture or a film."""
    able: list[Account] = []
    unable: list[Account] = []
    for account in accounts():
        can = account.capabilities
        (able if "" in can.forms and not can.needs_media else unable).append(account)
    return able, unable


def rehearsal(targets: Iterable[Target]) -> tuple[Target, ...]:
    """Those whose network runs on this machine: the sandbox's. An exercise goes to no other unless that is said."""
    targets = tuple(targets)
    found = Account.objects.filter(pk__in=[account for account, _language in targets])
    near = {account.pk for account in found if settings.SANDBOX and _on_this_machine(account.server)}
    return tuple(target for target in targets if target[0] in near)


def _on_this_machine(server: str) -> bool:
    host = urlsplit(server if "//" in server else f"//{server}").hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def content(said: texts.Texts, targets: Iterable[Target], link: str, **more: Any) -> tuple[Content, list[Fitted]]:
    """The content of the post, and for each target what it will say there; raises NotPossible if it does not fit."""
    first = next(iter(said))
    base = Content(
        kind=Kind.ALERT, language=first, link=link, texts={code: Words(texts.whole(one)) for code, one in said.items()},
        **more,
    )  # fmt: skip
    known = {account.pk: account for account in accounts()}
    forms, fitted = [], []
    for account_id, wanted in targets:
        account, language = known.get(account_id), wanted if wanted in said else first
        if account is None:
            raise NotPossible(_("One of the accounts is not connected any more. Choose again."), "targets")
        form, fit = texts.on_account(base, Form(str(account_id), language), account, said[language])
        if fit.problem:
            raise NotPossible(f"{account}: {fit.problem}", "headline")
        forms.append(form)
        fitted.append(fit)
    return replace(base, forms=tuple(forms)), fitted


def first(edition: AlertEdition, targets: Sequence[Target], *, by: User) -> Post | None:
    """Put the first edition on its way to all `targets`."""
    return _post(edition, targets, {}, by) if targets else None


def again(edition: AlertEdition, *, by: User) -> dict[str, int]:
    """Tell a later edition everywhere; how many posts were edited, answered or written anew, and taken back unsent."""
    alert = edition.alert
    withdrawn = silence(alert)
    roots, known = _roots(alert), set(accounts().values_list("pk", flat=True))
    edited, answered = 0, []
    for target, root in roots.items():
        if target[0] not in known:
            continue
        if root is not None and _edit(root, edition, target):
            edited += 1
        else:
            answered.append(target)
    parents = {target: root.network_id for target, root in roots.items() if root is not None}
    if answered:
        _post(edition, answered, parents, by)
    return {"edited": edited, "answered": len(answered), "withdrawn": withdrawn}


def silence(alert: Alert) -> int:
    """What did not go out yet does not go out any more; what is being sent finishes, with no further try."""
    mine = Variant.objects.filter(post__alert=alert)
    unsent = mine.filter(state__in=[VariantState.DRAFT, VariantState.PLANNED, VariantState.HELD, VariantState.MISSED])
    count = unsent.update(state=VariantState.CANCELLED)
    actions.stop(Delivery.objects.filter(variant__in=mine))
    Delivery.objects.filter(variant__in=mine, state=State.FAILED).update(state=State.CANCELLED)
    stopped = mine.filter(state__in=[VariantState.QUEUED, VariantState.FAILED], delivery__state=State.CANCELLED)
    return count + stopped.update(state=VariantState.CANCELLED)


def _roots(alert: Alert) -> dict[Target, Variant | None]:
    """For each account and language the first post that stands there; None where none does."""
    found: dict[Target, Variant | None] = {}
    told = Variant.objects.filter(post__alert=alert).select_related("account", "post")
    for variant in told.order_by("post__created_at", "id"):
        target = (variant.account_id, variant.language)
        stands = variant.state == VariantState.SENT and variant.network_id
        found[target] = found.get(target) or (variant if stands else None)
    return found


def _edit(root: Variant, edition: AlertEdition, target: Target) -> bool:
    """Edit the post where it stands. False where the network has no edits, or it is a thread of several posts."""
    if not changing.can_edit(root) or root.published.count() > 1:
        return False
    made, _fitted = content(edition.texts, [target], address(edition.alert_id))
    text = made.forms[0].text
    try:
        changing.edit(root.pk, text or "", by=None)
    except NotPossible:
        return False
    return True


def _post(edition: AlertEdition, targets: Sequence[Target], parents: dict[Target, str], by: User) -> Post:
    """A post of this edition; `parents` are the posts that it answers, by target."""
    made, _fitted = content(
        edition.texts, targets, address(edition.alert_id), name=edition.alert.event, areas=tuple(edition.areas)
    )
    post = writing.create(made, by=None, alert=edition.alert)
    Post.objects.filter(pk=post.pk).update(written_by=by)
    for variant in post.variants.all():
        if parent := parents.get((variant.account_id, variant.language)):
            variant.options = {"in_reply_to": parent}
            variant.save(update_fields=["options"])
    return scheduling.at_once(post, by=by)


def network_label(account: Account) -> str:
    """The network's name, for people."""
    return channel_for(account.network).label
