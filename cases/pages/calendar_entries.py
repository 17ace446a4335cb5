"""Until when what is lacking in a case has to be handed in, for somebody's calendar."""

from collections.abc import Iterator

from core.calendar_file import DOMAIN, Entry, morning
from notifications.calendar_feed.sources import calendar_source

from ..letters import page_of
from ..models import Case, Correction

TITLE = "最迟今天补材料：{title}"
ALARMS = (morning(3), morning())


@calendar_source
def corrections(user, absolute) -> Iterator[Entry]:
    """The open corrections of the cases that ``user`` sees; another one of the same case takes its place."""
    rows = Correction.objects.filter(answered_at=None, closed_at=None, case__in=Case.objects.visible_to(user))
    for row in rows.select_related("case__benefit_version").order_by("due_on", "pk"):
        yield Entry(
            f"{row.case.public_id}-correction@{DOMAIN}",
            TITLE.format(title=row.case.title),
            absolute(page_of(row.case)),
            row.due_on,
            sequence=row.case.version,
            alarms=ALARMS,
        )
