"""The OpenAPI shapes of messages."""

from core.schema import DATE, INSTANT, MONEY, TEXT, FixedSchema, nullable, object_of
from eligibility.schema import CODE

from .inbox import KINDS

TAGS = ("消息",)


def message_shape():
    amount = object_of(
        {
            "value": nullable(MONEY),
            "maximum": nullable(MONEY),
            "unit": {"enum": ["once", "month", "year", "percent", "limit", None]},
        },
        description="今天的金额。税费要当场算，这里是 null；不再符合时也是 null。",
    )
    return object_of(
        {
            "id": {"type": "integer"},
            "business": {**TEXT, "format": "uuid", "description": "说的是哪家店"},
            "benefit": CODE,
            "version": {"type": "integer", "description": "按第几版写的"},
            "kind": {"enum": list(KINDS.values())},
            "title": TEXT,
            "sentence": TEXT,
            "day": {**DATE, "description": "变化发生在哪一天"},
            "eligible_from": nullable(DATE),
            "apply_before": nullable(DATE),
            "amount": amount,
            "created_at": INSTANT,
            "read": {"type": "boolean", "description": "店主本人打开过"},
        }
    )


class MessageListSchema(FixedSchema):
    summary = "您能看的消息，新的在前"
    description = "店主看自己的；有授权的人和程序只看授权的那家店的。日期和金额按今天的情况。"
    tags = TAGS

    def answer_shape(self):
        return message_shape()


class ReadSchema(FixedSchema):
    summary = "记下一条消息已经读过"
    description = "只有店主本人能记。再记一次什么也不变。"
    tags = TAGS

    def answer_shape(self):
        return message_shape()
