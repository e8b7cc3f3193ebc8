"""What each figure means and how it is counted: the page, the data and their schema tell it in these words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERSION = "1.0.0"
"""A figure is never renamed or counted otherwise under its name; new ones may come."""
SMALL = 5
"""Counts below it are not public for an area, a service, a department or a network, nor what rests on fewer."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure: its name in the data, its unit, its title, how it is counted, and the count that it rests on."""

    name: str
    unit: str
    title: str | Promise
    how: str | Promise
    rests_on: str = ""


FIGURES = (
    Definition("opened", "requests", _("Reported"),
               _("Requests by the day on which they were reported. Parts of a request, rejected ones (spam, tests) and"
                 " those that turned out to be the same as another are not among them.")),
    Definition("closed", "requests", _("Closed"),
               _("Requests by the day on which they were closed, whatever the outcome. One that was opened again is no"
                 " longer counted as closed.")),
    Definition("joined", "requests", _("Same as another"),
               _("Reports of a problem that had been reported before, by the day of the report.")),
    Definition("rejected", "requests", _("Rejected"),
               _("Spam, tests, made up, or nothing that can be done, by the day of the report.")),
    Definition("on_time", "requests", _("On time"),
               _("Promises whose day came in the period, kept: closed by that day. A request that was opened again"
                 " counts with its new promise; while we wait for the resident, the clock stands still.")),
    Definition("late", "requests", _("Late"), _("Promises whose day came in the period, closed after that day.")),
    Definition("overdue", "requests", _("Still open"),
               _("Promises whose day came in the period, and the request is still open: a broken promise.")),
    Definition("half_days", "working days", _("Half closed within"),
               _("Median of the working days from the report to the closing: those after the day of the report, up to"
                 " the day of closing, by the calendar of the department. Days on which we waited for the resident"
                 " count too."), "closed"),
    Definition("most_days", "working days", _("9 of 10 closed within"),
               _("The 90th percentile of the same working days."), "closed"),
    Definition("reopened", "times", _("Opened again"),
               _("How many times a closed request was opened again, by the day on which it was.")),
    Definition("rated", "answers", _("Answers to “How was it?”"),
               _("Residents who were asked after the closing and said how it was, from 1 (very bad) to 5 (very"
                 " good).")),
    Definition("satisfaction", "1 to 5", _("Satisfaction"), _("The mean of these answers."), "rated"),
    Definition("said", "answers", _("Answers to “Is it fixed?”"),
               _("Closed requests of which a resident said whether it is fixed; the last word counts.")),
    Definition("said_fixed", "answers", _("Fixed, say residents"), _("Those of them who said yes.")),
    Definition("heard", "conversations", _("Conversations"),
               _("Conversations that residents began, public and private, by the day of the first message.")),
    Definition("answered", "conversations", _("Answered"),
               _("Those of them in which an answer was sent, by a person or by the machine.")),
    Definition("answer_minutes", "minutes", _("First answer, half within"),
               _("Median of the minutes from the first message to the first answer that left, by the clock, nights and"
                 " weekends included; conversations without an answer have none."), "answered"),
    Definition("answered_by_person", "conversations", _("Answered by a person"),
               _("Those of them in which a member of staff wrote an answer.")),
    Definition("person_minutes", "minutes", _("A person's answer, half within"),
               _("The same median to the first answer that a person wrote."), "answered_by_person"),
    Definition("hidden", "comments", _("Comments hidden"),
               _("Public comments of residents that staff hid, on a network or in our discussions, by the day of it.")),
    Definition("hidden_by_rule", "comments", _("Hidden by a published rule"),
               _("Comments in our own discussions that staff hid and that are hidden still, by the rule that they"
                 " named.")),
    Definition("appealed", "comments", _("Appeals"),
               _("Hidden comments whose writers appealed, by the day of the appeal.")),
    Definition("shown_again", "comments", _("Shown again"),
               _("Those of them that staff showed again.")),
    Definition("open", "requests", _("Open now"),
               _("Requests that are not closed at the moment of counting; their age in calendar days since the"
                 " report.")),
    Definition("open_overdue", "requests", _("Past their promise"), _("Open, and the promised day is over.")),
    Definition("open_waiting", "requests", _("Waiting for the resident"), _("Open, and the clock stands still.")),
    Definition("open_week", "requests", _("Up to 7 days"), _("Open, and reported so many calendar days ago.")),
    Definition("open_month", "requests", _("8 to 30 days"), _("Open, and reported so many calendar days ago.")),
    Definition("open_quarter", "requests", _("31 to 90 days"), _("Open, and reported so many calendar days ago.")),
    Definition("open_year", "requests", _("91 days to a year"), _("Open, and reported so many calendar days ago.")),
    Definition("open_longer", "requests", _("Longer than a year"), _("Open, and reported so many calendar days ago.")),
    Definition("open_half_days", "days", _("Half open for at most"),
               _("Median of the calendar days since the report of what is open."), "open"),
)  # fmt: skip
BY_NAME = {one.name: one for one in FIGURES}
AGES = ("open_week", "open_month", "open_quarter", "open_year", "open_longer")
NOT_YET = {
    "rules_on_networks": _("By which rule comments were hidden on other networks: there the reason is kept in words,"
                           " and who wrote them cannot appeal through Openline."),
}  # fmt: skip
"""What people ask for and cannot be had: the page says why."""
