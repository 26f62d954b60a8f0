"""Either of two: the best set of support items over both provinces' catalogues, with proof and counterfactuals.

maximise Σ over provinces of min(cap, Σ chosen amounts), within a share of the investment, where a topic is supported
once, by either province; groups have limits; items exclude or require one another; a voiding cap must not be passed.
Ties go to the fewest items, then to the smallest sorted list of item ids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from bashu.policy.engine import search
from bashu.policy.engine.faults import RuleFault

MOST_ITEMS = 62
LARGEST = 10**15
WORTH_THREADS = 1000  # projects from which starting threads pays
CQ, SC = 0, 1


@dataclass(frozen=True)
class Cap:
    """An upper limit in fen; what is above is cut off, or (void) everything is lost."""

    most: int
    void: bool = False


@dataclass(frozen=True)
class Item:
    """A support item: of one province (0 Chongqing, 1 Sichuan), perhaps on a topic, with what it needs and excludes."""

    id: str
    province: int
    topic: str | None = None
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Share:
    """All support together, at most so much of the investment."""

    share: Fraction
    void: bool = False


@dataclass(frozen=True)
class Catalogue:
    """Items in order of id, with the limits over them. groups: (most, item ids)."""

    items: tuple[Item, ...]
    caps: Mapping[int, Cap]
    share: Share | None = None
    groups: tuple[tuple[int, tuple[str, ...]], ...] = ()

    def mask(self, names: Sequence[str]) -> int:
        """The bits of items by id. Raises RuleFault for an unknown one."""
        return mask_of(names, {item.id: index for index, item in enumerate(self.items)})


class Choice(NamedTuple):
    """The best sets of many projects, in fen. mask: bit i is item i of the catalogue; simple: the bound without search."""

    total: np.ndarray
    mask: np.ndarray
    bound: np.ndarray
    simple: np.ndarray
    proven: np.ndarray


@dataclass(frozen=True)
class Problem:
    """A catalogue as arrays."""

    province: np.ndarray
    first: np.ndarray
    items: np.ndarray
    topic: np.ndarray
    excludes: np.ndarray
    requires: np.ndarray
    group_masks: np.ndarray
    group_most: np.ndarray
    caps: np.ndarray
    voids: np.ndarray
    share: Share | None


def problem_of(catalogue: Catalogue) -> Problem:
    """Masks and topics of a catalogue. Raises RuleFault: too many items, unknown ids, prerequisites in a circle."""
    items = catalogue.items
    if len(items) > MOST_ITEMS:
        raise RuleFault(f"{len(items)} items; at most {MOST_ITEMS} can be weighed together")
    if [item.id for item in items] != sorted({item.id for item in items}):
        raise RuleFault("items must be in order of id, each once")
    place = {item.id: index for index, item in enumerate(items)}
    topics = {name: index for index, name in enumerate(dict.fromkeys(item.topic or f" {item.id}" for item in items))}
    topic = np.array([topics[item.topic or f" {item.id}"] for item in items], np.int64)
    excludes = np.zeros(len(items), np.int64)
    requires = np.zeros(len(items), np.int64)
    for index, item in enumerate(items):
        requires[index] = mask_of(item.requires, place)
        for other in item.excludes:
            excludes[index] |= mask_of((other,), place)
            excludes[place[other]] |= 1 << index
        for other_index in np.flatnonzero(topic == topic[index]):
            if other_index != index:
                excludes[index] |= 1 << int(other_index)
    close(requires, items)
    order = np.argsort(topic, kind="stable")
    first = np.searchsorted(topic[order], np.arange(len(topics) + 1))
    caps = [catalogue.caps[side].most if side in catalogue.caps else int(search.ENDLESS) for side in (CQ, SC)]
    return Problem(
        province=np.array([item.province for item in items], np.int64),
        first=first.astype(np.int64),
        items=order.astype(np.int64),
        topic=topic,
        excludes=excludes,
        requires=requires,
        group_masks=np.array([mask_of(names, place) for _, names in catalogue.groups], np.int64),
        group_most=np.array([most for most, _ in catalogue.groups], np.int64),
        caps=np.array(caps, np.int64),
        voids=np.array([side in catalogue.caps and catalogue.caps[side].void for side in (CQ, SC)]),
        share=catalogue.share,
    )


def mask_of(names: Sequence[str], place: Mapping[str, int]) -> int:
    """The bits of items. Raises RuleFault for an unknown one."""
    for name in names:
        if name not in place:
            raise RuleFault(f"no item is called {name}")
    return sum(1 << place[name] for name in set(names))


def close(requires: np.ndarray, items: Sequence[Item]) -> None:
    """Prerequisites of prerequisites are prerequisites; refuse circles."""
    for _ in items:
        for index in range(len(items)):
            for other in range(len(items)):
                if requires[index] >> other & 1:
                    requires[index] |= requires[other]
    for index, item in enumerate(items):
        if requires[index] >> index & 1:
            raise RuleFault(f"{item.id} requires itself through others")


def choose(problem: Problem, amounts: np.ndarray, investment: np.ndarray) -> Choice:
    """The best set of each project.

    amounts: fen, int64, shape (projects, items), −1 where a project is not eligible. investment: fen, int64, (projects,).
    Raises ValueError for amounts beyond 10¹⁵ fen.

    >>> two = Catalogue((Item("cq-lab", 0, "lab"), Item("sc-lab", 1, "lab"), Item("sc-talent", 1)), {1: Cap(250)})
    >>> best = choose(problem_of(two), np.array([[200, 180, 100]]), np.array([10_000]))
    >>> int(best.total[0]), bin(best.mask[0]), bool(best.proven[0])
    (300, '0b101', True)
    """
    if len(amounts) and (amounts.max() > LARGEST or amounts.min() < -1 or investment.max() > LARGEST):
        raise ValueError(f"amounts lie between 0 and {LARGEST} fen")
    totals = totals_of(problem, investment)
    void = problem.share is not None and problem.share.void
    solve = search.solve_many if len(amounts) >= WORTH_THREADS else search.solve_few
    return Choice(
        *solve(
            np.ascontiguousarray(amounts, np.int64), problem.province, problem.first, problem.items, problem.excludes, problem.requires,
            problem.group_masks, problem.group_most, problem.topic, problem.caps, problem.voids, totals, void,
        )
    )  # fmt: skip


def totals_of(problem: Problem, investment: np.ndarray) -> np.ndarray:
    """The most each project may receive, rounded down to fen."""
    if problem.share is None:
        return np.full(len(investment), search.ENDLESS, np.int64)
    up, down = problem.share.share.numerator, problem.share.share.denominator
    return np.array([min(int(money) * up // down, int(search.ENDLESS)) for money in investment], np.int64)


def only(problem: Problem, amounts: np.ndarray, province: int) -> np.ndarray:
    """The amounts with the other province's items left out: the counterfactual of one catalogue alone."""
    return np.where(problem.province == province, amounts, -1)


class Rejection(NamedTuple):
    """Why an item was not chosen, and the best total with it, None when it cannot be chosen at all."""

    item: str
    reason: str  # not_eligible, excluded, group_full, prerequisite, void, no_gain
    because: tuple[str, ...]
    best_with: int | None


def rejections(
    catalogue: Catalogue, problem: Problem, amounts: np.ndarray, investment: int, mask: int
) -> list[Rejection]:
    """A reason for each item of one project that was not chosen. amounts: shape (items,)."""
    result = []
    for index, item in enumerate(catalogue.items):
        if mask >> index & 1:
            continue
        if amounts[index] < 0:
            result.append(Rejection(item.id, "not_eligible", (), None))
            continue
        forced = with_item(problem, amounts, index, investment)
        result.append(Rejection(item.id, *reason(catalogue, problem, amounts, mask, index), forced))
    return result


def with_item(problem: Problem, amounts: np.ndarray, index: int, investment: int) -> int | None:
    """The best total when an item must be chosen; None when it fits nowhere."""
    out = problem.excludes[index]
    closed = np.array([-1 if out >> other & 1 else amount for other, amount in enumerate(amounts)], np.int64)
    needed = int(problem.requires[index]) | 1 << index
    if any(needed >> other & 1 and closed[other] < 0 for other in range(len(closed))):
        return None
    return search_forced(problem, closed, needed, investment)


def search_forced(problem: Problem, amounts: np.ndarray, needed: int, investment: int) -> int | None:
    """The best total among sets that hold all of `needed`: every item is made to require them."""
    requires = problem.requires | needed
    for index in range(len(requires)):
        if needed >> index & 1:
            requires[index] &= ~(np.int64(1) << index)
    everyone = Problem(**{**problem.__dict__, "requires": requires})
    found = choose(everyone, amounts[None, :], np.array([investment]))
    if int(found.mask[0]) & needed == needed:
        return int(found.total[0])
    return (
        0 if together(problem, amounts, needed, investment) else None
    )  # a set worth nothing is never chosen, yet may be allowed


def together(problem: Problem, amounts: np.ndarray, needed: int, investment: int) -> bool:
    """Whether the items of a mask may be chosen together, within voiding caps."""
    chosen, spent = np.int64(0), [0, 0]
    for index in range(len(amounts)):
        if needed >> index & 1:
            if not search.fits(
                index, chosen, 0, needed, problem.excludes, problem.requires, problem.group_masks, problem.group_most
            ):
                return False
            chosen |= 1 << index
            spent[int(problem.province[index])] += int(amounts[index])
    total = totals_of(problem, np.array([investment]))[0]
    void = problem.share is not None and problem.share.void
    return bool(search.worth(spent[CQ], spent[SC], problem.caps, problem.voids, total, void) >= 0)


def reason(
    catalogue: Catalogue, problem: Problem, amounts: np.ndarray, mask: int, index: int
) -> tuple[str, tuple[str, ...]]:
    """The first rule that keeps an item out of the chosen set, or that it adds nothing."""
    names = [item.id for item in catalogue.items]

    def those(bits: int) -> tuple[str, ...]:
        return tuple(name for place, name in enumerate(names) if bits >> place & 1)

    if clash := int(problem.excludes[index]) & mask:
        return "excluded", those(clash)
    if absent := int(problem.requires[index]) & ~mask:
        return "prerequisite", those(absent)
    for group, most in zip(problem.group_masks, problem.group_most, strict=True):
        if group >> index & 1 and (int(group) & mask).bit_count() >= most:
            return "group_full", those(int(group) & mask)
    side = int(problem.province[index])
    spent = sum(
        int(amount) for place, amount in enumerate(amounts) if mask >> place & 1 and problem.province[place] == side
    )
    if problem.voids[side] and spent + amounts[index] > problem.caps[side]:
        return "void", ()
    return "no_gain", ()
