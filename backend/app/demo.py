"""A month in the life of Maya, told to a service that has just started, dreamt of and asked about."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import typer

from app.errors import StartupError
from app.settings import Settings

DEMO_FOLDER = Path(".data-demo")
EMAIL = "maya@example.com"
BETWEEN_LINES = timedelta(minutes=2)
QUESTIONS = (
    "What must I not cook for Ana?",
    "Where is our studio now?",
    "What did the vet say about Biscuit?",
    "What did we promise the city council?",
)


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation: what was said so many days ago, from ``start`` (UTC) on, in turn.

    A line that begins with ``>`` is the assistant's.
    """

    days_ago: int
    start: time
    topic: str
    lines: tuple[str, ...]

    def traces(self, today: datetime) -> Iterator[dict[str, Any]]:
        """As ``POST /memory/traces`` takes them."""
        moment = datetime.combine(today.date() - timedelta(days=self.days_ago), self.start, UTC)
        for line in self.lines:
            yield {
                "content": line.removeprefix("> "),
                "role": "assistant" if line.startswith("> ") else "user",
                "created_at": moment.isoformat(),
                "source": {"type": "chat", "conversation_id": f"{self.days_ago:02}-{self.topic}"},
            }
            moment += BETWEEN_LINES


MONTH = (
    Session(
        30,
        time(7, 40),
        "first-coffee",
        (
            "Good morning! I'm Maya, I design parks and I live in Porto with my dog Biscuit.",
            "> Nice to meet you, Maya. What shall I keep an eye on for you?",
            "The harbour park, my cello lessons and the family's birthdays: I forget all three.",
            "I drink two espressos before nine, never more, or I cannot sleep.",
        ),
    ),
    Session(
        29,
        time(18, 15),
        "family",
        (
            "My sister Ana is allergic to peanuts, badly: she carries an adrenaline pen.",
            "> Noted. Does that go for other nuts too?",
            "Only peanuts. Almonds are fine, she lives on my almond cake.",
            "Ana's birthday is on the fourth, and our father Henrik turns 70 in the spring.",
        ),
    ),
    Session(
        27,
        time(9, 5),
        "harbour-park",
        (
            "The harbour park has 2.4 hectares, and a third of it is under water at spring tide.",
            "We promised the city council a path that stays dry on at least 350 days a year.",
            "> Who is your contact at the council?",
            "Inês Tavares. She answers e-mail only before ten in the morning.",
        ),
    ),
    Session(
        26,
        time(19, 30),
        "cello",
        (
            "Started the second cello suite today, the prelude is harder than it sounds.",
            "My teacher Tomasz wants me to practise it at half tempo for a whole week.",
            "Lessons are on Wednesdays at seven.",
        ),
    ),
    Session(
        24,
        time(8, 20),
        "biscuit",
        (
            "Biscuit was limping on her left hind leg this morning.",
            "> Shall I remind you to call the vet?",
            "Already did: Dr. Moreira can see her on Friday at four.",
        ),
    ),
    Session(
        22,
        time(17, 10),
        "vet",
        (
            "Back from the vet. Dr. Moreira says it is a strained ligament, nothing torn.",
            "Biscuit must not climb stairs for three weeks and gets a tablet with her breakfast.",
            "The bill was 86 euros, and the insurance pays half of it.",
        ),
    ),
    Session(
        20,
        time(11, 45),
        "studio",
        (
            "Our studio is at Rua do Almada, on the third floor, and the lift is broken again.",
            "Jonas and I are thinking of moving out; the rent rises by 18 percent in January.",
            "> What would the new place need?",
            "Daylight, a workshop for models, and a dog-friendly landlord.",
        ),
    ),
    Session(
        18,
        time(20, 50),
        "cooking",
        (
            "Cooked the chickpea stew with preserved lemon, the best one so far.",
            "The trick was to roast the cumin first and to add the spinach off the heat.",
            "> Shall I keep that as a recipe?",
            "Yes, call it the Sunday stew.",
        ),
    ),
    Session(
        16,
        time(9, 30),
        "harbour-park",
        (
            "Inês moved the council meeting from the 12th to the 19th.",
            "She wants to see two variants: one with the boardwalk, one with stepping stones.",
            "I prefer the boardwalk, Jonas prefers the stones because they cost half as much.",
        ),
    ),
    Session(
        15,
        time(21, 5),
        "reading",
        (
            "Finished The Summer Book by Tove Jansson. I cried on the tram.",
            "Lena lent it to me, I have to give it back before she leaves for Oslo.",
        ),
    ),
    Session(
        13,
        time(12, 20),
        "studio",
        (
            "We found a place: an old sail loft in Rua de Miragaia, all windows to the north.",
            "The landlord has two greyhounds, so Biscuit is welcome.",
            "We sign tomorrow and move at the weekend.",
        ),
    ),
    Session(
        11,
        time(18, 40),
        "moving",
        (
            "Our studio is now in Rua de Miragaia, we moved everything in eleven hours.",
            "The plan chest did not fit through the door, so it stands in Jonas's garage.",
            "> Does anyone need the new address?",
            "Inês at the council, the printers, and the tax office, in that order.",
        ),
    ),
    Session(
        9,
        time(19, 45),
        "cello",
        (
            "Tomasz said the prelude breathes now. I could have hugged him.",
            "The student concert is on the 28th in the chapel, I play fourth.",
            "I need a black dress that I can move my arms in.",
        ),
    ),
    Session(
        7,
        time(10, 15),
        "harbour-park",
        (
            "The council chose the boardwalk! With oak from the old shipyard.",
            "> Congratulations. What comes next?",
            "The tide survey, and then the tender before the end of next month.",
            "Jonas took it well, he only asked for stepping stones at the pond.",
        ),
    ),
    Session(
        5,
        time(8, 10),
        "health",
        (
            "I have had a headache three afternoons in a row.",
            "> You mentioned that you have four espressos a day since the move.",
            "True. Back to two from tomorrow, and a walk at lunch.",
        ),
    ),
    Session(
        4,
        time(16, 30),
        "biscuit",
        (
            "Last check with Dr. Moreira: Biscuit may climb stairs again.",
            "No more tablets. She ate the whole packet of treats to celebrate.",
        ),
    ),
    Session(
        2,
        time(20, 20),
        "family",
        (
            "Ana is coming for dinner on Saturday with Rui and the baby.",
            "I'll make the Sunday stew and the almond cake, and hide the peanut butter.",
            "> Anything to bring up with her?",
            "Father's 70th: we want to give him the train journey to Bergen.",
        ),
    ),
    Session(
        1,
        time(17, 55),
        "yesterday",
        (
            "The headache is gone since I'm back to two espressos.",
            "Lena leaves for Oslo on Thursday: bring her the book and a jar of lemons.",
        ),
    ),
)


def demo_settings(settings: Settings) -> Settings:
    """On a folder and servers of the demo's own, whatever databases the environment names."""
    told = "sara_data_dir" in settings.model_fields_set
    folder = settings.sara_data_dir if told else DEMO_FOLDER
    own = {
        "sara_data_dir": folder,
        "database_url": None,
        "redis_url": None,
        "admin_emails": (EMAIL,),
    }
    return settings.model_copy(update=own)


async def tell_story(url: str) -> None:
    """Sign Maya up at ``url``, tell her month, dream of it, ask about it, and print all that.

    Raises:
        StartupError: the service did not take it.
    """
    password = secrets.token_urlsafe(9)
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=120) as client:
            account = await _answer(
                client, "POST", "/auth/signup", json={"email": EMAIL, "password": password}
            )
            client.headers["Authorization"] = f"Bearer {account['access_token']}"
            traces = [trace for session in MONTH for trace in session.traces(datetime.now(UTC))]
            await _answer(client, "POST", "/memory/traces", json=traces)
            typer.echo(f"\nRemembered {len(traces)} things that Maya said in {len(MONTH)} talks.")
            await _dream(client)
            for question in QUESTIONS:
                recalled = await _answer(
                    client, "GET", "/memory/recall", params={"q": question, "k": 3}
                )
                _print_recall(question, recalled)
    except httpx.HTTPError as error:
        raise StartupError(f"The demo could not talk to {url}: {error}") from error
    typer.echo(
        f"\nSara Memory is running on {url}: open it in a browser\n"
        f"Log in as {EMAIL} with the password {password}\nCtrl-C stops it.\n"
    )


async def _dream(client: httpx.AsyncClient) -> None:
    """Every night of the month at once, and what came of the latest."""
    dreamt = await _answer(client, "POST", "/memory/consolidate", json={})
    summary = await _answer(client, "GET", f"/memory/traces/{dreamt['summary_trace']}")
    noticed = await _answer(client, "GET", "/memory/insights", params={"per_page": 3})
    typer.echo(
        f"Dreamt of it in {len(dreamt['runs'])} runs, which drew {dreamt['edges_created']} edges.\n"
    )
    typer.secho("The latest day, summed up", bold=True)
    typer.echo(f"{_indented(summary['content'])}\n")
    typer.secho("What was noticed", bold=True)
    for insight in noticed["insights"]:
        typer.echo(_indented(insight["text"]))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


async def _answer(
    client: httpx.AsyncClient, method: str, path: str, **request: Any
) -> dict[str, Any]:
    response = await client.request(method, path, **request)
    if response.is_error:
        raise StartupError(f"The demo's {method} {path} was refused: {response.text}")
    answer: dict[str, Any] = response.json()
    return answer


def _print_recall(question: str, recalled: dict[str, Any]) -> None:
    typer.secho(f"\n{question}", bold=True, nl=False)
    typer.echo(f"  ({recalled['took_ms']['total']:.0f} ms)")
    for result in recalled["results"]:
        day = datetime.fromisoformat(result["created_at"]).strftime("%d %b")
        typer.echo(f"  {result['score']:.2f}  {day}  {result['content']}")
