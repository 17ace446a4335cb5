"""Answers over the API: one profile, a batch, a year's taxes. Anonymous, and nothing is stored."""

from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictQueryMixin
from core.quick_post import QuickPost

from . import schema
from .calculators import tax_year
from .catalogue import catalogue
from .evaluation import evaluate
from .requests import read_batch, read_evaluation, read_tax


class Anonymous(StrictQueryMixin, APIView):
    """Asked by anyone: no cookie is looked at, so no other site can act in an owner's name."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class Evaluations(QuickPost):
    """POST one profile, get every benefit with state, reasons, amount and dates."""

    schema = schema.EvaluationSchema()

    def answer(self, body):
        known = catalogue()
        asked = read_evaluation(body, known)
        found = evaluate(asked.profile, asked.day, overrides=asked.overrides, known=known)
        return found.as_bytes(asked.benefits)


class EvaluationBatch(Anonymous):
    """POST up to 1,000 profiles, get the results of each under its ref."""

    schema = schema.BatchSchema()
    max_body_bytes = 4_000_000
    max_body_nodes = 100_000

    def post(self, request):
        known = catalogue()
        asked = read_batch(request.data, known)
        answers = []
        for ref, profile in asked.profiles:
            answer = evaluate(profile, asked.day, known=known)
            answers.append({"ref": ref, "results": [answer.result_of(found) for found in answer.assessments]})
        return Response({"results": answers})


class TaxCalculator(Anonymous):
    """POST a year's taxes, get every line with every relief in legal order."""

    schema = schema.TaxSchema()

    def post(self, request):
        asked = read_tax(request.data, catalogue())
        found = tax_year(asked.year, asked.profile, reliefs=asked.reliefs, parameters=asked.parameters)
        return Response(
            {
                "year": found.year,
                "deduction_limit": str(found.deduction_limit),
                "lines": [_line_as_json(line) for line in found.lines],
                "relief": {
                    **{code: str(value) for code, value in sorted(found.relief.items())},
                    "total": str(found.total_relief),
                },
                "payable": str(found.payable),
            }
        )


def _line_as_json(line):
    names = ("due", "other_relief", "halved", "deducted", "payable", "limit_left")
    return {"tax": line.tax, **{name: str(getattr(line, name)) for name in names}}
