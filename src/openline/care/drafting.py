"""The draft of an article for a gap: the group's words, the questions as they were asked, what the catalogue says."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from openline.foundation.text import shorten
from openline.knowledge.models import Article, ArticleState, ArticleVersion, QuestionGroup
from openline.service_requests.models import Service

_SHOWN = 5
_CONTENT = ("slug", "title", "body", "service_code", "keywords", "language")


@transaction.atomic
def draft(group: QuestionGroup, *, by: User) -> Article:
    """Make the draft for `group`, once; the one that is there comes back."""
    kept = QuestionGroup.objects.select_for_update().get(pk=group.pk)
    if kept.draft:
        return kept.draft
    service = Service.objects.filter(code=kept.service_code).first() if kept.service_code else None
    title = shorten(kept.sample.strip().rstrip("?¿ "), 120) or _("Untitled")
    article = Article.objects.create(
        slug=_free(slugify(title)[:100] or f"gap-{kept.pk.hex[:12]}"),
        title=title,
        body=_body(kept, service),
        keywords="; ".join(kept.terms),
        service_code=kept.service_code,
        language=kept.language or "en",
        state=ArticleState.DRAFT,
    )
    content = {name: getattr(article, name) for name in _CONTENT}
    ArticleVersion.objects.create(
        article=article, number=1, content=content, note=_("Begun from a gap"), by=by, at=timezone.now()
    )
    QuestionGroup.objects.filter(pk=kept.pk).update(draft=article)
    return article


def _body(group: QuestionGroup, service: Service | None) -> str:
    """What the writer begins with: nothing of it is public."""
    asked = group.questions.exclude(text="").order_by("-at").values_list("text", flat=True)[:_SHOWN]
    parts = [_("Write the answer here, in one or two sentences.")]
    if service and service.description:
        parts.append(f"{service.name}: {service.description}")
    parts += [_("What residents asked:"), "\n".join(f"- {text}" for text in asked)]
    return "\n\n".join(parts)


def _free(slug: str) -> str:
    number, found = 1, slug
    while Article.objects.filter(slug=found).exists():
        number += 1
        found = f"{slug}-{number}"
    return found
