"""The terms of a settlement from the file of a division."""

import json
from decimal import Decimal
from typing import Any


def terms_of(content: bytes) -> dict[str, Any]:
    """Division, baseline, target shares and price settlement (yuan by player) of what `share --json` writes. Raises ValueError."""
    try:
        read = json.loads(
            content.decode("utf-8"), parse_float=Decimal, parse_int=Decimal, parse_constant=refuse_constant
        )
        division = read["division"]
        target, settled = ({str(k): Decimal(v) for k, v in read[name].items()} for name in (division, "settlement"))
        return {"division": str(division), "baseline": str(read["baseline"]), "target": target, "settled": settled}
    except (UnicodeDecodeError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"{type(error).__name__} {error}") from error


def refuse_constant(word: str) -> None:
    """NaN and infinities are no money."""
    raise ValueError(word)
