"""Of a form that is sent twice, by a double click or once more out of bad reception, comes one case."""

from collections.abc import Callable

from cases.models import Case
from core import idempotency


def begun_once(request, begin: Callable[[], tuple[Case, bool]]) -> tuple[Case, bool]:
    """What ``begin`` returns, the case and whether it is new; of the same form again, what it returned then. The form
    holds ``{% sent_once %}``. Raises as ``begin`` and ``idempotency.once``."""
    key = request.POST.get(idempotency.FIELD)
    if not key:
        return begin()

    def effect() -> str:
        case, is_new = begin()
        return f"{case.pk} {'new' if is_new else 'standing'}"

    said = idempotency.once(f"user {request.user.pk}", f"POST {request.path}", key, request.POST, effect)
    pk, which = said.split()
    return Case.objects.get(pk=pk), which == "new"
