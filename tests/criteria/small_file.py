"""A measures file small enough to see: one grant and one service."""

SMALL = """\
document: {code: trial, title: 试行措施, status: consultation, dated_on: "2025-05-21"}
departments:
  - {code: hrss, name: 市人力资源社会保障局}
topics:
  - {code: money, name: 要钱}
conditions:
  open: {fact: operating_status, op: eq, value: operating}
measures:
  M01:
    clause: 措施一
    chapter: 一、减负
    title: 减轻负担
    summary: 给小店一笔钱。
    text: 给小店一笔钱。
    lead: [hrss]
    responsible: []
    topics: [money]
    keywords: [补贴]
    benefits:
      M01a:
        title: 小店补贴
        kind: startup_subsidy
        delivery: apply
        summary: 一次性发给小店。
        who: 五人以下的店
        clause: 措施一
        window: {from: "2025-01-01", to: "2030-12-31"}
        parameters:
          grant: [{value: "5000", from: "2025-01-01"}]
        amount: {fixed: {param: grant}}
        criteria:
          all:
            - {use: open}
            - {fact: employees, op: lte, value: 5}
        relevance: {all: [{fact: sells_online, op: eq, value: true}]}
        basis: [{document: 试行措施, clause: null, certainty: source}]
        golden:
          - name: 三个人的店
            as_of: "2026-11-24"
            profile: {operating_status: operating, employees: 3}
            expect: {state: now, value: "5000.00"}
      M01b:
        title: 小店辅导
        kind: service
        delivery: service
        summary: 上门辅导。
        who: 所有店
        clause: 措施一
        amount: {none: {}}
        criteria: {all: []}
        basis: [{document: 试行措施, clause: null, certainty: source}]
"""


def edited(old, new):
    """The file with one piece, which it has once, replaced."""
    assert SMALL.count(old) == 1, old
    return SMALL.replace(old, new)


def line_of(text):
    """The line, from 1, on which a piece of the file begins."""
    return SMALL[: SMALL.index(text)].count("\n") + 1
