"""The memory in a browser: recalled, taken apart, corrected, pinned, forgotten, dreamt of."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import text
from support.browser import ADMIN, Screen
from support.databases import looking_into
from support.people import Person, until

from app.settings import Settings

CHAT = {"type": "chat", "conversation_id": "c"}
ONE_PRUNED = """
    INSERT INTO pruned_trace (user_id, id, created_at, source, pruned_at, made)
    VALUES (CAST(:me AS uuid), gen_random_uuid(), '2026-06-01T12:00:00Z',
        jsonb_build_object('type', 'chat'), now(), '{}')
"""
# What the picture of the graph draws over everything else is the node that one looks at.
IS_FOCUS_IN_SIGHT = """() => {
  const over = document.querySelector(".sigma-hovers");
  const pixels = over.getContext("2d").getImageData(0, 0, over.width, over.height).data;
  return pixels.some((value) => value > 0);
}"""


def say(somebody: Person, *lines: str, **fields: Any) -> None:
    somebody.remember_many(
        [{"content": line, "salience": 0.9, "source": CHAT, **fields} for line in lines]
    )
    somebody.until_embedded()


def ask(page: Page, question: str) -> None:
    page.get_by_label("What do you want to remember?").fill(question)
    page.get_by_role("button", name="Recall").click()


def test_a_recall_shows_its_scores_and_edges_and_is_in_the_address(
    screen: Screen, somebody: Person
) -> None:
    say(somebody, "Ana is allergic to peanuts.", "She carries an adrenaline pen.")
    page = screen.sign_in(somebody.email)
    ask(page, "peanuts")
    first = page.get_by_role("listitem").filter(has_text="Ana is allergic to peanuts.").first
    expect(first.get_by_text("meaning", exact=True)).to_be_visible()
    expect(first.get_by_text(re.compile(r"^0\.\d{3}$")).first).to_be_visible()
    expect(first.get_by_role("link", name="She carries an adrenaline pen.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/memory/recall\?q=peanuts"))
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text="peanuts").first).to_be_visible()


def test_a_memory_is_pinned_weighed_and_corrected(screen: Screen, somebody: Person) -> None:
    say(somebody, "Ana is allergic to peanuts.")
    page = screen.sign_in(somebody.email)
    ask(page, "peanuts")
    page.get_by_role("link", name="Open: Ana is allergic").click()
    dialog = page.get_by_role("dialog", name="A memory")
    dialog.get_by_role("button", name="Pin").click()
    expect(dialog.get_by_role("button", name="Unpin")).to_be_visible()
    dialog.get_by_label("Salience").fill("0.5")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved how much it matters.")).to_be_visible()
    dialog.get_by_role("button", name="Correct").click()
    dialog.get_by_label("What it should say").fill("Ana is allergic to hazelnuts.")
    dialog.get_by_role("button", name="Save the correction").click()
    expect(page.get_by_text("Corrected.")).to_be_visible()
    expect(dialog.get_by_text("Ana is allergic to hazelnuts.")).to_be_visible()
    (stored,) = somebody.get("/memory/episodes").json()["episodes"]
    assert (stored["content"], stored["pinned"], round(stored["salience"], 2)) == (
        "Ana is allergic to hazelnuts.",
        True,
        0.5,
    )
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_memory_is_forgotten_after_a_preview(screen: Screen, somebody: Person) -> None:
    say(somebody, "The safe opens with a word.", "We went home.")
    page = screen.sign_in(somebody.email)
    ask(page, "safe")
    page.get_by_role("link", name="Open: The safe opens").click()
    dialog = page.get_by_role("dialog", name="A memory")
    dialog.get_by_role("button", name="Forget", exact=True).click()
    expect(dialog.get_by_text("1 memory")).to_be_visible()
    assert somebody.get("/memory/stats").json()["traces"] == 2, "a preview forgets nothing"
    dialog.get_by_role("button", name="Forget for good").click()
    expect(dialog.get_by_text("Forgotten.")).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_text("The safe opens with a word.")).to_have_count(0)
    assert somebody.get("/memory/stats").json()["traces"] == 1
    page.get_by_role("link", name="Forgetting").click()
    expect(page.get_by_text("single memories")).to_be_visible()


def test_what_a_question_finds_is_shown_before_it_is_forgotten(
    screen: Screen, somebody: Person
) -> None:
    say(somebody, *(f"The safe opens with word {n}.\nNobody else knows." for n in range(12)))
    page = screen.sign_in(somebody.email)
    page.get_by_role("link", name="Forgetting").click()
    page.get_by_label("What is it about?").fill("safe")
    page.get_by_label("At most").fill("12")
    page.get_by_role("button", name="Show what would go").click()
    dialog = page.get_by_role("dialog", name="Forget for good")
    would_go = dialog.get_by_role("list", name="Memories that would go").get_by_role("listitem")
    expect(would_go).to_have_count(11)
    expect(would_go.first).to_contain_text("The safe opens with word")
    expect(would_go.last).to_have_text("and 2 more")
    height = would_go.first.evaluate("row => row.clientHeight")
    assert height < 30, "one line each"


def test_a_day_of_which_all_has_faded_for_good_is_forgotten(
    screen: Screen, somebody: Person, web_settings: Settings
) -> None:
    me = somebody.get("/auth/me").json()["id"]
    with looking_into(web_settings) as connection:
        connection.execute(text(ONE_PRUNED), {"me": me})
    page = screen.sign_in(somebody.email)
    page.get_by_role("link", name="Forgetting").click()
    page.get_by_label("A span of days").check()
    page.get_by_label("From").fill("2026-06-01")
    page.get_by_label("Until and with").fill("2026-06-01")
    page.get_by_role("button", name="Show what would go").click()
    dialog = page.get_by_role("dialog", name="Forget for good")
    expect(dialog.get_by_text("1 memory that had faded for good")).to_be_visible()
    dialog.get_by_role("button", name="Forget for good").click()
    expect(dialog.get_by_text("Forgotten.")).to_be_visible()


def test_the_dream_tells_its_night_and_fills_timeline_graph_and_summary(
    screen: Screen, web_admin: Person
) -> None:
    days = range(1, 5)
    for day in days:
        say(
            web_admin,
            f"I met Ana at the greenhouse in Porto, visit {day}.",
            "The greenhouse roof leaks again.",
            created_at=f"2026-06-0{day}T12:00:00Z",
        )
    page = screen.sign_in(ADMIN)
    page.get_by_role("link", name="Last night").click()
    page.get_by_role("button", name="Dream now").click()
    expect(page.get_by_text(re.compile(r"Dreamt of \d+ days"))).to_be_visible()
    expect(page.get_by_text(re.compile("memories read")).first).to_be_visible()
    page.get_by_role("button", name="Dream now").click()
    expect(page.get_by_text("There was nothing left to dream of.")).to_be_visible()
    page.get_by_role("link", name="Timeline").click()
    day = page.get_by_role("article").first
    expect(day).to_contain_text("Thursday, 4 June 2026")
    day.get_by_role("button", name="What it was made from").click()
    sources = day.get_by_role("list", name=re.compile("Sources of the summary"))
    expect(sources.get_by_role("listitem")).to_have_count(2)
    sources.get_by_role("link", name=re.compile("^Open: ")).first.click()
    dialog = page.get_by_role("dialog", name="A memory")
    expect(dialog.get_by_role("button", name="Correct")).to_be_visible()
    summed_up = dialog.get_by_role("listitem").filter(has_text="summed up in")
    summed_up.first.get_by_role("link").click()
    expect(dialog.get_by_text("sums up").first).to_be_visible()
    expect(dialog.get_by_role("button", name="Forget")).to_be_visible()
    expect(dialog.get_by_role("button", name="Correct")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Knowledge graph").click()
    nodes = page.get_by_role("region", name="Nodes of the graph")
    page.get_by_label("Find in the graph").fill("Porto")
    nodes.get_by_role("button", name=re.compile("^Porto")).press("Enter")
    expect(page.get_by_role("heading", name="Porto")).to_be_focused()
    page.wait_for_function(IS_FOCUS_IN_SIGHT)
    expect(page.get_by_role("region", name="Tied to").get_by_role("button").first).to_be_visible()
    page.get_by_role("link", name="Insights").click()
    page.get_by_role("button", name="Of use", exact=True).first.click()
    useful = page.get_by_role("button", name="Of use", exact=True).first
    expect(useful).to_have_attribute("aria-pressed", "true")


def test_what_has_faded_is_listed_and_comes_back(
    screen: Screen, somebody: Person, fade: Callable[[str], None]
) -> None:
    kept = somebody.remember("ok, thanks pelican", salience=0.1)
    fade(kept)
    page = screen.sign_in(somebody.email)
    page.get_by_role("link", name="Last night").click()
    page.get_by_role("button", name="Bring back").click()
    expect(page.get_by_text("Nothing has faded.")).to_be_visible()
    assert somebody.get(f"/memory/traces/{kept}").json()["faded_at"] is None


def test_of_very_much_that_has_faded_all_is_within_reach(
    screen: Screen, somebody: Person, fade: Callable[[str], None]
) -> None:
    for trace in somebody.remember_many([{"content": f"Faded thing {n}."} for n in range(130)]):
        fade(trace)
    page = screen.sign_in(somebody.email)
    page.get_by_role("link", name="Last night").click()
    faded = page.get_by_role("region", name="Faded, and can come back")
    row = faded.locator("li").first
    expect(row).to_have_attribute("aria-setsize", "130")
    assert faded.locator("li").count() < 60, "only what is in sight is drawn"
    faded.focus()
    last = faded.locator("li[aria-posinset='130']")

    def is_at_the_end() -> bool:
        page.keyboard.press("End")
        return last.count() == 1

    until(is_at_the_end)
    last.get_by_role("button", name="Bring back").click()
    expect(row).to_have_attribute("aria-setsize", "129")
