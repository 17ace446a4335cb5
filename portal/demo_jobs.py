"""A labour market to try the portal with: a shop that wants people, people who look, and one question that waits.

Days are relative to today; a second run adds nothing.
"""

from datetime import timedelta

from django.utils import timezone

from accounts.actions import agree
from accounts.models import User
from businesses.models import Business
from jobs import contacting, posting, working
from jobs.models import Post, Worker
from jobs.trades import counties

from .demo import SHOPS, Staff

STAFF = (Staff("jobs_clerk", "hrss", ("用工专员",), "人社局用工专员：审核招工信息"),)
WORKERS, FIRST_WORKER = 30, "13800010000"
POSTS = (
    {
        "trade": "tea_picking", "county": "520204", "title": "采秋茶，按天结", "people": "20", "pay": "150",
        "unit": "day", "hours": "8", "meals": "on", "season": "on",
        "words": "茶园在米箩镇，早上有车接。会采一芽二叶的优先。",
    },
    {
        "trade": "waiter", "county": "520201", "title": "周末茶楼服务员", "people": "2", "pay": "18",
        "unit": "hour", "hours": "8", "days": ["6", "7"], "meals": "on", "certificates": ["health"],
    },
    {
        "trade": "packer", "county": "520201", "title": "茶叶装盒", "people": "3", "pay": "0.8",
        "unit": "piece", "pieces": "220", "hours": "8",
    },
)  # fmt: skip
NAMES = ["小李", "小王", "老张", "小陈", "老周", "小吴", "小郑", "老刘", "小杨", "小赵"]
DOES = (
    ["tea_picking", "kiwi_picking"],
    ["tea_picking", "packer"],
    ["waiter", "kitchen_help"],
    ["packer", "stocking"],
    ["tea_picking", "weeding"],
)


def create_market() -> None:
    """Everything of the room. Call it after the demo's owners and the measures are there."""
    if are_there():
        return
    today = timezone.localdate()
    shop = Business.objects.get(credit_code=SHOPS[0].credit_code)
    owner = User.objects.with_phone(SHOPS[0].phone)
    posts = [posting.publish(shop, {**_days(today), **said}, by=owner) for said in POSTS]
    workers = [_worker(place, today) for place in range(WORKERS)]
    contacting.ask_shop(workers[0].user, posts[0], "去年在别家采过，周末也能来。")


def are_there() -> bool:
    """Whether all of it has been made."""
    return Post.objects.exists()


def _days(today) -> dict:
    return {
        "from_on": (today + timedelta(days=7)).isoformat(),
        "until_on": (today + timedelta(days=45)).isoformat(),
    }


def _worker(place, today) -> Worker:
    """One of the people who look: of several trades, wages, days and counties."""
    user = User.objects.begin_with_phone(str(int(FIRST_WORKER) + place))
    if user.phone_verified_at is None:
        user.phone_verified_at = timezone.now()
        user.save(update_fields=["phone_verified_at"])
        agree(user, "service")
    county = list(counties())[place % 4]
    typed = {
        "shown_name": NAMES[place % len(NAMES)],
        "born_on": f"{1968 + place}-03-08",
        "trades": DOES[place % len(DOES)],
        "counties": [county, counties()[county].near[0]],
        "from_on": today.isoformat(),
        "until_on": (today + timedelta(days=90)).isoformat(),
        "hours": str(8 + place % 3),
        "wants": str(90 + 10 * (place % 8)),
        "experience": str(place % 5),
        "certificates": ["health"] if place % 3 == 0 else [],
        "needs_lodging": "on" if place % 7 == 6 else "",
    }
    return working.look_for_work(user, typed)
