"""Sums of money: whole fen where they are kept and added up, yuan with two places where rules and people read them."""

from decimal import ROUND_HALF_UP, Decimal

from .wording import number_text

FEN = Decimal("0.01")  # the smallest sum there is, in yuan
FEN_IN_YUAN = 100


def in_fen(yuan: Decimal | int) -> int:
    """A sum that is exact to the fen, as it is kept."""
    return int(yuan * FEN_IN_YUAN)


def in_yuan(fen: int) -> Decimal:
    """With two places: 1140.00."""
    return Decimal(fen).scaleb(-2)


def half_up(yuan: Decimal) -> Decimal:
    """A sum that was worked out, rounded to the fen as tax offices and banks do."""
    return yuan.quantize(FEN, ROUND_HALF_UP)


def yuan_text(fen: int) -> str:
    """As people read it, without idle zeros: 1,140 or 380.50."""
    return number_text(in_yuan(fen))


def yuan_of_json(fen: int | None) -> str | None:
    """As JSON says it: "1140.00"; None stays."""
    return None if fen is None else str(in_yuan(fen))
