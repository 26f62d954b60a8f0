"""The names an expression mentions."""

import ast
from functools import lru_cache

from bashu.policy.engine.rules import Formula


@lru_cache(maxsize=4096)
def names_in(text: str) -> frozenset[str]:
    """Names and table.fact paths in an expression; nothing when it cannot be read (reading it for real says why).

    >>> sorted(names_in("sum(emissions.mass * rate[grade])"))
    ['emissions', 'emissions.mass', 'grade', 'rate', 'sum']
    """
    try:
        tree = ast.parse(text.strip() or "0", mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return frozenset()
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    paths = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return frozenset(found | paths)


def formula_names(formula: Formula) -> frozenset[str]:
    """Names in a formula and its exceptions."""
    texts = [formula.text, *(text for item in formula.exceptions for text in (item.when, item.value))]
    return frozenset().union(*(names_in(text) for text in texts))
