"""Loading a city: all of it in one transaction, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction

from openline.care import sentences, understanding
from openline.cities import catalogue_files, sample
from openline.cities.articles.settling import settle
from openline.cities.reading import CityFiles, Refused, read_city
from openline.geography.models import Area, GazetteerFile
from openline.knowledge.models import Fact, Lookup
from openline.publishing.models import AlertTemplate
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import catalogue, catalogue_changes, jurisdiction, working_time
from openline.service_requests.models import Department, Holiday, Jurisdiction, ResponseTemplate, Service
from openline.triage.models import ServiceModelFile
from openline.triage.service_model import ServiceModel

SAMPLE = Path(__file__).parent / "philadelphia"


class NotLoaded(Exception):
    """Rows were refused, so nothing was loaded; `refused` tells which and why."""

    def __init__(self, refused: list[Refused]) -> None:
        super().__init__(f"{len(refused)} row(s) refused")
        self.refused = refused


def load_city(folder: Path, *, skip_refused: bool = False) -> CityFiles:
    """Load the city in `folder`. A service or department that the files no longer name stays, inactive.

    Raises NotLoaded if a row is refused, unless `skip_refused`; a missing required file is never skipped.
    """
    files = read_city(folder)
    if files.refused and not (skip_refused and files.city and files.departments and files.services):
        raise NotLoaded(files.refused)
    with transaction.atomic():
        _save(files, folder)
    jurisdiction.forget()
    return files


def ensure_city() -> None:
    """Load the sample city if it is needed."""
    if sample.needed():
        load_city(SAMPLE)


def _save(files: CityFiles, folder: Path) -> None:
    Jurisdiction.objects.all().delete()
    Jurisdiction.objects.create(**files.city)
    _save_departments(files.departments)
    _save_catalogue(files, folder)
    _save_templates(files)
    for alert in files.alerts:
        _upsert(AlertTemplate, alert)
    Holiday.objects.filter(calendar=None).delete()
    Holiday.objects.bulk_create([Holiday(date=day, name=name) for day, name in dict(files.holidays).items()])
    working_time.begin()
    settle(files.articles, f"The files of {files.city['name']} ({folder.name})")
    _save_geography(files)
    _save_facts(files)
    model = ServiceModel.from_catalogue(understanding.catalogue(), sentences.encoder())
    ServiceModelFile.objects.create(data=model.to_bytes(), report="Cold start from the catalogue's own words.")
    log.write(
        [
            log.Entry(
                Kind.ADMINISTERED,
                "openline",
                body={
                    "what": "city loaded",
                    "city": files.city["name"],
                    "services": len(files.services),
                    "departments": len(files.departments),
                    "areas": len(files.areas),
                    "refused": len(files.refused),
                },
            )
        ]
    )


def _save_departments(departments: list[dict[str, Any]]) -> None:
    """The departments of the files. If one of them takes what nobody owns, no other does so any more."""
    named = any(department["fallback"] for department in departments)
    if named:
        Department.objects.update(fallback=False)
    for department in departments:
        kept = department if named else {name: value for name, value in department.items() if name != "fallback"}
        _upsert(Department, kept)


def _save_catalogue(files: CityFiles, folder: Path) -> None:
    """The services of the files; all others are retired. What no file speaks of stays as people made it."""
    before = catalogue.content()
    kept = [
        name
        for name, file in (("attributes", catalogue_files.QUESTIONS), ("examples", catalogue_files.EXAMPLES))
        if file not in files.catalogue_files
    ]
    after = {
        service["code"]: service | {name: before[service["code"]][name] for name in kept if service["code"] in before}
        for service in files.services
    }
    why = f"The files of {files.city['name']} ({folder.name})"
    catalogue_changes.save(catalogue_changes.retiring(after, before), by=None, why=why)


def _save_templates(files: CityFiles) -> None:
    """The texts of the file in place of those of the same service, outcome and language; others stay."""
    services = dict(Service.objects.values_list("code", "pk"))
    for row in files.templates or []:
        key = {"service_id": services.get(row["service"]), "outcome": row["outcome"], "language": row["language"]}
        ResponseTemplate.objects.update_or_create(**key, defaults={"text": row["text"]})


def _save_geography(files: CityFiles) -> None:
    Area.objects.all().delete()
    Area.objects.bulk_create(
        [Area(code=a.code, name=a.name, kind=a.kind, aliases=list(a.aliases), geometry=a.geometry) for a in files.areas]
    )
    if files.gazetteer:
        GazetteerFile.objects.create(data=files.gazetteer.to_bytes())


def _save_facts(files: CityFiles) -> None:
    """The lookups of the files, and what they say by area; what no file speaks of stays as people made it."""
    codes = {lookup["code"] for lookup in files.lookups}
    for lookup in files.lookups:
        _upsert(Lookup, lookup)
    Fact.objects.filter(lookup_id__in=codes).delete()
    areas = {area.code for area in files.areas}
    Fact.objects.bulk_create(
        [Fact(**fact) for fact in files.facts if fact["lookup_id"] in codes and fact["area"] in areas],
        ignore_conflicts=True,
    )


def _upsert(model: Any, row: dict[str, Any]) -> Any:
    return model.objects.update_or_create(code=row["code"], defaults=row)[0]
