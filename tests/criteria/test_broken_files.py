"""A measures file with a fault: each is named by its line, and nothing of the file is kept."""

import pytest

from eligibility.loading import load_measures
from policies.measures_file import BrokenFile
from policies.models import BenefitVersion, Measure, PolicyDocument

from .small_file import SMALL, edited, line_of

pytestmark = pytest.mark.django_db
EMPLOYEES = "{fact: employees, op: lte, value: 5}"

# What is written, what is written instead. The fault is on the line of the first, or as many lines further down.
BROKEN = {
    "a tab": ("    title: 减轻负担", "\ttitle: 减轻负担", 0),
    "a key twice": ("    keywords: [补贴]", "    keywords: [补贴]\n    keywords: [钱]", 1),
    "an anchor": (EMPLOYEES, "{fact: employees, op: lte, value: &five 5}", 0),
    "an alias": (EMPLOYEES, "{fact: employees, op: lte, value: *five}", 0),
    "a float": (EMPLOYEES, "{fact: employees, op: lte, value: 5.5}", 0),
    "a bare yes": (EMPLOYEES, "{fact: exports, op: eq, value: yes}", 0),
    "a bare no": (EMPLOYEES, "{fact: exports, op: eq, value: no}", 0),
    "a bare date": (EMPLOYEES, "{fact: registered_on, op: on_or_after, value: 2025-01-01}", 0),
    "a status nobody knows": ("status: consultation", "status: draft", 0),
    "a date without hyphens": ('dated_on: "2025-05-21"', 'dated_on: "20250521"', 0),
    "a date that is not in the calendar": ('dated_on: "2025-05-21"', 'dated_on: "2025-02-30"', 0),
    "a kind nobody knows": ("        kind: startup_subsidy", "        kind: gift", 0),
    "a department that is not listed": ("    lead: [hrss]", "    lead: [tax]", 0),
    "a topic that is not listed": ("    topics: [money]", "    topics: [loan]", 0),
    "an excluded benefit that does not exist": (
        "        amount: {fixed",
        "        excludes: [M09z]\n        amount: {fixed",
        0,
    ),
    "a fact nobody knows": (EMPLOYEES, "{fact: shoe_size, op: lte, value: 5}", 0),
    "an operator that does not fit": (EMPLOYEES, "{fact: employees, op: has_any, value: [a]}", 0),
    "a value of another type": (EMPLOYEES, '{fact: employees, op: lte, value: "5"}', 0),
    "an unknown key in a leaf": (EMPLOYEES, "{fact: employees, op: lte, value: 5, colour: red}", 0),
    "a condition nobody knows": ("- {use: open}", "- {use: closed}", 0),
    "a node deep inside": (
        EMPLOYEES,
        "any:\n              - not:\n                  all:\n                    - {fact: x, op: eq, value: 1}",
        3,
    ),
    "criteria that contradict one another": (
        EMPLOYEES,
        f"{EMPLOYEES}\n            - {{fact: employees, op: gt, value: 5}}",
        0,
    ),
    "a fact nobody knows in the relevance": ("sells_online", "sells_onlin", 0),
    "a parameter that ends before it begins": (
        'from: "2025-01-01"}]',
        'from: "2025-01-01", to: "2024-12-31"}]',
        0,
    ),
    "a parameter that is no money": ('value: "5000"', 'value: "5000.005"', 0),
    "an amount with another parameter": ("{fixed: {param: grant}}", "{fixed: {param: gift}}", 0),
    "an amount nobody knows": ("{fixed: {param: grant}}", "{lottery: {param: grant}}", 0),
    "a window that ends before it begins": (
        '{from: "2025-01-01", to: "2030-12-31"}',
        '{from: "2031-01-01", to: "2030-12-31"}',
        0,
    ),
    "a golden case that does not hold": (
        '          - name: 三个人的店\n            as_of: "2026',
        '          - name: 三个人的店\n            as_of: "2024',
        0,
    ),
    "a golden case that cannot be read": (
        "profile: {operating_status: operating, employees: 3}",
        "profile: {employees: -3}",
        -2,
    ),
}


@pytest.fixture
def faults_of(tmp_path):
    """The faults for which a text is refused."""

    def faults_of(text):
        path = tmp_path / "measures.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(BrokenFile) as broken:
            load_measures(path)
        assert str(broken.value) == "\n".join(broken.value.faults)
        return broken.value.faults

    return faults_of


@pytest.mark.parametrize(("old", "new", "further"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_names_the_line_and_nothing_is_saved(faults_of, old, new, further):
    faults = faults_of(edited(old, new))

    assert {fault.partition("：")[0] for fault in faults} == {f"第 {line_of(old) + further} 行"}
    assert [model.objects.count() for model in (PolicyDocument, Measure, BenefitVersion)] == [0, 0, 0]


@pytest.mark.parametrize("key", ["kind", "delivery", "who", "amount", "basis"])
def test_a_key_that_is_missing_is_named_at_its_benefit(faults_of, key):
    line = next(line for line in SMALL.split("\n") if line.startswith(f"        {key}: "))

    (fault,) = faults_of(SMALL.replace(f"{line}\n", "", 1))

    assert fault.startswith(f"第 {line_of('      M01a:')} 行：")
    assert fault.endswith(f"缺少 {key}")


def test_every_fault_of_a_stage_is_named(faults_of):
    faults = faults_of(
        edited("lead: [hrss]", "lead: [tax]").replace("    topics: [money]", "    topics: [loan]")
    )

    assert [fault.partition("：")[0] for fault in faults] == [
        f"第 {line_of('    lead:')} 行",
        f"第 {line_of('    topics:')} 行",
    ]


@pytest.mark.parametrize("text", ["", "measures", "[]", "中".encode("gbk")])
def test_what_is_no_measures_file_is_refused(faults_of, text):
    assert [fault.partition("：")[0] for fault in faults_of(text)] == ["第 1 行"]
