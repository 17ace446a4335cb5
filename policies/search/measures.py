"""The filter of measures by words: each must occur, in the official text, the everyday words or their pinyin."""

from django.db.models import QuerySet

from .folding import LONGEST_QUERY, fold, initials_of, pinyin_of


def search_text(measure_title, *parts) -> str:
    """All that a measure can be found by, folded to one string.

    Parts are texts or lists of texts. Pinyin is added for titles and everyday words only, so that ``fangzu`` and
    ``fz`` find 房租 without every stray syllable of the text matching.
    """
    texts = [measure_title]
    words = [measure_title]
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        else:
            texts.extend(part)
            words.extend(part)
    spelled = [spell(word) for word in dict.fromkeys(words) for spell in (pinyin_of, initials_of)]
    return fold(" ".join([*texts, *dict.fromkeys(spelled)]))


def terms(query) -> list[str]:
    """What must all be found: the query's words, folded; text beyond 64 characters is not looked at."""
    return fold(query[:LONGEST_QUERY]).split()


def matching(measures: QuerySet, query) -> QuerySet:
    """Measures in which every word of ``query`` occurs, in any of their words or in pinyin."""
    for term in terms(query):
        measures = measures.filter(search_text__contains=term)
    return measures
