"""What somebody means by the words they type: names and everyday words first, then slips and pinyin, then all that is
said. Says by which word it has found, so that a page can say it and offer what was typed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ..catalogue import Catalogue
from .folding import LONGEST_QUERY, is_one_slip, look_alike, pinyin_of, sound_of, squeezed
from .index import Index, index_of, pairs_of

# What a word that names a benefit weighs against all that is said of others, for each of its characters.
NAMED = 6.0
# Of what is said, what scores less than this share of the best is about something else.
NEAR = 0.35
# A pair in almost every text finds everything: less than this in all is nothing.
LEAST = 2.5
NEAREST = 3


@dataclass(frozen=True)
class Found:
    """``codes``: benefits, what fits best first. ``by``: the word of the catalogue by which they were found, where
    that is not what was typed; ``corrected``: whether it stands for a slip or pinyin, so that what was typed is still
    to be had. ``nearest``: where nothing is found, words that find something."""

    codes: tuple[str, ...]
    is_sure: bool = False
    by: str = ""
    corrected: bool = False
    nearest: tuple[str, ...] = ()


def find(known: Catalogue, typed: str, day: date, *, exactly=False) -> Found:
    """Text beyond 64 characters is not looked at. ``exactly``: what was typed is no slip. No query."""
    index, plain = index_of(known, day), squeezed(typed[:LONGEST_QUERY])
    if not plain:
        return Found(())
    if plain.isascii() and plain.isalpha() and plain not in index.names and not exactly:
        meant = list(_spelled(index, plain))
        return _found_by(index, meant) if meant else Found((), nearest=_nearest(index, plain))
    named = list(_named_in(index, plain))
    if not named and not exactly:
        meant = list(_slips(index, plain))
        if meant:
            return _found_by(index, meant)
    scores = _scored(index, typed, named)
    if not scores:
        return Found((), nearest=_nearest(index, plain))
    return Found(_best(scores), by=_by_another(index, plain, named))


def _named_in(index: Index, plain: str) -> Iterator[str]:
    """The words of the catalogue in what was typed, the longest at each place."""
    at = 0
    while at < len(plain):
        for length in range(min(index.longest, len(plain) - at), 1, -1):
            if (word := plain[at : at + length]) in index.names:
                yield word
                at += length - 1
                break
        at += 1


def _scored(index, typed, named) -> dict:
    scores = defaultdict(float)
    for pair in set(pairs_of(typed[:LONGEST_QUERY])):
        for code, score in index.postings.get(pair, {}).items():
            scores[code] += score
    scores = defaultdict(float, {code: score for code, score in scores.items() if score >= LEAST})
    for word in set(named):
        for code, weight in index.names[word].items():
            scores[code] += NAMED * weight * len(word)
    return scores


def _best(scores) -> tuple:
    least = NEAR * max(scores.values())
    ranked = sorted(scores, key=lambda code: (-scores[code], code))
    return tuple(code for code in ranked if scores[code] >= least)


def _by_another(index, plain, named) -> str:
    """What owners call the benefit that the one word typed stands for, where the two are not alike."""
    if len(named) != 1 or named[0] != plain:
        return ""
    best = max(index.names[plain].items(), key=lambda row: (row[1], row[0]))[0]
    title = index.titles[best]
    return "" if plain in squeezed(title) else title


def _found_by(index, meant) -> Found:
    """By words that were meant; the first counts for most, because the others sound or look less like it."""
    scores = defaultdict(float)
    for place, word in enumerate(meant):
        for code, weight in index.names[word].items():
            scores[code] = max(scores[code], weight / (1 + place))
    return Found(_best(scores), is_sure=True, by=meant[0], corrected=True)


def _slips(index, plain) -> Iterator[str]:
    """Words that one slip makes of what was typed: those that sound the same before those that look alike."""
    alike = [word for word in index.names if is_one_slip(word, plain)]
    sound = sound_of(pinyin_of(plain))
    same = [word for word in index.sounds.get(sound, ()) if word != plain]
    yield from dict.fromkeys([*same, *sorted(alike, key=lambda word: _unlike(word, plain, sound))])


def _unlike(word, plain, sound):
    """A character that is missing is less of a slip than another in its place where little is left of the word."""
    seen = not look_alike(word, plain)
    return (
        seen,
        sound_of(pinyin_of(word)) != sound,
        len(word) != len(plain),
        -len(set(word) & set(plain)),
        word,
    )


def _spelled(index, plain) -> Iterator[str]:
    """Words by their pinyin: in full, by initials, as people mix sounds up, and begun."""
    sound = sound_of(plain)
    full = [word for word in index.sounds.get(sound, ()) if pinyin_of(word) == plain]
    mixed = list(index.sounds.get(sound, ()))
    begun = [
        word
        for spelled, words in index.sounds.items()
        if len(sound) >= len("fangz") and spelled.startswith(sound)
        for word in words
    ]
    within = [
        word
        for spelled, words in index.sounds.items()
        if len(spelled) >= len("fangzu") and spelled in sound
        for word in words
    ]
    within.sort(key=lambda word: -len(word))
    yield from dict.fromkeys([*full, *index.initials.get(plain, ()), *mixed, *begun, *within])


def _nearest(index, plain) -> tuple:
    """Words that have most characters, or sounds, in common with what was typed, one for a benefit."""
    pinyin = sound_of(pinyin_of(plain))
    alike = sorted(index.names, key=lambda word: (-_alike(word, plain, pinyin), len(word), word))
    chosen = {}
    for word in alike:
        best = max(index.names[word].items(), key=lambda row: row[1])[0]
        chosen.setdefault(best, word)
        if len(chosen) == NEAREST:
            break
    return tuple(chosen.values())


def _alike(word, plain, sound) -> float:
    shared = len(set(word) & set(plain)) / len(word)
    heard = len(set(pairs_of(sound_of(pinyin_of(word)))) & set(pairs_of(sound))) / (2 * len(word))
    return max(shared, heard)
