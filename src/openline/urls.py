"""All addresses: each face brings its own."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

from openline import health
from openline.hooks import views as hooks

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("language/", set_language, name="set_language"),
    path("accounts/", include("allauth.account.urls")),
    path("console/", include("openline.console.urls")),
    # Where networks look for proofs of accounts, and for who we are (Channel.documents).
    path(".well-known/<path:rest>", hooks.document),
    path("oauth/<path:rest>", hooks.document),
    path("hooks/", include("openline.hooks.urls")),
    path("open311/", include("openline.open311.urls")),
    path("partners/", include("openline.partners.urls")),
    path("", include("openline.portal.urls")),
]
if settings.SANDBOX:
    urlpatterns.insert(0, path("sandbox/", include("openline.sandbox.urls")))
