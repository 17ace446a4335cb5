"""Who may do what with an application. Right of role, own department, no part in it before, no interest in it."""

from businesses.actions import may

from .enums import State
from .models import Application, Interest
from .remedies import former_people


def may_apply(principal, business) -> bool:
    """Owners, and whoever holds their mandate to apply: a person or a program."""
    return may(principal, business, "apply")


def is_of_bureau(user, application: Application) -> bool:
    return (
        user.is_active
        and user.is_staff
        and Application.objects.visible_to(user).filter(pk=application.pk).exists()
    )


def has_interest(user, person_index: str) -> bool:
    """Whether a member of staff has declared this person as their own or as somebody close (回避)."""
    return Interest.objects.filter(user=user, person_index=person_index, ended_at=None).exists()


def interests_of(user):
    """The people whom a member of staff has declared, as a subquery of their blind indexes."""
    return Interest.objects.filter(user=user, ended_at=None).values("person_index")


def may_review(user, application: Application) -> bool:
    """Accept, ask for corrections, judge, recommend, refuse: whoever has not filed, approved or countersigned it."""
    return (
        user.has_perm("subsidies.review_application")
        and is_of_bureau(user, application)
        and not has_interest(user, application.person_index)
        and user.pk not in (application.submitter_id, application.approver_id, application.countersigner_id)
        and user.pk not in former_people(application)
    )


def may_approve(user, application: Application) -> bool:
    """Approve, send back, refuse: whoever has had no part in it before."""
    return (
        user.has_perm("subsidies.approve_application")
        and is_of_bureau(user, application)
        and not has_interest(user, application.person_index)
        and user.pk not in application.people | former_people(application)
    )


def may_send_back(user, application: Application) -> bool:
    """Who decides may; once it is approved who pays it may, too."""
    return may_approve(user, application) or (
        application.state == State.APPROVED and may_pay(user, application)
    )


def may_pay(user, application: Application) -> bool:
    """Prepare or approve its payment: whoever has had no part in the decision."""
    return (
        user.has_perm("subsidies.pay_application")
        and is_of_bureau(user, application)
        and not has_interest(user, application.person_index)
        and user.pk not in application.people
    )


def may_handle_appeal(user, application: Application) -> bool:
    return (
        user.has_perm("subsidies.handle_appeal")
        and is_of_bureau(user, application)
        and not has_interest(user, application.person_index)
        and user.pk not in application.people
    )
