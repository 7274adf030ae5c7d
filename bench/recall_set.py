"""Question sets with known evidence: each question names the turns that answer it."""

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter, ValidationError

GZIP_MAGIC = b"\x1f\x8b"

Name = Annotated[str, BeforeValidator(str)]  # some sets number their turns or categories


class RecallSetError(Exception):
    """The file is not in the form of a recall set."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message; ``at`` is an ISO 8601 time."""

    id: Name
    session: Name
    role: str
    text: str
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the ids of all turns that together answer it, and when it is asked."""

    id: Name
    text: str
    category: Name
    gold: tuple[Name, ...]
    at: str | None = None


@dataclass(frozen=True, slots=True)
class WrittenFact:
    """What an annotator noted down out of some turns of a session."""

    session: Name
    text: str
    turns: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one person said in all their sessions, in order, and what is asked about it.

    ``summaries``, by session, and ``facts`` are other people's work on it, where a set has them.
    """

    id: Name
    turns: tuple[Turn, ...]
    questions: tuple[Question, ...]
    summaries: Mapping[Name, str] = field(default_factory=dict)
    facts: tuple[WrittenFact, ...] = ()


@dataclass(frozen=True, slots=True)
class RecallSet:
    """A named set; ``skipped`` questions were left out because they name no evidence."""

    name: str
    conversations: tuple[Conversation, ...]
    skipped: int = 0

    @property
    def turns(self) -> int:
        return sum(len(conversation.turns) for conversation in self.conversations)

    @property
    def questions(self) -> int:
        return sum(len(conversation.questions) for conversation in self.conversations)

    @property
    def unknown_gold(self) -> int:
        """Evidence that names no turn of its conversation: it can never be found."""
        return sum(
            len(set(question.gold) - {turn.id for turn in conversation.turns})
            for conversation in self.conversations
            for question in conversation.questions
        )


_FILE: TypeAdapter[RecallSet] = TypeAdapter(RecallSet)


def load(path: Path, *, conversations: int | None = None) -> RecallSet:
    """Read ``.json`` or ``.json.gz``, keeping the first ``conversations`` of it, all by default.

    Questions without gold are dropped and counted; gold that is named twice is kept once.

    Raises:
        RecallSetError: the file cannot be read or is no recall set.
    """
    try:
        raw = path.read_bytes()
        whole = _FILE.validate_json(gzip.decompress(raw) if raw.startswith(GZIP_MAGIC) else raw)
    except (OSError, EOFError, zlib.error) as error:
        raise RecallSetError(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        first = f"{'.'.join(map(str, problems[0]['loc']))}: {problems[0]['msg']}"
        raise RecallSetError(f"{path} is no recall set: {first}") from error
    kept = whole.conversations[:conversations]
    asked = sum(len(conversation.questions) for conversation in kept)
    answerable = replace(whole, conversations=tuple(map(_answerable, kept)))
    return replace(answerable, skipped=asked - answerable.questions)


def _answerable(conversation: Conversation) -> Conversation:
    questions = (
        replace(question, gold=tuple(dict.fromkeys(question.gold)))
        for question in conversation.questions
        if question.gold
    )
    return replace(conversation, questions=tuple(questions))
