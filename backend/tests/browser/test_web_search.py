"""Search in a browser: while one types, by keyboard, and in the address."""

import re

from playwright.sync_api import expect
from support.browser import Screen
from support.people import Person


def test_search_goes_by_keyboard_alone_and_stays_in_the_address(
    screen: Screen, somebody: Person
) -> None:
    somebody.remember("The greenhouse roof leaks.", created_at="2026-05-04T12:00:00Z", salience=0.9)
    somebody.remember("The greenhouse needs glass.", created_at="2026-06-04T12:00:00Z")
    note = {"title": "Greenhouse", "content": "It has a glass roof."}
    somebody.post("/notes", json=note).raise_for_status()
    somebody.until_embedded()
    page = screen.sign_in(somebody.email)
    page.get_by_role("link", name="Settings").first.click()
    page.get_by_role("heading", name="Account", exact=True).wait_for()
    page.keyboard.press("/")
    box = page.get_by_label("Search in notes, memories and summaries")
    expect(box).to_be_focused()
    page.keyboard.type("greenho")
    expect(page.get_by_text("3 results")).to_be_visible()
    expect(page.locator("mark").first).to_have_text(re.compile("greenhouse", re.IGNORECASE))
    expect(page).to_have_url(re.compile(r"q=greenho"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.get_by_role("button", name=re.compile("^Memories")).click()
    expect(page.locator("#hits > li")).to_have_count(2)
    page.get_by_role("button", name=re.compile("^June 2026")).click()
    expect(page.locator("#hits > li")).to_have_count(1)
    page.reload()
    expect(page.locator("#hits > li")).to_have_count(1)
    box.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="A memory")).to_contain_text("needs glass")
    page.keyboard.press("Escape")
    page.go_back()
    page.go_back()
    expect(page).to_have_url(re.compile(r"kind=memory$|month="))
