"""A page as its tags and words, however its templates are laid out."""

import re


def markup(response) -> str:
    """No blank is left but between the words of a text and the attributes of a tag."""
    return squeezed(response.content.decode())


def squeezed(page: str) -> str:
    """The same of a page as text. The wide blank of Chinese text is a word of it."""
    return re.sub(r"(?<=>) | (?=[<>])", "", re.sub(r"[ \t\r\n]+", " ", page))
