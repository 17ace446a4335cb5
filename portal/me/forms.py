"""Text fields and refusals as the templates take them."""

from core.errors import Invalid, Refused


def text_input(
    request,
    problem,
    name,
    label,
    hint="",
    *,
    value="",
    kind="text",
    mode="",
    autocomplete="off",
    secret=False,
) -> dict:
    """A text field as components/text_field.html takes it. What is ``secret`` is not sent back to the page."""
    typed = request.POST.get(name, "") if problem else value
    return {
        "name": name,
        "label": label,
        "hint": hint,
        "value": "" if secret else typed,
        "type": kind,
        "inputmode": mode,
        "autocomplete": autocomplete,
        "error": _said_of(problem, name),
    }


def _said_of(problem, name) -> str:
    if not isinstance(problem, Invalid):
        return ""
    return "；".join(fault.detail for fault in problem.faults if fault.field == name)


def errors_of(problem, fields) -> list:
    """The lines of the error summary; what belongs to no field leads to the first."""
    if problem is None:
        return []
    if isinstance(problem, Refused):
        return [{"anchor": fields[0]["name"], "message": str(problem)}]
    names = {field["name"] for field in fields}
    first = fields[0]["name"]
    return [
        {"anchor": fault.field if fault.field in names else first, "message": fault.detail}
        for fault in problem.faults
    ]


def status_of(problem):
    return 200 if problem is None else 400 if isinstance(problem, Invalid) else 409
