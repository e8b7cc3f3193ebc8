"""Who may do what: seven roles, each with the least that its work needs. The only place that decides it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

from django.contrib.auth.models import AnonymousUser, Group, User
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from openline.inbox.models import Conversation
from openline.service_requests.models import ServiceRequest

Person: TypeAlias = User | AnonymousUser
P = ParamSpec("P")
View: TypeAlias = Callable[Concatenate[HttpRequest, P], HttpResponse]

_DESK = frozenset(
    {
        "inbox",
        "see_private",
        "answer",
        "triage",
        "requests",
        "see_all_requests",
        "move_request",
        "deliveries",
        "see_articles",
        "moderate_topics",
    }
)
_PUBLISHING = frozenset({"publish", "approve", "crisis"})
_MANAGING = frozenset(
    {
        "figures",
        "retry",
        "see_refused",
        "see_originals",
        "learning",
        "catalogue",
        "routing",
        "templates",
        "partners",
        "knowledge",
        "appoint_liaisons",
    }
)
ROLES: dict[str, frozenset[str]] = {
    "agent": _DESK,
    "supervisor": _DESK | _MANAGING | _PUBLISHING,
    "crew": frozenset({"requests", "see_department_requests", "move_request"}),
    "communications": _PUBLISHING | {"inbox", "answer", "requests", "see_public_requests", "see_articles", "knowledge"},
    "official": frozenset({"inbox", "requests", "see_public_requests", "approve"}),
    "records": frozenset({"records", "inbox", "see_private", "requests", "see_all_requests", "see_articles"}),
    "administrator": _DESK | _MANAGING | _PUBLISHING | {"calendars", "records", "administer"},
}
"""What each role may do. A person may have several roles; what one of them allows is allowed.

inbox: read public conversations, and all of an account that the person owns. see_private: read private ones too.
answer: speak as the city. triage: put service and place right, open requests, assign, call handled. requests with
one of see_all_requests, see_department_requests, see_public_requests: read requests. move_request: change those
that one may see. deliveries: see what was not sent. retry: send it again or take it back. see_refused: read
deliveries that could not be understood. see_originals: open photos as they came, with what their metadata tell;
each time is on the record. learning: see what was learnt, train, go back to the model before. catalogue: change
services and their questions. routing: change the rules and teams. templates: write the texts with which requests
are closed. figures: see how promises are kept and what residents say. calendars: change when the city works and who
is told of deadlines. partners: set up partners and webhooks, and look after what stands still with them. publish:
write posts, plan them, mend what failed, see results. records: search the whole record, private parts too, and hand
it out. approve: say yes or no to posts of others. crisis: hold all posts back, and send alerts. see_articles: read
articles that are not public yet, and their history. knowledge: write, publish, withdraw, import and export them.
moderate_topics: publish and refuse what members begin, and answer ideas. appoint_liaisons: appoint the liaisons of
neighborhoods and end it, and choose how much support an idea needs. administer: the rest.
"""
CAPABILITIES = frozenset().union(*ROLES.values())


def roles_of(user: Person) -> frozenset[str]:
    """The roles of `user`, asked of the database once for each request."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    known: frozenset[str] | None = user.__dict__.get("_openline_roles")
    if known is None:
        known = frozenset(user.groups.values_list("name", flat=True)) & ROLES.keys()
        user.__dict__["_openline_roles"] = known
    return known


def capabilities(user: Person) -> frozenset[str]:
    """All that `user` may do."""
    if user.is_authenticated and user.is_active and user.is_superuser:
        return CAPABILITIES
    return frozenset().union(*(ROLES[role] for role in roles_of(user)))


def allowed(user: Person, capability: str) -> bool:
    """True if `user` may do `capability`; an unknown one is a mistake in our code, not a refusal."""
    if capability not in CAPABILITIES:
        raise LookupError(f"no role has the capability {capability!r}")
    return capability in capabilities(user)


def needs(capability: str) -> Callable[[View[P]], View[P]]:
    """Decorator: the view asks for a login, and answers 403 to who has not `capability`."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request)
            if not allowed(request.user, capability):
                return render(request, "console/403.html", {"administrators": administrators()}, status=403)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _to_login(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back; a page that asks for a part of itself says so, and keeps what was typed."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    return redirect_to_login(request.get_full_path())


def administrators() -> QuerySet[User]:
    """Whom to ask for a role."""
    return User.objects.filter(groups__name="administrator", is_active=True).order_by("username")[:5]


def visible_conversations(user: Person) -> QuerySet[Conversation]:
    """The conversations that `user` may read."""
    if allowed(user, "see_private"):
        return Conversation.objects.all()
    if not allowed(user, "inbox") or not isinstance(user, User):
        return Conversation.objects.none()
    own = Q(account__owner__in=[name for name in (user.username, user.get_full_name()) if name])
    return Conversation.objects.filter(Q(visibility="public") | own)


def visible_requests(user: Person) -> QuerySet[ServiceRequest]:
    """The service requests that `user` may read."""
    may = capabilities(user)
    if "see_all_requests" in may:
        return ServiceRequest.objects.all()
    if not isinstance(user, User):
        return ServiceRequest.objects.none()
    seen = Q(pk__in=[])
    if "see_department_requests" in may:
        seen |= Q(department__in=user.departments.all())
    if "see_public_requests" in may:
        seen |= Q(public=True)
    return ServiceRequest.objects.filter(seen)


def desk_staff() -> QuerySet[User]:
    """Who works at the desk and may be given conversations, by name."""
    roles = [role for role, may in ROLES.items() if "triage" in may]
    return User.objects.filter(groups__name__in=roles, is_active=True).distinct().order_by("first_name", "username")


def belongs_nowhere(user: Person) -> bool:
    """True if `user` sees the requests of the own departments only, and has none."""
    may = capabilities(user) & {"see_all_requests", "see_department_requests", "see_public_requests"}
    return may == {"see_department_requests"} and isinstance(user, User) and not user.departments.exists()


def create_roles() -> None:
    """Make the groups of all roles; those that exist stay as they are."""
    for role in ROLES:
        Group.objects.get_or_create(name=role)


def create_demo_users(password: str) -> list[User]:
    """One user for each role, named after it, with `password`. For the demo: not for a city's own machine."""
    create_roles()
    return [_demo_user(role, password) for role in ROLES]


def _demo_user(role: str, password: str) -> User:
    user, _made = User.objects.get_or_create(
        username=role, defaults={"first_name": "Demo", "last_name": role, "email": f"{role}@city.example"}
    )
    if not user.check_password(password):  # a new hash would end the sessions of who is signed in
        user.set_password(password)
        user.save()
    user.groups.set(Group.objects.filter(name=role))
    return user
