"""What is wrong with a post, or could be better, said before it goes out. No network is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.accounts.models import Account
from openline.channels.base import Capabilities
from openline.channels.registry import channel_for
from openline.files.models import File
from openline.publishing import alike, captions, fitting, hints
from openline.publishing.content import OWN, Content, Form, Item
from openline.publishing.models import Post
from openline.publishing.states import FORMS

_SOON = timedelta(hours=1)
"""What goes out later than that is planned ahead."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. `error`: as it is, the post cannot go out. `account` is an id, "" if it is about all."""

    words: str
    field: str = ""
    account: str = ""
    error: bool = True


def errors(content: Content) -> list[Finding]:
    """What keeps the post from going out."""
    found = _facts(content)
    return [finding for finding in found if finding.error]


def findings(content: Content, post: Post | None = None) -> list[Finding]:
    """All that is to say about the post, errors first; `post` is where the content stands, if it is saved."""
    found = [*_facts(content), *_words(content, post)]
    return sorted(found, key=lambda finding: not finding.error)


def _facts(content: Content) -> list[Finding]:
    """What is missing, and what the networks do not take."""
    accounts = {str(a.pk): a for a in Account.objects.filter(pk__in=[UUID(form.account) for form in content.forms])}
    files = {str(f.pk): f for f in File.objects.filter(pk__in=[UUID(item.file) for item in content.media])}
    return [*_whole(content, files), *_accounts(content, accounts, files)]


def _whole(content: Content, files: dict[str, File]) -> Iterator[Finding]:
    if not content.forms:
        yield Finding(_("Choose at least one account."), "accounts")
    first = content.first
    if not (first.text.strip() or first.title.strip() or content.media):
        yield Finding(_("Write the text first."), "text")
    languages = {form.language for form in content.forms} or {content.language}
    for number, item in enumerate(content.media, 1):
        if item.file not in files:
            yield Finding(_("File %(number)d is not here any more.") % {"number": number}, "media")
        for language in sorted(languages):
            yield from _described(item, number, language, content)
            yield from _captioned(item, files.get(item.file), number, language, content)


def _words(content: Content, post: Post | None) -> Iterator[Finding]:
    """Hints on the words, and what says nearly the same on the same account."""
    at = post.leave_at if post else None
    for hint in hints.hints(content, scheduled=at is not None and at - timezone.now() > _SOON):
        yield Finding(hint.words, hint.field, error=False)
    for near in alike.alike(content, post.pk if post else None):
        yield Finding(near.words, "text", str(near.variant.account_id), error=False)


def _described(item: Item, number: int, language: str, content: Content) -> Iterator[Finding]:
    if not (item.alts.get(language) or item.alts.get(content.language, "")).strip():
        words = _("Describe file %(number)d for those who cannot see it.") % {"number": number}
        yield Finding(words, "media")


def _captioned(item: Item, file: File | None, number: int, language: str, content: Content) -> Iterator[Finding]:
    """A film needs captions (WCAG 2.2, 1.2.2); a silent one says so in its captions."""
    if kind_of(file) != "video":
        return
    text = (item.captions.get(language) or item.captions.get(content.language, "")).strip()
    if not text:
        words = _("Film %(number)d needs captions. Of a film without speech they say so, such as [No speech].")
        yield Finding(words % {"number": number}, "media")
    elif wrong := captions.problem(text):
        yield Finding(_("File %(number)d: %(problem)s") % {"number": number, "problem": wrong}, "media")


def _accounts(content: Content, accounts: dict[str, Account], files: dict[str, File]) -> Iterator[Finding]:
    for form in content.forms:
        account = accounts.get(form.account)
        if account is None:
            yield Finding(_("One of the accounts is not connected any more."), "accounts", form.account)
            continue
        can = account.capabilities
        yield from _on_account(content, form, account, can, files)


def _on_account(
    content: Content, form: Form, account: Account, can: Capabilities, files: dict[str, File]
) -> Iterator[Finding]:
    label = {"network": channel_for(account.network).label, "account": account.name or account.handle}
    fitted = fitting.fit(content, form, account)
    if fitted.problem:
        yield Finding(fitted.problem, "text", form.account)
    if (problem := _form_problem(content, can)) and fitted.article is None:
        yield Finding(problem % label, "kind", form.account)
    if can.title_limit and fitted.article is None:
        yield from _titled(content, fitted.title, can, label, form)
    yield from _chosen(content, form, account)
    if content.poll and not can.polls:
        yield Finding(_("%(network)s has no polls.") % label, "poll", form.account)
    for number, item in enumerate(content.media, 1):
        alt = item.alts.get(form.language) or item.alts.get(content.language, "")
        if can.alt_text_limit and len(alt) > can.alt_text_limit:
            words = _("%(network)s keeps %(most)d characters of a description; file %(number)d has %(count)d.")
            facts = {**label, "most": can.alt_text_limit, "number": number, "count": len(alt)}
            yield Finding(words % facts, "media", form.account)
    if content.warning and not can.warnings:
        words = _("%(network)s shows no warning before a text: it is left out there.") % label
        yield Finding(words, "warning", form.account, error=False)
    for kind in ("image", "video"):
        count = sum(kind_of(files.get(item.file)) == kind for item in content.media)
        most = sum(rule.most for rule in can.media if rule.kind == kind)
        if count and not most:
            yield Finding(str(_NO_FILES[kind]) % label, "media", form.account)
        elif count > most:
            words = _("%(network)s takes %(most)d files of this kind, not %(count)d.")
            yield Finding(words % {**label, "most": most, "count": count}, "media", form.account)


_NO_FILES = {
    "image": gettext_lazy("%(network)s takes no pictures on this account."),
    "video": gettext_lazy("%(network)s takes no films on this account."),
}
_NOT_HERE = {
    "story": gettext_lazy("%(network)s has no stories here."),
    "album": gettext_lazy("%(network)s has no albums here."),
    "video": gettext_lazy("%(network)s takes no films here."),
    "": gettext_lazy("%(network)s takes only films and albums: choose the kind."),
}


def _form_problem(content: Content, can: Capabilities) -> str:
    """What is wrong with the kind of the post on this network, with a place for its name; "" if nothing is."""
    form = FORMS.get(content.kind, "")
    if form not in can.forms:
        return str(_NOT_HERE[form])
    if can.needs_media and not content.media:
        return _("%(network)s takes nothing without a picture or a film.")
    return ""


def _titled(content: Content, title: str, can: Capabilities, label: dict[str, str], form: Form) -> Iterator[Finding]:
    if not title.strip() and FORMS.get(content.kind):
        words = _("%(network)s shows a title, and this post has none.")
        yield Finding(words % label, "title", form.account, error=False)
    elif len(title) > can.title_limit:
        facts = {**label, "most": can.title_limit, "count": len(title)}
        words = _("%(network)s takes a title of %(most)d characters; this one has %(count)d.")
        yield Finding(words % facts, "title", form.account)


def _chosen(content: Content, form: Form, account: Account) -> Iterator[Finding]:
    """What was chosen for this network alone, against what can be chosen there."""
    given = form.options.get(OWN, {})
    for one in channel_for(account.network).options(account.public_ref(), FORMS.get(content.kind, "")):
        value = str(given.get(one.name, ""))
        if one.required and not value and not one.initial:
            yield Finding(_("Fill in: %(what)s.") % {"what": one.label}, "options", form.account)
        elif one.kind == "choice" and value and value not in dict(one.choices):
            yield Finding(_("Choose one of the list: %(what)s.") % {"what": one.label}, "options", form.account)


def kind_of(file: File | None) -> str:
    """`image`, `video`, or "" for what no network shows."""
    major = file.content_type.split("/")[0] if file else ""
    return major if major in ("image", "video") else ""
