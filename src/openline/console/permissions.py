"""Who may do what: six roles, each with the least that its work needs. The only place that decides it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.models import AnonymousUser, Group, User
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from openline.inbox import queries as inbox
from openline.inbox.models import Conversation
from openline.service_requests.models import ServiceRequest

type Person = User | AnonymousUser  # noqa: UP040
