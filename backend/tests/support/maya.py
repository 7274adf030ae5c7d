"""The demo's month in the life of Maya as a recall set: made up, and so free to be kept here."""

from datetime import UTC, datetime

from app.demo import MONTH
from recall_set import Conversation, Question, RecallSet, Turn

TODAY = datetime(2026, 6, 1, tzinfo=UTC)

# Each question with the beginnings of all lines that together answer it.
ASKED = {
    "What must I not cook for Ana?": ("My sister Ana is allergic",),
    "Which nuts can my sister eat?": ("Only peanuts. Almonds are fine",),
    "What did the vet say about the leg of Biscuit?": ("Back from the vet.",),
    "May Biscuit climb stairs?": ("Biscuit must not climb stairs", "Last check with Dr. Moreira"),
    "Where is our studio now?": ("Our studio is now in", "We found a place"),
    "How much does the rent of the studio rise?": ("Jonas and I are thinking of moving",),
    "What did we promise the city council?": ("We promised the city council",),
    "Which variant did the council choose?": ("The council chose the boardwalk",),
    "When is the concert?": ("The student concert is",),
    "What is special about the Sunday stew?": (
        "Cooked the chickpea stew",
        "The trick was to roast",
    ),
    "Which book have I read, and whose is it?": ("Finished The Summer Book", "Lena lent it to me"),
    "Why did my head ache?": ("I have had a headache", "The headache is gone"),
    "What does father get for his birthday?": ("Father's 70th",),
}


def maya() -> RecallSet:
    """63 turns in 17 sessions, and 13 questions."""
    turns = tuple(
        Turn(
            id=f"{session.days_ago}/{number}",
            session=said["source"]["conversation_id"],
            role=said["role"],
            text=said["content"],
            at=said["created_at"],
        )
        for session in MONTH
        for number, said in enumerate(session.traces(TODAY))
    )
    questions = tuple(
        Question(
            id=text,
            text=text,
            category="several" if len(lines) > 1 else "one",
            gold=tuple(turn.id for turn in turns if turn.text.startswith(lines)),
            at=TODAY.isoformat(),
        )
        for text, lines in ASKED.items()
    )
    return RecallSet("maya", (Conversation("maya", turns, questions),))
