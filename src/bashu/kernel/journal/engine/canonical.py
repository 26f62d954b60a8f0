"""Canonical JSON (RFC 8785): every value has exactly one text, so a hash of the text stands for the value.

The journal's domain is narrower than the standard's: strings, integers within ±(2^53 − 1), booleans, null, lists and
objects. Floats are refused: their text is where implementations disagree, and no ledger here holds one.
"""

from typing import Any

import orjson

_LARGEST = 2**53 - 1
_DEEPEST = 250  # orjson stops at 254
_SCALARS = frozenset({str, int, bool, type(None)})


def canonical(value: object) -> bytes:
    """The UTF-8 bytes of RFC 8785 for a value made of exactly str, int, bool, None, list, tuple and dict with str keys.

    Subclasses (enumeration members, named tuples) and all other types are the caller's to convert: what they would
    become is not this function's to guess. Raises ValueError naming the path of the first thing refused: a float, an
    integer beyond ±(2^53 − 1), a lone surrogate, a foreign type, nesting beyond 250 levels.

    >>> canonical({"b": [1, True, None], "a": "巴蜀\\n"}).decode()
    '{"a":"巴蜀\\\\n","b":[1,true,null]}'
    >>> canonical({"rate": {"growth": [1, 0.5]}})
    Traceback (most recent call last):
    ...
    ValueError: $.rate.growth[1]: a float (0.5) has no canonical text here; write it as a string
    """
    try:
        text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    except orjson.JSONEncodeError:
        _refuse(value, "$", 0)
        raise
    if _is_plain(value):
        return text
    _refuse(value, "$", 0)
    return orjson.dumps(_in_utf16_order(value))


def _is_plain(value: Any) -> bool:
    """Whether orjson's text is already RFC 8785's: only the exact types, and no key with a character above U+FFFF.

    orjson writes strings and integers as RFC 8785 §3.2.2 asks, and sorts keys by UTF-8 bytes, which is code-point
    order; §3.2.3 asks for UTF-16 order. The two differ only where a key holds such a character.
    """
    waiting = [value]
    for item in waiting:  # grows as it goes; orjson has already refused cycles
        kind = type(item)
        if kind is dict:
            keys = "".join(item)
            if not keys.isascii() and max(keys) > "\uffff":
                return False
            inside = item.values()
        elif kind is list or kind is tuple:
            inside = item
        elif kind in _SCALARS:
            continue
        else:
            return False
        if not _SCALARS.issuperset(map(type, inside)):
            waiting.extend(inside)
    return True


def _in_utf16_order(value: Any) -> Any:
    """The same value with every object's keys in the order of their UTF-16 code units (RFC 8785 §3.2.3)."""
    if isinstance(value, dict):
        return {key: _in_utf16_order(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, list | tuple):
        return [_in_utf16_order(item) for item in value]
    return value


def _refuse(value: Any, path: str, depth: int) -> None:
    """Raise ValueError for the first thing in `value` that has no canonical text; return when there is none."""
    if depth > _DEEPEST:
        raise ValueError(f"{path[:80]}…: nested more than {_DEEPEST} levels deep")
    kind = type(value)
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise ValueError(f"{path}: the key {key!r} is not a string")
            _refuse_surrogate(key, f"{path}: a key")
            _refuse(item, f"{path}.{key}", depth + 1)
    elif kind is list or kind is tuple:
        for index, item in enumerate(value):
            _refuse(item, f"{path}[{index}]", depth + 1)
    elif kind is str:
        _refuse_surrogate(value, path)
    elif kind is float:
        raise ValueError(f"{path}: a float ({value!r}) has no canonical text here; write it as a string")
    elif kind is int and abs(value) > _LARGEST:
        raise ValueError(f"{path}: the integer is beyond ±(2^53 − 1); write it as a string")
    elif kind not in _SCALARS:
        raise ValueError(f"{path}: {kind.__name__} is not a JSON type; convert it first")


def _refuse_surrogate(text: str, path: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{path}: holds a lone surrogate, which is not a character") from None
