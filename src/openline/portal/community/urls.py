"""Addresses of the neighbors' pages."""

from __future__ import annotations

from django.urls import path

from openline.portal.community import following, joining, me, news
from openline.portal.neighborhoods import views as neighborhoods

urlpatterns = [
    path("join/", joining.ask, name="join"),
    path("join/code/", joining.code, name="join_code"),
    path("join/profile/", joining.profile, name="join_profile"),
    path("join/<str:token>/", joining.link, name="join_link"),
    path("following/", following.change, name="following"),
    path("news-by-mail/<str:token>/", news.page, name="news_by_mail"),
    path("neighborhoods/", neighborhoods.all_of_them, name="neighborhoods"),
    path("neighborhoods/<str:code>/", neighborhoods.one, name="neighborhood"),
    path("me/", me.page, name="me"),
    path("me/sign-out/", me.sign_out, name="sign_out"),
    path("me/everything.json", me.download, name="me_download"),
    path("me/leave/", me.leave, name="leave"),
]
