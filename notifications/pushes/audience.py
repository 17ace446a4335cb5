"""Who would be told of a version if it were published now, step by step, with nothing written.

The same statement as a push (eligibility/matches/match_store.py) says who fits; each of their shops is then followed as
far as it comes on the way to a message. A person comes as far as the furthest of their shops.
"""

from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from accounts.models import User
from businesses.facts import DISTRICTS
from businesses.models import Business
from businesses.registry import business_registry
from core.errors import Refused
from eligibility.holdings import in_the_way_of
from eligibility.matches.amounts_sql import day_literal
from eligibility.matches.match_store import AMOUNT, ENDED, NEW, QUIET, SOON
from eligibility.matches.matching import select
from eligibility.models import Holding, Match
from policies.content import check_content, check_shape
from policies.criteria.rules import Rule
from policies.criteria.when import TooManyCases, is_held
from policies.models import BenefitVersion

from .. import hearing, wording
from ..models import CHANNELS, Notification
from ..outside import channels

# How far a shop comes, in order; whoever is at the last three gets an inbox row.
HELD, UNCHANGED, NOT_INTERESTED, OPTED_OUT, TOLD_BEFORE, UNBOUND, WITHOUT_CONSENT, REACHED = range(8)
TOLD_FROM = UNBOUND
LEVELS = {
    HELD: "减去：已享受或办理中",
    UNCHANGED: "减去：结果和以前一样，不用再说",
    NOT_INTERESTED: "减去：对这个事项不感兴趣",
    OPTED_OUT: "减去：不想收这类消息，或全部退订",
    TOLD_BEFORE: "减去：今天已经为这一版说过",
    UNBOUND: "其中：绑定了店，现在就能看到",
    WITHOUT_CONSENT: "其中：同意推送，可以发到手机",
}
SAMPLES = 3


@dataclass(frozen=True)
class Step:
    """``minus``: how many fall away here; ``left``: how many go on, ``unit`` says of what."""

    label: str
    minus: int
    left: int
    unit: str = "人"


@dataclass(frozen=True)
class Channel:
    """How many persons would be told outside on a channel; ``full``: who would be but for this month's cap."""

    label: str
    persons: int
    full: int


@dataclass(frozen=True)
class Sample:
    """The message that one shop's operator would find, and the decision it tells of."""

    notification: Notification
    match: Match


@dataclass
class Audience:
    """``steps``: from the shops that fit to the persons who can be reached. ``persons``: who get a message, ``rows``:
    how many messages those are. ``ended``: persons to be told that something no longer holds. ``emptied_by``: what left
    nobody.
    """

    steps: list[Step] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    persons: int = 0
    rows: int = 0
    ended: int = 0
    emptied_by: str = ""


def rule_of(version: BenefitVersion) -> Rule:
    """The rule of a version, a draft too. Refused where it cannot be read yet."""
    faults, rule = check_shape(version.content, "benefit"), None
    if not faults:
        rule, faults = check_content(
            version.content,
            registry=business_registry(),
            code=version.benefit.code,
            measure=version.benefit.measure.code,
            number=version.number,
        )
    if faults:
        details = "；".join(fault.detail for fault in faults[:3])
        raise Refused(f"规则还读不出来，请先改好：{details}")
    return rule


def audience_of(rule: Rule, version: BenefitVersion, day: date) -> Audience:
    """Who would be told of ``version`` on ``day``, in a few queries, however many shops there are. Raises Refused."""
    if not rule.is_pushed:
        return Audience(emptied_by="这个事项不逐户匹配，所以不推送。")
    if version.benefit.document.is_closed:
        document = "政策文件已暂停或废止，所以没有人符合。"
        return Audience(emptied_by=document, ended=_ended(None, version, day, None))
    try:
        statement = select(rule, day)
    except TooManyCases:
        raise Refused("规则里和日期有关的条件太多，没法先算人数。发布以后会逐户核对。") from None
    if statement is None:
        closed = f"{day} 这一天不在办理时间里，或者标准还没有公布，所以没有人符合。"
        return Audience(emptied_by=closed, ended=_ended(rule, version, day, None))
    followed = _Followed(version, day)
    rows = followed.leveled(followed.fitting(statement))
    audience = _as_steps(_counts(rows))
    audience.ended = _ended(rule, version, day, statement)
    if audience.persons:
        audience.channels = _channels(rows, version.benefit_id)
        audience.samples = _samples(rows, version, day)
    return audience


# Counting


def _counts(rows) -> list:
    """[(whether somebody is known, level, persons, shops, messages)]."""
    levels = _all(
        f"""SELECT CASE WHEN operator_id IS NULL THEN 0 ELSE 1 END, level, COUNT(*), SUM(shops), SUM(messages)
        FROM (SELECT operator_id, MAX(level) AS level, SUM(shops) AS shops,
                SUM(CASE WHEN level >= {TOLD_FROM} THEN 1 ELSE 0 END) AS messages
            FROM (SELECT operator_id, kind, MAX(level) AS level, COUNT(*) AS shops
                FROM ({rows.sql}) l GROUP BY operator_id, kind) k
            GROUP BY operator_id) p
        GROUP BY 1, 2""",
        rows.parameters,
    )
    return [tuple(map(int, row)) for row in levels]


def _all(sql, parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _as_steps(counts):
    shops = sum(row[3] for row in counts)
    nobody = sum(row[3] for row in counts if not row[0])
    persons = dict.fromkeys(range(REACHED + 1), 0)
    for known, level, count, _, _ in counts:
        if known:
            persons[level] += count
    left = sum(persons.values())
    steps = [
        Step("符合这一版规则的店", 0, shops, "户"),
        Step("减去：不知道经营者是谁的店", nobody, shops - nobody, "户"),
        Step("这些店的经营者", 0, left),
    ]
    for level, label in LEVELS.items():
        if level == TOLD_FROM:
            steps.append(Step("会收到消息", 0, left))
        left -= persons[level]
        steps.append(Step(label, persons[level], left))
    audience = Audience(steps)
    audience.persons = sum(persons[level] for level in range(TOLD_FROM, REACHED + 1))
    audience.rows = sum(row[4] for row in counts if row[0])
    if not audience.persons:
        audience.emptied_by = _emptied_by(steps)
    return audience


def _emptied_by(steps) -> str:
    first = next(step for step in steps if not step.left)
    if first is steps[0]:
        return "没有一户符合这一版规则，请核对条件。"
    what = first.label.removeprefix("减去：")
    return f"没有人会收到消息：在“{what}”这一步，剩下的 {first.minus} {first.unit}都减掉了。"


def _ended(rule, version, day, statement):
    """Persons to be told that a decision stands no more, because their shop fits no longer and nobody holds it."""
    followed = _Followed(version, day)
    rows = followed.leveled(followed.ending(rule, statement))
    sql = f"SELECT COUNT(DISTINCT operator_id) FROM ({rows.sql}) l WHERE level >= {TOLD_FROM}"
    return _all(sql, rows.parameters)[0][0]


# Outside channels


def _channels(rows, benefit) -> list:
    """Of the channels on which something can be sent: what is asked of each person before it is, asked of all at once,
    and the month's cap."""
    usable, now = channels.usable(), timezone.now()
    if not usable:
        return []
    asked, counts, parameters = [], [], []
    for place, channel in enumerate(usable):
        full, given = hearing.full_month(channel, now)
        asked += [f"{hearing.against(channel)} AS against_{place}", f"({full}) AS full_{place}"]
        counts += [
            f"COUNT(DISTINCT CASE WHEN against_{place} = ''{condition} THEN operator_id END)"
            for condition in ("", f" AND NOT full_{place}")
        ]
        parameters += given
    (persons,) = _all(
        f"""SELECT {", ".join(counts)}
        FROM (SELECT r.operator_id, {", ".join(asked)}
            FROM (SELECT DISTINCT operator_id, kind, {benefit} AS benefit_id
                FROM ({rows.sql}) l WHERE level = {REACHED}) r
            JOIN ({hearing.LISTENERS}) l ON l.operator_id = r.operator_id
            JOIN "{User._meta.db_table}" u ON u.id = l.user_id) told""",
        [*parameters, *rows.parameters],
    )
    labels = dict(CHANNELS)
    return [
        Channel(labels[channel], not_full, willing - not_full)
        for channel, willing, not_full in zip(usable, persons[::2], persons[1::2], strict=True)
    ]


# Renderings


def _samples(rows, version, day) -> list:
    """A few of those who would be told, of different kinds of change first."""
    columns = "operator_id, business_id, kind, before_fen, state, value_fen, maximum_fen, eligible_from, apply_before"
    told = _all(
        f"""SELECT {columns}
        FROM (SELECT l.*, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY business_id) AS place
            FROM ({rows.sql}) l WHERE level >= {TOLD_FROM} AND operator_id IS NOT NULL) numbered
        ORDER BY place, kind LIMIT {SAMPLES}""",
        rows.parameters,
    )
    names = [name.strip() for name in columns.split(",")]
    return [_sample(dict(zip(names, row, strict=True)), version, day) for row in told]


def _sample(row, version, day):
    given = {"version_id": version.pk, "benefit_id": version.benefit_id}
    given |= {name: row.pop(name) for name in ("operator_id", "business_id")}
    kind, before = row.pop("kind"), row.pop("before_fen")
    for name in ("eligible_from", "apply_before"):
        row[name] = date.fromisoformat(row[name]) if isinstance(row[name], str) else row[name]
    return Sample(Notification(**given, kind=kind, before_fen=before, day=day), Match(**given, **row))


def renderings(audience: Audience, version: BenefitVersion, user) -> list[wording.Words]:
    """The words of the sampled messages as their readers would find them. Who may not read the register sees where a
    shop is instead of its name."""
    shops = {sample.notification.business_id for sample in audience.samples}
    by_id = Business.objects.select_related("operator").in_bulk(shops)
    named = set(Business.objects.visible_to(user).filter(pk__in=shops).values_list("pk", flat=True))
    districts = {choice.value: choice.label for choice in DISTRICTS}
    words = []
    for sample in audience.samples:
        shop = by_id[sample.notification.business_id]
        if shop.pk not in named:
            shop = Business(name=f"{districts.get(shop.district, '')}一家店")
        words.append(wording.of(sample.notification, version.content, shop, match=sample.match))
    return words


# The way of one shop, as SQL


@dataclass(frozen=True)
class _Rows:
    """A SELECT with its parameters."""

    sql: str
    parameters: list


class _Followed:
    """Statements about shops: what changes for each, and how far that comes."""

    def __init__(self, version, day) -> None:
        self.version, self.day = version, day
        self.benefit = version.benefit_id
        self.held = Holding.objects.live(day).filter(benefit__in=in_the_way_of(self.benefit, day))

    def fitting(self, statement):
        """Of shops that fit: what a push would find changed, as eligibility/matches/match_store.py compares."""
        shops, one = _sql(self.held.values("business_id").distinct())
        persons, other = _sql(
            self.held.filter(for_person=True, operator__isnull=False).values("operator_id").distinct()
        )
        soon = Match.State.SOON
        sql = f"""SELECT f.business_id, f.operator_id,
                CASE WHEN m.id IS NULL OR m.closed_on IS NOT NULL OR (m.state = {soon}) <> (f.state = {soon})
                    THEN CASE WHEN f.state = {soon} THEN {SOON} ELSE {NEW} END
                WHEN COALESCE(m.value_fen, m.maximum_fen) <> COALESCE(f.value_fen, f.maximum_fen) THEN {AMOUNT}
                ELSE {QUIET} END AS kind,
                COALESCE(m.value_fen, m.maximum_fen) AS before_fen,
                f.state, f.value_fen, f.maximum_fen, f.eligible_from, f.apply_before,
                CASE WHEN s.business_id IS NULL AND p.operator_id IS NULL THEN 0 ELSE 1 END AS held
            FROM ({statement.sql}) f
            LEFT JOIN "{Match._meta.db_table}" m ON m.benefit_id = %s AND m.business_id = f.business_id
            LEFT JOIN ({shops}) s ON s.business_id = f.business_id
            LEFT JOIN ({persons}) p ON p.operator_id = f.operator_id"""
        return _Rows(sql, [*statement.parameters, self.benefit, *one, *other])

    def ending(self, rule, statement):
        """Of shops whose decision stands and that fit no longer."""
        for_person = self.held.filter(for_person=True, operator=OuterRef("operator"))
        held = Q(Exists(self.held.filter(business=OuterRef("pk")))) | Q(Exists(for_person))
        if rule is not None and (by_facts := is_held(rule, self.day)):
            held |= by_facts
        held = Case(When(held, then=Value(True)), default=Value(False))
        held.output_field = BooleanField()
        shops, inner = _sql(
            Business.objects.filter(operator__isnull=False)
            .annotate(shop=F("pk"), owner=F("operator_id"), is_held=held)
            .values("shop", "owner", "is_held")
        )
        fit, fitting = (statement.sql, statement.parameters) if statement else ("SELECT 0 AS business_id", ())
        sql = f"""SELECT s.shop AS business_id, s.owner AS operator_id, {ENDED} AS kind,
                CASE WHEN s.is_held THEN 1 ELSE 0 END AS held
            FROM ({shops}) s JOIN "{Match._meta.db_table}" m ON m.business_id = s.shop AND m.benefit_id = %s
                AND m.closed_on IS NULL
            LEFT JOIN ({fit}) f ON f.business_id = s.shop
            WHERE f.business_id IS NULL"""
        return _Rows(sql, [*inner, self.benefit, *fitting])

    def leveled(self, changes):
        """The rows of one of the above, each with its ``level``."""
        message, benefit = Notification._meta.db_table, self.benefit
        told = f'SELECT 1 FROM "{message}" n WHERE n.operator_id = c.operator_id AND n.version_id = %s'
        sql = f"""SELECT c.*, CASE WHEN c.held = 1 THEN {HELD}
                WHEN c.kind = {QUIET} THEN {UNCHANGED}
                WHEN {hearing.not_interested("c", benefit)} THEN {NOT_INTERESTED}
                WHEN {hearing.silenced("c", benefit)} THEN {OPTED_OUT}
                WHEN EXISTS ({told} AND n.kind = c.kind AND n.day = {day_literal(self.day)}) THEN {TOLD_BEFORE}
                WHEN b.operator_id IS NULL THEN {UNBOUND}
                WHEN b.agreed = 0 THEN {WITHOUT_CONSENT}
                ELSE {REACHED} END AS level
            FROM ({changes.sql}) c
            LEFT JOIN (SELECT operator_id, MAX(agrees) AS agreed FROM ({hearing.BOUND}) x GROUP BY operator_id) b
                ON b.operator_id = c.operator_id"""
        # Joins and lookups by index, not lists: PostgreSQL reads a list that outgrows its memory once for every shop.
        return _Rows(sql, [self.version.pk, *changes.parameters])


def _sql(rows):
    sql, parameters = rows.order_by().query.sql_with_params()
    return sql, list(parameters)
