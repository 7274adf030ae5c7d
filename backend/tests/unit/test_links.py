"""Links in a note's text: found as they are meant, and renamed without touching anything else."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.language.links import (
    MAX_TITLE_CHARACTERS,
    is_linkable,
    line_linking,
    linked_keys,
    relinked,
    title_key,
)

# Text in which brackets and bars are as frequent as letters, and titles that a link can name.
MESS = st.text(alphabet="ab []|\n\rÄß\u2028\u00a0", max_size=40)
TITLES = st.text(alphabet="abc []ÄßИ\u0301", min_size=1, max_size=12).filter(is_linkable)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("See [[Boats]] and [[ the  HARBOUR ]].", {"boats", "the harbour"}),
        ("[[Boats|the wooden ones]]", {"boats"}),
        ("[[Boats|one | two]]", {"boats"}),
        ("[[[draft] Boats]] and [[Boats [old]]]", {"[draft] boats", "boats [old]"}),
        ("[[]] [[ ]] [[a\nb]] [Boats] [[|x]]", set()),
        ("[[not closed and [[Boats]]", {"boats"}),
        ("[[Boats]][[Harbour]]", {"boats", "harbour"}),
        ("[[" + "x" * (MAX_TITLE_CHARACTERS + 1) + "]]", set()),
    ],
)
def test_links_are_found(text: str, keys: set[str]) -> None:
    assert linked_keys(text) == keys


def test_a_renamed_link_keeps_what_it_shows_and_its_spaces() -> None:
    text = "[[boats]], [[ Boats |the wooden ones]] and [[Boatswain]]"
    assert relinked(text, "boats", "Ships") == (
        "[[Ships]], [[ Ships |the wooden ones]] and [[Boatswain]]"
    )


def test_titles_that_look_alike_are_the_same() -> None:
    assert title_key("Caf\u0065\u0301  Straße") == title_key("CAFÉ STRASSE")


@given(before=MESS, after=MESS, shown=st.none() | st.just("x | y"), old=TITLES, new=TITLES)
@example(before="[", after="]", shown=None, old="a", new="b]")
def test_renaming_then_reading_gives_the_new_title(
    before: str, after: str, shown: str | None, old: str, new: str
) -> None:
    assume(title_key(old) != title_key(new))
    text = f"{before}[[{old}{'' if shown is None else f'|{shown}'}]]{after}"
    keys = linked_keys(text)
    assume(title_key(old) in keys)
    renamed = relinked(text, title_key(old), new)
    assert linked_keys(renamed) == (keys - {title_key(old)}) | {title_key(new)}


@given(text=st.lists(MESS | TITLES.map("[[{}]]".format)).map("".join), old=TITLES, new=TITLES)
def test_renaming_touches_no_other_text(text: str, old: str, new: str) -> None:
    assume(title_key(old) != title_key(new))
    renamed = relinked(text, title_key(old), new)
    if title_key(old) not in linked_keys(text):
        assert renamed == text
    if title_key(new) not in linked_keys(text):
        back = relinked(renamed, title_key(new), old)
        assert title_key(back) == title_key(text), "but for the case in which the title was written"


@given(text=MESS)
def test_whatever_the_text_every_link_has_a_line(text: str) -> None:
    for key in linked_keys(text):
        line = line_linking(text, key)
        assert line is not None
        assert key in linked_keys(line)
    assert line_linking(text, "no such title") is None


@given(title=TITLES)
def test_a_linkable_title_can_be_linked(title: str) -> None:
    assert linked_keys(f"[[{title}]]") == {title_key(title)}
    assert linked_keys(f"x [[{title}|x]] y") == {title_key(title)}
