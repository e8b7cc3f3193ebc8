"""Addresses of the liaison's room."""

from __future__ import annotations

from django.urls import path

from openline.portal.liaison import views

urlpatterns = [
    path("liaison/", views.home, name="liaison"),
    path("liaison/export.csv", views.export, name="liaison_export"),
    path("liaison/paper/", views.paper, name="liaison_paper"),
    path("liaison/words/<uuid:pk>/hold/", views.hold, name="comment_hold"),
    path("liaison/walk/", views.walk, name="liaison_walk"),
    path("liaison/requests/<str:number>/", views.request_page, name="liaison_request"),
    path("liaison/requests/<str:number>/propose/", views.propose, name="liaison_propose"),
]
