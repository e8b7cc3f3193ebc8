"""Addresses of the console's pages about publishing. Each part has a file of its own with its addresses."""

from __future__ import annotations

from django.urls import path

from openline.console.views import compose, post, posts, results

urlpatterns = [
    path("posts/", posts.page, name="posts"),
    path("posts/new/", compose.new, name="post_new"),
    path("posts/files/<str:sealed>/<slug:size>/", compose.file, name="post_file"),
    path("posts/<uuid:post_id>/", post.page, name="post"),
    path("posts/<uuid:post_id>/edit/", compose.edit, name="post_edit"),
    path("posts/<uuid:post_id>/preview/", compose.preview, name="post_preview"),
    path("posts/<uuid:post_id>/autosave/", compose.autosave, name="post_autosave"),
    path("posts/<uuid:post_id>/do/", post.act, name="post_act"),
    path("posts/<uuid:post_id>/accounts/<uuid:variant_id>/", post.act_on_account, name="post_variant"),
    path("results/", results.page, name="results"),
    path("results/export.csv", results.export, name="results_export"),
    path("results/posts/<uuid:post_id>/", results.of_post, name="results_post"),
]
