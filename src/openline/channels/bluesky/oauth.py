"""OAuth as the AT Protocol wants it (atproto.com/specs/oauth): pushed requests, PKCE, and proofs of possession.

We are a confidential client: who we are stands in a document that the server reads at our public address, and requests
for tokens are signed with a key that follows from the installation's own. On this machine (a loopback address) there is
no such document, and the login ends after two weeks.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from django.conf import settings

from openline.channels import http, reading
from openline.channels.accounts import AccountRef, Authorizing, Connected
from openline.channels.base import ChannelError, NetworkDown, NotAllowed, Rejected, TokenExpired
from openline.channels.bluesky import connecting, dpop, identity, sessions
from openline.channels.bluesky.client import Session, new_client
from openline.foundation.secrets import signing_key

SCOPE = "atproto transition:generic transition:chat.bsky"
_LOOPBACK = ("127.0.0.1", "[::1]", "localhost")


def document(return_to: str) -> dict[str, object] | None:
    """Who we are, for servers that people log in at; None on a loopback address, where there is no such document."""
    if _loopback(return_to):
        return None
    return {
        "client_id": client_id(return_to),
        "client_name": "Openline",
        "client_uri": _origin(return_to),
        "application_type": "web",
        "redirect_uris": [return_to],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": SCOPE,
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": {"keys": [dpop.public(key) for key in _own_keys()]},
    }


def client_id(return_to: str) -> str:
    """Our name as a client: the document's address; on this machine one that holds what the document would say."""
    if _loopback(return_to):
        return f"http://localhost?{urlencode({'redirect_uri': return_to, 'scope': SCOPE})}"
    return _origin(return_to) + connecting.DOCUMENT_PATH


def authorize(values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
    """Tell the account's server what we ask for; returns where the person confirms it."""
    server = connecting.server_of(values)
    verifier, key = secrets.token_urlsafe(48), dpop.new_key()
    with new_client() as client:
        told = _authority(client, server)
        ours = {"client_id": client_id(return_to), "issuer": told["issuer"], "token_endpoint": told["token_endpoint"]}
        ours["client_key"] = dpop.name(_own_keys()[0])
        form = {
            "response_type": "code",
            "redirect_uri": return_to,
            "scope": SCOPE,
            "state": state,
            "code_challenge": dpop.sha256(verifier),
            "code_challenge_method": "S256",
        }
        if handle := values.get("handle", "").strip().removeprefix("@"):
            form["login_hint"] = handle
        pushed = _ask(client, told["pushed_authorization_request_endpoint"], form, key, ours)
    query = urlencode({"client_id": ours["client_id"], "request_uri": reading.text(pushed, "request_uri")})
    kept = {**connecting.kept(values), **ours, "verifier": verifier, "key": key, "state": state, "return_to": return_to}
    return Authorizing(f"{told['authorization_endpoint']}?{query}", kept)


def authorized(kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
    """Change the code that the browser brought into tokens, and see that they come from the account's own server."""
    if said := query.get("error_description") or query.get("error"):
        raise Rejected(said[:300])
    if not _same(query.get("state", ""), kept["state"]) or not _same(query.get("iss", ""), kept["issuer"]):
        raise NotAllowed("This answer does not belong to the login that was begun.")
    form = {"grant_type": "authorization_code", "code": query.get("code", ""), "redirect_uri": kept["return_to"]}
    with new_client() as client:
        tokens = _tokens(
            _ask(client, kept["token_endpoint"], form | {"code_verifier": kept["verifier"]}, kept["key"], kept)
        )
        home = identity.server(identity.document(tokens["did"], kept))
        if not home or _issuer(client, home) != kept["issuer"]:
            raise NotAllowed("The server that let us in is not the one that the account's identity names.")
    more = {name: kept[name] for name in ("client_id", "issuer", "token_endpoint", "client_key")} | {
        "did": tokens["did"]
    }
    credentials, chosen = {**tokens, "dpop_key": kept["key"]}, connecting.kept(kept) | more
    with Session(AccountRef("", "", home, credentials, chosen)) as session:
        who = connecting.who(session)
    return Connected(who, who.handle, home, credentials, chosen)


def refreshed(client: httpx.Client, account: AccountRef, kept: Mapping[str, str]) -> dict[str, str]:
    """New tokens for the refresh token, which is spent thereby."""
    form = {"grant_type": "refresh_token", "refresh_token": kept.get("refresh_token", "")}
    try:
        said = _ask(client, account.settings.get("token_endpoint", ""), form, kept["dpop_key"], account.settings)
    except Rejected as error:
        raise TokenExpired(f"The login has ended: {error.reason}") from error
    return _tokens(said)


def _authority(client: httpx.Client, server: str) -> dict[str, str]:
    """The endpoints of the server that lets people in to `server`."""
    issuer = _issuer(client, server)
    said = _object(http.call(client, "GET", f"{issuer}/.well-known/oauth-authorization-server"))
    wanted = ("issuer", "authorization_endpoint", "token_endpoint", "pushed_authorization_request_endpoint")
    found = {name: reading.text(said, name) for name in wanted}
    if found["issuer"] != issuer or not all(found.values()):
        raise Rejected("This server offers no login that we know.", "server")
    return found


def _issuer(client: httpx.Client, server: str) -> str:
    """Who lets people in to `server`: itself, if it does not say."""
    try:
        said = _object(http.call(client, "GET", f"{server}/.well-known/oauth-protected-resource"))
    except http.NotThere:
        return server
    named = said.get("authorization_servers")
    return str(named[0]).rstrip("/") if isinstance(named, list) and named else server


def _ask(client: httpx.Client, url: str, form: Mapping[str, str], key: str, ours: Mapping[str, str]) -> dict[str, Any]:
    """Post a form as the client that we are. Refused only for its nonce, it is posted again with the right one."""
    sent = {**form, "client_id": ours["client_id"]}
    if not sent["client_id"].startswith("http://localhost?"):
        sent["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    for last in (False, True):
        if "client_assertion_type" in sent:
            sent["client_assertion"] = dpop.assertion(_own_key(ours), sent["client_id"], ours["issuer"])
        refused: list[httpx.Response] = []
        headers = {"DPoP": dpop.proof(key, "POST", url, sessions.nonce_for(url))}
        try:
            answer = http.call(client, "POST", url, data=sent, headers=headers, words=http.noting(refused))
        except ChannelError:
            for one in refused:
                sessions.note_nonce(one)
            if last or not refused or not sessions.wants_nonce(refused[0]):
                raise
            continue
        sessions.note_nonce(answer)
        return _object(answer)
    raise AssertionError("unreachable")


def _tokens(said: dict[str, Any]) -> dict[str, str]:
    found = {"access_token": reading.text(said, "access_token"), "did": reading.text(said, "sub")}
    if not all(found.values()) or reading.text(said, "token_type").lower() != "dpop":
        raise TokenExpired("The server gives no session.")
    if "atproto" not in reading.text(said, "scope").split():
        raise NotAllowed("The login does not allow what Openline needs.")
    seconds = said.get("expires_in")
    found["expires_at"] = str(time.time() + (seconds if isinstance(seconds, int) else 300))
    return found | {"refresh_token": reading.text(said, "refresh_token")}


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        return reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise NetworkDown(f"The server's answer makes no sense: {error}") from error


def hangs_on_older_key(account: AccountRef) -> bool:
    """True if the login was made under an older key of the installation, with which it ends."""
    return not account.settings.get("client_id", "").startswith("http://localhost?") and (
        _own_key(account.settings) != _own_keys()[0]
    )


def _own_keys() -> list[str]:
    """A key for each of the installation's, the newest first."""
    return [signing_key(key, "bluesky oauth client") for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _own_key(ours: Mapping[str, str]) -> str:
    """The key with which the login began: servers bind it to that one. Before its name was kept it was the oldest."""
    keys = _own_keys()
    return next((key for key in keys if dpop.name(key) == ours.get("client_key")), keys[-1])


def _loopback(address: str) -> bool:
    return (urlsplit(address).netloc.rpartition(":")[0] or urlsplit(address).netloc) in _LOOPBACK


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
