"""Places that everybody knows: countries and large cities, out of the time zone database."""

from functools import lru_cache
from importlib.resources import files

from app.language.words import word_list
from app.settings import time_zones


def is_known_place(name: str) -> bool:
    """Whether the time zone database has a country or a city of this name, or our own short list."""
    return name.casefold().replace(" ", "_") in _known_places()


@lru_cache
def _known_places() -> frozenset[str]:
    database = files("tzdata")  # the package's, so that every machine knows the same places
    table = (database / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8")
    countries = (line.split("\t")[1] for line in table.splitlines() if not line.startswith("#"))
    cities = (zone.rpartition("/")[2] for zone in time_zones() if "/" in zone)
    names = (name.partition(" (")[0].replace(" ", "_") for name in (*countries, *cities))
    return frozenset(map(str.casefold, names)) | word_list("place_names", "english")
