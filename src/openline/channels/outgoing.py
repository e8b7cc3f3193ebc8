"""What the city says, as every channel gets it, and its form as JSON in the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cattrs.preconf.json import make_converter

Action = Literal["post", "edit", "delete", "hide", "show"]
"""What is to be done; "show" takes a "hide" back, and is possible wherever that is."""
HIDING: tuple[Action, ...] = ("hide", "show")
Form = Literal["", "album", "video", "story"]


@dataclass(frozen=True, slots=True)
class OutgoingMedia:
    """A picture, film or other file that goes out with a message; `Progress.open(file)` gives its bytes.

    `file` is its key in our storage, `media_type` as in RFC 6838 (image/jpeg), `alt` the description for those who do
    not see it, `caption` what everybody reads below it. `focus` is the point that must stay visible when it is cropped
    (x and y from -1 to 1, y upwards), `captions` the spoken words of a film as WebVTT, `seconds` its length. `width`
    and `height` are in pixels, 0 if unknown. `url`: its public address, where it was given one for networks that fetch
    (`Capabilities.fetches_media`).
    """

    file: str
    media_type: str
    name: str = ""
    alt: str = ""
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    focus: tuple[float, float] | None = None
    captions: str = ""
    url: str = ""
    caption: str = ""

    @property
    def kind(self) -> str:
        """`image`, `video`, `audio` or `file`, by the media type."""
        major = self.media_type.split("/")[0]
        return major if major in ("image", "video", "audio") else "file"


@dataclass(frozen=True, slots=True)
class Poll:
    """A question with options, open for `seconds`."""

    options: tuple[str, ...]
    seconds: int
    multiple: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """A text with a title, for networks that have such (a blog). `html` is sanitised.

    The featured image is the first of the message's media. `page`: a lasting page instead of a post; `slug` its name in
    the address.
    """

    title: str
    html: str
    excerpt: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    page: bool = False
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing to be done on a network.

    Say `text` to `to_handle`, under the post `in_reply_to` in the thread `thread_root`; or change what was said:
    `action` on the post `about`. `references` are the ids of the posts above in the thread, oldest first; `subject` is
    the thread's, where it has one; `link` a public page with the whole text, for networks that shorten; `warning` is
    shown before the text is. `automatic`: written by a machine, so that no other machine answers. `unsubscribe` is our
    https address where a POST ends such messages (RFC 8058), for what was subscribed to.

    Of what is published: `form` says what it is to become where a network has more than one (an album, a film, a
    story), `title` is that of an album or a film, `tags` are its topics, `place` its point (latitude, longitude, in
    degrees), `publish_at` lets the network publish it by itself. `options` are what the network alone knows, as it was
    chosen for this post (`Channel.options`).
    """

    text: str
    visibility: Literal["public", "private"] = "public"
    in_reply_to: str = ""
    in_reply_to_author: str = ""
    thread_root: str = ""
    to_handle: str = ""
    language: str = ""
    action: Action = "post"
    about: str = ""
    subject: str = ""
    references: tuple[str, ...] = ()
    link: str = ""
    warning: str = ""
    media: tuple[OutgoingMedia, ...] = ()
    poll: Poll | None = None
    article: Article | None = None
    automatic: bool = False
    unsubscribe: str = ""
    form: Form = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    place: tuple[float, float] | None = None
    publish_at: datetime | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As plain values, without what is empty."""
        plain: dict[str, Any] = _converter.unstructure(self)
        return plain

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Outgoing:
        """Read `as_json` again; raises cattrs.BaseValidationError on what is not of that form."""
        return _converter.structure(value, cls)


_converter = make_converter(omit_if_default=True)
