"""The files of a post, from the server where its author's posts are kept. Their name is their hash: it is checked."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

from openline.channels.accounts import AccountRef
from openline.channels.base import Rejected
from openline.channels.bluesky import identity, names

_SHA256 = 0x12


def fetch(account: AccountRef, url: str, most_bytes: int) -> bytes | None:
    """The bytes of the file that Bluesky shows at `url`; None if it shows none of ours there."""
    did, cid = names.blob(url)
    if not did:
        return None
    server = identity.server(identity.document(did, account.settings))
    if not server:
        raise Rejected("The author's posts lie on no server any more.")
    query = urlencode({"did": did, "cid": cid})
    content = identity.get(f"{server}/xrpc/com.atproto.sync.getBlob?{query}", most_bytes, own=account.server)
    if not _is(content, cid):
        raise Rejected("The server gave another file than the post names.")
    return content


def _is(content: bytes, cid: str) -> bool:
    """Does the file have the hash that its name holds? (SHA-256 is the only one in use.)"""
    import libipld

    digest = libipld.decode_cid(cid)["hash"]
    return bool(digest["code"] == _SHA256 and bytes(digest["digest"]) == hashlib.sha256(content).digest())
