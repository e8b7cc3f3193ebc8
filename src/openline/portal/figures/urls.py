"""Addresses of the figures."""

from __future__ import annotations

from django.urls import path

from openline.portal.figures import views

urlpatterns = [
    path("figures/", views.page, name="figures"),
    path("figures/data.csv", views.download, {"ending": "csv"}, name="figures_csv"),
    path("figures/data.json", views.download, {"ending": "json"}, name="figures_json"),
    path("figures/schema.json", views.schema, name="figures_schema"),
]
