"""How a summary looks on the page, and how one is read again when a week is made of days."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_HEADING = re.compile(r"^[^:]{1,60}: ")
PEOPLE_AND_THINGS = "People and things"


@dataclass(frozen=True, slots=True)
class Section:
    """One line under a heading."""

    heading: str
    text: str


def written_out(title: str, sections: Iterable[Section]) -> str:
    """The title, then a line a section: ``Plans: We are going to paint the guest room.``"""
    return "\n".join([title, *(f"{section.heading}: {section.text}" for section in sections)])


def passages(summary: str) -> Iterator[str]:
    """What a summary says, line by line, without its title, its headings and its list of names."""
    for line in summary.splitlines()[1:]:
        if not line.startswith(f"{PEOPLE_AND_THINGS}: "):
            yield _HEADING.sub("", line, count=1)
