"""Made-up files as bureaus send them. Codes and numbers have valid check digits and belong to nobody."""

import csv
from datetime import date, timedelta
from itertools import chain

from stdnum.cn import uscc

from businesses.identifiers import identity_check_digit, organisation_check_digit

HEADINGS = (
    "统一社会信用代码", "名称", "经营者姓名", "身份证号", "经营场所", "成立日期", "登记状态", "县区", "行业代码",
    "首次从事个体经营", "上年度年报", "经营异常", "严重违法失信", "出生日期", "性别",
)  # fmt: skip
DISTRICTS = ("520201", "520203", "520204", "520281")


def credit_code(number: int) -> str:
    body = f"MA{number:06d}"
    start = f"92{DISTRICTS[number % 4]}{body}{organisation_check_digit(body)}"
    return start + uscc.calc_check_digit(start)


def identity_number(number: int) -> str:
    born = date(1950, 1, 1) + timedelta(days=number % 18_000)
    body = f"520201{born:%Y%m%d}{number // 18_000 % 500 * 2:03d}"
    return body + identity_check_digit(body)


def registry_row(number: int) -> dict:
    """One row of the registry's file, under HEADINGS."""
    return dict(
        zip(
            HEADINGS,
            (
                credit_code(number),
                f"演示店{number}",
                f"演示人{number}",
                identity_number(number),
                f"演示路 {number} 号",
                (date(2016, 1, 1) + timedelta(days=number % 3_500)).isoformat(),
                ("存续", "在业", "开业", "歇业")[number % 4],
                ("钟山区", "六枝特区", "水城县", "盘州市")[number % 4],
                ("F5212", "H6210", "O", "F51")[number % 4],
                ("是", "否")[number % 2],
                ("是", "否", "")[number % 3],
                ("否", "是")[number % 11 == 0],
                "否",
                (date(1950, 1, 1) + timedelta(days=number % 18_000)).isoformat(),
                ("男", "女")[number % 2],
            ),
            strict=True,
        )
    )


def write_csv(path, rows, *, headings=None, encoding="utf-8-sig", separator=",", more=0):
    """``rows`` (dicts) as a file; ``more`` columns that no mapping knows, with something in them."""
    rows = iter(rows)
    first = next(rows)
    headings = [*(headings or first)]
    with open(path, "w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow([*headings, *(f"备用{place}" for place in range(more))])
        rest = [f"备注{place}" for place in range(more)]
        for row in chain([first], rows):
            writer.writerow([*(row.get(heading, "") for heading in headings), *rest])
    return path
