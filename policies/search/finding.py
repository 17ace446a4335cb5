"""What somebody means by the words they type: names and everyday words first, then slips and pinyin, then all that is
said. Says by which word it has found, so that a page can say it and offer what was typed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ..catalogue import Catalogue
from .elsewhere import Elsewhere, named_in
from .folding import LONGEST_QUERY, is_one_slip, look_alike, pinyin_of, sound_of, squeezed
from .index import Index, index_of, pairs_of

# What a word that names a benefit weighs against all that is said of others, for each of its characters.
NAMED = 4.0
# Of what is said, what scores less than this share of the best is about something else.
NEAR = 0.35
# A pair in almost every text finds everything: less than this in all is nothing.
LEAST = 2.5
# Of all pairs that were typed, in the mean: less is not sure enough to answer with.
SURE = 0.6
# How near what is done elsewhere may come to the best benefit, with names and without.
CLOSE, FAR = 0.9, 1.2
NEAREST = 3


@dataclass(frozen=True)
class Found:
    """``codes``: benefits, what fits best first; ``is_sure``: whether the first is what was meant, beyond what merely
    sounds like it. ``elsewhere``: that it is done elsewhere. ``by``: the word of the catalogue by which they were
    found, where that is not what was typed; ``corrected``: whether it stands for a slip or pinyin, so that what was
    typed is still to be had. ``nearest``: where nothing is found, words that find something."""

    codes: tuple[str, ...]
    is_sure: bool = False
    elsewhere: Elsewhere | None = None
    by: str = ""
    corrected: bool = False
    nearest: tuple[str, ...] = ()


def find(known: Catalogue, typed: str, day: date, *, exactly=False) -> Found:
    """Text beyond 64 characters is not looked at. ``exactly``: what was typed is no slip. No query
    once the index stands."""
    index, plain = index_of(known, day), squeezed(typed[:LONGEST_QUERY])
    if not plain:
        return Found(())
    if plain.isascii() and plain.isalpha() and plain not in index.names and not exactly:
        meant = list(_spelled(index, plain))
        return _found_by(index, meant) if meant else Found((), nearest=_nearest(index, plain))
    named, other = list(_named_in(index, plain)), named_in(plain)
    if not named and not other and not exactly:
        meant = list(_slips(index, plain))
        if meant:
            return _found_by(index, meant)
    told = _told(index, typed)
    benefits = _with_names(
        index, {code: score for code, score in told.items() if code in index.titles}, named
    )
    others = {one: score for one, score in told.items() if one not in index.titles}
    rival = max(others, key=others.__getitem__, default=None)
    if rival and others[rival] > max(benefits.values(), default=0):
        other = other or rival
    if not benefits:
        return Found((), elsewhere=other, nearest=_nearest(index, plain))
    codes = _best(benefits)
    is_sure = other is None and _is_sure(codes[0], benefits, told, others.get(rival, 0), typed)
    return Found(codes, is_sure, other, by=_by_another(index, plain, named))


def _is_sure(code, benefits, told, rival, typed) -> bool:
    """``rival``: the best score of what is done elsewhere. It is looked at twice, because a name in passing makes much
    of a benefit that is not what was asked about."""
    most = max((score for one, score in told.items() if one in benefits), default=0)
    pairs = len(set(pairs_of(typed[:LONGEST_QUERY])))
    return benefits[code] >= SURE * pairs and rival <= CLOSE * benefits[code] and rival <= FAR * most


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


def _told(index, typed) -> dict:
    """By all that is said: of benefits, and of what is done elsewhere."""
    scores: dict = defaultdict(float)
    for pair in set(pairs_of(typed[:LONGEST_QUERY])):
        for one, score in index.postings.get(pair, {}).items():
            scores[one] += score
    return {one: score for one, score in scores.items() if score >= LEAST}


def _with_names(index, scores, named) -> dict:
    """With what the words that name a benefit weigh besides."""
    found = defaultdict(float, scores)
    for word in set(named):
        for code, weight in index.names[word].items():
            found[code] += NAMED * weight * len(word)
    return found


def _best(scores) -> tuple:
    least = NEAR * max(scores.values())
    ranked = sorted(scores, key=lambda code: (-scores[code], code))
    return tuple(code for code in ranked if scores[code] >= least)


def _by_another(index, plain, named) -> str:
    """What owners call the one benefit that the one word typed stands for, where the two are not alike. A word that
    stands for several alike is another name of none."""
    if len(named) != 1 or named[0] != plain:
        return ""
    most = max(index.names[plain].values())
    best, *others = [code for code, weight in index.names[plain].items() if weight == most]
    title = index.titles[best]
    return "" if others or plain in squeezed(title) else title


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
