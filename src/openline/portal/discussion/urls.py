"""Addresses of discussions."""

from __future__ import annotations

from django.urls import path

from openline.portal.discussion import feeds, views

urlpatterns = [
    path("discussions/<str:thread>/say/", views.say, name="say"),
    path("discussions/<str:thread>/feed.<slug:ending>", feeds.feed, name="discussion_feed"),
    path("comments/<uuid:pk>/change/", views.change, name="comment_change"),
    path("comments/<uuid:pk>/report/", views.flag, name="comment_flag"),
    path("comments/<uuid:pk>/appeal/", views.appeal, name="comment_appeal"),
    path("comments/photos/<uuid:photo_id>/<slug:size>/", views.photo, name="comment_photo"),
    path("discussion-rules/", views.rules, name="discussion_rules"),
]
