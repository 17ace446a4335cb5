"""What is published becomes an event for programs, in the transaction in which it is published."""

from django.dispatch import receiver

from eligibility.signals import version_published

from . import enqueueing


@receiver(version_published)
def tell_programs(sender, version, **kwargs) -> None:
    enqueueing.enqueue_published(version)
