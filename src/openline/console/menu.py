"""The console's pages beside the inbox and the requests: the one list from which the menu is made."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Entry(NamedTuple):
    """A page of the menu "Set up": shown to who has `capability`."""

    url_name: str
    label: str | Promise
    capability: str


ENTRIES: tuple[Entry, ...] = (
    # A page is added here and nowhere else; keep the order of the work: what, who, when, how, with whom.
    Entry("console:calendars", _("Working time"), "calendars"),
    Entry("console:workload", _("Who has how much"), "figures"),
    Entry("console:promises", _("Promises"), "figures"),
    Entry("console:satisfaction", _("What residents say"), "figures"),
    Entry("console:answer_figures", _("How questions are answered"), "figures"),
    Entry("console:gaps", _("Questions without an article"), "knowledge"),
    Entry("console:facts", _("Facts of the place"), "knowledge"),
    Entry("console:catalogue", _("Catalogue"), "catalogue"),
    Entry("console:articles", _("Articles"), "see_articles"),
    Entry("console:saved_replies", _("Saved replies"), "answer"),
    Entry("console:templates", _("Closing texts"), "templates"),
    Entry("console:routing", _("Routing"), "routing"),
    Entry("console:teams", _("Teams"), "routing"),
    Entry("console:misroutes", _("Sent to the wrong department"), "routing"),
    Entry("console:partners", _("With partners"), "partners"),
    Entry("console:submissions", _("Sent by programs"), "triage"),
    Entry("console:neighbors", _("From neighbors"), "move_request"),
    Entry("console:liaisons", _("Liaisons of neighborhoods"), "appoint_liaisons"),
    Entry("console:discussions", _("Reported by neighbors"), "triage"),
    Entry("console:people", _("Staff"), "administer"),
    Entry("console:accounts", _("Accounts on the networks"), "administer"),
    Entry("console:embedding", _("Form on other sites"), "administer"),
    Entry("console:api_keys", _("Keys of programs"), "administer"),
    Entry("console:learnt", _("What Openline has learnt"), "learning"),
    Entry("console:records", _("The record"), "records"),
    Entry("console:refused", _("Could not be read"), "see_refused"),
)


def entries(may: frozenset[str]) -> list[tuple[str, str]]:
    """Address and label of each page that a person who `may` do these things can open."""
    return [(reverse(entry.url_name), str(entry.label)) for entry in ENTRIES if entry.capability in may]
