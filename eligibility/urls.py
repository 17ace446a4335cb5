"""Pages of the catalogue, the check and the calculators."""

from django.urls import path

from .pages import calculators, check, guide, policies, reminding, results

urlpatterns = [
    path("policies/", policies.policy_list, name="policy-list"),
    path("policies/<str:code>/", guide.guide, name="measure"),
    path("policies/<str:code>/remind.ics", reminding.remind, name="remind"),
    path("check/", check.start, name="check"),
    path("check/q/<slug:key>/", check.question, name="question"),
    path("check/results/", results.results, name="results"),
    path("check/clear/", check.clear, name="clear-answers"),
    path("check/undo/", check.undo_change, name="undo-answers"),
    path("calc/", calculators.index, name="calculators"),
    path("calc/<slug:key>/", calculators.calculator, name="calculator"),
]
