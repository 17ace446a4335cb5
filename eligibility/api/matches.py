"""What one stored shop can have, today or on a day: the same answer as POST /evaluations/ gives to its facts."""

import django_filters
from django.utils import timezone
from rest_framework.views import APIView

from accounts.api.auth import MayAsk, principal_of
from businesses.api.views import business_for
from businesses.disclosure import profile_for
from core.api import operation, refuse_odd_parameters
from core.api.operation import Parameter
from core.api.spelling import DAY
from core.errors import Invalid
from core.facts import Misread, read_date
from policies.criteria.states import STATES

from ..evaluation import evaluate
from ..holdings import held_by
from .answers import MatchesOut


class StateFilter(django_filters.BaseCSVFilter, django_filters.MultipleChoiceFilter):
    """Several states: written again and again, or with commas. Only its spelling is used here."""


QUERY = (
    Parameter("as_of", DAY, "按哪一天算，默认今天。"),
    Parameter(
        "state",
        {"type": "array", "items": {"type": "string", "enum": list(STATES)}},
        "只看这些状态。可以写几次，也可以用逗号分开。",
    ),
)
PARAMETERS = {"state": StateFilter(), "as_of": django_filters.DateFilter()}


class Matches(APIView):
    """GET every benefit with state, reasons, amount and dates, from the facts of the shop that the asker may see."""

    permission_classes = (MayAsk,)

    @operation(
        "evaluations",
        "一家商户的全部事项和状态",
        description="按登记的信息现算，和 POST /evaluations/ 答案相同。只用您能看的信息。",
        scope="evaluations",
        query=QUERY,
        answers={200: MatchesOut},
    )
    def get(self, request, id):
        refuse_odd_parameters(request, (), PARAMETERS)
        principal = principal_of(request)
        business = business_for(principal, id, "type_verdict")
        day, states = _day(request), _states(request)
        answer = evaluate(profile_for(principal, business), day, held=held_by(business, day))
        shown = [row for row in answer.assessments if row.state in states]
        return MatchesOut.of_values(
            results=[answer.result_of(row) for row in shown], next=None, previous=None, as_of=day.isoformat()
        )


def _day(request):
    given = request.query_params.get("as_of")
    if given is None:
        return timezone.localdate()
    try:
        return read_date(given)
    except Misread as problem:
        raise Invalid.because("as_of", problem.code, problem.detail) from None


def _states(request) -> set:
    given = [part for value in request.query_params.getlist("state") for part in value.split(",")]
    if unknown := [state for state in given if state not in STATES]:
        detail = f"没有“{unknown[0]}”这个状态，可以写 {'、'.join(STATES)}"
        raise Invalid.because("state", "invalid_choice", detail)
    return set(given or STATES)
