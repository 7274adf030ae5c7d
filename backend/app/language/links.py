"""``[[Title]]`` and ``[[Title|shown]]`` in a note's text: what is linked, and a link under a new title.

A title may hold single brackets. It holds no ``[[``, ``]]`` or ``|`` and no line break, or no link could
name it.
"""

import re
import unicodedata
from collections.abc import Iterator

MAX_TITLE_CHARACTERS = 200

# A link begins at the first of its brackets and ends at the last: those between are part of the title.
_PART = r"(?!\[\[|\]\](?!\]))[^|\n\r]"
_LINK = re.compile(
    rf"(?<!\[)\[\[(?P<title>(?:{_PART}){{1,{MAX_TITLE_CHARACTERS}}})"
    rf"(?P<shown>\|(?:(?:{_PART})|\|)*)?\]\](?!\])"
)
_UNLINKABLE = re.compile(r"\[\[|\]\]|\|")


def title_key(title: str) -> str:
    """What titles have in common that mean the same note: case and white space do not count."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", title).casefold())
    return " ".join(folded.split())


def is_linkable(title: str) -> bool:
    """Whether a link can name this title."""
    return not _UNLINKABLE.search(title) and title == " ".join(title.split()) != ""


def linked_keys(text: str) -> set[str]:
    """The keys of the titles that a text links to."""
    return {key for _, key in _links(text)}


def relinked(text: str, key: str, title: str) -> str:
    """The text with every link to the title of ``key`` leading to ``title``; what a link shows instead
    of its title stays."""
    parts: list[str] = []
    end = 0
    for match, found in _links(text):
        if found == key:
            written = match["title"]
            start = match.start("title") + len(written) - len(written.lstrip())
            parts += [text[end:start], title]
            end = start + len(written.strip())
    return "".join([*parts, text[end:]])


def line_linking(text: str, key: str) -> str | None:
    """The first line of a text that links to the title of ``key``."""
    place = next((match.start() for match, found in _links(text) if found == key), None)
    if place is None:
        return None
    begin = text.rfind("\n", 0, place) + 1
    return text[begin:].split("\n", maxsplit=1)[0].strip()


def _links(text: str) -> Iterator[tuple[re.Match[str], str]]:
    for match in _LINK.finditer(text):
        if key := title_key(match["title"]):
            yield match, key
