"""Addresses of the console's pages about publishing. Each part adds its lines here; names as in `publish_menu`."""

from __future__ import annotations

from django.urls import path

from openline.console.views import posts, results

urlpatterns = [
    path("posts/", posts.page, name="posts"),
    path("results/", results.page, name="results"),
    path("results/export.csv", results.export, name="results_export"),
    path("results/posts/<uuid:post_id>/", results.of_post, name="results_post"),
]
