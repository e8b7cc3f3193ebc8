"""What an article's page says to search engines: schema.org as JSON-LD, a data block that no browser runs.

One graph: the page, the article on it, the service of the city that it explains (GovernmentService), its numbered steps
(HowTo) and its questions (FAQPage), each only where the article has such.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from openline.foundation.markdown import fill, first_paragraph, questions_of, steps_of
from openline.foundation.text import shorten
from openline.knowledge.models import Article
from openline.knowledge.rendering import address_of
from openline.service_requests.models import Service

Node = dict[str, Any]
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def graph_of(
    article: Article,
    *,
    city: str,
    service: Service | None,
    others: Iterable[Article],
    areas: Sequence[str],
    images: Sequence[str],
    facts: Mapping[str, str],
) -> Node:
    """The whole graph. `areas` are the names of those for which it is true (none: the city), `images` addresses."""
    url, text = address_of(article.slug), fill(article.body, facts)
    government: Node = {"@type": "GovernmentOrganization", "@id": f"{settings.PUBLIC_URL}/#city", "name": city,
                        "url": f"{settings.PUBLIC_URL}/"}  # fmt: skip
    nodes = [government, _page(article, url, questions_of(text)), _article(article, url, text, others, images)]
    if service is not None:
        nodes.append(_service(article, url, service, city, areas, facts))
    steps = steps_of(text)
    if len(steps) > 1:
        nodes.append(_how_to(article, url, steps))
    return {"@context": "https://schema.org", "@graph": nodes}


def _page(article: Article, url: str, questions: Sequence[tuple[str, str]]) -> Node:
    """The page; with two questions or more it is one of questions and answers."""
    asked = len(questions) > 1
    return _without_empty(
        {
            "@type": ["WebPage", "FAQPage"] if asked else "WebPage",
            "@id": url,
            "url": url,
            "name": article.title,
            "inLanguage": article.language,
            "lastReviewed": _day(article.reviewed_on),
            "isPartOf": {"@type": "WebSite", "url": f"{settings.PUBLIC_URL}/"},
            "mainEntity": [_question(*one) for one in questions] if asked else {"@id": f"{url}#article"},
        }
    )


def _question(asked: str, said: str) -> Node:
    return {"@type": "Question", "name": asked, "acceptedAnswer": {"@type": "Answer", "text": said}}


def _article(article: Article, url: str, text: str, others: Iterable[Article], images: Sequence[str]) -> Node:
    return _without_empty(
        {
            "@type": "Article",
            "@id": f"{url}#article",
            "headline": shorten(article.title, 110),
            "description": shorten(first_paragraph(text), 300),
            "inLanguage": article.language,
            "datePublished": _day(article.published_at),
            "dateModified": _day(article.changed_at),
            "expires": _day(article.expires_on),
            "author": {"@id": f"{settings.PUBLIC_URL}/#city"},
            "publisher": {"@id": f"{settings.PUBLIC_URL}/#city"},
            "mainEntityOfPage": {"@id": url},
            "isBasedOn": article.source,
            "keywords": [word.strip() for word in article.keywords.split(";") if word.strip()],
            "image": list(images),
            "about": {"@id": f"{url}#service"} if article.service_code else None,
            "workTranslation": [{"@id": f"{address_of(other.slug)}#article"} for other in others],
        }
    )


def _service(
    article: Article, url: str, service: Service, city: str, areas: Sequence[str], facts: Mapping[str, str]
) -> Node:
    """The service of the city that the article explains."""
    cost = fill(article.cost, facts)
    contact = f"{settings.PUBLIC_URL}/contact/"
    return _without_empty(
        {
            "@type": "GovernmentService",
            "@id": f"{url}#service",
            "name": service.name,
            "description": service.description,
            "serviceOperator": {"@id": f"{settings.PUBLIC_URL}/#city"},
            "areaServed": [{"@type": "AdministrativeArea", "name": name} for name in areas or [city]],
            "audience": {"@type": "Audience", "audienceType": fill(article.who, facts)} if article.who else None,
            "offers": {"@type": "Offer", "description": cost} if cost else None,
            "availableChannel": {
                "@type": "ServiceChannel",
                "serviceUrl": contact,
                "availableLanguage": article.language,
            },
            "url": article.source or url,
        }
    )


def _how_to(article: Article, url: str, steps: Sequence[str]) -> Node:
    numbered = [{"@type": "HowToStep", "position": n, "text": text} for n, text in enumerate(steps, 1)]
    return {
        "@type": "HowTo",
        "@id": f"{url}#how",
        "name": article.title,
        "inLanguage": article.language,
        "step": numbered,
    }


def _day(value: date | datetime | None) -> str:
    return value.isoformat() if value else ""


def _without_empty(node: Node) -> Node:
    return {name: value for name, value in node.items() if value not in (None, "", [])}


def block(graph: Node) -> SafeString:
    """The graph as a data block; no text in it can end the block."""
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308
