"""The second way to everything that is to be done: a sweep over the database, whatever doorbells were lost.

``relay`` is rung after a commit, run by beat every minute, and can be run for ever by ``manage.py relay``.
"""

from . import following, pushing
from .models import PushRun, Touched


def relay():
    """Go on with everything unfinished. Harmless to call twice or by several at once."""
    for run_id in PushRun.objects.unfinished().order_by("pk").values_list("pk", flat=True):
        pushing.work(run_id)
    if Touched.objects.exists():
        following.follow_facts()
