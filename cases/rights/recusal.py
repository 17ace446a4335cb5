"""回避: whose cases a member of staff must not touch. What they have declared, and what the register knows.

Derived are: shops that they have bound; mandates in either direction; an identity or an account that theirs and the
applicant's have in common. A tie that has ended is one still: nobody becomes free by unbinding a shop.
"""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet

from businesses.models import Binding, Business, Mandate, PaymentAccount
from core.prepared import prepared

from ..models import Case, Interest


def has_interest(user, case: Case) -> bool:
    """Whether a member of staff must keep away from a case."""
    return bool(_interest(user.pk, case.pk))


@prepared
def _interest(user, case) -> QuerySet:
    """Ids. Asked by every verb of a clerk, and longer in the making than in the finding."""
    return Case.objects.filter(_of_cases(user, ""), pk=case).order_by().values_list("pk")


def of_cases(user, path="") -> Q:
    """The cases from which ``user`` keeps away, as a condition on rows from which ``path`` leads to the case.

    A declaration that was taken back still holds for what was filed while it stood.
    """
    return _of_cases(user.pk, path)


def of_shops(user, path="") -> Q:
    """The shops from which ``user`` keeps away, as a condition on rows from which ``path`` leads to the shop."""
    declared = Interest.objects.filter(user=user.pk, ended_at=None).values("person_index")
    operator = f"{path}operator"
    return Q(**{f"{operator}__identity_index__in": declared}) | _of_applicants(user.pk, path, shop="pk")


# Below ``user`` is an id.


def _of_cases(user, path) -> Q:
    declared = Interest.objects.filter(user=user, person_index=OuterRef(f"{path}person_index"))
    standing = Q(ended_at=None) | Q(ended_at__gt=OuterRef(f"{path}submitted_at"))
    condition = Q(Exists(declared.filter(standing))) | _of_applicants(user, path)
    for people in ([user], *_close_to(user)):
        condition |= Q(**{f"{path}submitter__in": people}) | Q(**{f"{path}begun_by__in": people})
    return condition


def _close_to(user) -> Iterator:
    """Users who gave ``user`` a mandate, and those to whom ``user`` gave one."""
    mandates = Mandate.objects.order_by()
    yield mandates.filter(given_by=user, agent__isnull=False).values("agent")
    yield mandates.filter(agent=user).values("given_by")


def _of_applicants(user, path, shop="business") -> Q:
    """By the shop and who stands behind it. Each tie is a small query of its own, which no row has to be joined to."""
    condition = Q()
    bindings = Binding.objects.order_by()
    for people in ([user], *_close_to(user)):
        bound = bindings.filter(user__in=people)
        condition |= Q(**{f"{path}{shop}__in": bound.values("business")})
        condition |= Q(**{f"{path}operator__in": bound.filter(operator__isnull=False).values("operator")})
    helped = Mandate.objects.order_by().filter(agent=user).values("business")
    owners = Business.objects.filter(pk__in=helped, operator__isnull=False).values("operator")
    condition |= Q(**{f"{path}{shop}__in": helped}) | Q(**{f"{path}operator__in": owners})
    for numbers in _account_numbers(user):
        same = PaymentAccount.objects.order_by().filter(number_index__in=numbers).values("operator")
        condition |= Q(**{f"{path}operator__in": same})
    return condition


def _account_numbers(user) -> Iterator:
    """Blind indexes of accounts that are, or were, those of ``user``, or that they typed in for somebody."""
    accounts = PaymentAccount.objects.order_by()
    own = Binding.objects.order_by().filter(user=user, operator__isnull=False).values("operator")
    for mine in (Q(operator__in=own), Q(owner=user), Q(added_by=user)):
        yield accounts.filter(mine).values("number_index")
