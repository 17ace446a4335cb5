"""After an appeal is granted the file goes to other people than those who had refused it."""

from .models import Appeal, Application


def former_people(application: Application) -> set[int]:
    """Ids of those whose decision on it was undone: they neither review nor approve it again."""
    undone = Appeal.objects.filter(application=application, outcome="overturned")
    pairs = undone.values_list("reviewer", "approver")
    return {pk for pair in pairs for pk in pair if pk}


def once_decided_by(user):
    """Ids, as a subquery, of the applications on which a decision of ``user`` was undone."""
    undone = Appeal.objects.filter(outcome="overturned")
    return (undone.filter(reviewer=user) | undone.filter(approver=user)).values("application")
