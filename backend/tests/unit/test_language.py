"""What a text says before any model looks at it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import StartupError
from app.language.salience import estimate_salience
from app.language.situation import situation_text
from app.language.things import things_in
from app.language.wording import wording
from app.language.words import Words

ENGLISH = Words("english")


class TestWords:
    def test_words_are_stemmed_and_stop_words_left_out(self) -> None:
        assert ENGLISH.terms("The runners were running; she runs.") == ["runner", "run", "run"]

    def test_an_apostrophe_does_not_hide_a_word(self) -> None:
        assert ENGLISH.terms("Ana’s cat") == ENGLISH.terms("ana's cats")

    def test_numbers_names_and_code_still_match(self) -> None:
        assert set(ENGLISH.terms("v2 3.14 2024-05-01 get_user_name()")) >= {
            "v2",
            "3.14",
            "2024-05-01",
            "user",
        }

    def test_scripts_without_spaces_match_by_pairs(self) -> None:
        assert set(ENGLISH.terms("東京都に住む")) & set(ENGLISH.terms("東京")) == {"東京"}

    def test_vowel_signs_belong_to_the_word(self) -> None:
        assert ENGLISH.terms("यह दिन अच्छा है") == ["यह", "दिन", "अच्छा", "है"]

    def test_other_languages_have_their_own_stems(self) -> None:
        assert Words("german").terms("die Häuser") == Words("german").terms("das Haus")

    def test_a_question_is_asked_without_the_words_that_only_ask(self) -> None:
        question = "Can you remind me what I mentioned about Ana's garden?"
        assert ENGLISH.asked(question) == ["ana", "garden"]
        assert ENGLISH.gist(question) == "Ana's garden"
        assert ENGLISH.asked("Tell me more") == ENGLISH.terms("Tell me more")
        assert ENGLISH.gist("Tell me more") == "Tell me more"

    def test_an_unknown_language_is_told_which_there_are(self) -> None:
        with pytest.raises(StartupError, match="english"):
            Words("klingon")

    @given(st.text())
    def test_any_text_has_terms_that_postgres_can_hold(self, text: str) -> None:
        for term in ENGLISH.terms(text):
            assert 0 < len(term) <= 64
            assert "\x00" not in term


class TestThings:
    def test_names_quotes_and_numbers_come_first(self) -> None:
        text = 'Yesterday I met Maria Silva in Porto and we watched "The Third Man" for 2 hours.'
        assert things_in(text, ENGLISH)[:4] == [
            "Maria Silva",
            "Porto",
            "Third Man",
            "The Third Man",
        ]
        assert "2 hours" in things_in(text, ENGLISH)

    def test_the_first_word_of_a_sentence_is_not_a_name(self) -> None:
        assert "Dinner" not in things_in("Dinner was late. Coffee came later.", ENGLISH)[:1]

    @given(st.text(max_size=500))
    def test_any_text_has_few_distinct_things(self, text: str) -> None:
        found = things_in(text, ENGLISH)
        assert len(found) <= 24
        assert len({thing.casefold() for thing in found}) == len(found)


class TestSalience:
    @pytest.mark.parametrize("text", ["ok", "Thanks!", "haha yes", "Wow, that's cool!"])
    def test_small_talk_stays_under_the_threshold(self, text: str) -> None:
        assert estimate_salience(text, ENGLISH.terms(text)) < 0.35

    @pytest.mark.parametrize(
        "text",
        [
            "Then we went to see the boats in the harbour.",
            "My sister is allergic to peanuts.",
            "Call Marco at 5.",
        ],
    )
    def test_what_says_something_is_over_it(self, text: str) -> None:
        assert estimate_salience(text, ENGLISH.terms(text)) >= 0.35

    @given(st.text())
    def test_it_is_always_between_0_and_1(self, text: str) -> None:
        assert 0 <= estimate_salience(text, ENGLISH.terms(text)) < 1


class TestWording:
    def test_case_and_punctuation_do_not_matter(self) -> None:
        assert wording("Feed the cat, on Saturday!") == wording("feed the cat on saturday")

    def test_every_word_and_figure_does(self) -> None:
        said = ["I want tea", "I do not want tea", "I want tea at 5", "I want tea at 6", "?", "??"]
        said += [
            "It was 5°C",
            "It was -5°C",
            "I love C++",
            "I love C#",
            "दिन",
            "दान",
            "I 👍",
            "I 👎",
        ]
        assert len({wording(text) for text in said}) == len(said)


class TestSituation:
    def test_neighbours_stand_around_the_text(self) -> None:
        assert situation_text("c", before=("a", "b"), after="d") == "a\nb\nc\nd"
        assert situation_text("c", before=(None, None), after=None) == "c"

    def test_long_neighbours_keep_the_ends_that_touch(self) -> None:
        text = situation_text("middle", before=(None, "x" * 500 + "END"), after="START" + "y" * 500)
        before, _, after = text.split("\n")
        assert before.endswith("END")
        assert after.startswith("START")
        assert len(text) < 400
