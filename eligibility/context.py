"""The document bar of every page."""

from policies.catalogue import catalogue


def document(request) -> dict:
    """Status is data, never copy: every page shows that of the document it stands on."""
    shown = catalogue().document
    if shown is None:
        return {"document": None}
    return {
        "document": {
            "title": shown.title,
            "status": shown.status,
            "status_label": shown.get_status_display(),
            "dated_on": shown.dated_on,
        }
    }
