"""The catalogue as it is searched: words that name each benefit, and all that is said of it, by pairs of characters.

Made from the catalogue in force on a day when it is first asked for, and again when either changes.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from core.latest import Latest

from ..catalogue import Catalogue, PublishedVersion
from ..criteria.everyday import everyday
from ..criteria.sentence import sentence
from ..models import SearchWord
from .elsewhere import Elsewhere, everything_elsewhere
from .folding import initials_of, pinyin_of, runs_of, sound_of, squeezed

# How much a text says of what a benefit is about, against a sentence of its rule. A benefit's own name and the words
# that officers gave to it say most; those of its measure name its siblings as well.
NAME, WORD, MEASURE = 1.2, 1.0, 0.4
LONGEST_NAME = 8  # what is longer is a way of asking, and counts by its pieces
TIMES_NAMED, TIMES_TOLD, TIMES_SAID = 4, 2, 1
# Of BM25: how fast a pair that occurs again stops to count, and how much the length of a text does.
SATURATION, LENGTH = 1.2, 0.6


@dataclass(eq=False)
class Index:
    """``names``: {word: {code: how much it says}}; ``sounds``, ``initials``: {as spelled: words}; ``postings``: {pair
    of characters: {code, or what is done elsewhere: score}}; ``titles``: {code: what owners call it}."""

    titles: dict[str, str] = field(default_factory=dict)
    names: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    sounds: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    initials: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    postings: dict[str, dict[str | Elsewhere, float]] = field(default_factory=dict)
    longest: int = 0

    def names_by(self, word: str, code: str, weight: float) -> None:
        word = squeezed(word)
        if 1 < len(word) <= LONGEST_NAME:
            self.names[word][code] = max(weight, self.names[word].get(code, 0))
            self.longest = max(self.longest, len(word))


def pairs_of(text: str) -> Iterator[str]:
    """Neighbouring characters; a run of one stands alone."""
    for run in runs_of(text):
        if len(run) == 1:
            yield run
        yield from (one + other for one, other in pairwise(run))


_latest: Latest[tuple, Index] = Latest()


def index_of(known: Catalogue, day: date) -> Index:
    """Kept by the edition of the catalogue, which every word that is added to it changes, and the day."""
    return _latest.of((known.edition, day), lambda: _made(known, day))


def _made(known, day) -> Index:
    index, texts = Index(), {}
    words = _words_by_code()
    for code, version in known.in_force_on(day).items():
        measure = known.measures[known.benefits[code].measure]
        content = version.content
        index.titles[code] = content.get("plain_title") or content["title"]
        names = [content["title"], index.titles[code]]
        for weight, named in ((NAME, names), (WORD, words.get(code, ())), (MEASURE, measure.row.keywords)):
            for word in named:
                index.names_by(str(word), code, weight)
        texts[code] = Counter()
        for times, said in (
            (TIMES_NAMED, [*names, *words.get(code, ())]),
            (TIMES_TOLD, [content["summary"], content["who"], measure.row.title]),
            (TIMES_SAID, [*_said(version, day), measure.row.summary]),
        ):
            for text in said:
                for pair in pairs_of(text):
                    texts[code][pair] += times
    for other in everything_elsewhere():
        texts[other] = Counter(pair for text in (*other.words, *other.asks) for pair in pairs_of(text))
    for word in index.names:
        index.sounds[sound_of(pinyin_of(word))].append(word)
        index.initials[initials_of(word)].append(word)
    index.postings = _weighed(texts)
    return index


def _words_by_code() -> dict:
    found = defaultdict(list)
    rows = SearchWord.objects.filter(is_used=True).order_by("pk")
    for code, word in rows.values_list("benefit__code", "word"):
        found[code].append(word)
    return found


def _said(version: PublishedVersion, day) -> Iterator[str]:
    """The sentences of its rule, papers, steps and answers."""
    content = version.content
    for node in version.rule.criteria.children:
        yield sentence(node, day)
        yield everyday(node, day)
    for key in ("materials", "steps"):
        for row in content.get(key) or ():
            yield row["name"]
            yield row.get("note") or ""
    for row in content.get("questions") or ():
        yield row["question"]
        yield row["answer"]
    yield from content.get("notes") or ()


def _weighed(texts) -> dict:
    """BM25 of every pair in every text, so that asking only adds up."""
    average = sum(map(Counter.total, texts.values())) / max(len(texts), 1)
    found_in = Counter(pair for text in texts.values() for pair in text)
    postings = defaultdict(dict)
    for code, text in texts.items():
        norm = SATURATION * (1 - LENGTH + LENGTH * text.total() / (average or 1))
        for pair, times in text.items():
            rare = math.log(1 + (len(texts) - found_in[pair] + 0.5) / (found_in[pair] + 0.5))
            postings[pair][code] = rare * times * (SATURATION + 1) / (times + norm)
    return dict(postings)
