"""WordPress from Debian: residents fill in the form under a post, as people do in a browser."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from openline.channels.base import AccountRef, Outgoing
from openline.channels.text import text_of_html
from openline.channels.wordpress import channel as channel_module
from openline.channels.wordpress.channel import WordPressChannel
from tests.channels.nets.base import Net, NotHere, Said
from tests.servers.wordpress import WordPress, wordpress

RESIDENTS = [("Maria Lopez", "maria@residents.example"), ("John Smith", "john@residents.example")]
_FORM = "/wp-comments-post.php"
_ALT = re.compile(r'<img[^>]* alt="([^"]*)"')


class WordPressNet(Net):
    """The city's newsroom, an editor, on a fresh site with one post, under which residents comment."""

    network: ClassVar[str] = "wordpress"
    above: ClassVar[str] = "post:1"

    def __init__(self, site: WordPress) -> None:
        self.site = site
        self.port = site.port
        self.channel = WordPressChannel()
        credentials = {"username": "newsroom", "application_password": site.password}
        self.account = AccountRef("w", "news.city.example", site.home, credentials, {"user": str(site.user)})
        self._browser = httpx.Client(timeout=20)

    def through(self, port: int) -> AccountRef:
        return replace(self.account, server=f"http://127.0.0.1:{port}")

    def hurry(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(channel_module, "POLL_EVERY_SECONDS", 0.3)

    @contextmanager
    def away(self) -> Iterator[None]:
        self.site.stop()
        try:
            yield
        finally:
            self.site.start()

    def post(
        self,
        text: str,
        *,
        in_reply_to: str = "",
        private: bool = False,
        photos: tuple[bytes, ...] = (),
        who: int = 0,
        under: int = 1,
    ) -> str:
        if private:
            raise NotHere("WordPress has no private messages")
        if photos:
            raise NotHere("WordPress takes no files from who comments")
        name, mail = RESIDENTS[who]
        form = {
            "author": name,
            "email": mail,
            "comment": html.escape(text, quote=False),  # the form takes HTML
            "comment_post_ID": str(under),
            "comment_parent": in_reply_to.removeprefix("comment:") if in_reply_to else "0",
        }
        answer = self._browser.post(self.site.home + _FORM, data=form)
        assert answer.status_code == 302, text_of_html(answer.text)[-500:]
        found = re.search(r"#comment-(\d+)$", answer.headers["location"])
        assert found, answer.headers["location"]
        return f"comment:{found[1]}"

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        comment = self.public(f"comments/{network_id.partition(':')[2]}")
        found = self.public("comments", post=comment["post"], per_page=100, orderby="id", order="desc")
        root = {item["id"]: item["parent"] for item in found}
        while root.get(top := comment["id"]):
            comment = {"id": root[top]}
        thread = {top}
        for item in reversed(found):
            thread |= {item["id"]} if item["parent"] in thread else set()
        return [self._said(item) for item in reversed(found) if item["id"] in thread]

    def edit(self, network_id: str, text: str) -> None:
        number = int(network_id.removeprefix("comment:"))
        values = {"comment_ID": number, "comment_content": html.escape(text, quote=False)}
        self.site.php("return wp_update_comment($values);", values=values)

    def delete(self, network_id: str) -> None:
        self.site.php("return wp_delete_comment($id, true);", id=int(network_id.removeprefix("comment:")))

    def backlog(self, count: int) -> list[str]:
        code = """
            wp_defer_comment_counting(true);
            $post = wp_insert_post(['post_title' => 'Backlog', 'post_content' => 'x', 'post_status' => 'publish']);
            for ($n = 0; $n < $count; $n++)
                $ids[] = wp_insert_comment(['comment_post_ID' => $post, 'comment_content' => "backlog number $n",
                    'comment_author' => 'Maria', 'comment_author_email' => "m$n@residents.example"]);
            return $ids;
        """
        return [f"comment:{number}" for number in self.site.php(code, count=count)]

    def refused(self) -> AccountRef:
        return replace(self.account, credentials=self.account.credentials | {"application_password": "wrong"})

    @contextmanager
    def limited(self) -> Iterator[None]:
        raise NotHere("WordPress limits nobody who may moderate")
        yield

    @contextmanager
    def refusing(self) -> Iterator[Outgoing]:
        yield Outgoing("x" * 70_000, in_reply_to="comment:1")  # its column holds 65,535 bytes

    def public(self, path: str, **params: Any) -> Any:
        """What the site tells everybody."""
        return self._browser.get(f"{self.site.home}/wp-json/wp/v2/{path}", params=params).raise_for_status().json()

    def page(self, address: str) -> str:
        """A page of the site as a stranger gets it."""
        return self._browser.get(address, follow_redirects=True).raise_for_status().text

    def _said(self, comment: dict[str, Any]) -> Said:
        shown = comment["content"]["rendered"]
        return Said(
            f"comment:{comment['id']}",
            text_of_html(shown),
            comment["author"] == self.site.user,
            f"comment:{comment['parent']}" if comment["parent"] else f"post:{comment['post']}",
            alts=tuple(html.unescape(alt) for alt in _ALT.findall(shown)),
            at=datetime.fromisoformat(comment["date_gmt"]).replace(tzinfo=UTC),
        )


@contextmanager
def start(folder: Path) -> Iterator[WordPressNet]:
    """A fresh site."""
    with wordpress(folder) as site:
        yield WordPressNet(site)
