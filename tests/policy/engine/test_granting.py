"""One item granted after another never gives what the choosing engine would not allow together."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bashu.policy.engine.choosing import Cap, Catalogue, Item, Share, choose, problem_of, together
from bashu.policy.engine.granting import Granted, grantable, topic_of

ITEMS = (
    Item("a", 0, "lab"), Item("b", 0, "hire", excludes=("d",)), Item("c", 1, "lab"), Item("d", 1, None),
    Item("e", 1, "move", requires=("c",)),
)  # fmt: skip


@given(
    amounts=st.lists(st.integers(1, 50), min_size=5, max_size=5),
    order=st.permutations("abcde"),
    caps=st.tuples(st.integers(1, 120), st.booleans(), st.integers(1, 120), st.booleans()),
    share=st.booleans(),
)
def test_what_is_granted_one_by_one_may_stand_together(amounts, order, caps, share):
    from fractions import Fraction

    catalogue = Catalogue(
        ITEMS, {0: Cap(caps[0], caps[1]), 1: Cap(caps[2], caps[3])}, Share(Fraction(1, 5)) if share else None, ((2, ("a", "b", "e")),)
    )  # fmt: skip
    value = dict(zip("abcde", amounts, strict=True))
    places = {item.id: item for item in ITEMS}
    granted: list[Granted] = []
    for code in order:
        found = grantable(catalogue, code, value[code], granted, 400)
        assert 0 <= found.fen <= value[code]
        assert bool(found.fen) != bool(found.refusal)
        if found.fen:
            granted.append(Granted(code, places[code].province, topic_of(places[code]), found.fen))
    problem = problem_of(catalogue)
    got = np.array([[sum(one.fen for one in granted if one.item == item.id) for item in ITEMS]])
    mask = catalogue.mask([one.item for one in granted])
    assert together(problem, got[0], mask, 400)
    best = choose(problem, np.array([amounts]), np.array([400]))
    assert sum(one.fen for one in granted) <= int(best.total[0])
