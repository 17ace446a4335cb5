"""What rooms to the right are told about decisions. Sent in the transaction of the change."""

from django.dispatch import Signal

# ``version``: a BenefitVersion that has just been published.
version_published = Signal()
# ``version``: a BenefitVersion that has just been withdrawn, ``by``: a User.
version_withdrawn = Signal()
# ``benefit``: a Benefit whose money is used up, or that has money again (``Benefit.exhausted_on``).
funds_changed = Signal()
# ``businesses``: ids of the shops for which a Holding has begun, changed or ended; ``benefits``: ids of those that it
# bears on: its own, and what it excludes.
holdings_changed = Signal()
