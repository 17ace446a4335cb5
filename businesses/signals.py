"""What rooms to the right, and the market regulator's rules, are told about the register."""

from django.dispatch import Signal

# ``changes``: {business id: {fact: (value before, value after)}} in JSON spelling, for shops that were there before;
# ``created``: ids of new shops; ``moved``: ids of shops that another operator stands behind now; ``run_id``: of the
# ImportRun, or None. Sent in the transaction of the change.
facts_changed = Signal()
# ``shops``: ids of shops that nobody has bound any more; ``passed_on``: whether another operator stands behind them, or
# they were only unbound. Sent in the transaction of the change; not where an account is closed, of which each room is
# told by itself (core/own_data.py).
owner_left = Signal()
# ``shops``: ids of shops that are about to be deleted, because the import that brought them is taken back.
shops_removed = Signal()
# ``account``: the PaymentAccount that stands from now on; ``business``: the shop where it was changed. Sent in the
# transaction of the change.
account_changed = Signal()
# ``accounts``: ids of payment accounts that nobody agrees to keep any more and that are about to be deleted. Receivers
# let go of them, and answer with those that a law keeps: {id: the last day}. Sent in the transaction of the erasure.
accounts_forgotten = Signal()
# ``run``: an ImportRun whose last row is in.
import_finished = Signal()
