"""Many posts and workers at once, written past the verbs, for matching as a set."""

from datetime import date, timedelta
from random import Random

from accounts.models import User
from businesses.models import Business
from jobs.models import Availability, Post, Worker
from jobs.models.posts import EVERY_DAY
from jobs.pairs.requirements import asked, key_of
from jobs.reading import birthday
from jobs.trades import counties, trades

RULES = (
    {},
    {"age": 18},
    {"age": 25, "experience": 1},
    {"experience": 3},
    {"certificates": ["health"]},
    {"certificates": ["driver_c", "health"]},
    {"tools": True},
)


def posts(count: int, today: date, random: Random, *, trade_share=0.15) -> list[Post]:
    """``trade_share`` of them in one trade; 30 % with a rule of their own."""
    shop = Business.objects.create(name="采茶合作社", operating_status="operating")
    rows = []
    for place in range(count):
        rule = asked(**random.choice(RULES[1:])) if random.random() < 0.3 else {"all": []}
        fen = random.randrange(8_000, 30_000, 500)
        first = today + timedelta(days=random.randrange(0, 60))
        rows.append(
            Post(
                business=shop,
                trade=_trade(random, trade_share),
                county=random.choice(list(counties())),
                title=f"第 {place} 份活",
                from_on=first,
                until_on=first + timedelta(days=random.randrange(1, 60)),
                days=_days(random),
                hours=random.choice((6, 8, 8, 10)),
                pay_fen=fen,
                unit="day",
                day_fen=fen,
                people=random.randrange(1, 20),
                lodging=random.random() < 0.4,
                season=random.random() < 0.4,
                is_hard=random.random() < 0.2,
                requirements=rule,
                rule_key=key_of(rule),
            )
        )
    return Post.objects.bulk_create(rows, batch_size=2_000)


def _trade(random, share) -> str:
    known = list(trades())
    return known[0] if random.random() < share else random.choice(known[1:])


def _days(random) -> int:
    return random.choice((EVERY_DAY, EVERY_DAY, EVERY_DAY, 0b0011111, 0b1100000))


def workers(count: int, today: date, random: Random, *, trade_share=0.15) -> list[Worker]:
    people = User.objects.bulk_create(
        [User(username=f"worker-{place}", password="!") for place in range(count)], batch_size=5_000
    )
    rows = [_worker(user, today, random, trade_share) for user in people]
    rows = Worker.objects.bulk_create(rows, batch_size=2_000)
    Availability.objects.bulk_create(
        [
            Availability(worker=row, trade=trade, county=county, day_fen=row.wants_fen)
            for row in rows
            for trade in row.trades
            for county in row.counties
        ],
        batch_size=10_000,
    )
    return rows


def _worker(user, today, random, share) -> Worker:
    born = today - timedelta(days=random.randrange(16 * 366, 60 * 365))
    first = today + timedelta(days=random.randrange(-30, 30))
    known = random.random() < 0.8
    return Worker(
        user=user,
        shown_name="小王",
        born_on=born,
        adult_on=birthday(born, 18),
        trades=list({_trade(random, share) for _ in range(2)}),
        counties=random.sample(list(counties()), 2),
        from_on=first,
        until_on=first + timedelta(days=random.randrange(30, 120)),
        days=_days(random),
        hours=random.choice((8, 10, 11)),
        wants_fen=random.randrange(6_000, 25_000, 500),
        experience=random.choice((None, 0, 1, 2, 3, 10)),
        certificates_yes=random.choice((0, 1, 3)) if known else 0,
        certificates_known=4095 if known else 0,
        has_tools=random.choice((None, True, False)),
        needs_lodging=random.random() < 0.2,
        only_season=random.random() < 0.2,
        looking_until=today + timedelta(days=random.randrange(0, 90)),
    )
