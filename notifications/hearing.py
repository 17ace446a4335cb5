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
from core.bulk import chunks
from core.sql import SQL, compiled, joined, name, sql
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
# More PostgreSQL takes for a long question, and compiles it, which takes longer than the answer.
PAIRS_AT_ONCE = 400


# In the inbox: everybody whose decision changed, save for those who do not want it


def silenced(row: str, benefit: SQL | int) -> SQL:
    """Whether the operator of ``row`` does not want to hear of the benefit (its id, or SQL of it), of this kind of
    change, or of anything."""
    return sql(
        """EXISTS (SELECT 1 FROM {opt_out} s WHERE s.operator_id = {operator} AND s.ended_at IS NULL
        AND (s.benefit_id IS NULL OR s.benefit_id = {benefit}) AND (s.kind IS NULL OR s.kind = {kind}))""",
        opt_out=OptOut,
        operator=name("operator_id", of=row),
        kind=name("kind", of=row),
        benefit=benefit,
    )


def not_interested(row: str, benefit: SQL | int) -> SQL:
    """Whether they have said so of this very benefit, whatever the change: one way to be ``silenced``."""
    return sql(
        """EXISTS (SELECT 1 FROM {opt_out} s WHERE s.operator_id = {operator} AND s.ended_at IS NULL
        AND s.benefit_id = {benefit} AND s.kind IS NULL)""",
        opt_out=OptOut,
        operator=name("operator_id", of=row),
        benefit=benefit,
    )


# Outside: of those, whoever has bound their shop and agrees to pushes

_AGREEMENT = sql(
    "{consent} a ON a.user_id = b.user_id AND a.kind = 'push' AND a.withdrawn_at IS NULL", consent=Consent
)
# user_id, operator_id and ``agrees`` (1, 0) of every standing binding; somebody with two shops is in it twice.
BOUND = sql(
    """SELECT b.user_id, b.operator_id, CASE WHEN a.id IS NULL THEN 0 ELSE 1 END AS agrees
    FROM {binding} b LEFT JOIN {agreement} WHERE b.ended_at IS NULL""",
    binding=Binding,
    agreement=_AGREEMENT,
)
# The same of those who agree.
LISTENERS = sql(
    "SELECT b.user_id, b.operator_id FROM {binding} b JOIN {agreement} WHERE b.ended_at IS NULL",
    binding=Binding,
    agreement=_AGREEMENT,
)


def _any(rows, **parts):
    """Whether ``rows``, what follows FROM, has a row. Looked up by index for each account: for EXISTS PostgreSQL would
    rather read the whole table, anew for every portion that is gathered."""
    return sql("(SELECT 1 FROM {rows} LIMIT 1) IS NOT NULL", rows=sql(rows, **parts))


_IS_BOUND = _any(
    "{binding} b WHERE b.user_id = u.id AND b.operator_id = r.operator_id AND b.ended_at IS NULL",
    binding=Binding,
)
# Of a letter: it is told to the account itself, or to whoever stands behind the shop.
_IS_TOLD = sql("CASE WHEN r.user_id IS NULL THEN {bound} ELSE r.user_id = u.id END", bound=_IS_BOUND)
_AGREES = _any(
    "{consent} a WHERE a.user_id = u.id AND a.kind = 'push' AND a.withdrawn_at IS NULL", consent=Consent
)
_SERVICE = sql("{consent} a WHERE a.user_id = u.id AND a.kind = 'service'", consent=Consent)
_HAS_LEFT = sql(
    "{ever} AND NOT {still}",
    ever=_any("{service}", service=_SERVICE),
    still=_any("{service} AND a.withdrawn_at IS NULL", service=_SERVICE),
)


def against(channel: str) -> SQL:
    """Why the account ``u`` is not told of the change ``r`` on a channel, a key of REASONS; '' where nothing is against
    it. Whether the change still holds is not asked here (outside/recipients.py)."""
    by_default = sorted(delivery_terms().channels[channel].by_default) or SQL("NULL")
    choice = sql(
        "{choice} c WHERE c.user_id = u.id AND c.channel = {channel} AND c.kind = r.kind",
        choice=Choice,
        channel=_word(channel),
    )
    wanted = sql(
        "{chosen} OR COALESCE(r.kind IN ({by_default}), FALSE) AND NOT {any_choice}",
        chosen=_any("{choice} AND c.wanted", choice=choice),
        by_default=by_default,
        any_choice=_any("{choice}", choice=choice),
    )
    return _first(
        {
            **_unreachable(channel),
            _not(_AGREES): "no_consent",
            _not(_IS_BOUND): "unbound",
            _reach(channel, SQL("x.stopped_at IS NOT NULL")): "stopped",
            _not(wanted): "not_wanted",
            silenced("r", SQL("r.benefit_id")): "dismissed",
        }
    )


def against_letter(channel: str) -> SQL:
    """The same of the letter ``r`` on a case of the person's own. Who wants no pushes there is told all the same."""
    bad = _reach(channel, sql("x.stopped_because = {bad}", bad=_word(BAD_ADDRESS)))
    return _first({**_unreachable(channel), _not(_IS_TOLD): "unbound", bad: "stopped"})


def _unreachable(channel):
    """{condition: reason}, in the order in which they are told."""
    addressed = SQL("u.phone IS NOT NULL AND u.phone_verified_at IS NOT NULL")
    if channel != "sms":
        addressed = _reach(channel, SQL("x.address IS NOT NULL AND x.confirmed_at IS NOT NULL"))
    return {
        sql("u.id IS NULL OR NOT ({addressed})", addressed=addressed): "no_address",
        _HAS_LEFT: "left",
        SQL("NOT u.is_active OR u.closed_at IS NOT NULL"): "closed",
    }


def _reach(channel, condition):
    return _any(
        "{reach} x WHERE x.user_id = u.id AND x.channel = {channel} AND {condition}",
        reach=ContactPoint,
        channel=_word(channel),
        condition=condition,
    )


def _not(condition):
    return sql("NOT ({condition})", condition=condition)


def _word(text):
    """A word of ours, of REASONS or the name of a channel, as SQL."""
    if not text.isidentifier():
        raise ValueError(text)
    return SQL(f"'{text}'")


def _first(reasons):
    conditions = [
        sql("WHEN {condition} THEN {reason}", condition=condition, reason=_word(reason))
        for condition, reason in reasons.items()
    ]
    return sql("CASE {conditions} ELSE '' END", conditions=joined(" ", conditions))


def reasons(
    pairs: Iterable[tuple[int, int]], channels: Iterable[str], *, of=Notification
) -> dict[tuple[int, int, str], str]:
    """``{(user id, id, channel): reason}`` of pairs of a user and a Notification, or a Letter (``of``), as ``against``
    says, in one query for every PAIRS_AT_ONCE."""
    channels, known = list(channels), {}
    if channels:
        for some in chunks(sorted(set(pairs)), PAIRS_AT_ONCE):
            known |= _reasons(some, channels, of)
    return known


def _reasons(pairs, channels, of):
    asked = against_letter if of is Letter else against
    if connection.vendor == "postgresql":
        source = SQL("unnest(%s::bigint[], %s::bigint[]) AS p (user_id, row_id)")
        parameters = list(map(list, zip(*pairs, strict=True)))
    else:
        source = SQL(
            "(SELECT json_extract(value, '$[0]') AS user_id, json_extract(value, '$[1]') AS row_id"
            " FROM json_each(%s)) p"
        )
        parameters = [json.dumps(pairs)]
    statement = sql(
        """SELECT p.user_id, p.row_id, {answers}
        FROM {source} JOIN {row} r ON r.id = p.row_id LEFT JOIN {user} u ON u.id = p.user_id""",
        answers=map(asked, channels),
        source=source,
        row=of,
        user=User,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return {
            (user, row, channel): reason
            for user, row, *given in cursor.fetchall()
            for channel, reason in zip(channels, given, strict=True)
        }


# As many digests a month as were promised


def is_over_cap(channel: str, this_month: int, due, now) -> bool:
    """Whether a digest that is begun ``now`` and due at ``due`` is one too many; ``this_month``: those handed over."""
    return month_start(due) == month_start(now) and this_month >= delivery_terms().channels[channel].a_month


def full_month(channel: str, now) -> tuple[SQL, list]:
    """The same as SQL with its parameters, of the account ``u``: whether it is told no more there this month. What
    comes while a digest waits joins it, and one that is due next month is none of this."""
    terms, gap = delivery_terms(), delivery_terms().gap
    next_month = begins_next_month(now)
    if now + terms.gathering >= next_month:
        return SQL("FALSE"), []
    of_account = sql("{delivery}.user_id = u.id", delivery=Delivery)
    digests = Delivery.objects.filter(Written(of_account, []), channel=channel)
    late = digests.handed_over_since(next_month - gap)
    late = late.annotate(at=Coalesce("sent_at", "claimed_at")).filter(at__gte=next_month - gap)
    (count, counted), *others = map(
        _sql, (digests.handed_over_since(month_start(now)), digests.joinable(), late)
    )
    most = terms.channels[channel].a_month
    conditions = [sql("(SELECT COUNT(*) FROM ({count}) y) >= {most}", count=count, most=most)]
    conditions += [sql("NOT EXISTS ({rows})", rows=rows) for rows, _ in others]
    return joined(" AND ", conditions), [*counted, *(value for _, values in others for value in values)]


def _sql(rows: QuerySet):
    return compiled(rows.order_by().values_list(F("pk")))
