"""Answers over the API: one profile, a batch, a year's taxes. Anonymous, and nothing is stored."""

from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from core.api import StrictQueryMixin, operation
from core.quick_post import QuickPost

from ..calculators import tax_year
from ..evaluation import evaluate
from .answers import BatchOut, EvaluationOut, TaxOut
from .bodies import BatchIn, EvaluationIn, TaxIn

TAG = "evaluations"


class Anonymous(StrictQueryMixin, APIView):
    """Asked by anyone: no cookie is looked at, so no other site can act in an owner's name."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class Evaluations(QuickPost):
    """POST one profile, get every benefit with state, reasons, amount and dates."""

    @operation(TAG, "一份事实，全部事项的答案", body=EvaluationIn, answers={200: EvaluationOut})
    def post(self, request, asked):
        return self.answered(asked)

    def answer(self, asked: EvaluationIn) -> bytes:
        evaluation = evaluate(asked.profile, asked.day, overrides=asked.parameters, known=asked.known)
        return evaluation.as_bytes(asked.benefits and frozenset(asked.benefits))


class EvaluationBatch(Anonymous):
    """POST up to 1,000 profiles, get the results of each under its ref."""

    max_body_bytes = 4_000_000
    max_body_nodes = 100_000

    @operation(TAG, "一批事实，最多 1,000 份", body=BatchIn, answers={200: BatchOut})
    def post(self, request, asked) -> dict:
        answers = []
        for row in asked.profiles:
            answer = evaluate(row.profile, asked.day, known=asked.known)
            results = [answer.result_of(assessment) for assessment in answer.assessments]
            answers.append({"ref": row.ref, "results": results})
        return {"results": answers}


class TaxCalculator(Anonymous):
    """POST a year's taxes, get every line with every relief in legal order."""

    @operation(TAG, "算一年的税，各项减免按法定顺序", body=TaxIn, answers={200: TaxOut})
    def post(self, request, asked):
        reliefs = None if asked.reliefs is None else frozenset(asked.reliefs)
        return TaxOut.of(tax_year(asked.year, asked.profile, reliefs=reliefs, parameters=asked.parameters))
