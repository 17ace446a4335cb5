"""What the city offers: documents, their measures, the benefits in them and their versions, and the words and windows
that go with them."""

from .documents import CATALOGUE_EDITION, Benefit, Measure, PolicyDocument, Topic
from .everyday import Desk, MissedSearch, SearchWord
from .versions import BenefitVersion

__all__ = [
    "CATALOGUE_EDITION",
    "Benefit",
    "BenefitVersion",
    "Desk",
    "Measure",
    "MissedSearch",
    "PolicyDocument",
    "SearchWord",
    "Topic",
]
