"""Quantities as Withings sends them: a whole number and a power of ten.

``real value = value * 10^unit`` (https://developer.withings.com/api-reference, measure object), in
decimal arithmetic, which unlike a float's is exact.
"""

from __future__ import annotations

from decimal import Decimal

#: No quantity has more digits before or behind the point than this.
_LARGEST_EXPONENT = 100


def scaled(value: object, exponent: object) -> Decimal | None:
    """``value * 10^exponent``, exact, with as many decimals as the exponent says.

    Args:
        value: A number, or a whole number as text.
        exponent: A whole number.

    Returns:
        None if one of them is none, or the exponent is beyond any quantity.
    """
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    if isinstance(exponent, bool) or not isinstance(exponent, int):
        return None
    if abs(exponent) > _LARGEST_EXPONENT:
        return None
    # Not by multiplication, which rounds to the context's digits.
    sign, digits, own_exponent = Decimal(value).as_tuple()
    if not isinstance(own_exponent, int) or abs(own_exponent) > _LARGEST_EXPONENT:
        return None
    if (power := own_exponent + exponent) <= 0:
        return Decimal((sign, digits, power))
    return Decimal((sign, (*digits, *[0] * power), 0))
