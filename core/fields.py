"""Form fields that read numbers and days by the one rule of core/typed.py, for pages and the admin alike."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models

from . import typed
from .facts import Misread


class _Typed(forms.Field):
    """A field whose text ``spelled`` puts into the spelling that the stock field takes. Other values pass."""

    spelled: Callable[[str], object]

    def to_python(self, value) -> Any:
        if isinstance(value, str) and value.strip():
            try:
                value = self.spelled(value)
            except Misread as problem:
                raise forms.ValidationError(f"{problem.detail}。", code=problem.code) from None
        return super().to_python(value)


class Whole(_Typed, forms.IntegerField):
    """A whole number from 0 on."""

    widget = forms.TextInput(attrs={"inputmode": "numeric"})

    def __init__(self, *, unit="", **options) -> None:
        self.unit = unit
        super().__init__(**{"min_value": 0} | options)

    def spelled(self, text) -> int:
        return typed.read_whole(text, self.unit)


class Yuan(_Typed, forms.DecimalField):
    """A sum in yuan, to the fen."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def __init__(self, **options) -> None:
        usual: dict[str, Any] = {"min_value": Decimal("0.01"), "max_digits": 13, "decimal_places": 2}
        super().__init__(**usual | options)

    def spelled(self, text) -> str:
        return typed.read_yuan(text)


class Day(_Typed, forms.DateField):
    """A calendar date."""

    def spelled(self, text) -> date:
        return typed.read_day(text)


class Spelled(forms.CharField):
    """Text in the spelling that ``reader(text)`` of core/typed.py gives it."""

    def __init__(self, reader, **options) -> None:
        self.reader = reader
        super().__init__(**options)

    def clean(self, value) -> str:
        text = super().clean(value)
        try:
            return str(self.reader(text)) if text else text
        except Misread as problem:
            raise forms.ValidationError(f"{problem.detail}。", code=problem.code) from None


IN_ADMIN: dict[type[models.Field], dict[str, Any]] = {
    models.DateField: {"form_class": Day},
    models.IntegerField: {"form_class": Whole},
}
