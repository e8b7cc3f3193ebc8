"""What can be chosen for each post on YouTube alone."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from openline.channels.base import Field

CATEGORY = "25"
CATEGORIES = (
    ("25", _("News and politics")),
    ("29", _("Nonprofits and activism")),
    ("27", _("Education")),
    ("26", _("How-to and style")),
    ("22", _("People and blogs")),
    ("19", _("Travel and events")),
    ("17", _("Sports")),
    ("28", _("Science and technology")),
    ("2", _("Autos and vehicles")),
    ("15", _("Pets and animals")),
)
PRIVACY = (("public", _("Everybody")), ("unlisted", _("Who has the link")), ("private", _("Nobody else")))
LICENCES = (("youtube", _("Standard YouTube licence")), ("creativeCommon", "CC BY"))
YES_NO = (("no", _("No")), ("yes", _("Yes")))

FIELDS = (
    Field("privacy", _("Who sees it"), kind="choice", required=False, initial="public", choices=PRIVACY),
    Field("playlist", _("Playlist"), _("Its name; it is made if there is none."), required=False),
    Field("category", _("Category"), kind="choice", required=False, initial=CATEGORY, choices=CATEGORIES),
    Field(
        "for_children",
        _("Made for children"),
        _("The law asks for it. Comments are closed under films for children."),
        kind="choice",
        required=False,
        initial="no",
        choices=YES_NO,
    ),
    Field(
        "notify", _("Tell subscribers"), kind="choice", required=False, initial="yes", choices=YES_NO[::-1], more=True
    ),
    Field("licence", _("Licence"), kind="choice", required=False, initial="youtube", choices=LICENCES, more=True),
)
