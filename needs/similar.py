"""What is like what somebody types: published answers, and open requests of their own. Compared by pairs of characters,
of which the smaller of two texts has to share a good part with the larger; long words about a short question are like
it. Who typed what is never shown to anybody else: of others' requests only answers are looked at, which two have read.
"""

import re
import unicodedata
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Greatest, Least

from cases.procedure import OPEN
from services.models import Request

from .models import Answer, Gram

ALIKE_FROM = 0.45  # of the pairs of the smaller text; 本站设定，待核实
FEWEST = 4  # a text of fewer pairs counts as one of so many: three characters are like too much
MOST_SHOWN = 5
MOST_PAIRS = 400
# They say nothing of what it is about.
_EMPTY = re.compile("[的了吗呢吧啊呀嘛就都也还很请我你您们是在有怎么样]")
_RUN = re.compile(r"[\w]+")


def pairs_of(text: str) -> set[str]:
    """The different pairs of neighbouring characters, without punctuation and empty words."""
    plain = _EMPTY.sub("", unicodedata.normalize("NFKC", text).lower())
    runs = _RUN.findall(plain)
    found = dict.fromkeys(run[at : at + 2] for run in runs for at in range(len(run) - 1))
    return set(list(found)[:MOST_PAIRS])


# Kept


def remember_answer(answer: Answer) -> None:
    """From now on it is found."""
    _remember(answer.question, answer=answer)


def remember_request(request: Request) -> None:
    _remember(request.words, request=request)


@transaction.atomic
def _remember(text, **whose) -> None:
    Gram.objects.filter(**whose).delete()
    pairs = pairs_of(text)
    Gram.objects.bulk_create([Gram(gram=pair, size=len(pairs), **whose) for pair in sorted(pairs)])


def forget_answer(answer: Answer) -> None:
    Gram.objects.filter(answer=answer).delete()


def forget_request(pk: int) -> None:
    Gram.objects.filter(request=pk).delete()


# Looked for


def answers_like(words: str) -> list[Answer]:
    """Published answers to much the same, and needs that several have, the likest first."""
    found = _likest(words, Gram.objects.filter(answer__isnull=False), "answer")
    rows = Answer.objects.published().filter(pk__in=found)
    open_needs = set(rows.shared_needs().values_list("pk", flat=True))
    shown = [row for row in rows if row.answer or row.pk in open_needs]
    return sorted(shown, key=lambda row: found.index(row.pk))[:MOST_SHOWN]


def own_requests_like(words: str, asker_key: str) -> list[Request]:
    """Open requests of whoever asks about much the same, the likest first."""
    own = Request.objects.filter(asker_key=asker_key, case__phase=OPEN)
    found = _likest(words, Gram.objects.filter(request__in=own.values("pk")), "request")
    rows = own.filter(pk__in=found).select_related("case__benefit_version", "case__business", "offering")
    return sorted(rows, key=lambda row: found.index(row.pk))[:MOST_SHOWN]


def _likest(words, grams: QuerySet, whose: str) -> list[int]:
    """Ids, by how much of the smaller text the two share. One statement that looks at an index."""
    pairs = pairs_of(words)
    if not pairs:
        return []
    smaller = Greatest(Least(F("size"), Value(len(pairs))), Value(FEWEST))
    rows = grams.filter(gram__in=pairs).order_by().values(whose, "size").annotate(shared=Count("gram"))
    rows = rows.annotate(likeness=F("shared") * 1.0 / smaller).filter(likeness__gte=ALIKE_FROM)
    return _ids(rows.order_by("-likeness", whose)[: 4 * MOST_SHOWN], whose)


def _ids(rows: Iterable, whose) -> list[int]:
    return [row[whose] for row in rows]
