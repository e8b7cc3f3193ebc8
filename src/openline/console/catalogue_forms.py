"""The forms of the catalogue: a service, one of its questions, and an import."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.service_requests.catalogue import FIELDS, QUESTION_FIELDS, Plain, whole
from openline.service_requests.catalogue_checks import problems, question_problem
from openline.service_requests.models import AttributeType, Department, ServiceKind

UNITS = (
    ("working", gettext_lazy("working days")),
    ("calendar", gettext_lazy("calendar days")),
    ("hours", gettext_lazy("working hours")),
)
_TEXT_LIMIT = 20_000
FILE_LIMIT = 1_000_000
"""Bytes of an imported file: it travels once more with the form that confirms."""


def _text(label: Any, rows: int = 3, **more: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
    return forms.CharField(label=label, required=False, widget=area, max_length=_TEXT_LIMIT, **more)


def _line(label: Any, limit: int, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=limit, **more)


def _tick(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


class ServiceForm(forms.Form):
    """All of a service but its questions; `written()` is what is kept."""

    code = _line(gettext_lazy("Code"), 60, True, help_text=gettext_lazy("Fixed once the service is made."))
    name = _line(gettext_lazy("Name"), 200, True)
    group = _line(gettext_lazy("Group"), 200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ServiceKind.choices)
    department = forms.ChoiceField(label=gettext_lazy("Department"), required=False)
    description = _text(gettext_lazy("Description"))
    keywords = _text(gettext_lazy("Keywords"), 3, help_text=gettext_lazy("One in each line: what residents call it."))
    examples = _text(gettext_lazy("Examples"), 5, help_text=gettext_lazy(
        "One in each line: what residents say. Ten or more make reading good."))  # fmt: skip
    first_answer_hours = forms.IntegerField(label=gettext_lazy("First answer within (working hours)"), required=False)
    promise_days = forms.IntegerField(label=gettext_lazy("Fixed within"), required=False)
    promise_unit = forms.ChoiceField(label=gettext_lazy("Counted in"), choices=UNITS)
    needs_place = _tick(gettext_lazy("Needs a place"))
    needs_photo = _tick(gettext_lazy("Needs a photo"))
    needs_contact = _tick(gettext_lazy("Needs a way to reach who reports"))
    after_photo = _tick(gettext_lazy("Needs a photo of the finished work"))
    public = _tick(gettext_lazy("Shown in public"))
    active = _tick(gettext_lazy("Offered (untick to retire it; its requests stay)"))
    season_start = _line(gettext_lazy("First day of its season"), 5, help_text=gettext_lazy(
        "Month and day, such as 11-15. Empty: all year."))  # fmt: skip
    season_end = _line(gettext_lazy("Last day of its season"), 5)
    emergency_phone = _line(gettext_lazy("Telephone"), 60)
    referral_text = _text(gettext_lazy("What residents are told if others do it"))

    def __init__(self, data: Any = None, *, base: Plain | None = None) -> None:
        self.base = base
        start = dict(base or FIELDS)
        start |= {name: "\n".join(start[name]) for name in ("keywords", "examples")}
        super().__init__(data, initial=start, label_suffix="")
        department, code = self.fields["department"], self.fields["code"]
        assert isinstance(department, forms.ChoiceField)
        self.departments = dict(Department.objects.order_by("name").values_list("code", "name"))
        department.choices = [("", _("None: the fallback tray")), *self.departments.items()]
        if base:
            code.disabled = True

    def written(self) -> Plain:
        """The whole service as it would be saved. Only of a valid form."""
        facts = {name: self.cleaned_data[name] for name in FIELDS}
        facts |= {name: _lines(facts[name]) for name in ("keywords", "examples")}
        return whole(facts, self.base)

    def clean(self) -> dict[str, Any]:
        """What the catalogue itself checks, beside the field."""
        data = super().clean() or self.cleaned_data
        if not self.errors:
            for name, text in problems(self.written() | {"attributes": []}, self.departments).items():
                self.add_error(name, text)
        return data


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


class QuestionForm(forms.Form):
    """One question; `written()` is what is kept."""

    code = _line(gettext_lazy("Code"), 60, True, help_text=gettext_lazy("Answers are kept under it; it stays fixed."))
    question = _line(gettext_lazy("Question"), 500, True)
    hint = _line(gettext_lazy("Hint"), 500)
    datatype = forms.ChoiceField(label=gettext_lazy("Kind of answer"), choices=AttributeType.choices)
    values = _text(gettext_lazy("Values of a list"), 5, help_text=gettext_lazy(
        "One in each line: key | name. With “| text” behind it, who chooses it reads that text and the form ends:"
        " down | Wires are down | Call 911 now."))  # fmt: skip
    required = _tick(gettext_lazy("Has to be answered"))
    public = _tick(gettext_lazy("Everybody may read the answer"))
    variable = _tick(gettext_lazy("Is a question (untick for a text between questions)"))
    minimum = forms.FloatField(label=gettext_lazy("At least"), required=False, help_text=gettext_lazy(
        "Of a number its value, of a text its length, of a list how many, of a date days from now."))  # fmt: skip
    maximum = forms.FloatField(label=gettext_lazy("At most"), required=False)
    depends_on = forms.ChoiceField(label=gettext_lazy("Only asked if this question"), required=False)
    depends_values = _line(gettext_lazy("was answered with one of"), 500, help_text=gettext_lazy(
        "Keys with commas between them; empty: any answer."))  # fmt: skip

    def __init__(self, data: Any = None, *, earlier: list[Plain], base: Plain | None = None) -> None:
        self.base, self.earlier = base, earlier
        super().__init__(data, initial=_as_typed(base or QUESTION_FIELDS), label_suffix="")
        depends_on = self.fields["depends_on"]
        assert isinstance(depends_on, forms.ChoiceField)
        depends_on.choices = [("", _("Always asked")), *((q["code"], q["question"]) for q in earlier if q["variable"])]
        self.fields["code"].disabled = base is not None

    def written(self) -> Plain:
        """The question as it would be saved. Only of a valid form."""
        kept = {name: self.cleaned_data[name] for name in QUESTION_FIELDS if name != "order"}
        kept["values"] = [_value(line) for line in self.cleaned_data["values"].splitlines() if line.strip()]
        kept["depends_values"] = [v.strip() for v in self.cleaned_data["depends_values"].split(",") if v.strip()]
        return QUESTION_FIELDS | kept | {"order": self.base["order"] if self.base else len(self.earlier) + 1}

    def clean(self) -> dict[str, Any]:
        """What the catalogue itself checks."""
        data = super().clean() or self.cleaned_data
        if not self.errors:
            wrong = question_problem(self.written(), {one["code"]: one for one in self.earlier})
            if wrong:
                self.add_error(None, wrong)
        return data


def _as_typed(question: Plain) -> dict[str, Any]:
    lines = [" | ".join(filter(None, (v["key"], v["name"], v.get("stop")))) for v in question["values"]]
    return question | {"values": "\n".join(lines), "depends_values": ", ".join(map(str, question["depends_values"]))}


def _value(line: str) -> Plain:
    key, _bar, rest = (part.strip() for part in line.partition("|"))
    name, _bar, stop = (part.strip() for part in rest.partition("|"))
    return {"key": key, "name": name or key} | ({"stop": stop} if stop else {})


class ImportForm(forms.Form):
    """Files of another catalogue: services.csv and attributes.csv, or GeoReport JSON."""

    services = forms.FileField(label=gettext_lazy("services.csv"), required=False)
    attributes = forms.FileField(label=gettext_lazy("attributes.csv (questions)"), required=False)
    georeport = forms.FileField(label=gettext_lazy("Open311: the JSON of a city's services"), required=False)
    retire = _tick(gettext_lazy("Retire all services that the files do not name"))

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")

    def texts(self) -> dict[str, str]:
        """The content of each file that was chosen, by field. Only of a valid form."""
        return {name: self.cleaned_data[name] for name in ("services", "attributes", "georeport")
                if self.cleaned_data.get(name)}  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Read the files as UTF-8; at least one has to be there."""
        data = super().clean() or self.cleaned_data
        for name in ("services", "attributes", "georeport"):
            if data.get(name):
                data[name] = self._read(name, data[name])
        if not self.errors and not self.texts():
            raise forms.ValidationError(_("Choose a file."))
        return data

    def _read(self, name: str, file: Any) -> str:
        if file.size > FILE_LIMIT:
            self.add_error(name, _("The file is larger than 1 MB."))
            return ""
        try:
            return str(file.read().decode("utf-8-sig").replace("\x00", ""))
        except UnicodeDecodeError:
            self.add_error(name, _("The file is not UTF-8: save it as UTF-8."))
            return ""
