"""How posts are named on the pages of the crisis switch."""

from __future__ import annotations

from django import template
from django.utils.text import Truncator

from openline.publishing.models import Post

register = template.Library()


@register.filter
def post_words(post: Post) -> str:
    """A post by its name, or by the beginning of its words; its texts are read along."""
    texts = {text.language: text for text in post.texts.all()}
    first = texts.get(post.language) or next(iter(texts.values()), None)
    words = (first.title or first.text) if first else ""
    return post.name or Truncator(words).chars(140) or str(post)
