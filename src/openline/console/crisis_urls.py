"""Addresses of the crisis switch, of alerts and of question hours."""

from __future__ import annotations

from django.urls import path

from openline.console.views import crisis

urlpatterns = [
    path("crisis/", crisis.page, name="crisis"),
    path("crisis/begin/", crisis.begin, name="crisis_begin"),
    path("crisis/end/", crisis.end, name="crisis_end"),
    path("crisis/held/", crisis.decide, name="crisis_decide"),
]
