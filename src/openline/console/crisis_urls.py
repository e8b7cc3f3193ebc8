"""Addresses of the crisis switch, of alerts and of question hours."""

from __future__ import annotations

from django.urls import path

from openline.console.views import alert_templates, alerts, crisis

urlpatterns = [
    path("crisis/", crisis.page, name="crisis"),
    path("crisis/begin/", crisis.begin, name="crisis_begin"),
    path("crisis/end/", crisis.end, name="crisis_end"),
    path("crisis/held/", crisis.decide, name="crisis_decide"),
    path("alerts/", alerts.page, name="alerts"),
    path("alerts/new/", alerts.new, name="alert_new"),
    path("alerts/templates/", alert_templates.page, name="alert_templates"),
    path("alerts/templates/new/", alert_templates.edit, name="alert_template_new"),
    path("alerts/templates/<slug:code>/", alert_templates.edit, name="alert_template"),
    path("alerts/<uuid:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<uuid:alert_id>/update/", alerts.update, name="alert_update"),
    path("alerts/<uuid:alert_id>/end/", alerts.end, name="alert_end"),
]
