"""The tokens of app.css keep their contrast in every theme."""

import re
from pathlib import Path

import pytest

from tests.settings import BASE_DIR

CSS = (Path(BASE_DIR) / "portal" / "static" / "app.css").read_text("utf-8")
TOKENS = CSS[CSS.index("@layer tokens {") : CSS.index("@layer base {")]
LIGHT, DARK, DEVICE_DARK = ":root", '[data-theme="dark"]', '[data-theme="auto"]'
HIGH, HIGH_DARK = '[data-contrast="high"]', '[data-contrast="high"][data-theme="dark"]'
THEMES = {
    "light": [LIGHT],
    "dark": [LIGHT, DARK],
    "dark device": [LIGHT, DEVICE_DARK],
    "high contrast": [LIGHT, HIGH],
    "high contrast, dark": [LIGHT, DARK, HIGH, HIGH_DARK],
    "high contrast, dark device": [LIGHT, DEVICE_DARK, HIGH, '[data-contrast="high"][data-theme="auto"]'],
}
SURFACES = ("bg", "card")
# Text on what it stands on.
TEXT = [
    *((ink, surface) for ink in ("ink", "ink2", "brand", "hover", "money", "err") for surface in SURFACES),
    *((tone, "card") for tone in ("ok", "soon", "may", "no")),
    *((tone, f"{tone}-tint") for tone in ("ok", "soon", "may", "no", "err")),
    *(("ink", f"{tone}-tint") for tone in ("ok", "soon", "may")),
    ("on-brand", "brand"),
    ("on-brand", "hover"),
    ("brand", "tint"),
    ("hover", "tint"),
    ("ink", "tint"),
]
EDGES = [("edge", "bg"), ("edge", "card"), ("err", "card"), ("brand", "card"), ("ink", "bg"), ("ink", "card")]


def tokens(theme):
    values = {}
    for selector in THEMES[theme]:
        block = re.search(rf"^\s*{re.escape(selector)} \{{([^}}]*)\}}", TOKENS, re.MULTILINE)[1]
        values |= dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6});", block))
    return values


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(letter * 2 for letter in colour[1:])
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(values, one, other):
    bright, dim = sorted((luminance(values[one]), luminance(values[other])), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_black_on_white_is_21_to_1():
    assert contrast({"a": "#000", "b": "#ffffff"}, "a", "b") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
def test_text_stands_out_by_at_least_4_and_a_half(theme):
    values = tokens(theme)

    assert {pair: round(contrast(values, *pair), 2) for pair in TEXT if contrast(values, *pair) < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_edges_stand_out_by_at_least_3(theme):
    values = tokens(theme)

    assert {pair: round(contrast(values, *pair), 2) for pair in EDGES if contrast(values, *pair) < 3} == {}


def test_the_dark_colours_are_the_same_by_choice_and_by_device():
    assert tokens("dark") == tokens("dark device")
    assert tokens("high contrast, dark") == tokens("high contrast, dark device")


@pytest.mark.parametrize("theme", THEMES)
def test_the_focus_ring_is_seen_beside_its_outline(theme):
    values = tokens(theme)

    ring = max(contrast(values, "ring", "card"), contrast(values, "ink", "card"))
    assert ring >= 3
