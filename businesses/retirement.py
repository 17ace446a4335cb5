"""The day on which the statutory retirement age is reached.

全国人民代表大会常务委员会关于实施渐进式延迟法定退休年龄的决定（2024-09-13，2025-01-01 起施行）: men 60 years and
women 55 years, later by one month for every four months of birth begun since January 1965 (men) or January 1970
(women), at most 36 months. Women whose age was 50 are not told apart: it followed from a post, and who
keeps a shop has none.
"""

from calendar import monthrange
from datetime import date

YEARS = {"male": 60, "female": 55}
FIRST_LATER_BIRTH = {"male": date(1965, 1, 1), "female": date(1970, 1, 1)}
BIRTH_MONTHS_A_STEP, MOST_MONTHS_LATER = 4, 36


def retirement_day(born_on: date, sex: str) -> date:
    """The first day on which somebody has reached the age; ``sex``: male or female."""
    first = FIRST_LATER_BIRTH[sex]
    since = (born_on.year - first.year) * 12 + born_on.month - first.month
    later = 0 if since < 0 else min(since // BIRTH_MONTHS_A_STEP + 1, MOST_MONTHS_LATER)
    year, month = divmod((born_on.year + YEARS[sex]) * 12 + born_on.month - 1 + later, 12)
    # The corresponding day, or the last of a month that is shorter.
    return date(year, month + 1, min(born_on.day, monthrange(year, month + 1)[1]))
