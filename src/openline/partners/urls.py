"""Addresses of the partners room: none needs a login."""

from __future__ import annotations

from django.urls import path

from openline.partners import views

app_name = "partners"
urlpatterns = [
    path("answer/<str:token>/", views.answer, name="answer"),
    path("webhooks/<uuid:connector_id>/", views.webhook, name="webhook"),
]
