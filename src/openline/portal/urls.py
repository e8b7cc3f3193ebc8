"""Addresses of the public pages."""

from __future__ import annotations

from django.urls import include, path

from openline.portal import articles, city_map, facts, going, map_view, open_data, quiet, register, surveys, views
from openline.portal.contact import following
from openline.portal.contact import views as contact
from openline.portal.embedding import oembed
from openline.portal.embedding import views as embedding
from openline.portal.feeds import views as feeds
from openline.portal.mentions import views as mentions

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("requests/", views.request_list, name="requests"),
    path("requests/map/", city_map.city_map, name="city_map"),
    path("requests/map.json", map_view.clusters, name="map"),
    path("requests/export.<slug:ending>", open_data.download, name="download"),
    path("open-data/", open_data.page, name="open_data"),
    path("open-data/schema.json", open_data.schema, name="open_data_schema"),
    path("open-data/<slug:day>/<str:name>", open_data.file, name="open_data_file"),
    path("requests/<str:number>/", views.request_page, name="request"),
    path("requests/<str:number>/follow/", following.follow, name="follow"),
    path("photos/<uuid:photo_id>/<slug:size>/", views.photo, name="photo"),
    path("articles/", articles.articles, name="articles"),
    path("articles/media/<uuid:medium_id>/<slug:size>/", articles.medium, name="article_medium"),
    path("articles/<slug:slug>/", views.article, name="article"),
    path("articles/<slug:slug>/facts/", facts.look, name="facts"),
    path("articles/<slug:slug>/helped/", facts.helpful, name="helpful"),
    path("go/<slug:code>/", going.go, name="go"),
    path("how-was-it/<str:token>/", surveys.how_was_it, name="how_was_it"),
    path("feeds/<slug:kind>.<slug:ending>", feeds.feed, name="feed"),
    path("contact/", contact.contact, name="contact"),
    path("contact/embed/", embedding.form, name="embed"),
    path("contact/embed/sent/<str:token>/", embedding.sent, name="embed_sent"),
    path("webmention/", mentions.webmention, name="webmention"),
    path("widget.js", embedding.widget, name="widget"),
    path("oembed/", oembed.provide, name="oembed"),
    path("talk/<str:token>/", contact.talk, name="talk"),
    path("talk/<str:token>/photos/<uuid:photo_id>/<slug:size>/", contact.photo, name="talk_photo"),
    path("talk/<str:token>/sent/<uuid:message_id>/<int:number>/", contact.sent_file, name="talk_sent"),
    path("accounts-of-the-city/", register.register, name="register"),
    path("news/<str:token>/", quiet.page, name="quiet"),
    path("about/", views.about, name="about"),
    path("", include("openline.portal.community.urls")),
    path("", include("openline.portal.discussion.urls")),
    path("", include("openline.portal.alerts.urls")),
    path("", include("openline.portal.topics.urls")),
    path("", include("openline.portal.liaison.urls")),
    path("", include("openline.portal.figures.urls")),
]
