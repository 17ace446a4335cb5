"""What rooms to the right are told about people."""

from django.dispatch import Signal

# ``user``, ``kind``: somebody agrees who did not until now. Sent in the transaction of the agreement.
consent_given = Signal()
# ``user``, ``kind``: somebody no longer agrees. Whoever keeps data on the ground of that agreement erases it now
# (个人信息保护法 §47). Sent in the transaction of the withdrawal.
consent_withdrawn = Signal()
