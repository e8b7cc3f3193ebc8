"""The servers of the three outside geocoders, in one: they answer in the formats of the real ones."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from openline.geography.outside.settings import Service, Settings

CHURCH = (40.03245, -75.17251)
OUTSIDE = (40.3573, -74.6672)


@dataclass(frozen=True)
class Asked:
    """A question as it came in."""

    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    at: float


@dataclass
class Said:
    """What is answered."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0


def nominatim(
    name: str = "Saint Luke's Church",
    point: tuple[float, float] = CHURCH,
    *,
    class_: str = "amenity",
    type_: str = "place_of_worship",
    house: str = "5421",
    reach: float = 0.0005,
) -> list[dict[str, Any]]:
    """One result of /search?format=json&addressdetails=1."""
    lat, lon = point
    address = {
        "amenity": name, "house_number": house, "road": "Germantown Avenue", "neighbourhood": "Germantown",
        "city": "Philadelphia", "county": "Philadelphia County", "state": "Pennsylvania",
        "ISO3166-2-lvl4": "US-PA", "postcode": "19144", "country": "United States", "country_code": "us",
    }  # fmt: skip
    return [
        {
            "place_id": 334817062, "licence": "Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright",
            "osm_type": "way", "osm_id": 376419382, "lat": str(lat), "lon": str(lon), "class": class_, "type": type_,
            "place_rank": 30, "importance": 0.09, "addresstype": class_, "name": name,
            "display_name": f"{name}, {house}, Germantown Avenue, Germantown, Philadelphia, 19144, United States",
            "address": {key: value for key, value in address.items() if value},
            "boundingbox": [str(lat - reach), str(lat + reach), str(lon - reach), str(lon + reach)],
        }
    ]  # fmt: skip


def arcgis(kind: str = "POI", score: float = 98.5, point: tuple[float, float] = CHURCH) -> dict[str, Any]:
    """The answer of findAddressCandidates?f=json."""
    lat, lon = point
    candidate = {
        "address": "Saint Luke's Church, 5421 Germantown Ave, Philadelphia, Pennsylvania, 19144",
        "location": {"x": lon, "y": lat}, "score": score,
        "attributes": {"Addr_type": kind, "ShortLabel": "Saint Luke's Church"},
        "extent": {"xmin": lon - 0.005, "ymin": lat - 0.005, "xmax": lon + 0.005, "ymax": lat + 0.005},
    }  # fmt: skip
    return {"spatialReference": {"wkid": 4326, "latestWkid": 4326}, "candidates": [candidate]}


def census(found: bool = True) -> dict[str, Any]:
    """The answer of /geocoder/locations/onelineaddress?format=json."""
    benchmark = {"id": "4", "benchmarkName": "Public_AR_Current", "isDefault": True,
                 "benchmarkDescription": "Public Address Ranges - Current Benchmark"}  # fmt: skip
    match = {
        "tigerLine": {"side": "R", "tigerLineId": "131423677"},
        "coordinates": {"x": CHURCH[1], "y": CHURCH[0]},
        "addressComponents": {"zip": "19144", "streetName": "GERMANTOWN", "preType": "", "city": "PHILADELPHIA",
                              "preDirection": "", "suffixDirection": "", "fromAddress": "5401", "state": "PA",
                              "suffixType": "AVE", "toAddress": "5499", "suffixQualifier": "", "preQualifier": ""},
        "matchedAddress": "5421 GERMANTOWN AVE, PHILADELPHIA, PA, 19144",
    }  # fmt: skip
    asked = {"address": {"address": "5421 Germantown Ave"}, "benchmark": benchmark}
    return {"result": {"input": asked, "addressMatches": [match] if found else []}}


class Outside:
    """The servers. `says` makes the answer out of a question; `heard` is what came in."""

    def __init__(self) -> None:
        self.heard: list[Asked] = []
        self.address = ""
        self.says: Callable[[Asked], Said] = self.usual

    def usual(self, asked: Asked) -> Said:
        """Each server's own answer, and its own refusal of what it does not know."""
        if asked.path == "/search" and asked.parameters.get("format") == "json" and "q" in asked.parameters:
            return Said(nominatim())
        if asked.path == "/arcgis/rest/services/World/GeocodeServer/findAddressCandidates":
            return Said(arcgis() if asked.parameters.get("f") == "json" else {"error": {"code": 400}})
        if asked.path == "/geocoder/locations/onelineaddress":
            good = asked.parameters.get("benchmark") and asked.parameters.get("format") == "json"
            return Said(census()) if good else Said({"errors": ["benchmark is missing"], "status": "400"}, 400)
        return Said({"error": "no such page"}, 404)

    def settings(self, service: Service = "nominatim", **more: Any) -> Settings:
        """What leads here."""
        usual = {"city": "Philadelphia, PA", "user_agent": "Openline tests (web@example.org)", "seconds": 2.0}
        return Settings(service, url=self.address, **(usual | more))


@contextmanager
def running() -> Iterator[Outside]:
    """The servers, until the end of the block."""
    here = Outside()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(here))
    server.daemon_threads = True
    here.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _handler(here: Outside) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
            asked = Asked(parts.path, parameters, {k.lower(): v for k, v in self.headers.items()}, time.monotonic())
            here.heard.append(asked)
            said = here.says(asked)
            data = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            try:
                for at in range(0, len(data), 20 if said.drip else len(data) or 1):
                    self.wfile.write(data[at : at + (20 if said.drip else len(data))])
                    time.sleep(said.drip)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client had enough

        def log_message(self, *_: object) -> None:
            pass

    return Handler
