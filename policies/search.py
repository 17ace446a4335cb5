"""Searching measures in the words people use: official text, everyday words, pinyin and its initials."""

import unicodedata

LONGEST_QUERY = 64


def search_text(measure_title, *parts):
    """All that a measure can be found by, folded to one string.

    Parts are texts or lists of texts. Pinyin is added for titles and everyday words only, so that ``fangzu`` and
    ``fz`` find 房租 without every stray syllable of the text matching.
    """
    from pypinyin import Style, lazy_pinyin

    texts = [measure_title]
    words = [measure_title]
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        else:
            texts.extend(part)
            words.extend(part)
    spelled = []
    for word in dict.fromkeys(words):
        spelled.append("".join(lazy_pinyin(word)))
        spelled.append("".join(lazy_pinyin(word, style=Style.FIRST_LETTER)))
    return fold(" ".join([*texts, *dict.fromkeys(spelled)]))


def fold(text):
    """Width and case do not matter when searching."""
    return unicodedata.normalize("NFKC", text).casefold()


def terms(query):
    """What must all be found: the query's words, folded; text beyond 64 characters is not looked at."""
    return fold(query[:LONGEST_QUERY]).split()


def matching(measures, query):
    """Measures in which every word of ``query`` occurs, in any of their words or in pinyin."""
    for term in terms(query):
        measures = measures.filter(search_text__contains=term)
    return measures
