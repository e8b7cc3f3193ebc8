"""Addresses of the crisis switch, of alerts and of question hours."""

from __future__ import annotations

from django.urls import path

from openline.console.views import alert_templates, alerts, crisis, question_hours

urlpatterns = [
    path("crisis/", crisis.page, name="crisis"),
    path("crisis/begin/", crisis.begin, name="crisis_begin"),
    path("crisis/end/", crisis.end, name="crisis_end"),
    path("crisis/held/", crisis.decide, name="crisis_decide"),
    path("question-hours/", question_hours.page, name="question_hours"),
    path("question-hours/new/", question_hours.plan, name="question_hour_new"),
    path("question-hours/<uuid:hour_id>/", question_hours.hour_page, name="question_hour"),
    path("question-hours/<uuid:hour_id>/change/", question_hours.plan, name="question_hour_change"),
    path("question-hours/<uuid:hour_id>/new/", question_hours.fresh, name="question_hour_new_questions"),
    path("question-hours/<uuid:hour_id>/tell/", question_hours.tell, name="question_hour_tell"),
    path("question-hours/<uuid:hour_id>/<uuid:question_id>/", question_hours.act, name="question_act"),
    path("alerts/", alerts.page, name="alerts"),
    path("alerts/new/", alerts.new, name="alert_new"),
    path("alerts/templates/", alert_templates.page, name="alert_templates"),
    path("alerts/templates/new/", alert_templates.edit, name="alert_template_new"),
    path("alerts/templates/<slug:code>/", alert_templates.edit, name="alert_template"),
    path("alerts/<uuid:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<uuid:alert_id>/update/", alerts.update, name="alert_update"),
    path("alerts/<uuid:alert_id>/end/", alerts.end, name="alert_end"),
]
