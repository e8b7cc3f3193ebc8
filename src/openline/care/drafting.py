"""The draft of an article for a gap: the group's words, the questions as they were asked, what the catalogue says."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from openline.foundation.text import shorten
from openline.knowledge import writing
from openline.knowledge.models import Article, QuestionGroup
from openline.service_requests.languages import LOCALES
from openline.service_requests.models import Service

_SHOWN = 5


@transaction.atomic
def draft(group: QuestionGroup, *, by: User) -> Article:
    """Make the draft for `group`, once; the one that is there comes back."""
    kept = QuestionGroup.objects.select_for_update().get(pk=group.pk)
    if kept.draft:
        return kept.draft
    service = Service.objects.filter(code=kept.service_code).first() if kept.service_code else None
    title = shorten(kept.sample.strip().rstrip("?¿ "), 120) or _("Untitled")
    given = {
        "title": title,
        "body": _body(kept, service),
        "keywords": "; ".join(kept.terms),
        "service_code": service.code if service else "",
        "language": kept.language if kept.language in LOCALES else "en",
    }
    article = writing.create(given, by=by, note=_("Begun from a gap"))
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
