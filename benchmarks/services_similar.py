"""How long it takes to find what is like a need among 50,000 published answers: at most 100 ms, on both engines.

``python -m benchmarks.services_similar [--n 1000] [--repeat 5]``. Questions are put together of forty things, thirty
troubles and twenty ways to ask, and numbered, so that common pairs of characters stand in thousands of them. Ends with
1 where the slowest median is longer. ``--n``: shops in the register, which matter little here.
"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.bulk import goal, parsed, run_sizes
from benchmarks.report import print_machine, print_table

ANSWERS, LIMIT, SHOPS = 50_000, 100, 1_000
THINGS = (
    *(
        "营业执照",
        "房租补贴",
        "创业担保贷款",
        "下水道",
        "油烟净化器",
        "环评文件",
        "招牌",
        "商标",
        "劳动合同",
        "工伤保险",
    ),
    *(
        "社保缴费",
        "公积金",
        "增值税发票",
        "个人所得税",
        "年报",
        "信用修复",
        "异常名录",
        "食品许可证",
        "消防检查",
        "宽带",
    ),
    *("网店", "直播课", "电商培训", "茶叶品牌", "刺梨加工", "猕猴桃种植", "大棚", "农药", "停车位", "摊位"),
    *(
        "垃圾清运",
        "水费",
        "电费",
        "燃气管道",
        "门口道路",
        "路灯",
        "外卖平台",
        "收款码",
        "银行开户",
        "党组织关系",
    ),
)
TROUBLES = (
    *(
        "丢了",
        "堵了没有人管",
        "办不下来",
        "被退回",
        "要等多久",
        "要交什么材料",
        "在哪里办",
        "能不能网上办",
        "收费太高",
        "过期了",
    ),
    *(
        "填错了",
        "被罚款",
        "没有到账",
        "不知道找谁",
        "电话打不通",
        "系统打不开",
        "照片传不上",
        "名字变了",
        "地址变了",
        "转让给别人",
    ),
    *(
        "合伙人退出",
        "想注销",
        "想续办",
        "想加一项",
        "被人冒用",
        "被投诉",
        "要求太严",
        "说法不一样",
        "没有答复",
        "跑了三次",
    ),
)
ENDINGS = (
    *(
        "怎么办",
        "找谁",
        "请帮忙",
        "有没有办法",
        "谁来管",
        "能不能快一点",
        "想问一下",
        "请答复",
        "着急",
        "求助",
    ),
    *(
        "是什么规定",
        "合理吗",
        "可以申诉吗",
        "要多少钱",
        "要几天",
        "有补助吗",
        "能免吗",
        "怎么申请",
        "去哪里",
        "麻烦了",
    ),
)
NEEDS = (
    "店门口的下水道堵了，找了几次没有人管",
    "营业执照丢了怎么补办",
    "创业担保贷款被退回，不知道找谁",
    "想问一下房租补贴怎么申请",
    "油烟净化器检查被罚款，合理吗",
    "外卖平台收费太高，有没有办法",
    "我是卖羊肉粉的，隔壁施工把电线挖断了，两天没有电，冰柜里的肉都坏了，找物业说不归他管，" * 5,
    "直播课什么时候开",
)


def measure(*, n, repeat, base, seed, folder):
    """One size, in a process of its own. Everything it adds is taken back."""
    from benchmarks.city import enter, settings_shown, settle

    enter(folder, n=n, base=base, seed=seed)
    from django.db import connection, transaction

    print_machine(rounds=repeat, **settings_shown())
    with transaction.atomic():
        pairs = publish()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        rows = [(words[:20], *timed(words, repeat)) for words in NEEDS]
        transaction.set_rollback(True)
    settle()
    print_table(
        ("need", "median ms", "found"), [(words, f"{took:.1f}", str(found)) for words, took, found in rows]
    )
    slowest = max(took for _, took, _ in rows)
    what = f"ms for the slowest of {len(NEEDS)} needs among {ANSWERS:,} answers, {pairs:,} pairs"
    held = goal(f"{what} ({connection.vendor})", n, slowest, LIMIT, at_most=True)
    return {"goals": [held], "figures": {}}


def publish():
    """The answers and their pairs; how many of the latter."""
    from django.utils import timezone

    from needs.models import Answer, Gram
    from needs.similar import pairs_of

    rows = Answer.objects.bulk_create(
        Answer(question=question(place), answer="打市政热线。", published_at=timezone.now())
        for place in range(ANSWERS)
    )
    for start in range(0, ANSWERS, 5_000):
        found = [(row, pairs_of(row.question)) for row in rows[start : start + 5_000]]
        Gram.objects.bulk_create(
            [Gram(gram=pair, answer=row, size=len(pairs)) for row, pairs in found for pair in pairs],
            batch_size=10_000,
        )
    return Gram.objects.count()


def question(place):
    """Of 24,000 different ones; later ones say where."""
    thing, rest = THINGS[place % len(THINGS)], place // len(THINGS)
    trouble, rest = TROUBLES[rest % len(TROUBLES)], rest // len(TROUBLES)
    street = f"{rest // len(ENDINGS)} 号街" if rest >= len(ENDINGS) else ""
    return f"{street}{thing}{trouble}，{ENDINGS[rest % len(ENDINGS)]}？"


def timed(words, repeat):
    """``(median milliseconds, how many were found)``."""
    from statistics import median

    from needs.similar import answers_like

    took = []
    for _ in range(repeat + 1):  # the first is not counted
        begun = perf_counter()
        found = answers_like(words)
        took.append((perf_counter() - begun) * 1_000)
    return median(took[1:]), len(found)


def run(**options):
    """Measure on both engines, print, and return the goals."""
    goals = run_sizes("What is like a need", "services_similar", **options)
    with tempfile.TemporaryDirectory() as folder:
        file = f"sqlite:///{Path(folder) / 'similar.sqlite3'}"
        return goals + run_sizes("The same on SQLite", "services_similar", **options | {"database": file})


if __name__ == "__main__":
    goals = run(**parsed(sys.argv[1:], "services_similar", __doc__, n=(SHOPS,), repeat=5))
    sys.exit(not all(goal.is_held for goal in goals))
