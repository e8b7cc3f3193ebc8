"""Addresses of topics."""

from __future__ import annotations

from django.urls import path

from openline.portal.topics import lists, views

urlpatterns = [
    path("topics/", lists.topic_list, name="topics"),
    path("topics/events/past/", lists.archive, name="past_events"),
    path("topics/calendar.ics", lists.calendar, name="event_feed"),
    path("topics/calendar/<str:area>.ics", lists.calendar, name="event_feed_of"),
    path("topics/new/<slug:kind>/", views.new, name="topic_new"),
    path("topics/<int:pk>/", views.topic, name="topic"),
    path("topics/<int:pk>/act/", views.act, name="topic_act"),
    path("topics/<int:pk>/change/", views.change, name="event_change"),
    path("topics/<int:pk>/event.ics", lists.event, name="event"),
    path("requests/<str:number>/help/", views.help_with, name="help"),
]
