"""Settings in a browser: account, keys, models, everything out and in again, and the end."""

import json
import re
from contextlib import closing
from pathlib import Path

from playwright.sync_api import expect
from support.browser import ADMIN, Screen
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import PASSWORD, Person

from app.main import create_app
from app.settings import Settings


def test_the_time_zone_moves_the_days(screen: Screen, somebody: Person) -> None:
    somebody.remember("Late.", created_at="2026-03-10T23:30:00Z")
    page = screen.sign_in(somebody.email)
    expect(page.get_by_role("article")).to_contain_text("Tuesday, 10 March 2026")
    page.get_by_role("link", name="Settings").first.click()
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Memory").first.click()
    expect(page.get_by_role("article")).to_contain_text("Wednesday, 11 March 2026")


def test_an_export_comes_back_into_another_account(
    screen: Screen, somebody: Person, web: str, tmp_path: Path
) -> None:
    somebody.remember_many([{"content": "One."}, {"content": "Two."}])
    page = screen.sign_in(somebody.email)
    page.get_by_role("link", name="Settings").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export everything").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    kinds = [json.loads(line)["kind"] for line in file.read_text().splitlines()]
    assert kinds.count("trace") == 2
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("sign-in"))
    with closing(Person(web)) as other:
        screen.sign_in(other.email)
        page.get_by_role("link", name="Settings").first.click()
        page.get_by_label("The file to import").set_input_files(file)
        expect(page.get_by_text("2 memories imported")).to_be_visible()
        assert other.get("/memory/stats").json()["traces"] == 2


def test_a_key_is_shown_once_and_works_until_it_is_removed(
    screen: Screen, somebody: Person
) -> None:
    page = screen.sign_in(somebody.email)
    page.get_by_role("link", name="Settings").first.click()
    page.get_by_role("button", name="Make a key").click()
    making = page.get_by_role("dialog", name="Make a key")
    making.get_by_label("What it is for").fill("my agent")
    making.get_by_role("button", name="Make a key").click()
    key = page.get_by_role("dialog", name="Your new key").locator("code").inner_text()
    with closing(Person(screen.url)) as agent:
        agent.headers["Authorization"] = f"Bearer {key}"
        assert agent.get("/memory/stats").status_code == 200
        page.get_by_role("button", name="Close").last.click()
        page.get_by_role("button", name="Remove the key my agent").click()
        expect(page.get_by_text("There are no keys.")).to_be_visible()
        assert agent.get("/memory/stats").status_code == 401


def test_the_models_are_tested_truthfully_and_survive_a_restart(
    screen: Screen, web_admin: Person, web_settings: Settings
) -> None:
    page = screen.sign_in(ADMIN)
    page.get_by_role("link", name="Settings").first.click()
    llm = page.get_by_role("form", name="Language model")
    nowhere = "http://localhost:9/v1"
    llm.get_by_label("Address").fill(nowhere)
    llm.get_by_label("Model").fill("some-model")
    llm.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The models are in use.")).to_be_visible()
    page.get_by_role("button", name="Test both").click()
    expect(page.get_by_text("Does not work")).to_be_visible()
    expect(page.get_by_text("Answers")).to_be_visible()
    with serving(create_app(web_settings, embedder=HashingEmbedder())) as restarted:
        other = Screen(page.context.new_page(), restarted)
        other.sign_in(ADMIN)
        other.open("/settings")
        again = other.page.get_by_role("form", name="Language model")
        expect(again.get_by_label("Address")).to_have_value(nowhere)
        expect(again.get_by_label("Model")).to_have_value("some-model")
        other.page.close()
    assert other.errors == []
    llm.get_by_label("Address").fill("")
    llm.get_by_role("button", name="Save").click()
    expect(llm.get_by_label("Address")).to_have_value("")


def test_an_account_is_erased_with_its_password_only(screen: Screen, somebody: Person) -> None:
    page = screen.sign_in(somebody.email)
    page.get_by_role("link", name="Settings").first.click()
    page.get_by_role("button", name="Erase my account").click()
    dialog = page.get_by_role("dialog", name="Erase the account")
    dialog.get_by_label("Password").fill("not the password")
    dialog.get_by_role("button", name="Erase everything").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    screen.expect_error("401")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Erase everything").click()
    page.wait_for_url(re.compile("sign-in"))
    assert somebody.get("/auth/me").status_code == 401
