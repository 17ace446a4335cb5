"""What rooms to the right are told about decisions. Sent in the transaction of the change."""

from django.dispatch import Signal

# ``version``: a BenefitVersion that has just been published.
version_published = Signal()
# ``version``: a BenefitVersion that has just been withdrawn, ``by``: a User.
version_withdrawn = Signal()
# ``benefit``: a Benefit whose money is used up, or that has money again (``Benefit.exhausted_on``).
funds_changed = Signal()
# ``benefit``: a Benefit, ``businesses``: ids of the shops for which a Holding of it has begun, changed or ended.
holdings_changed = Signal()
