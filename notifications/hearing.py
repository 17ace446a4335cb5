"""Who hears of a policy, in the inbox and outside: the one place that says so, in SQL over many rows at once.

Pushing asks it of those whose decisions changed (pushes/pushing.py), the preview of those who would be told
(pushes/audience.py), gathering and sending of what waits (outside/recipients.py), letters of one case (letters.py).

The SQL names what it is about by an alias: a row (``operator_id``, and of a change ``benefit_id`` and ``kind``), and
where an account is asked about, ``u``, a row of User.
"""

import json
from collections.abc import Iterable

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Consent, User
from businesses.models import Binding
from eligibility.matches.matching import Written

from .models import Choice, ContactPoint, Delivery, Letter, Notification, OptOut
from .outside.delivery_terms import begins_next_month, delivery_terms, month_start
from .outside.preferences import BAD_ADDRESS

REASONS = {
    "closed": "账户已停用或注销",
    "left": "撤回了使用服务的同意",
    "no_consent": "没有同意推送",
    "unbound": "已解除绑定",
    "no_address": "没有可用的地址",
    "stopped": "停用了这个渠道",
    "not_wanted": "不想在这个渠道收这类消息",
    "dismissed": "不再提醒",
    "superseded": "政策已更新或撤回",
    "held": "已享受或办理中",
    "changed": "情况又有变化",
    "cap": "超过每月条数",
}
# What follows from the person's own settings is not counted as withheld.
OWN_WISH = frozenset({"no_address", "not_wanted"})

_BINDING, _CONSENT, _USER, _OPT_OUT, _REACH, _CHOICE, _DELIVERY = (
    f'"{model._meta.db_table}"' for model in (Binding, Consent, User, OptOut, ContactPoint, Choice, Delivery)
)


# In the inbox: everybody whose decision changed, save for those who do not want it


def silenced(row: str, benefit: str) -> str:
    """Whether the operator of ``row`` does not want to hear of the benefit (SQL of its id), of this kind of change, or
    of anything."""
    return f"""EXISTS (SELECT 1 FROM {_OPT_OUT} s WHERE s.operator_id = {row}.operator_id AND s.ended_at IS NULL
        AND (s.benefit_id IS NULL OR s.benefit_id = {benefit}) AND (s.kind IS NULL OR s.kind = {row}.kind))"""


def not_interested(row: str, benefit: str) -> str:
    """Whether they have said so of this very benefit, whatever the change: one way to be ``silenced``."""
    return f"""EXISTS (SELECT 1 FROM {_OPT_OUT} s WHERE s.operator_id = {row}.operator_id AND s.ended_at IS NULL
        AND s.benefit_id = {benefit} AND s.kind IS NULL)"""


# Outside: of those, whoever has bound their shop and agrees to pushes

_AGREEMENT = f"{_CONSENT} a ON a.user_id = b.user_id AND a.kind = 'push' AND a.withdrawn_at IS NULL"
# user_id, operator_id and ``agrees`` (1, 0) of every standing binding; somebody with two shops is in it twice.
BOUND = f"""SELECT b.user_id, b.operator_id, CASE WHEN a.id IS NULL THEN 0 ELSE 1 END AS agrees
    FROM {_BINDING} b LEFT JOIN {_AGREEMENT} WHERE b.ended_at IS NULL"""
# The same of those who agree.
LISTENERS = f"SELECT b.user_id, b.operator_id FROM {_BINDING} b JOIN {_AGREEMENT} WHERE b.ended_at IS NULL"

_IS_BOUND = f"""EXISTS (SELECT 1 FROM {_BINDING} b
    WHERE b.user_id = u.id AND b.operator_id = r.operator_id AND b.ended_at IS NULL)"""
_AGREES = f"EXISTS (SELECT 1 FROM {_CONSENT} a WHERE a.user_id = u.id AND a.kind = 'push' AND a.withdrawn_at IS NULL)"
_SERVICE = f"SELECT 1 FROM {_CONSENT} a WHERE a.user_id = u.id AND a.kind = 'service'"
_HAS_LEFT = f"EXISTS ({_SERVICE}) AND NOT EXISTS ({_SERVICE} AND a.withdrawn_at IS NULL)"


def against(channel: str) -> str:
    """Why the account ``u`` is not told of the change ``r`` on a channel, a key of REASONS; '' where nothing is against
    it. Whether the change still holds is not asked here (outside/recipients.py)."""
    by_default = ", ".join(map(str, sorted(delivery_terms().channels[channel].by_default))) or "NULL"
    choice = f"{_CHOICE} c WHERE c.user_id = u.id AND c.channel = '{channel}' AND c.kind = r.kind"
    wanted = f"""EXISTS (SELECT 1 FROM {choice} AND c.wanted)
        OR COALESCE(r.kind IN ({by_default}), FALSE) AND NOT EXISTS (SELECT 1 FROM {choice})"""
    return _first(
        {
            **_unreachable(channel),
            f"NOT ({_AGREES})": "no_consent",
            f"NOT ({_IS_BOUND})": "unbound",
            _reach(channel, "x.stopped_at IS NOT NULL"): "stopped",
            f"NOT ({wanted})": "not_wanted",
            silenced("r", "r.benefit_id"): "dismissed",
        }
    )


def against_letter(channel: str) -> str:
    """The same of the letter ``r`` on a case of the person's own. Who wants no pushes there is told all the same."""
    bad = _reach(channel, f"x.stopped_because = '{BAD_ADDRESS}'")
    return _first({**_unreachable(channel), f"NOT ({_IS_BOUND})": "unbound", bad: "stopped"})


def _unreachable(channel):
    """{condition: reason}, in the order in which they are told."""
    addressed = "u.phone IS NOT NULL AND u.phone_verified_at IS NOT NULL"
    if channel != "sms":
        addressed = _reach(channel, "x.address IS NOT NULL AND x.confirmed_at IS NOT NULL")
    return {
        f"u.id IS NULL OR NOT ({addressed})": "no_address",
        _HAS_LEFT: "left",
        "NOT u.is_active OR u.closed_at IS NOT NULL": "closed",
    }


def _reach(channel, condition):
    return f"""EXISTS (SELECT 1 FROM {_REACH} x
        WHERE x.user_id = u.id AND x.channel = '{channel}' AND {condition})"""


def _first(reasons):
    conditions = " ".join(f"WHEN {condition} THEN '{reason}'" for condition, reason in reasons.items())
    return f"CASE {conditions} ELSE '' END"


def reasons(
    pairs: Iterable[tuple[int, int]], channels: Iterable[str], *, of=Notification
) -> dict[tuple[int, int, str], str]:
    """``{(user id, id, channel): reason}`` of pairs of a user and a Notification, or a Letter (``of``), as ``against``
    says, in one query."""
    pairs, channels = sorted(set(pairs)), list(channels)
    if not pairs or not channels:
        return {}
    asked = against_letter if of is Letter else against
    if connection.vendor == "postgresql":
        source = "unnest(%s::bigint[], %s::bigint[]) AS p (user_id, row_id)"
        parameters = list(map(list, zip(*pairs, strict=True)))
    else:
        columns = "json_extract(value, '$[0]') AS user_id, json_extract(value, '$[1]') AS row_id"
        source, parameters = f"(SELECT {columns} FROM json_each(%s)) p", [json.dumps(pairs)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.user_id, p.row_id, {", ".join(map(asked, channels))}
            FROM {source} JOIN "{of._meta.db_table}" r ON r.id = p.row_id LEFT JOIN {_USER} u ON u.id = p.user_id""",
            parameters,
        )
        return {
            (user, row, channel): reason
            for user, row, *given in cursor.fetchall()
            for channel, reason in zip(channels, given, strict=True)
        }


# As many digests a month as were promised


def is_over_cap(channel: str, this_month: int, due, now) -> bool:
    """Whether a digest that is begun ``now`` and due at ``due`` is one too many; ``this_month``: those handed over."""
    return month_start(due) == month_start(now) and this_month >= delivery_terms().channels[channel].a_month


def full_month(channel: str, now) -> tuple[str, list]:
    """The same as SQL with its parameters, of the account ``u``: whether it is told no more there this month. What
    comes while a digest waits joins it, and one that is due next month is none of this."""
    terms, gap = delivery_terms(), delivery_terms().gap
    next_month = begins_next_month(now)
    if now + terms.gathering >= next_month:
        return "FALSE", []
    digests = Delivery.objects.filter(Written(f"{_DELIVERY}.user_id = u.id", []), channel=channel)
    late = digests.handed_over_since(next_month - gap)
    late = late.annotate(at=Coalesce("sent_at", "claimed_at")).filter(at__gte=next_month - gap)
    (count, counted), *others = map(
        _sql, (digests.handed_over_since(month_start(now)), digests.joinable(), late)
    )
    conditions = [f"(SELECT COUNT(*) FROM ({count}) y) >= {terms.channels[channel].a_month}"]
    conditions += [f"NOT EXISTS ({sql})" for sql, _ in others]
    return " AND ".join(conditions), [*counted, *(value for _, values in others for value in values)]


def _sql(rows: QuerySet):
    sql, parameters = rows.order_by().values_list(F("pk")).query.sql_with_params()
    return sql, list(parameters)
