"""What a public page says about itself to other programs."""

from __future__ import annotations

from typing import Any

from django import template

from openline.portal.embedding import oembed

register = template.Library()


@register.simple_tag(takes_context=True)
def oembed_links(context: dict[str, Any]) -> list[tuple[str, str]]:
    """Media type and address of this page's oEmbed answers."""
    return oembed.links(context["request"].path)
