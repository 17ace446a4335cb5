"""When and how often somebody may be told outside the portal: data/channels.yaml, and quiet hours from the settings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from core.data_files import read_yaml

from ..models import Change

PATH = Path(__file__).with_name("data") / "channels.yaml"


@dataclass(frozen=True)
class Terms:
    """Of one channel. ``by_default``: kinds of change that somebody hears of who has not chosen."""

    by_default: frozenset[int]
    a_month: int
    a_second: float
    burst: int
    rests_after: int
    rest: timedelta


@dataclass(frozen=True)
class WebhookTerms:
    schedule: tuple[timedelta, ...]
    at_once_per_endpoint: int
    claim: timedelta


@dataclass(frozen=True)
class DeliveryTerms:
    gathering: timedelta
    gap: timedelta
    back_off: tuple[timedelta, ...]
    claim: timedelta
    claimed_at_once: int
    sent_at_once: int
    channels: dict[str, Terms]
    webhooks: WebhookTerms


@cache
def delivery_terms() -> DeliveryTerms:
    raw = read_yaml(PATH)
    hooks = raw["webhooks"]
    return DeliveryTerms(
        gathering=timedelta(minutes=raw["gathering_minutes"]),
        gap=timedelta(hours=raw["gap_hours"]),
        back_off=tuple(timedelta(minutes=minutes) for minutes in raw["back_off_minutes"]),
        claim=timedelta(minutes=raw["claim_minutes"]),
        claimed_at_once=raw["claimed_at_once"],
        sent_at_once=raw["sent_at_once"],
        channels={name: _terms(terms) for name, terms in raw["channels"].items()},
        webhooks=WebhookTerms(
            tuple(timedelta(seconds=seconds) for seconds in hooks["schedule_seconds"]),
            hooks["at_once_per_endpoint"],
            timedelta(minutes=hooks["claim_minutes"]),
        ),
    )


def _terms(raw):
    return Terms(
        by_default=frozenset(Change[kind.upper()] for kind in raw["by_default"]),
        a_month=raw["a_month"],
        a_second=raw["a_second"],
        burst=raw["burst"],
        rests_after=raw["rests_after"],
        rest=timedelta(minutes=raw["rests_minutes"]),
    )


def is_quiet(moment: datetime) -> bool:
    """Whether nobody is to be disturbed at ``moment``, by the clock on the wall."""
    if settings.QUIET_HOURS is None:
        return False
    begins, ends = settings.QUIET_HOURS
    clock = timezone.localtime(moment).time()
    return begins <= clock or clock < ends if begins > ends else begins <= clock < ends


def after_quiet_hours(moment: datetime) -> datetime:
    """``moment``, or the end of the quiet hours that it falls into."""
    if not is_quiet(moment):
        return moment
    local, ends = timezone.localtime(moment), settings.QUIET_HOURS[1]
    end = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def month_start(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def begins_next_month(moment: datetime) -> datetime:
    """From when on what would be sent in this month goes out in the next: at its end, or when its last night begins."""
    end = month_start(month_start(moment) + timedelta(days=32))
    if not is_quiet(end - timedelta(microseconds=1)):
        return end
    begins = settings.QUIET_HOURS[0]
    return (end - timedelta(days=1)).replace(hour=begins.hour, minute=begins.minute)
