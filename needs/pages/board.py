"""/services/board/: how institutions answer, for everybody."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from services.deadlines import days

from .. import board as figures


@require_GET
def board(request) -> HttpResponse:
    context = {
        "rows": figures.board(timezone.localdate()),
        "fewest": figures.FEWEST,
        "in_time": days("taken_in_time"),
    }
    return render(request, "needs/board.html", context)


urlpatterns = [path("services/board/", board, name="services-board")]
