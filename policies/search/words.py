"""The everyday words that ship with the catalogue. Officers add others and switch off what misleads."""

from pathlib import Path

import yaml

from ..models import Benefit, SearchWord

PATH = Path(__file__).parents[1] / "data" / "search_words.yaml"


def shipped_words() -> dict[str, list[str]]:
    """By code of the benefit that they mean."""
    rows = yaml.safe_load(PATH.read_text("utf-8"))
    return {code: [str(word) for word in words] for code, words in rows.items()}


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
