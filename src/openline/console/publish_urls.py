"""Addresses of the console's pages about publishing. Each part adds its lines here; names as in `publish_menu`."""

from __future__ import annotations

from django.urls import path

from openline.console.views import posts

urlpatterns = [
    path("posts/", posts.page, name="posts"),
]
