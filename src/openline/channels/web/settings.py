"""What a city chooses for its pages as a channel: where the form may be shown, and whom to tell of news."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.channels.accounts import Field
from openline.channels.base import Rejected
from openline.foundation.origins import is_origin

FIELDS = (
    Field(
        "embed_origins",
        gettext_lazy("Sites that may show the form"),
        gettext_lazy("Such as https://library.example, several with spaces between them. * lets every site show it."),
        required=False,
        initial="*",
    ),
    Field(
        "hubs",
        gettext_lazy("WebSub hubs"),
        gettext_lazy("Addresses of hubs that pass news of the feeds on at once, with spaces between them."),
        required=False,
    ),
)


def checked(values: Mapping[str, str]) -> dict[str, str]:
    """The settings as they are kept. Raises Rejected naming the field."""
    origins = values.get("embed_origins", "*").split()
    for one in origins:
        if one != "*" and not is_origin(one):
            raise Rejected(_("“%(text)s” is no site. Write it as https://library.example.") % {"text": one[:100]},
                           "embed_origins")  # fmt: skip
    hubs = values.get("hubs", "").split()
    for one in hubs:
        if urlsplit(one).scheme not in ("http", "https") or not urlsplit(one).hostname:
            raise Rejected(_("“%(text)s” is no address of the web (https://...).") % {"text": one[:100]}, "hubs")
    return {"embed_origins": " ".join(origins), "hubs": " ".join(hubs)}
