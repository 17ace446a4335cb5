"""What other rooms may want to know of cases."""

from django.dispatch import Signal

# ``case``, ``verb``: a case has been moved, and that is committed.
moved = Signal()
