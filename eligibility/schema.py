"""The OpenAPI shapes of evaluations, made from the fact list and the catalogue's words."""

from businesses.registry import business_registry
from core.schema import ProblemAutoSchema
from policies.criteria import tax
from policies.criteria.states import STATES

from .requests import LONGEST_REF, MOST_PROFILES, TAX_FACTS

DATE = {"type": "string", "format": "date"}
TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
MONEY = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "description": "元，两位小数"}
CODE = {"type": "string", "pattern": "^M[0-9]{2}[a-z]$"}


def _nullable(shape):
    return {"anyOf": [shape, {"type": "null"}]}


def _object(properties, required=None, **more):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
        **more,
    }


def _fact_shape(fact):
    values = [choice.value for choice in fact.choices]
    shape = {
        "date": DATE,
        "integer": {"type": "integer", "minimum": 0, "maximum": 1_000_000_000},
        "money": {
            "anyOf": [
                {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"},
                {"type": "integer", "minimum": -(10**12) + 1, "maximum": 10**12 - 1},
            ]
        },
        "bool": {"type": "boolean"},
        "choice": {"type": "string", "enum": values},
        "code": {"type": "string", "pattern": "^[A-T]([0-9]{2,4})?$"},
        "set": {"type": "array", "items": {"type": "string", "enum": values}},
    }[fact.type]
    return {**_nullable(shape), "description": fact.label}


def profile_shape(names=None):
    facts = [fact for fact in business_registry().values() if names is None or fact.name in names]
    return _object({fact.name: _fact_shape(fact) for fact in facts}, required=[])


def _row_shape():
    return _object(
        {
            "id": TEXT,
            "changeable": {"type": "boolean"},
            "result": {"enum": ["pass", "fail", "wait", "unknown", "staff"]},
            "sentence": TEXT,
            "required": {},
            "actual": {},
            "met_from": _nullable(DATE),
            "met_until": _nullable(DATE),
            "source": _nullable(TEXT),
            "clause": _nullable(TEXT),
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
    line = _object({"label": TEXT, "working": TEXT, "value": MONEY})
    amount = _object(
        {
            "value": _nullable(MONEY),
            "maximum": _nullable(MONEY),
            "unit": {"enum": ["once", "month", "year", "percent", "limit", None]},
            "category": {"enum": ["cash", "tax", "loan", None]},
            "lines": {"type": "array", "items": line},
            "missing_facts": TEXTS,
        }
    )
    return _object(
        {
            "benefit": CODE,
            "measure": TEXT,
            "title": TEXT,
            "version": {"type": "integer"},
            "document_status": {"enum": ["consultation", "in_force", "suspended", "repealed"]},
            "delivery": TEXT,
            "state": {"enum": list(STATES)},
            "eligible_from": _nullable(DATE),
            "apply_before": _nullable(DATE),
            "amount": amount,
            "criteria": {"type": "array", "items": _row_shape()},
            "missing_facts": TEXTS,
            "excludes": {"type": "array", "items": CODE},
        }
    )


def _answer_shape():
    cash = _object({"once": MONEY, "month": MONEY, "maximum": MONEY, "unknown": TEXTS})
    taxes = _object({"year": MONEY, "maximum": MONEY, "unknown": TEXTS})
    loan = _object({"limit": MONEY, "unknown": TEXTS})
    choices = {"type": "array", "items": _object({"value": TEXT, "label": TEXT})}
    question = _object({"fact": TEXT, "question": TEXT, "type": TEXT, "choices": _nullable(choices)})
    return _object(
        {
            "as_of": DATE,
            "what_if": {"type": "boolean"},
            "results": {"type": "array", "items": result_shape()},
            "totals": _object({"cash": cash, "tax": taxes, "loan": loan}),
            "package": _object({"benefits": TEXTS, "given_up": TEXTS}),
            "next_question": _nullable(question),
        }
    )


class _Fixed(ProblemAutoSchema):
    """An operation whose request and answer are given as plain shapes."""

    summary = ""
    tags = ("资格与计算",)

    def get_summary(self):
        return self.summary

    def get_tags(self):
        return list(self.tags)

    def get_request_serializer(self):
        return {"application/json": self.request_shape()}

    def get_response_serializers(self):
        return {200: self.answer_shape()}


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
        return _object(shape, required=["profile"])

    def answer_shape(self):
        return _answer_shape()


class BatchSchema(_Fixed):
    summary = "一批事实，最多 1,000 份"

    def request_shape(self):
        ref = {"type": "string", "minLength": 1, "maxLength": LONGEST_REF}
        row = _object({"ref": ref, "profile": profile_shape()})
        rows = {"type": "array", "items": row, "minItems": 1, "maxItems": MOST_PROFILES}
        return _object({"as_of": DATE, "profiles": rows}, required=["profiles"])

    def answer_shape(self):
        row = _object({"ref": TEXT, "results": {"type": "array", "items": result_shape()}})
        return _object({"results": {"type": "array", "items": row}})


class TaxSchema(_Fixed):
    summary = "算一年的税，各项减免按法定顺序"

    def request_shape(self):
        facts = profile_shape(TAX_FACTS)["properties"]
        shape = {
            "year": {"type": "integer", "minimum": tax.FIRST_YEAR, "maximum": 2199},
            **facts,
            "reliefs": {"type": "array", "items": CODE},
            "parameters": _object(
                {
                    "annual_deduction_limit": TEXT,
                    "income_cap": TEXT,
                    "halve_surcharges_first": {"type": "boolean"},
                },
                required=[],
            ),
        }
        return _object(shape, required=["year"])

    def answer_shape(self):
        names = ("due", "other_relief", "halved", "deducted", "payable", "limit_left")
        line = _object({"tax": {"enum": list(tax.LINES)}, **dict.fromkeys(names, MONEY)})
        relief = {"type": "object", "properties": {"total": MONEY}, "additionalProperties": MONEY}
        return _object(
            {
                "year": {"type": "integer"},
                "deduction_limit": MONEY,
                "lines": {"type": "array", "items": line},
                "relief": relief,
                "payable": MONEY,
            }
        )
