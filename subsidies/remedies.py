"""After an appeal is granted the file goes to other people than those who had refused it."""

from django.db.models import Q

from .models import Appeal, Application

DECIDED_BY = ("reviewer", "approver", "countersigner")


def former_people(application: Application) -> set[int]:
    """Ids of those whose decision on it was undone: they neither review nor approve it again."""
    undone = Appeal.objects.filter(application=application, outcome="overturned")
    return {pk for row in undone.values_list(*DECIDED_BY) for pk in row if pk}


def once_decided_by(user):
    """Ids, as a subquery, of the applications on which a decision of ``user`` was undone."""
    undone = Appeal.objects.filter(outcome="overturned")
    mine = Q(*[(name, user) for name in DECIDED_BY], _connector=Q.OR)
    return undone.filter(mine).values("application")
