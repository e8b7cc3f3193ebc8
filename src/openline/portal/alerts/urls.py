"""Addresses of the alerts in public."""

from __future__ import annotations

from django.urls import path

from openline.portal.alerts import views

urlpatterns = [
    path("alerts/", views.page, name="alerts"),
    path("alerts/banner/", views.banner, name="alert_banner"),
    path("alerts/feed.<slug:ending>", views.feed, name="alert_feed"),
    path("alerts/cap.atom", views.cap_feed, name="alert_cap_feed"),
    path("alerts/cap/<uuid:edition_id>.xml", views.cap_message, name="alert_cap"),
    path("alerts/<uuid:alert_id>/", views.alert, name="alert"),
]
