"""What a post says on one account: its words in the account's language, fitted to the network by the network's rule.

The same function makes the preview and what goes out, so that a preview never lies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.channels import parts
from openline.channels.base import Article, Capabilities, Channel, Rejected
from openline.channels.registry import channel_for
from openline.foundation.markdown import html_of
from openline.knowledge.models import Article as KnownArticle
from openline.knowledge.models import ArticleState
from openline.knowledge.rendering import as_blog
from openline.publishing import links
from openline.publishing.content import Content, Form, Words
from openline.publishing.links import Shorten
from openline.publishing.states import Kind


@dataclass(frozen=True, slots=True)
class Fitted:
    """The words as they will stand there.

    `parts` are the posts that the text takes on the network (one, or a numbered thread), `length` and `limit` count by
    the network's rule (limit 0: none). `link` is where the post leads, as it stands in the text; where that is
    short, `target` is what it leads to. `problem` says in words why it cannot be sent as it is, "" if it can.
    """

    text: str
    parts: tuple[str, ...]
    length: int
    limit: int
    title: str = ""
    first_comment: str = ""
    link: str = ""
    target: str = ""
    article: Article | None = None
    problem: str = ""

    @property
    def left(self) -> int | None:
        """How much more fits into one post; None without a limit."""
        return self.limit - self.length if self.limit else None


def words_for(content: Content, form: Form) -> Words:
    """The words of one account: its own where it has them, else the post's in its language, else in the first."""
    base = content.texts.get(form.language) or content.first
    own = {"text": form.text, "title": form.title, "first_comment": form.first_comment}
    return replace(base, **{name: value for name, value in own.items() if value is not None})


def fit(
    content: Content, form: Form, account: Account, *, blog_url: str = "", shorten: Shorten = links.example
) -> Fitted:
    """The post on `account`; `blog_url` is where its blog post stands, once it does, `shorten` makes short links."""
    channel = channel_for(account.network)
    can = account.capabilities
    words = words_for(content, form)
    if content.kind == Kind.BLOG and can.articles:
        return _article(content, form, words)
    plain = link_of(content, blog_url)
    target = links.tagged(plain, content.campaign, str(form.options.get("utm_source") or account.network))
    link = shorten(target) if target and form.options.get("short") else target
    text = _with_link(_text(content, words), plain, link)
    pieces, problem = _pieces(channel, can, text, content.warning, link)
    length = channel.length(text) + (channel.length(content.warning) if content.warning else 0)
    return Fitted(text, pieces, length, can.text_limit, words.title, words.first_comment, link, target, problem=problem)


def parts_of(account: Account, text: str) -> tuple[str, ...]:
    """The posts that `text`, as it was handed to the account's network, took there."""
    channel = channel_for(account.network)
    return _pieces(channel, account.capabilities, text, "", "")[0] if text else ()


def link_of(content: Content, blog_url: str = "") -> str:
    """What the post leads to: its own blog post, where it has one, else the link that was written."""
    return blog_url if content.kind == Kind.BLOG and blog_url else content.link


def _text(content: Content, words: Words) -> str:
    """A blog post is announced elsewhere by its short text, or by its title."""
    if content.kind == Kind.BLOG or not words.text.strip():
        return words.text.strip() or words.title.strip()
    return words.text.strip()


def _with_link(text: str, plain: str, link: str) -> str:
    """The link stands where it was written in the text, else at its end."""
    if not link:
        return text
    written = re.compile(re.escape(plain) + r"(?![\w/?#=&%-])")
    if written.search(text):
        return written.sub(lambda _found: link, text)
    return f"{text}\n\n{link}".strip()


def _pieces(channel: Channel, can: Capabilities, text: str, warning: str, link: str) -> tuple[tuple[str, ...], str]:
    """The posts that `text` takes, and what is wrong with it."""
    limit = can.text_limit - (channel.length(warning) if warning and can.text_limit else 0)
    try:
        if can.too_long == "thread" and limit > 0:
            return tuple(parts.split(text, limit, channel.length)), ""
        if can.too_long == "link" and link:
            return (parts.shorten(text, limit, channel.length, link),), ""
    except Rejected as error:
        return (text,), error.reason
    over = channel.length(text) - limit
    if can.text_limit and over > 0:
        words = _("%(count)d characters too long for %(network)s.")
        return (text,), words % {"count": over, "network": channel.label}
    return (text,), ""


def _article(content: Content, form: Form, words: Words) -> Fitted:
    """A blog post: what was written, or the article of the knowledge room that it publishes, as that stands now."""
    options, known = form.options, _known(content)
    blog = as_blog(known) if known else None
    title = words.title.strip() or (blog.title if blog else "")
    article = Article(
        title=title,
        html=blog.html if blog else str(html_of(words.body)),
        excerpt=words.text.strip() or (blog.excerpt if blog else ""),
        categories=tuple(options.get("categories", ())),
        tags=tuple(content.topics) or (blog.tags if blog else ()),
        page=bool(options.get("page")),
        slug=str(options.get("slug", "") or content.article_slug),
    )
    complete = article.title and article.html.strip()
    problem = "" if complete else _("A blog post needs a title and a text.")
    body = known.body if known else words.body
    return Fitted(article.excerpt, (body,), len(body), 0, title, words.first_comment, article=article, problem=problem)


def _known(content: Content) -> KnownArticle | None:
    slug = content.article_slug
    if not slug:
        return None
    named = Q(slug=slug) | Q(former_slugs__slug=slug)
    return KnownArticle.objects.filter(named, state=ArticleState.PUBLISHED).first()
