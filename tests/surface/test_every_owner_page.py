"""Whoever sees badly or has an unsteady hand can use every page of owners (owner-surface.md §7, A1 to A13). Opened once
and looked at in every mode by look.js; what axe finds is tested beside (tests/pages/test_every_page.py)."""

import re
from pathlib import Path
from statistics import median

from tests.settings import BASE_DIR

from .conftest import MODES

FIRST = "360"  # as a page is opened; in the other modes everything is unfolded
SIZES = {"standard": 17, "large": 21, "largest": 25}
HTML, MOST_REQUESTS = 12 * 1024, 3
# Photos that owners have taken are theirs to see, and the browser asks for the mark of the tab by itself.
BESIDES = re.compile(r"/evidence/|/icon\.svg$")
OPEN = re.compile("待明确|待公布|(?<!等)待核实|待确认|还没有公布")
MEDIAN_SENTENCE, LONGEST_SENTENCE = 18, 40
HAN = re.compile("[一-鿿]")
# 现代汉语常用字表 of 1988, its 2,500 characters that are common in the first degree. It has 帐 where 账 is written now.
COMMON = {*Path(BASE_DIR, "tests", "data", "common_characters.txt").read_text("utf-8"), "账"}
RARE = 0.08
# Each paper that is lacking says so, and each case by when there is a result: that is what these pages are for.
LISTS_PAPERS = re.compile(r" /apply/.*/materials/$")
LISTS_CASES = "owner /cases/"
NO_ROOM = ("360 largest", "320×256", "351", "360×479")


def found(looks, what, modes=MODES):
    """{(place, mode): what is wrong}, of those where something is."""
    return {(place, mode): seen[what] for place, mode, seen in looks if mode in modes and seen[what]}


def sentences_of(text):
    """What ends with a full stop or a line."""
    parts = (part.strip() for part in re.split("(?<=[。？！；])|\n", text))
    return [part for part in parts if HAN.search(part)]


def length(sentence):
    """Characters; a number or a word of Latin letters is one, and what is to be written in by hand is none."""
    return len(re.sub(r"[0-9A-Za-z.,%:/-]+", "0", re.sub(r"[\s。？！；＿]", "", sentence)))


def test_letters_have_the_size_that_was_chosen(looks):
    assert {
        (place, mode): seen["letters"]
        for place, mode, seen in looks
        if seen["letters"] != SIZES[MODES[mode].size]
    } == {}


def test_no_letter_is_smaller_than_14_pixels(looks):
    assert found(looks, "small") == {}


def test_lines_stand_apart(looks):
    assert found(looks, "tight") == {}


def test_paragraphs_stand_further_apart_than_lines(looks):
    assert found(looks, "crowded") == {}


def test_words_stand_out_in_every_light(looks):
    assert found(looks, "faint") == {}


def test_what_is_tapped_is_large_enough_for_a_thumb(looks):
    assert found(looks, "tiny") == {}


def test_what_is_tapped_is_not_beside_something_else(looks):
    assert found(looks, "close") == {}, sorted(
        {one for seen in found(looks, "close").values() for one in seen}
    )


def test_nothing_is_wider_than_the_screen(looks):
    assert found(looks, "sideways") == {}
    assert found(looks, "clipped") == {}


def test_nothing_stays_put_where_there_is_no_room(looks):
    assert found(looks, "stuck", NO_ROOM) == {}


def test_the_header_is_one_line_in_the_largest_letters(looks):
    assert {
        (place, mode): seen["header"]
        for place, mode, seen in looks
        if mode in ("360", "360 large", "360 largest") and seen["header"]["lines"] != 1
    } == {}


def test_the_header_takes_little_of_a_phone(looks):
    assert {
        place: seen["header"]
        for place, mode, seen in looks
        if mode == "360" and seen["header"]["height"] > 60
    } == {}


def test_larger_letters_are_one_tap_away_on_every_page(looks):
    assert {
        (place, mode): seen["header"]["sizes"]
        for place, mode, seen in looks
        if seen["header"]["sizes"] != ["large"]
    } == {}


def test_what_is_reached_by_keyboard_is_seen(looks):
    assert found(looks, "unseen") == {}


def test_a_state_has_a_picture_and_a_word(looks):
    assert found(looks, "wordless") == {}


def test_no_page_opens_a_window_over_itself(looks):
    assert found(looks, "foreign") == {}


def test_nothing_moves_for_whom_it_should_not(looks):
    assert found(looks, "moving") == {}


def test_a_page_is_light_and_asks_for_little(looks):
    opened = [(place, seen) for place, mode, seen in looks if mode == FIRST]

    assert {place: seen["weight"] for place, seen in opened if seen["weight"] > HTML} == {}
    asked = {place: [one for one in seen["requests"] if not BESIDES.search(one)] for place, seen in opened}
    assert {place: urls for place, urls in asked.items() if len(urls) + 1 > MOST_REQUESTS} == {}
    assert [src for _, seen in opened for src in seen["pictures"] if not BESIDES.search(src)] == []


def test_a_page_warns_of_one_thing(looks):
    warnings = found(looks, "warnings", [FIRST])

    many = {place: said for (place, _), said in warnings.items() if len(said) > 1}
    assert {place: said for place, said in many.items() if not LISTS_PAPERS.search(place)} == {}


def test_what_is_open_is_said_at_most_twice_on_a_page(looks):
    said = {place: OPEN.findall(seen["text"]) for place, mode, seen in looks if mode == FIRST}

    many = {str(place): words for place, words in said.items() if len(words) > 2}
    assert {place: words for place, words in many.items() if place != LISTS_CASES} == {}


def test_a_wide_screen_is_used_to_its_right(looks):
    assert [place for place, mode, seen in looks if mode == "1280" and not seen["rightThird"]] == []


def test_sentences_are_short(looks):
    sentences = [
        (part, place) for place, mode, seen in looks if mode == FIRST for part in sentences_of(seen["text"])
    ]

    # A heading or a label is no sentence, and would only make them look short.
    assert median(length(part) for part, _ in sentences if part[-1] in "。？！；") <= MEDIAN_SENTENCE
    assert {part: place for part, place in sentences if length(part) > LONGEST_SENTENCE} == {}


def test_characters_are_those_that_people_know(looks):
    shares = {}
    for place, mode, seen in looks:
        if mode == FIRST:
            written = HAN.findall(seen["text"])
            shares[place] = sum(character not in COMMON for character in written) / max(len(written), 1)

    assert {place: round(share, 3) for place, share in shares.items() if share > RARE} == {}
