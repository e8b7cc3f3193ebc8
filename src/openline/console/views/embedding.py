"""What to copy into another site so that the form stands there."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from openline.console import panes
from openline.console.permissions import needs
from openline.portal.embedding.oembed import HEIGHT
from openline.portal.embedding.views import embedders
from openline.service_requests.jurisdiction import jurisdiction


@require_GET
@needs("administer")
def embedding(request: HttpRequest) -> HttpResponse:
    """The snippets, with this installation's own address in them."""
    home, title = settings.PUBLIC_URL, _("Write to %(city)s") % {"city": jurisdiction().name}
    frame = format_html(
        '<iframe src="{}/contact/embed/" title="{}" width="100%" height="{}" style="border:0"></iframe>',
        home, title, HEIGHT,
    )  # fmt: skip
    context = {
        "script": format_html('<script src="{}/widget.js" data-title="{}" async></script>', home, title),
        "frame": frame,
        "form": f"{home}/contact/",
        # The star of WordPress stands for at least one character: behind the last slash it would miss the form itself.
        "pattern": f"{home}/contact*",
        "oembed": f"{home}/oembed/",
        "embedders": embedders(),
    }
    return render(request, "console/embedding.html", panes.frame(request) | context)
