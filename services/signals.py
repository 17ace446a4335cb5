"""What other rooms may want to know of requests."""

from django.dispatch import Signal

# ``case``: somebody has asked for something; within the transaction that keeps it.
asked = Signal()
