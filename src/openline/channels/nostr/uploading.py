"""The files of a message: given to the city's Blossom servers, each a step, and described in `imeta` (NIP-92)."""

from __future__ import annotations

import hashlib
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO

from openline.channels.base import AccountRef, Outgoing, OutgoingMedia, Progress
from openline.channels.nostr import blossom, locking
from openline.channels.nostr.picture import blurhash
from openline.channels.nostr.signer import Signer

Kept = dict[str, Any]
"""A file that lies on a server, as JSON in the outbox: `url`, `also`, `sha256`, `size`, `type`, `missed`, ..."""


def upload_all(account: AccountRef, signer: Signer, outgoing: Outgoing, progress: Progress) -> list[Kept]:
    """Give all files to the servers; what an earlier try gave is not given again.

    In a private message each file is locked first: only who reads the message has the key.
    """
    lock = outgoing.visibility == "private"
    return [_upload(account, signer, progress, n, media, lock) for n, media in enumerate(outgoing.media)]


def _upload(account: AccountRef, signer: Signer, progress: Progress, n: int, media: OutgoingMedia, lock: bool) -> Kept:
    servers = blossom.servers_of(account)
    opening = partial(progress.open, media.file)
    kept: Kept = progress.step(f"upload {n}", partial(_give, signer, servers, opening, media, lock))
    if not lock:  # a locked file cannot be locked the same way again: its key is made anew for each try
        file = blossom.File(opening, media.media_type, kept["sha256"], kept["size"])
        kept = kept | _copies(signer, servers, progress, f"{n}", file, kept)
    if media.captions and not lock:
        kept = kept | {"captions": progress.step(f"captions {n}", partial(_captions, signer, servers, media))}
    return kept


def _give(signer: Signer, servers: list[str], opening: blossom.Opening, media: OutgoingMedia, lock: bool) -> Kept:
    if not lock:
        found = blossom.upload(signer, servers, blossom.file_of(opening, media.media_type))
        return found | {"blurhash": blurhash(opening) if media.kind == "image" else ""}
    with opening() as source:
        plain = source.read()
    locked, how = locking.lock(plain)
    kept = blossom.upload(signer, servers, blossom.file_of(partial(_memory, locked), "application/octet-stream"))
    return kept | how | {"plain_sha256": hashlib.sha256(plain).hexdigest()}


def _memory(content: bytes) -> BinaryIO:
    return BytesIO(content)


def _copies(signer: Signer, servers: list[str], progress: Progress, name: str, file: blossom.File, kept: Kept) -> Kept:
    """Copies at the servers behind the one that took it: the file outlives any one of them."""
    also, missed = list[str](), dict[str, str](kept["missed"])
    for server in servers[servers.index(kept["server"]) + 1 :] if kept["server"] in servers else []:
        step = partial(blossom.copy, signer, server, file, kept["url"])
        told = progress.step(f"copy {name} to {server}", step)
        if "url" in told:
            also.append(told["url"])
        else:
            missed[server] = told["missed"]
    return {"also": also, "missed": missed}


def _captions(signer: Signer, servers: list[str], media: OutgoingMedia) -> str:
    file = blossom.file_of(partial(_memory, media.captions.encode()), "text/vtt")
    return str(blossom.upload(signer, servers, file)["url"])


def imeta(media: OutgoingMedia, kept: Kept, poster: str = "", poster_hash: str = "") -> list[str]:
    """The tag that describes a file (NIP-92, and NIP-71 for films)."""
    found = [f"url {kept['url']}", f"m {media.media_type}", f"x {kept['sha256']}", f"size {kept['size']}"]
    hashed = poster_hash or kept.get("blurhash", "")
    if media.width and media.height:
        found.append(f"dim {media.width}x{media.height}")
    if media.seconds:
        found.append(f"duration {media.seconds:g}")
    if poster:
        found.append(f"image {poster}")
    if hashed:
        found.append(f"blurhash {hashed}")
    if media.alt:
        found.append(f"alt {' '.join(media.alt.split())}")
    return ["imeta", *found, *(f"fallback {url}" for url in kept.get("also", []))]


def facts(account: AccountRef, outgoing: Outgoing, progress: Progress) -> dict[str, str]:
    """Where the files lie, and which servers did not take them, as words for staff; from what is kept of the send."""
    urls, missed = list[str](), dict[str, str]()
    for n in range(len(outgoing.media)):
        kept = progress.done(f"upload {n}") or {}
        told = {server: progress.done(f"copy {n} to {server}") or {} for server in blossom.servers_of(account)}
        urls += [one["url"] for one in (kept, *told.values()) if "url" in one]
        missed |= kept.get("missed", {}) | {server: one["missed"] for server, one in told.items() if "missed" in one}
    found = {"files": ", ".join(urls)} if urls else {}
    if missed:
        found["servers that missed files"] = "; ".join(f"{server}: {why}" for server, why in missed.items())
    return found
