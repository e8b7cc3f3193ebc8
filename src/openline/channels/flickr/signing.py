"""Requests signed by OAuth 1.0a (RFC 5849) with HMAC-SHA1, as Flickr wants them; the arithmetic is oauthlib's."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

FORM = "application/x-www-form-urlencoded"


def query(values: Mapping[str, str]) -> str:
    """`values` as a query or a form, in the spelling that the signature is made of."""
    return urlencode(values, quote_via=quote, safe="")


def header(
    method: str,
    url: str,
    values: Mapping[str, str],
    app: tuple[str, str],
    token: tuple[str, str] = ("", ""),
    **more: str,
) -> str:
    """The Authorization header of a call with these parameters, in the query of a GET or the form of a POST.

    A file that goes with them is not signed (flickr.com/services/api/upload.api.html). `app` and `token` are pairs of
    key and secret; `more` are `callback_uri` or `verifier` of the login.
    """
    from oauthlib.oauth1 import Client  # takes a while to load, and few processes need it

    signer = Client(app[0], app[1], token[0] or None, token[1] or None, **more)
    if method == "GET":
        signed = signer.sign(f"{url}?{query(values)}" if values else url)
    else:
        signed = signer.sign(url, method, query(values), {"Content-Type": FORM})
    return str(signed[1]["Authorization"])
