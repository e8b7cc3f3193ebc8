"""Addresses of the public pages."""

from __future__ import annotations

from django.urls import path

from openline.portal import map_view, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("requests/", views.request_list, name="requests"),
    path("requests/map.json", map_view.clusters, name="map"),
    path("requests/<str:number>/", views.request_page, name="request"),
    path("photos/<uuid:photo_id>/<slug:size>/", views.photo, name="photo"),
    path("articles/", views.articles, name="articles"),
    path("articles/<slug:slug>/", views.article, name="article"),
    path("about/", views.about, name="about"),
]
