"""What the composer shows of a content: its fields with their values, and how it will look on each account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.contrib.auth.models import User
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.channels.base import Capabilities, Field
from openline.channels.registry import channel_for
from openline.console.composing.reading import POLL_SECONDS, seal
from openline.files.models import File
from openline.geography.models import Area
from openline.publishing import approval, checks, fitting, hashtags, links, speaking
from openline.publishing.checks import Finding
from openline.publishing.content import OWN, Content, Form, Item, Words
from openline.publishing.fitting import Fitted
from openline.publishing.models import Post, Variant
from openline.publishing.states import FORMS, Kind, PostState
from openline.service_requests.languages import LOCALES

RTL = ("ar", "he", "fa", "ur")


def language_name(code: str) -> str:
    """The name of a language in itself."""
    locale = LOCALES.get(code, code)
    return "Kreyòl ayisyen" if code == "ht" else capfirst(str(get_language_info(locale)["name_local"]))


@dataclass(frozen=True, slots=True)
class Tongue:
    """The words in one language."""

    code: str
    name: str
    words: Words
    first: bool


@dataclass(frozen=True, slots=True)
class FormRow:
    """An account in one language, chosen or not."""

    key: str
    language: str
    language_name: str
    chosen: bool
    form: Form
    base: Words
    options: tuple[tuple[Field, str], ...] = ()
    """What can be chosen on this network alone, with what was chosen."""

    @property
    def own(self) -> bool:
        """True if it has words of its own."""
        return any(one is not None for one in (self.form.text, self.form.title, self.form.first_comment))


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account that may be chosen, with its forms, and what its network cannot do."""

    account: Account
    label: str
    can: Capabilities
    forms: tuple[FormRow, ...]
    note: str

    @property
    def chosen(self) -> bool:
        """True if the post goes there in at least one language."""
        return any(row.chosen for row in self.forms)


@dataclass(frozen=True, slots=True)
class MediaRow:
    """A file of the post as the form shows it."""

    item: Item
    file: File
    sealed: str
    number: int
    film: bool
    texts: tuple[tuple[str, str, str, str, str], ...]
    """By language: code, name, description, captions, legend."""

    @property
    def focus(self) -> tuple[int, int]:
        """The focus point in hundredths."""
        return round(self.item.focus_x * 100), round(self.item.focus_y * 100)

    @property
    def point(self) -> tuple[int, int]:
        """The same in hundredths of the picture's width and height, from the upper left corner."""
        return round((self.item.focus_x + 1) * 50), round((1 - self.item.focus_y) * 50)


@dataclass(frozen=True, slots=True)
class Shown:
    """The post as it will stand on one account."""

    account: Account
    label: str
    language: str
    fitted: Fitted
    body: str
    findings: Sequence[Finding]
    warning: str
    poll: bool
    cost: str = ""
    """What it costs to send, in words, where the network asks for money."""

    @property
    def titled(self) -> bool:
        """True if a title is shown with it there."""
        return bool(self.account.capabilities.title_limit)

    @property
    def rtl(self) -> bool:
        """True if its language is written from right to left."""
        return self.language in RTL

    @property
    def over(self) -> bool:
        """True if the text is longer than the limit and cannot be sent in parts."""
        return bool(self.fitted.problem)


class Composer:
    """A content with all that its page needs; `post` is where it stands, if it is saved."""

    def __init__(self, content: Content, user: User, post: Post | None = None) -> None:
        self.content, self.user, self.post = content, user, post

    @property
    def languages(self) -> list[str]:
        """The languages in which something is written, the first one first."""
        others = [code for code in self.content.texts if code != self.content.language]
        return [self.content.language, *others]

    @cached_property
    def tongues(self) -> list[Tongue]:
        """The words by language."""
        of = self.content
        return [Tongue(c, language_name(c), of.texts.get(c, Words()), c == of.language) for c in self.languages]

    @property
    def further_languages(self) -> list[tuple[str, str]]:
        """Those that may be added."""
        return [(code, language_name(code)) for code in LOCALES if code not in self.languages]

    @cached_property
    def accounts(self) -> list[AccountRow]:
        """All accounts as which the person may speak, those of one network together."""
        found = speaking.accounts_of(self.user).order_by("network", "handle")
        return [self._account(account) for account in found]

    def _account(self, account: Account) -> AccountRow:
        channel = channel_for(account.network)
        can = account.capabilities
        given = {(form.account, form.language): form for form in self.content.forms}
        rows = []
        for tongue in self.tongues:
            form = given.get((str(account.pk), tongue.code))
            rows.append(
                FormRow(
                    f"{account.pk}:{tongue.code}",
                    tongue.code,
                    tongue.name,
                    form is not None,
                    form or Form(str(account.pk), tongue.code),
                    tongue.words,
                    _options(account, form, FORMS.get(self.content.kind, "")),
                )
            )
        return AccountRow(account, channel.label, can, tuple(rows), self._cannot(can))

    def _cannot(self, can: Capabilities) -> str:
        """What of this post the network cannot do, before it is chosen."""
        kinds = {rule.kind for rule in can.media}
        missing = [
            (bool(self.content.poll) and not can.polls, _("no polls")),
            (bool(self.content.warning) and not can.warnings, _("no warnings")),
            (self.content.kind == Kind.VIDEO and "video" not in kinds, _("no films")),
            (self.content.kind == Kind.ALBUM and "image" not in kinds, _("no pictures")),
            (FORMS.get(self.content.kind, "") not in can.forms, _("not this kind of post")),
            (can.needs_media and not self.content.media, _("nothing without a picture or a film")),
            (not can.edit, _("no changes after it is out")),
            (not can.delete, _("cannot be taken down from here")),
        ]
        return ", ".join(words for is_so, words in missing if is_so)

    @cached_property
    def files(self) -> dict[str, File]:
        """The post's files by id."""
        ids = [UUID(item.file) for item in self.content.media]
        return {str(file.pk): file for file in File.objects.filter(pk__in=ids)} if ids else {}

    @property
    def media(self) -> list[MediaRow]:
        """The post's files in order."""
        known = [item for item in self.content.media if item.file in self.files]
        return [self._media(item, number) for number, item in enumerate(known, 1)]

    def _media(self, item: Item, number: int) -> MediaRow:
        texts = tuple(
            (code, language_name(code), item.alts.get(code, ""), item.captions.get(code, ""), item.words.get(code, ""))
            for code in self.languages
        )
        file = self.files[item.file]
        return MediaRow(item, file, seal(item.file), number, checks.kind_of(file) == "video", texts)

    @cached_property
    def findings(self) -> list[Finding]:
        """What is wrong or could be better."""
        return checks.findings(self.content, self.post)

    @property
    def errors(self) -> list[Finding]:
        """What keeps it from going out, but for what is said beside one account."""
        return [finding for finding in self.findings if finding.error and not finding.account]

    @property
    def hints(self) -> list[Finding]:
        """What could be better, but for what is said beside one account."""
        return [finding for finding in self.findings if not finding.error and not finding.account]

    @property
    def shown(self) -> list[Shown]:
        """The post as it will stand on each chosen account."""
        ids = [UUID(form.account) for form in self.content.forms]
        accounts = {str(one.pk): one for one in speaking.accounts_of(self.user).filter(pk__in=ids)} if ids else {}
        return [self._shown(form, accounts[form.account]) for form in self.content.forms if form.account in accounts]

    def _shown(self, form: Form, account: Account) -> Shown:
        channel = channel_for(account.network)
        can = account.capabilities
        fitted = fitting.fit(self.content, form, account, blog_url=self._blog_url(), shorten=self._shorten(form))
        return Shown(
            account,
            channel.label,
            form.language,
            fitted,
            fitted.article.html if fitted.article else "",
            self._findings(form, fitted.problem),
            self.content.warning if can.warnings else "",
            bool(self.content.poll) and can.polls,
            "" if fitted.article else channel.cost(account.public_ref(), fitted.text),
        )

    def _findings(self, form: Form, problem: str) -> list[Finding]:
        """What is to say about the account of `form`, each thing once, but for the `problem` that is shown anyway."""
        about = (one for one in self.findings if one.account == form.account and one.words != problem)
        return list(dict.fromkeys(about))

    def _shorten(self, form: Form) -> links.Shorten:
        variant = self._variants.get((form.account, form.language)) if form.options.get("short") else None
        return links.known(variant) if variant else links.example

    @cached_property
    def _variants(self) -> dict[tuple[str, str], Variant]:
        rows = self.post.variants.all() if self.post else []
        return {(str(row.account_id), row.language): row for row in rows}

    def _blog_url(self) -> str:
        """Where the blog post will stand, as far as can be told before it does."""
        if self.content.kind != Kind.BLOG:
            return ""
        for row in self.accounts:
            if row.can.articles and row.chosen:
                form = next(one.form for one in row.forms if one.chosen)
                slug = form.options.get("slug") or self.content.article_slug or _slug(self.content.first.title)
                return f"{row.account.server.rstrip('/')}/{slug}/"
        return ""

    @property
    def tags(self) -> list[str]:
        """Hashtags to offer that the text does not have yet."""
        texts = [words.text for words in self.content.texts.values()]
        used = {tag for text in texts for tag in hashtags.used(text)}
        return [tag for tag in hashtags.suggested(texts, self.content.topics) if tag not in used]

    @property
    def areas(self) -> list[tuple[str, str, bool]]:
        """The city's areas: code, name, chosen."""
        rows = Area.objects.order_by("kind", "name").values_list("code", "name", "kind")[:1000]
        return [(code, f"{name} ({kind})", code in self.content.areas) for code, name, kind in rows]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """What can be written here; alerts have a page of their own."""
        return [(kind.value, str(kind.label)) for kind in Kind if kind != Kind.ALERT or self.content.kind == kind]

    @property
    def poll_options(self) -> list[str]:
        """The answers of the poll, and room for more."""
        given = list(self.content.poll["options"]) if self.content.poll else []
        return [*given, *[""] * max(0, 4 - len(given))]

    @property
    def poll_times(self) -> list[tuple[int, str, bool]]:
        """How long a poll may be open."""
        now = int(self.content.poll["seconds"]) if self.content.poll else POLL_SECONDS[2]
        names = [_("1 hour"), _("6 hours"), _("1 day"), _("3 days"), _("7 days")]
        return [(seconds, name, seconds == now) for seconds, name in zip(POLL_SECONDS, names, strict=True)]

    @property
    def short(self) -> bool:
        """True if links are made short and counted."""
        return any(form.options.get("short") for form in self.content.forms)

    @property
    def needs_approval(self) -> str:
        """Whose approval the saved post still needs; "" if nobody's."""
        return approval.missing(self.post) if self.post else ""

    @property
    def planned(self) -> bool:
        """True if saving takes the post out of the plan or its review."""
        return self.post is not None and self.post.state in (PostState.SCHEDULED, PostState.REVIEW)


def _options(account: Account, form: Form | None, kind: str) -> tuple[tuple[Field, str], ...]:
    given = form.options.get(OWN, {}) if form else {}
    found = channel_for(account.network).options(account.public_ref(), kind)
    return tuple((one, str(given.get(one.name, one.initial))) for one in found)


def _slug(title: str) -> str:
    from django.utils.text import slugify

    return slugify(title)[:60] or "post"
