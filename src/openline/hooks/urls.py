"""Addresses that networks call. None needs a login: each channel checks the signature of its network."""

from __future__ import annotations

from django.urls import path

from openline.hooks import views

app_name = "hooks"
urlpatterns = [
    path("media/<str:token>/", views.media, name="media"),
    path("erased/<str:code>/", views.erased, name="erased"),
    path("<slug:network>/", views.share, name="share"),
    path("<slug:network>/<uuid:account_id>/", views.take, name="take"),
]
