"""The forms of the articles: one article, what is shown with it, and an import."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from openline.geography.models import Area
from openline.knowledge.content import FIELDS, TEXTS
from openline.knowledge.models import Article
from openline.service_requests.languages import LOCALES
from openline.service_requests.models import Department, Service

FILE_LIMIT = 20_000_000
_OTHER_NAMES = {"ht": "Kreyòl ayisyen"}


def languages(more: str = "") -> list[tuple[str, str]]:
    """Codes and own names of the languages that we speak; and `more`, which an article has."""
    known = {
        code: _OTHER_NAMES.get(code) or get_language_info(locale)["name_local"] for code, locale in LOCALES.items()
    }
    return list(known.items()) + ([(more, more)] if more and more not in known else [])


def owners(more: str = "") -> list[tuple[str, str]]:
    """Codes and names of the departments; and `more`, which an article has."""
    known = dict(Department.objects.order_by("name").values_list("code", "name"))
    return list(known.items()) + ([(more, more)] if more and more not in known else [])


def _line(label: Any, name: str, help_text: Any = "", required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=TEXTS[name], help_text=help_text,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip


def _text(label: Any, rows: int, most: int, help_text: Any = "", required: bool = False) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
    return forms.CharField(label=label, required=required, max_length=most, help_text=help_text, widget=area)


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class ArticleForm(forms.Form):
    """All of an article but its pictures and films; `written()` is what is kept."""

    title = _line(gettext_lazy("Title"), "title", gettext_lazy("As a resident would ask for it."), True)
    body = _text(
        gettext_lazy("Text (Markdown)"), 18, TEXTS["body"], required=True,
        help_text=gettext_lazy("The answer first: the first paragraph is what residents are sent. ## makes a heading, "
                               "- a list, [words](https://...) a link."))  # fmt: skip
    who = _line(gettext_lazy("Who it is for"), "who")
    when = _line(gettext_lazy("When"), "when")
    how = _line(gettext_lazy("How"), "how")
    cost = _line(gettext_lazy("What it costs"), "cost")
    links = _text(gettext_lazy("Links"), 3, 20_000, gettext_lazy("One in each line: words | address"))
    keywords = _text(gettext_lazy("Keywords"), 2, TEXTS["keywords"], gettext_lazy(
        "What residents call it, with semicolons between: they find it by these words."))  # fmt: skip
    service_code = forms.ChoiceField(label=gettext_lazy("Service"), required=False)
    areas = forms.MultipleChoiceField(
        label=gettext_lazy("Areas"), required=False, help_text=gettext_lazy("None chosen: true in the whole city."),
        widget=forms.SelectMultiple(attrs={"size": 6}))  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    slug = _line(gettext_lazy("Address"), "slug", gettext_lazy(
        "Behind /articles/. Empty: made of the title. A former address leads on to the new one."))  # fmt: skip
    source = _line(gettext_lazy("Official page"), "source", gettext_lazy("Where the city itself says so."))
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False, help_text=gettext_lazy(
        "The department that answers for it."))  # fmt: skip
    review_on = _day(gettext_lazy("Review again on"), gettext_lazy("From then on it is in the list of what is due."))
    expires_on = _day(gettext_lazy("Expires on"), gettext_lazy("The first day on which it is shown no more."))
    safe = forms.BooleanField(
        label=gettext_lazy("A machine may send it as an answer"), required=False,
        help_text=gettext_lazy(
            "Ticked: on accounts that allow it, Openline sends the first paragraph by itself to who asks for this, "
            "marked as automatic, with a way to a person. Tick it only where a wrong answer harms nobody. Unticked: "
            "people send it."))  # fmt: skip
    matches_original = forms.BooleanField(label=gettext_lazy("It says what the original says now"), required=False)
    note = forms.CharField(label=gettext_lazy("What you changed, for the history"), required=False, max_length=300)

    def __init__(self, data: Any = None, *, article: Article, start: dict[str, Any] | None = None) -> None:
        initial = {name: getattr(article, name) for name in FIELDS if name != "media"} | (start or {})
        initial["links"] = "\n".join(f"{link['label']} | {link['url']}" for link in initial["links"])
        super().__init__(data, initial=initial, label_suffix="")
        self.fields["body"].widget.attrs |= {
            "hx-post": reverse("console:article_preview"),
            "hx-trigger": "input changed delay:600ms",
            "hx-target": "#preview",
            "hx-include": "closest form",
        }
        if article.translation_of is None:
            del self.fields["matches_original"]
        services = Service.objects.filter(active=True).order_by("group", "name").values_list("code", "name")
        self._offer("service_code", [("", _("None")), *_with(services, article.service_code)])
        areas = Area.objects.order_by("kind", "name").values_list("code", "name")
        self._offer("areas", [*areas, *((code, code) for code in set(article.areas) - {code for code, _n in areas})])
        self._offer("language", languages(article.language))
        self._offer("owner", [("", _("Nobody yet")), *owners(article.owner)])

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def written(self) -> dict[str, Any]:
        """The fields as the knowledge room takes them. Only of a valid form."""
        values = {name: self.cleaned_data[name] for name in FIELDS if name != "media"}
        values["links"] = [_link(line) for line in values["links"].splitlines() if line.strip()]
        if not values["slug"]:
            del values["slug"]
        return values

    def refuse(self, errors: dict[str, str]) -> None:
        """Show what the knowledge room refused, beside its field."""
        for name, text in errors.items():
            self.add_error(name if name in self.fields else None, text)


def _with(choices: Iterable[tuple[str, str]], code: str) -> list[tuple[str, str]]:
    known = list(choices)
    return known + ([(code, code)] if code and code not in dict(known) else [])


def _link(line: str) -> dict[str, str]:
    label, bar, url = line.rpartition("|")
    return {"label": label.strip() if bar else "", "url": url.strip()}


class ReviewForm(forms.Form):
    """When an article that was found true is looked at again."""

    review_on = _day(gettext_lazy("Look at it again on (empty: in a year)"))


class MediumForm(forms.Form):
    """What is said of a picture or film."""

    alt = forms.CharField(
        label=gettext_lazy("What it shows, for people who do not see it"), max_length=1500,
        widget=forms.TextInput(attrs={"dir": "auto"}))  # fmt: skip
    caption = forms.CharField(
        label=gettext_lazy("Caption below it"), required=False, max_length=500,
        widget=forms.TextInput(attrs={"dir": "auto"}))  # fmt: skip
    captions = forms.FileField(
        label=gettext_lazy("Captions of a film (WebVTT)"), required=False,
        widget=forms.FileInput(attrs={"accept": ".vtt,text/vtt"}))  # fmt: skip

    def captions_text(self, before: str = "") -> str:
        """The captions that were sent; else those that were there."""
        sent = self.cleaned_data.get("captions")
        return sent.read(2_000_000).decode("utf-8-sig", "replace") if sent else before


class AddMediumForm(MediumForm):
    """A new picture or film."""

    file = forms.FileField(
        label=gettext_lazy("Picture (JPEG, PNG, WebP) or film (MP4, WebM)"),
        widget=forms.FileInput(attrs={"accept": "image/*,video/mp4,video/webm,video/quicktime"}))  # fmt: skip
    field_order = ("file",)


class ImportForm(forms.Form):
    """Where articles come from: a file, or an address."""

    file = forms.FileField(label=gettext_lazy("A file"), required=False, help_text=gettext_lazy(
        "CSV, a Markdown file, a zip of Markdown files, or an export file of WordPress (XML)."))  # fmt: skip
    address = forms.CharField(
        label=gettext_lazy("Or an address"), required=False, max_length=2_000,
        widget=forms.URLInput(attrs={"placeholder": "https://"}))  # fmt: skip
    wordpress = forms.BooleanField(
        label=gettext_lazy("All posts and pages of this WordPress site, not one page"), required=False)  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """One of both, and not too much."""
        data = super().clean() or self.cleaned_data
        file = data.get("file")
        if bool(file) == bool(data.get("address")):
            raise forms.ValidationError(_("Choose a file, or write an address."))
        if file and file.size > FILE_LIMIT:
            self.add_error("file", _("The file is larger than 20 MB: use “openline knowledge import”."))
        if data.get("address") and not data["address"].startswith(("https://", "http://")):
            self.add_error("address", _("Write a whole address that begins with https://."))
        return data
