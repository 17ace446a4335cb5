"""The everyday words that ship with the catalogue. Officers add others and switch off what misleads."""

from collections import defaultdict
from pathlib import Path

from core.data_files import read_yaml

from ..models import Benefit, SearchWord

DATA = Path(__file__).parents[1] / "data"
FILES = ("search_words.yaml", "ways_of_asking.yaml")


def shipped_words() -> dict[str, list[str]]:
    """Words and ways of asking, by code of the benefit that they mean."""
    found = defaultdict(list)
    for name in FILES:
        for code, words in read_yaml(DATA / name).items():
            found[code] += map(str, words)
    return dict(found)


def load_words() -> None:
    """Add those that are not there yet to the benefits that there are; what officers have changed stays."""
    benefits = Benefit.objects.in_bulk(field_name="code")
    rows = [
        SearchWord(benefit=benefits[code], word=word)
        for code, words in shipped_words().items()
        if code in benefits
        for word in words
    ]
    SearchWord.objects.bulk_create(rows, ignore_conflicts=True)
