"""Addresses of GeoReport v2, with and without the extension that names the format."""

from __future__ import annotations

from django.urls import path, re_path

from openline.open311 import pages, update_views, views

app_name = "open311"
_FORM = r"(?:\.(?P<form>json|xml))?/?$"
urlpatterns = [
    path("", pages.documentation, name="documentation"),
    path("openapi.json", pages.openapi, name="openapi"),
    path("georeport.xsd", pages.xsd, name="xsd"),
    re_path(r"^discovery" + _FORM, views.discovery, name="discovery"),
    re_path(r"^v2/services" + _FORM, views.services, name="services"),
    re_path(r"^v2/services/(?P<code>[^/]+?)" + _FORM, views.service, name="service"),
    re_path(r"^v2/requests" + _FORM, views.requests, name="requests"),
    re_path(r"^v2/requests/(?P<number>[^/]+?)" + _FORM, views.request_, name="request"),
    re_path(r"^v2/tokens/(?P<token>[^/]+?)" + _FORM, views.token, name="token"),
    re_path(r"^v2/servicerequestupdates" + _FORM, update_views.updates_, name="updates"),
    re_path(r"^(?:v2|discovery)\b.*?" + _FORM, views.nothing, name="nothing"),
]
