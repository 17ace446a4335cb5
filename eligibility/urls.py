"""Pages of the catalogue, the check and the calculators."""

from django.urls import path

from . import calculator_pages, check_pages, policy_pages, result_pages

urlpatterns = [
    path("policies/", policy_pages.policy_list, name="policy-list"),
    path("policies/<str:code>/", policy_pages.measure, name="measure"),
    path("check/", check_pages.start, name="check"),
    path("check/q/<slug:key>/", check_pages.question, name="question"),
    path("check/results/", result_pages.results, name="results"),
    path("check/clear/", check_pages.clear, name="clear-answers"),
    path("check/undo/", check_pages.undo_change, name="undo-answers"),
    path("calc/", calculator_pages.index, name="calculators"),
    path("calc/<slug:key>/", calculator_pages.calculator, name="calculator"),
]
