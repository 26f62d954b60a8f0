"""Whether one more item may be granted beside those granted already: the choosing engine's rules, one decision at a time."""

from collections.abc import Sequence
from typing import NamedTuple

from bashu.policy.engine.choosing import Catalogue, Item


class Granted(NamedTuple):
    """An item granted before, in fen."""

    item: str
    province: int
    topic: str
    fen: int


class Verdict(NamedTuple):
    """What may be granted in fen; else 0 and why not: topic, excluded, prerequisite, group_full, void, nothing_left."""

    fen: int
    refusal: str = ""
    because: tuple[str, ...] = ()


def grantable(
    catalogue: Catalogue, code: str, amount: int, granted: Sequence[Granted], investment: int | None
) -> Verdict:
    """What of `amount` fen may be granted for an item.

    granted: what the enterprise has of the same year, from both provinces. investment: fen, None where it is not known; then a
    catalogue that limits support to a share of it grants nothing.

    >>> from bashu.policy.engine.choosing import Cap
    >>> two = Catalogue((Item("cq-lab", 0, "lab"), Item("sc-hire", 1, "hire"), Item("sc-lab", 1, "lab")), {1: Cap(250)})
    >>> grantable(two, "sc-lab", 180, [Granted("cq-lab", 0, "lab", 200)], None)
    Verdict(fen=0, refusal='topic', because=('cq-lab',))
    >>> grantable(two, "sc-lab", 180, [Granted("sc-hire", 1, "hire", 100)], None).fen
    150
    """
    items = {item.id: item for item in catalogue.items}
    item = items[code]
    have = {one.item for one in granted}
    if clash := tuple(one.item for one in granted if one.topic == topic_of(item)):
        return Verdict(0, "topic", clash)
    if clash := tuple(sorted(name for name in have if excludes(item, items.get(name)))):
        return Verdict(0, "excluded", clash)
    if absent := tuple(name for name in item.requires if name not in have):
        return Verdict(0, "prerequisite", absent)
    for most, names in catalogue.groups:
        if code in names and len(inside := have & set(names)) >= most:
            return Verdict(0, "group_full", tuple(sorted(inside)))
    return limited(catalogue, item, amount, granted, investment)


def limited(
    catalogue: Catalogue, item: Item, amount: int, granted: Sequence[Granted], investment: int | None
) -> Verdict:
    """The amount within the province's cap and the share of the investment."""
    limits = []
    if cap := catalogue.caps.get(item.province):
        limits.append((cap.most - sum(one.fen for one in granted if one.province == item.province), cap.void))
    if catalogue.share is not None:
        most = int((investment or 0) * catalogue.share.share)
        limits.append((most - sum(one.fen for one in granted), catalogue.share.void))
    for left, void in limits:
        if amount > left and void:
            return Verdict(0, "void")
        amount = min(amount, left)
    return Verdict(amount) if amount > 0 else Verdict(0, "nothing_left")


def topic_of(item: Item) -> str:
    """The topic of an item; one without a topic is its own."""
    return item.topic or item.id


def excludes(one: Item, other: Item | None) -> bool:
    """Whether two items exclude one another, whichever says so."""
    return other is not None and (other.id in one.excludes or one.id in other.excludes)
