"""What happens to rules and to the register becomes work, in the transaction in which it happens."""

from django.db.models import Count, F
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from businesses.signals import facts_changed, shops_removed
from core.models import forget_editions
from eligibility.models import Match
from eligibility.signals import funds_changed, holdings_changed, version_published, version_withdrawn
from policies.catalogue import catalogue
from policies.models import BenefitVersion, PolicyDocument

from ..models import Delivery, Letter, Notification, PushRun
from . import fact_changes, runs


@receiver(version_published)
def push_what_is_published(sender, version, **kwargs) -> None:
    """A version that decides from today on is pushed at once; one of a later day when that day comes."""
    today = timezone.localdate()
    forget_editions()
    in_force = catalogue().benefits[version.benefit.code].in_force_on(today)
    if in_force is not None and in_force.pk == version.pk and in_force.rule.is_pushed:
        runs.begin(version, PushRun.Cause.POLICY, today)


@receiver(version_withdrawn)
def push_what_is_withdrawn(sender, version, **kwargs) -> None:
    """What was in force before decides again; where nothing was, nobody fits any more."""
    today = timezone.localdate()
    forget_editions()
    in_force = catalogue().benefits[version.benefit.code].in_force_on(today)
    if in_force is None:
        runs.begin(version, PushRun.Cause.POLICY, today, scope="withdrawn", ends=True)
    elif in_force.rule.is_pushed:
        before = version.benefit.versions.get(pk=in_force.pk)
        runs.begin(before, PushRun.Cause.POLICY, today, scope=f"after version {version.number}")


@receiver(facts_changed)
def look_at_shops_again(sender, changes, created, moved=(), **kwargs) -> None:
    """New shops, and those that passed to another operator, are judged by every rule, others by what changed."""
    if created or moved:
        fact_changes.touch([*created, *moved])
    if changes:
        facts = {name for changed in changes.values() for name in changed}
        fact_changes.touch(changes, facts=facts)


@receiver(shops_removed)
def forget_removed_shops(sender, shops, **kwargs) -> None:
    """Shops that should never have been there take along what was decided and told of them."""
    Match.objects.filter(business__in=shops).delete()
    gone = Notification.objects.filter(business__in=shops)
    for run_id, count in gone.order_by().values_list("run").annotate(count=Count("pk")):
        PushRun.objects.filter(pk=run_id).update(removed=F("removed") + count)
    gone.delete()
    letters = Letter.objects.filter(business__in=shops)
    Delivery.objects.filter(letter__in=letters).delete()
    letters.delete()


@receiver(holdings_changed)
def look_at_holders_again(sender, benefits, businesses, **kwargs) -> None:
    fact_changes.touch(businesses, facts=(), benefits=sorted(benefits))


@receiver(funds_changed)
def follow_the_funds(sender, benefit, **kwargs) -> None:
    """Without money nobody is told anything: they fit as before. With money again, they are."""
    today = timezone.localdate()
    forget_editions()
    in_force = catalogue().benefits[benefit.code].in_force_on(today)
    if in_force is not None and in_force.rule.is_pushed:
        exhausted = benefit.exhausted_on is not None
        scope = f"funds {'out' if exhausted else 'in'} {timezone.now():%H%M%S%f}"
        version = benefit.versions.get(pk=in_force.pk)
        runs.begin(version, PushRun.Cause.POLICY, today, scope=scope, quiet=exhausted)


@receiver(post_save, sender=PolicyDocument)
def push_what_a_document_says(sender, instance, created, **kwargs) -> None:
    """Suspended or repealed, nothing under a document can be had; in force again, it can, from its first day to its
    last."""
    if created:
        return
    has_other_days = instance.in_force != getattr(instance, "was_in_force", instance.in_force)
    forget_editions()
    today, known = timezone.localdate(), catalogue()
    ids = [
        version.pk
        for benefit in known.benefits.values()
        if benefit.document.pk == instance.pk
        and (version := benefit.in_force_on(today)) is not None
        and version.rule.is_pushed
        and (has_other_days or _stored_otherwise(benefit, instance))
    ]
    scope = f"document {'days' if has_other_days else instance.status} {timezone.now():%H%M%S%f}"
    for version in BenefitVersion.objects.filter(pk__in=ids):
        runs.begin(version, PushRun.Cause.POLICY, today, scope=scope)


def _stored_otherwise(benefit, document) -> bool:
    """Whether decisions are stored as if the document were open and it is not, or the other way round."""
    return Match.objects.open().filter(benefit=benefit.pk).exists() == document.is_closed
