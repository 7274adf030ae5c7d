"""A day, a week or a month in its own sentences, a quarter as long."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from uuid import UUID

from app.dream import coverage
from app.dream.cues import Kind, kind_of, telling
from app.dream.dates import day_in_words, with_dates
from app.dream.extract import extract
from app.dream.group import Topic, conversations
from app.dream.layout import PEOPLE_AND_THINGS, Section, passages, written_out
from app.dream.material import DayTrace
from app.dream.sentences import Sentence, sentences_of, word_count
from app.language.words import Words

FEWEST_WORDS = 25
MOST_WORDS = 1_200
MOST_NAMES = 8
NAMES_SHARE = 0.08  # of the summary's words
_HEADINGS = {
    Kind.DECISION: "Decisions",
    Kind.PLAN: "Plans",
    Kind.OPEN_QUESTION: "Open questions",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """Readable lines, and the traces that they quote, in the order of the day."""

    text: str
    sources: tuple[UUID, ...]


def summarise(topics: Sequence[Topic], *, words: Words, day: date, share: float = 0.25) -> Summary:
    """What happened by topic, then decisions, plans, open questions, people and things.

    The sentences are the traces' own, whole, with dates for "tomorrow" and its like. The text has at
    most ``share`` of the day's words, at least one sentence though, and never more than
    ``MOST_WORDS``. A section without sentences is left out. Who speaks is said where more than one
    role does. A day that says nothing gives an empty text without sources.
    """
    traces = sorted(
        (trace for topic in topics for trace in topic.traces),
        key=lambda trace: (trace.said_at, trace.trace_id),
    )
    sentences = [_dated(sentence) for sentence in sentences_of(traces, words)]
    last = {talk[-1].trace_id for talk in conversations(traces)}
    kinds = {s.position: kind_of(s, last_words=last) for s in sentences}
    budget = budget_of(traces, share)
    names = _names(traces, words, most_words=int(NAMES_SHARE * budget))
    title = f"{day:%A}, {day_in_words(day)}"

    def lay_out(chosen: Sequence[Sentence]) -> str:
        return written_out(title, [*_sections(chosen, topics, kinds), *names])

    value = {s.position: telling(s, kinds[s.position]) for s in sentences}
    return _fitting(sentences, value, budget=budget, lay_out=lay_out)


def summarise_period(
    parts: Sequence[DayTrace], *, words: Words, title: str, share: float = 0.25
) -> Summary:
    """A week out of its daily summaries, or a month out of its weekly ones: one line for each.

    ``parts`` are traces that hold summaries, and each is known by the first line of its text.
    """
    ordered = sorted(parts, key=lambda part: (part.said_at, part.trace_id))
    bodies = [replace(part, content="\n".join(passages(part.content))) for part in ordered]
    headings = {part.trace_id: part.content.partition("\n")[0] for part in ordered}
    sentences = sentences_of(bodies, words)

    def lay_out(chosen: Sequence[Sentence]) -> str:
        by_part = groupby(chosen, key=lambda sentence: sentence.trace.trace_id)
        return written_out(
            title, [Section(headings[part], _joined(list(said))) for part, said in by_part]
        )

    value = {s.position: telling(s, Kind.HAPPENED) for s in sentences}
    return _fitting(sentences, value, budget=budget_of(ordered, share), lay_out=lay_out)


def budget_of(traces: Sequence[DayTrace], share: float) -> int:
    """How many words a summary of these traces may have."""
    said = sum(word_count(trace.content) for trace in traces)
    return min(max(int(said * share), FEWEST_WORDS), MOST_WORDS)


def _fitting(
    sentences: Sequence[Sentence],
    value: Mapping[int, float],
    *,
    budget: int,
    lay_out: Callable[[Sequence[Sentence]], str],
) -> Summary:
    """Choose less until the page with its title and headings is within the budget."""
    if not sentences:
        return Summary("", ())
    room = budget
    while chosen := coverage.choose(sentences, budget=room, value=value):
        text = lay_out(chosen)
        over = word_count(text) - budget
        if over <= 0:
            return _summary(text, chosen)
        room = min(room, sum(sentence.length for sentence in chosen)) - over
    best = max(sentences, key=lambda sentence: value[sentence.position])
    return _summary(lay_out([best]), [best])


def _summary(text: str, chosen: Sequence[Sentence]) -> Summary:
    return Summary(text, tuple(dict.fromkeys(sentence.trace.trace_id for sentence in chosen)))


def _dated(sentence: Sentence) -> Sentence:
    text = with_dates(sentence.text, sentence.trace.said_at)
    return replace(sentence, text=text, length=word_count(text))


def _sections(
    chosen: Sequence[Sentence], topics: Sequence[Topic], kinds: Mapping[int, Kind]
) -> list[Section]:
    """Decisions, plans and open questions have a section each, all else stands by its topic."""
    roles = {trace.role for topic in topics for trace in topic.traces}
    topic_of = {trace.trace_id: topic.label for topic in topics for trace in topic.traces}
    by_heading: dict[str, list[Sentence]] = {}
    labels = [topic.label for topic in topics]
    for heading in (*labels, *_HEADINGS.values()):
        by_heading[heading] = []
    for sentence in chosen:
        heading = _HEADINGS.get(kinds[sentence.position]) or topic_of[sentence.trace.trace_id]
        by_heading[heading].append(sentence)
    say = _with_speakers if len(roles) > 1 else _joined
    return [Section(heading, say(said)) for heading, said in by_heading.items() if said]


def _joined(sentences: Sequence[Sentence]) -> str:
    return " ".join(_closed(sentence.text) for sentence in sentences)


def _with_speakers(sentences: Sequence[Sentence]) -> str:
    """``User: I moved. Assistant: Congratulations.``"""
    return " ".join(
        f"{role.capitalize()}: {_joined(list(said))}"
        for role, said in groupby(sentences, key=lambda sentence: sentence.trace.role)
    )


def _closed(text: str) -> str:
    """A sentence that lacks its full stop gets one: it stands in a line with others now."""
    return text if text[-1] in ".!?…:。！？\"”')" else f"{text}."


def _names(traces: Sequence[DayTrace], words: Words, *, most_words: int) -> list[Section]:
    """Whom and what the day speaks of most."""
    extraction = extract(traces, words=words)
    weight: dict[str, float] = {}
    for mention in extraction.mentions:
        weight[mention.entity] = weight.get(mention.entity, 0.0) + mention.weight
    names: list[str] = []
    for name in sorted(weight, key=lambda name: (-weight[name], name)):
        if word_count(" ".join([*names, name])) <= most_words - 3 and len(names) < MOST_NAMES:
            names.append(name)
    return [Section(PEOPLE_AND_THINGS, ", ".join(names))] if names else []
