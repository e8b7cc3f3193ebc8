"""What can be chosen for each post on Flickr alone."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from openline.channels.base import Field

LICENCES = (
    ("", _("As set in the account")),
    ("0", _("All rights reserved")),
    ("4", "CC BY 2.0"),
    ("5", "CC BY-SA 2.0"),
    ("6", "CC BY-ND 2.0"),
    ("2", "CC BY-NC 2.0"),
    ("1", "CC BY-NC-SA 2.0"),
    ("3", "CC BY-NC-ND 2.0"),
    ("8", _("United States government work")),
    ("9", _("Public domain dedication (CC0)")),
    ("10", _("Public domain mark")),
)
"""As `flickr.photos.licenses.getInfo` lists them; 7 is for institutions of The Commons."""
PRIVACY = (
    ("public", _("Everybody")),
    ("friends", _("Friends")),
    ("family", _("Family")),
    ("private", _("Nobody else")),
)
SAFETY = (("1", _("Safe for everybody")), ("2", _("Moderate")), ("3", _("Restricted")))

FIELDS = (
    Field("licence", _("Licence"), kind="choice", required=False, choices=LICENCES),
    Field(
        "album", _("Album"), _("Its name; it is made if there is none. Several photos get one anyway."), required=False
    ),
    Field("privacy", _("Who sees it"), kind="choice", required=False, initial="public", choices=PRIVACY, more=True),
    Field("safety", _("Safety level"), kind="choice", required=False, initial="1", choices=SAFETY, more=True),
)
