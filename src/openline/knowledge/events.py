"""Events of articles. Published inside the transaction of the change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from openline.foundation.events import Event
from openline.knowledge.models import Article


@dataclass(frozen=True, slots=True)
class ArticleChanged:
    """What the public sees of an article is no longer what it was.

    `what`: "published" (it was not there before), "changed" (while it was public), "withdrawn" (it is gone). `actor` is
    who did it, as in the records. An article that expires is no event: ask `Article.expires_on`.
    """

    article: Article
    what: Literal["published", "changed", "withdrawn"]
    actor: str = "openline"


changed: Event[ArticleChanged] = Event("article changed")
