"""The rows of the register, by what they are about."""

from .added_facts import FACTS_EDITION, AddedFact
from .assistance import Assistance
from .imports import ImportedKey, ImportIssue, ImportRun, Source
from .people import (
    Binding,
    CorrectionRequest,
    Mandate,
    PaymentAccount,
    account_paid,
    account_standing,
    bound_by,
    entrusted_shops,
    operators_of,
    shops_acted_for,
    sources_of,
)
from .register import Business, BusinessRecord, Change, Operator, OperatorRecord
from .sharing import Sharing
from .standing import (
    CreditRating,
    DistinctiveListing,
    MarketQuerySet,
    RepairCase,
    TypeChange,
    TypeThresholds,
    TypeVerdict,
)

__all__ = [
    "FACTS_EDITION",
    "AddedFact",
    "Assistance",
    "Binding",
    "Business",
    "BusinessRecord",
    "Change",
    "CorrectionRequest",
    "CreditRating",
    "DistinctiveListing",
    "ImportIssue",
    "ImportRun",
    "ImportedKey",
    "Mandate",
    "MarketQuerySet",
    "Operator",
    "OperatorRecord",
    "PaymentAccount",
    "RepairCase",
    "Sharing",
    "Source",
    "TypeChange",
    "TypeThresholds",
    "TypeVerdict",
    "account_paid",
    "account_standing",
    "bound_by",
    "entrusted_shops",
    "operators_of",
    "shops_acted_for",
    "sources_of",
]
