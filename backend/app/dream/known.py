"""Finds what earlier days already knew in today's words."""

import re
from collections.abc import Iterable, Iterator

from app.dream.entities import Entity
from app.language.words import Words

LONGEST = 5
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


class KnownEntities:
    """Names match as they are written, with their capital; phrases in small letters by their stems."""

    def __init__(self, known: Iterable[Entity], words: Words) -> None:
        self._words = words
        self._names: dict[str, str] = {}
        self._phrases: dict[tuple[str, ...], str] = {}
        for entity in known:
            for name in (entity.name, *entity.aliases):
                if name.islower():
                    self._phrases.setdefault(tuple(words.terms(name)), entity.name)
                else:
                    self._names.setdefault(name.casefold(), entity.name)
        self._phrases.pop((), None)

    def named_in(self, text: str) -> Iterator[str]:
        """The names of the known entities that ``text`` speaks of, the longest match at each place."""
        if not self._names and not self._phrases:
            return
        found = [(match.start(), match.end()) for match in _WORD.finditer(text)]
        at = 0
        while at < len(found):
            for size in range(min(LONGEST, len(found) - at), 0, -1):
                name = self._name(text[found[at][0] : found[at + size - 1][1]])
                if name is not None:
                    yield name
                    at += size
                    break
            else:
                at += 1

    def _name(self, written: str) -> str | None:
        plain = written.removesuffix("'s").removesuffix("’s")
        if plain[:1].isupper() and plain.casefold() in self._names:
            return self._names[plain.casefold()]
        return self._phrases.get(tuple(self._words.terms(written))) if self._phrases else None
