"""A page as its tags and words, however its templates are laid out."""

import re


def markup(response) -> str:
    """No blank is left but between the words of a text and the attributes of a tag."""
    page = re.sub(r"\s+", " ", response.content.decode())
    return re.sub(r"(?<=>) | (?=[<>])", "", page)
