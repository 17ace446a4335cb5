"""What stands above the pages about pushes, and on the first page of the admin."""

from django import template

from ..models import KillSwitch
from ..pushes import monitoring

register = template.Library()


@register.simple_tag(takes_context=True)
def push_alarms(context):
    """What somebody has to look at; nothing for those who do not watch pushes."""
    return monitoring.alarms() if _watches(context) else []


@register.simple_tag(takes_context=True)
def push_stop(context):
    """The kill switch, if it is on and this person watches pushes."""
    return KillSwitch.objects.select_related("by").first() if _watches(context) else None


def _watches(context) -> bool:
    return context["request"].user.has_perm("notifications.view_pushrun")
