"""Django settings. Machines are configured by the environment (docs/operations.md); what a city decides is data."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from openline.files import scanning
from openline.files.settings import storage as files_storage
from openline.foundation import logging as structured
from openline.foundation import postgres
from openline.foundation.keys import installation_keys
from openline.foundation.mail import from_environment as mail_settings
from openline.geography.outside.settings import from_environment as geocoder
from openline.language_model.settings import from_environment as language_model

PACKAGE = Path(__file__).resolve().parent
VAR = Path(os.environ.get("OPENLINE_VAR", "var")).resolve()
DEBUG = os.environ.get("OPENLINE_DEBUG", "") == "1"

PORT = int(os.environ.get("PORT", "8311"))
PUBLIC_URL = os.environ.get("OPENLINE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
EVENTS_PORT = int(os.environ.get("OPENLINE_EVENTS_PORT", str(PORT + 1)))
EVENTS_URL = os.environ.get("OPENLINE_EVENTS_URL", "")
"""Address of the live events as browsers see it; empty: the page's own host on EVENTS_PORT."""
UNDO_SECONDS = int(os.environ.get("OPENLINE_UNDO_SECONDS", "10"))
"""So long an answer of staff waits before it leaves, and can be taken back."""
SANDBOX = os.environ.get("OPENLINE_SANDBOX", "") == "1"
LANGUAGE_MODEL = language_model(os.environ)
"""An optional second reader; None: off (docs/language-model.md)."""
GEOCODER = geocoder(os.environ)
"""An optional geocoder outside; None: off (docs/geography.md)."""

_sentences = os.environ.get("OPENLINE_SENTENCES", str(VAR / "sentences"))
SENTENCES = Path(_sentences).resolve() if _sentences else None
"""The folder of the optional sentence model (docs/triage.md); set to nothing, there is none."""
SENTENCES_THREADS = int(os.environ.get("OPENLINE_SENTENCES_THREADS", "1"))

CLAMAV = scanning.from_environment(os.environ)
"""The virus scanner for photos and files; None: off (docs/files.md)."""
FETCH_OWN_SERVERS = os.environ.get("OPENLINE_FETCH_OWN_SERVERS", "1" if SANDBOX else "") == "1"
"""Photos may come from an account's own server though it has a private address, as the sandbox's do."""

SECRET_KEY, *SECRET_KEY_FALLBACKS = installation_keys(VAR)
"""The older keys still open what they closed, until it is brought under the newest (docs/operations.md)."""
ALLOWED_HOSTS = os.environ.get("OPENLINE_HOSTS", "*" if SANDBOX or DEBUG else "127.0.0.1,localhost").split(",")
CSRF_FAILURE_VIEW = "openline.web.old_form"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

DATABASES = {"default": postgres.django_database(postgres.database_url(VAR))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "procrastinate.contrib.django",
    "openline.foundation",
    "openline.accounts",
    "openline.records",
    "openline.files",
    "openline.outbox",
    "openline.inbox",
    "openline.geography",
    "openline.triage",
    "openline.language_model",
    "openline.knowledge",
    "openline.service_requests",
    "openline.care",
    "openline.insights",
    "openline.partners",
    "openline.publishing",
    "openline.community",
    "openline.cities",
    "openline.exports",
    "openline.open311",
    "openline.portal",
    "openline.console",
    "openline.sandbox",
    "openline.operations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "openline.web.Compress",
    "openline.web.SecurityHeaders",
    "openline.web.CityTime",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "openline.web.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "openline.urls"
WSGI_APPLICATION = "openline.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "openline.web.site",
            ],
        },
    },
]

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "openline.console.accounts.StaffOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/console/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = os.environ.get("OPENLINE_BEHIND_PROXY") == "1"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = [
    "openline.files.uploading.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish")), ("ar", _("Arabic"))]
STAFF_LANGUAGES = ("en", "es")
"""The languages of the staff's pages; the residents' are in all of `LANGUAGES`."""
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "static"]
STATIC_ROOT = VAR / "static"
TESTING = "pytest" in sys.modules
# Names with a digest of the content, compressed once: browsers keep them for ever.
_static = "whitenoise.storage.CompressedManifestStaticFilesStorage"
if DEBUG or TESTING:
    _static = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static},
    "files": files_storage(os.environ, VAR),
}
"""Photos and files are served by our own views only (docs/files.md)."""

globals().update(mail_settings(os.environ))

LOGGING = structured.configure()
