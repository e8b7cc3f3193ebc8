"""Addresses of the public pages."""

from __future__ import annotations

from django.urls import path

from openline.portal import surveys, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("requests/", views.request_list, name="requests"),
    path("requests/<str:number>/", views.request_page, name="request"),
    path("photos/<uuid:photo_id>/<slug:size>/", views.photo, name="photo"),
    path("articles/", views.articles, name="articles"),
    path("articles/<slug:slug>/", views.article, name="article"),
    path("how-was-it/<str:token>/", surveys.how_was_it, name="how_was_it"),
    path("about/", views.about, name="about"),
]
