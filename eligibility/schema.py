"""The OpenAPI shapes of evaluations, made from the fact list and the catalogue's words."""

from drf_spectacular.utils import OpenApiParameter

from businesses.registry import business_registry
from core.schema import DATE, MONEY, TEXT, TEXTS, FixedSchema, fact_shape, nullable, object_of
from policies.criteria import tax
from policies.criteria.states import STATES

from .requests import LONGEST_REF, MOST_PROFILES, TAX_FACTS

CODE = {"type": "string", "pattern": "^M[0-9]{2}[a-z]$"}


def profile_shape(names=None):
    facts = [fact for fact in business_registry().values() if names is None or fact.name in names]
    return object_of({fact.name: fact_shape(fact) for fact in facts}, required=[])


def _row_shape():
    return object_of(
        {
            "id": TEXT,
            "changeable": {"type": "boolean"},
            "result": {"enum": ["pass", "fail", "wait", "unknown", "staff"]},
            "sentence": TEXT,
            "required": {},
            "actual": {},
            "met_from": nullable(DATE),
            "met_until": nullable(DATE),
            "source": nullable(TEXT),
            "clause": nullable(TEXT),
            "facts": TEXTS,
            "alternatives": {
                "type": "array",
                "items": {"type": "object"},
                "description": "组内各项，形状相同",
            },
        },
        required=["id", "changeable", "result", "sentence", "facts"],
    )


def result_shape():
    line = object_of({"label": TEXT, "working": TEXT, "value": MONEY})
    amount = object_of(
        {
            "value": nullable(MONEY),
            "maximum": nullable(MONEY),
            "unit": {"enum": ["once", "month", "year", "percent", "limit", None]},
            "category": {"enum": ["cash", "tax", "loan", None]},
            "lines": {"type": "array", "items": line},
            "missing_facts": TEXTS,
        }
    )
    return object_of(
        {
            "benefit": CODE,
            "measure": TEXT,
            "title": TEXT,
            "version": {"type": "integer"},
            "document_status": {"enum": ["consultation", "in_force", "suspended", "repealed"]},
            "delivery": TEXT,
            "state": {"enum": list(STATES)},
            "eligible_from": nullable(DATE),
            "apply_before": nullable(DATE),
            "amount": amount,
            "criteria": {"type": "array", "items": _row_shape()},
            "missing_facts": TEXTS,
            "excludes": {"type": "array", "items": CODE},
        }
    )


def _answer_shape():
    cash = object_of({"once": MONEY, "month": MONEY, "maximum": MONEY, "unknown": TEXTS})
    taxes = object_of({"year": MONEY, "maximum": MONEY, "unknown": TEXTS})
    loan = object_of({"limit": MONEY, "unknown": TEXTS})
    choices = {"type": "array", "items": object_of({"value": TEXT, "label": TEXT})}
    question = object_of({"fact": TEXT, "question": TEXT, "type": TEXT, "choices": nullable(choices)})
    return object_of(
        {
            "as_of": DATE,
            "what_if": {"type": "boolean"},
            "results": {"type": "array", "items": result_shape()},
            "totals": object_of({"cash": cash, "tax": taxes, "loan": loan}),
            "package": object_of({"benefits": TEXTS, "given_up": TEXTS}),
            "next_question": nullable(question),
        }
    )


class _Fixed(FixedSchema):
    tags = ("资格与计算",)


class EvaluationSchema(_Fixed):
    summary = "一份事实，全部事项的答案"

    def request_shape(self):
        parameters = {
            "type": "object",
            "additionalProperties": {"type": "object"},
            "description": "假设的参数值",
        }
        benefits = {"type": "array", "items": CODE, "minItems": 1, "description": "只看这些事项"}
        shape = {"as_of": DATE, "profile": profile_shape(), "benefits": benefits, "parameters": parameters}
        return object_of(shape, required=["profile"])

    def answer_shape(self):
        return _answer_shape()


class BatchSchema(_Fixed):
    summary = "一批事实，最多 1,000 份"

    def request_shape(self):
        ref = {"type": "string", "minLength": 1, "maxLength": LONGEST_REF}
        row = object_of({"ref": ref, "profile": profile_shape()})
        rows = {"type": "array", "items": row, "minItems": 1, "maxItems": MOST_PROFILES}
        return object_of({"as_of": DATE, "profiles": rows}, required=["profiles"])

    def answer_shape(self):
        row = object_of({"ref": TEXT, "results": {"type": "array", "items": result_shape()}})
        return object_of({"results": {"type": "array", "items": row}})


class TaxSchema(_Fixed):
    summary = "算一年的税，各项减免按法定顺序"

    def request_shape(self):
        facts = profile_shape(TAX_FACTS)["properties"]
        shape = {
            "year": {"type": "integer", "minimum": tax.FIRST_YEAR, "maximum": 2199},
            **facts,
            "reliefs": {"type": "array", "items": CODE},
            "parameters": object_of(
                {
                    "annual_deduction_limit": TEXT,
                    "income_cap": TEXT,
                    "halve_surcharges_first": {"type": "boolean"},
                },
                required=[],
            ),
        }
        return object_of(shape, required=["year"])

    def answer_shape(self):
        names = ("due", "other_relief", "halved", "deducted", "payable", "limit_left")
        line = object_of({"tax": {"enum": list(tax.LINES)}, **dict.fromkeys(names, MONEY)})
        relief = {"type": "object", "properties": {"total": MONEY}, "additionalProperties": MONEY}
        return object_of(
            {
                "year": {"type": "integer"},
                "deduction_limit": MONEY,
                "lines": {"type": "array", "items": line},
                "relief": relief,
                "payable": MONEY,
            }
        )


class MatchesSchema(_Fixed):
    summary = "一家商户的全部事项和状态"
    description = "按登记的信息现算，和 POST /evaluations/ 答案相同。只用您能看的信息。"

    def get_override_parameters(self):
        states = {"type": "array", "items": {"type": "string", "enum": list(STATES)}}
        return [
            OpenApiParameter("as_of", DATE, description="按哪一天算，默认今天。"),
            OpenApiParameter(
                "state", states, description="只看这些状态。可以写几次，也可以用逗号分开。", explode=True
            ),
        ]

    def answer_shape(self):
        results = {"type": "array", "items": result_shape()}
        return object_of(
            {"results": results, "next": {"type": "null"}, "previous": {"type": "null"}, "as_of": DATE}
        )
