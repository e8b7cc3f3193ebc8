"""Articles of the knowledge room on the city's blog: they change there when they change here, and go when they go."""

from __future__ import annotations

from django.db.models import QuerySet

from openline.knowledge import events
from openline.knowledge.models import Article
from openline.publishing import changing
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import Variant
from openline.publishing.states import Kind, VariantState


def content_of(article: Article, forms: tuple[Form, ...]) -> Content:
    """A post that publishes `article` as a blog post, and announces it where there are no blogs."""
    return Content(
        kind=Kind.BLOG,
        name=article.title,
        language=article.language,
        texts={article.language: Words(title=article.title)},
        forms=forms,
        areas=tuple(article.areas),
        article_slug=article.slug,
    )


def standing(article: Article) -> QuerySet[Variant]:
    """Where the article stands as a blog post now."""
    slugs = [article.slug, *article.former_slugs.values_list("slug", flat=True)]
    found = Variant.objects.filter(post__article_slug__in=slugs, post__kind=Kind.BLOG, state=VariantState.SENT)
    return found.select_related("account")


@events.changed.subscribe
def follow(change: events.ArticleChanged) -> None:
    """What the blog has of an article is renewed or taken down with it."""
    for variant in standing(change.article):
        if not variant.account.capabilities.articles:
            continue  # an announcement of it stays what it was: a post of its day
        if change.what == "withdrawn":
            changing.take_down(variant.pk, f"The article was withdrawn by {change.actor}.", by=None)
        else:
            changing.renew(variant.pk, by=None, reason=f"The article was {change.what} by {change.actor}.")
