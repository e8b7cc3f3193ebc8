"""Addresses of the calendar, the series, approval, and who speaks as whom."""

from __future__ import annotations

from django.urls import path

from openline.console.views import approvals, planning, series, speakers

urlpatterns = [
    path("calendar-of-posts/", planning.page, name="post_calendar"),
    path("calendar-of-posts/move/", planning.move, name="post_moved"),
    path("calendar-of-posts/undo/", planning.undo, name="post_move_undo"),
    path("calendar-of-posts/move/<uuid:post_id>/", planning.move_form, name="post_move"),
    path("calendar-of-posts/address/", planning.address, name="calendar_address"),
    path("calendar-of-posts/feed/<str:token>.ics", planning.feed, name="calendar_feed"),
    path("calendar-of-posts/series/", series.page, name="series"),
    path("calendar-of-posts/series/new/", series.edit, name="series_new"),
    path("calendar-of-posts/series/<uuid:series_id>/", series.edit, name="series_one"),
    path("calendar-of-posts/series/<uuid:series_id>/end/", series.end, name="series_end"),
    path("approvals/", approvals.page, name="approvals"),
    path("approvals/rules/", speakers.page, name="approval_rules"),
    path("approvals/rules/set/", speakers.set_rule, name="approval_rule"),
    path("approvals/rules/drop/", speakers.drop_rule, name="approval_rule_drop"),
    path("approvals/speakers/set/", speakers.set_speaker, name="speaker"),
    path("approvals/speakers/drop/", speakers.drop_speaker, name="speaker_drop"),
    path("approvals/<uuid:post_id>/files/<uuid:file_id>/", approvals.picture, name="approval_file"),
    path("approvals/<uuid:post_id>/", approvals.post, name="approval"),
]
