"""/needs/answers/: what others were answered, for everybody."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from ..models import Answer
from ..routing import topics

A_PAGE, LONGEST_QUERY = 20, 100


@require_GET
def answers(request) -> HttpResponse:
    """Searched by words, all of which are in it; narrowed by topic."""
    query, topic = request.GET.get("q", "").strip()[:LONGEST_QUERY], request.GET.get("topic", "")
    rows = Answer.objects.published().answered()
    for word in query.split():
        rows = rows.filter(Q(question__icontains=word) | Q(answer__icontains=word))
    if topic in topics():
        rows = rows.filter(topic=topic)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))

    def address(number) -> str:
        return "?" + urlencode({"q": query, "topic": topic, "page": number})

    context = {
        "query": query,
        "topic": topic,
        "topics": topics().values(),
        "page": page,
        "before_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }
    return render(request, "needs/answers.html", context)


@require_GET
def answer(request, pk) -> HttpResponse:
    row = get_object_or_404(Answer.objects.published().answered(), pk=pk)
    return render(request, "needs/answer.html", {"answer": row})


urlpatterns = [
    path("needs/answers/", answers, name="needs-answers"),
    path("needs/answers/<number:pk>/", answer, name="needs-answer"),
]
