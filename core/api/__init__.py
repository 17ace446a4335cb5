"""How every API view reads, answers, pages, filters and refuses. Its classes are named in settings.REST_FRAMEWORK.

An operation is declared once, by ``@operation`` (operation.py) over models of what is read and answered (models.py,
spelling.py); the OpenAPI document (document.py) is made of the same declaration. A view may say: ``max_body_bytes``,
``max_body_nodes`` (StrictJSONParser), ``query_parameters`` (names it reads itself, beside those of its filters and
pages).
"""

from .bodies import ANY_JSON, JSONRenderer, Methods, Negotiation, StrictJSONParser
from .models import Answer, Body
from .operation import Operation, operation
from .pace import PerSecondThrottle, address
from .pages import CodePagination, SequencePagination
from .parameters import StrictFilterBackend, StrictQueryMixin, refuse_odd_parameters
from .refusals import answer_with_problem

__all__ = [
    "ANY_JSON",
    "Answer",
    "Body",
    "CodePagination",
    "JSONRenderer",
    "Methods",
    "Negotiation",
    "Operation",
    "PerSecondThrottle",
    "SequencePagination",
    "StrictFilterBackend",
    "StrictJSONParser",
    "StrictQueryMixin",
    "address",
    "answer_with_problem",
    "operation",
    "refuse_odd_parameters",
]
