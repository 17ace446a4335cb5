"""What is known of somebody who looks for work: the facts that a post may ask for, in the rule language."""

from core.facts import Choice, Fact, Registry

_KNOWN = (
    "health:健康证 driver_c:驾驶证C1 driver_b:驾驶证B2 electrician:电工证 welder:焊工证 forklift:叉车证 cook:厨师证"
    " childcare:育婴证 care:养老护理证 accountant:会计证 guard:保安证 mandarin:普通话证"
)
CERTIFICATES = tuple(Choice(*pair.split(":")) for pair in _KNOWN.split())
# Columns of Worker have these names, so that rules are SQL over workers as they are over shops.
WORKER = Registry(
    [
        Fact("born_on", "date", "出生日期", about="出生", past_only=True),
        Fact("experience", "integer", "干过这一行", unit="年"),
        Fact("certificates", "set", "证书", choices=CERTIFICATES, about="证书"),
        Fact("has_tools", "bool", "自带工具", no="没有自带工具"),
    ]
)
