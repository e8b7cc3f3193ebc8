"""What the tests of WordPress share."""

from __future__ import annotations

import html
import http.server
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from openline.channels.base import (
    Article,
    Incoming,
    Outgoing,
    OutgoingMedia,
    Receipt,
)
from tests.channels.nets.base import Memory
from tests.channels.nets.wordpress import WordPressNet

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\nThe road is open.\n"


def words() -> str:
    return f"words {uuid.uuid4()}"


def photo(width: int = 600) -> bytes:
    Image.new("RGB", (width, 400), (len(words()), 90, width % 255)).save(buffer := BytesIO(), "JPEG")
    return buffer.getvalue()


def picture(alt: str = "A mended road", **more: Any) -> OutgoingMedia:
    return OutgoingMedia("p.jpg", "image/jpeg", "Road.JPG", alt, **more)


FILES = {"p.jpg": photo(), "v.mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 200}


def send(net: WordPressNet, outgoing: Outgoing, key: str = "", memory: Memory | None = None) -> Receipt:
    return net.channel.send(net.account, outgoing, key or words(), memory or Memory(FILES))


def article(title: str = "", **more: Any) -> Article:
    return Article(title or f"News {words()}", "<p>The <strong>pool</strong> opens.</p>", **more)


def stored(net: WordPressNet, receipt: Receipt) -> dict[str, Any]:
    """The post as the site has it."""
    code = """
        $post = get_post($id, ARRAY_A);
        $names = fn($kind) => array_map('html_entity_decode', wp_get_post_terms($id, $kind, ['fields' => 'names']));
        return $post + ['categories' => $names('category'), 'tags' => $names('post_tag'),
                        'image' => get_post_thumbnail_id($id),
                        'alt' => get_post_meta(get_post_thumbnail_id($id), '_wp_attachment_image_alt', true)];
    """
    found: dict[str, Any] = net.site.php(code, id=int(receipt.network_id.partition(":")[2]))
    return found | {name: html.unescape(found[name]) for name in ("post_title", "post_excerpt")}


def count(net: WordPressNet, kind: str, **like: str) -> int:
    """How many posts, pages or attachments of that kind hold these words, in whatever state."""
    [(column, text)] = like.items()
    code = 'global $wpdb; return (int) $wpdb->get_var($wpdb->prepare("SELECT count(*) FROM $wpdb->posts'
    code += f" WHERE post_type = %s AND {column} LIKE %s\", $kind, '%' . $text . '%'));"
    return int(net.site.php(code, kind=kind, text=text))


@contextmanager
def losing_answers(most: int = 100) -> Iterator[list[str]]:
    """Lets the site do what it is asked; the line breaks instead of the first answer to every change, `most` times."""
    lost, asked = list[str](), set[bytes]()
    real = httpx.HTTPTransport.handle_request

    def lossy(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        answer = real(transport, request)
        change = request.url.raw_path + (request.content if "json" in request.headers["content-type"] else b"")
        if change not in asked and len(lost) < most:
            asked.add(change)
            lost.append(request.url.path)
            answer.read()
            raise httpx.ReadError("cut")
        return answer

    def handle(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        return (real if request.method == "GET" else lossy)(transport, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.HTTPTransport, "handle_request", handle)
        yield lost


def heard(net: WordPressNet, text: str) -> Incoming:
    return net.heard(text)


def news(net: WordPressNet, cursor: str, name: str) -> list[Incoming]:
    """What is heard of that comment after `cursor`."""
    return [item for item in net.hearing(cursor=cursor) if item.network_id == name]


@contextmanager
def another_blog(page: str) -> Iterator[str]:
    """A page of another site, at its address."""

    class Blog(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        do_HEAD = do_GET

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blog)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/essay"
    finally:
        server.shutdown()
