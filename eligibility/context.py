"""The document bar of every page."""

from policies.catalogue import catalogue


def document(request) -> dict:
    """Status is data, never copy: every page shows that of the document it stands on."""
    found = catalogue().document
    if found is None:
        return {"document": None}
    return {
        "document": {
            "title": found.title,
            "status": found.status,
            "status_label": found.get_status_display(),
            "dated_on": found.dated_on,
        }
    }
