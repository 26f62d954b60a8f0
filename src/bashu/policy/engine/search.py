# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators
# ruff: noqa: PLR0912, PLR0915
"""Branch and bound for one project's items, compiled: the best set, then the first of its equals.

Topics are branched on, largest first; each takes one of its items or none. What remains is bounded by three sums over
topics: each province alone, both together, and a Lagrangian of the province caps (weights in 64ths, the best of a grid
at the root): for weights 0 ≤ w ≤ 1, min(C, S) ≤ w·S + (1 − w)·C (Fisher, 1981). All arithmetic is in int64 fen.
"""

import numpy as np
from numba import njit, prange

ENDLESS = np.int64(1) << 58
GRID = 64
MOST_NODES = 5_000_000


@njit(cache=True, inline="always")
def worth(s0, s1, caps, voids, total, total_void):
    """What the sums of both provinces pay out, −1 when a voiding cap is broken."""
    if (voids[0] and s0 > caps[0]) or (voids[1] and s1 > caps[1]):
        return np.int64(-1)
    value = min(s0, caps[0]) + min(s1, caps[1])
    if value > total:
        return np.int64(-1) if total_void else total
    return value


@njit(cache=True, inline="always")
def bound(s0, s1, r0, r1, rall, rw, w0, w1, caps, total):
    """The most that can still be reached from sums s with remainders r."""
    value = min(s0 + r0, caps[0]) + min(s1 + r1, caps[1])
    value = min(value, s0 + s1 + rall, total)
    weighted = w0 * s0 + w1 * s1 + rw
    if w0 < GRID:
        weighted += (GRID - w0) * caps[0]
    if w1 < GRID:
        weighted += (GRID - w1) * caps[1]
    return min(value, weighted // GRID)


@njit(cache=True)
def fits(item, chosen, out, needed, excludes, requires, group_masks, group_most):
    """Whether an item can join: nothing chosen or needed excludes it, its prerequisites are open, its groups have room."""
    if (excludes[item] & (chosen | needed)) or (requires[item] & out):
        return False
    bit = np.int64(1) << item
    for group in range(len(group_masks)):
        if group_masks[group] & bit:
            mask, members = chosen & group_masks[group], 0
            while mask:
                mask &= mask - 1
                members += 1
            if members >= group_most[group]:
                return False
    return True


@njit(cache=True)
def weights(amounts, province, topic, topics, caps):
    """The weights of the caps whose bound at the root is lowest."""
    best, w0, w1 = ENDLESS, GRID, GRID
    largest = np.empty(topics, np.int64)
    for side in range(2):
        if caps[side] >= ENDLESS:
            continue
        for weight in range(0, GRID + 1, 4):
            a, b = (weight, GRID) if side == 0 else (GRID, weight)
            largest[:] = 0
            for item in range(len(amounts)):
                if amounts[item] > 0:
                    scaled = amounts[item] * (a if province[item] == 0 else b)
                    largest[topic[item]] = max(largest[topic[item]], scaled)
            value = ((GRID - weight) * caps[side] + largest.sum()) // GRID
            if value < best:
                best, w0, w1 = value, a, b
    return w0, w1


@njit(cache=True)
def remainders(order, first, amounts, items, province, w0, w1):
    """For each depth the sums over the topics still to come: CQ, SC, either, weighted; and the largest amounts in a row."""
    depth = len(order)
    rest = np.zeros((5, depth + 1), np.int64)
    for level in range(depth - 1, -1, -1):
        best0, best1, weighted = np.int64(0), np.int64(0), np.int64(0)
        for place in range(first[order[level]], first[order[level] + 1]):
            item = items[place]
            if amounts[item] > 0:
                if province[item] == 0:
                    best0 = max(best0, amounts[item])
                    weighted = max(weighted, w0 * amounts[item])
                else:
                    best1 = max(best1, amounts[item])
                    weighted = max(weighted, w1 * amounts[item])
        rest[0, level] = rest[0, level + 1] + best0
        rest[1, level] = rest[1, level + 1] + best1
        rest[2, level] = rest[2, level + 1] + max(best0, best1)
        rest[3, level] = rest[3, level + 1] + weighted
    for level in range(depth):
        rest[4, level + 1] = rest[4, level] + rest[2, level] - rest[2, level + 1]
    return rest


@njit(cache=True)
def best_value(
    amounts, province, first, items, excludes, requires, group_masks, group_most, topic, caps, voids, total, total_void
):
    """The greatest total, the fewest items that reach it, and a set of so many that does.

    Answers total, items, bound at the root, simple bound, nodes, the set as a mask, and whether no other set of that size can
    reach the total: then it need not be searched among its equals.
    """
    topics = len(first) - 1
    largest = np.zeros(topics, np.int64)
    out = np.int64(0)
    for item in range(len(amounts)):
        if amounts[item] < 0:
            out |= np.int64(1) << item
        else:
            largest[topic[item]] = max(largest[topic[item]], amounts[item])
    order = np.argsort(-largest, kind="mergesort")
    w0, w1 = weights(amounts, province, topic, topics, caps)
    rest = remainders(order, first, amounts, items, province, w0, w1)
    root = bound(0, 0, rest[0, 0], rest[1, 0], rest[2, 0], rest[3, 0], w0, w1, caps, total)
    simple = min(min(rest[0, 0], caps[0]) + min(rest[1, 0], caps[1]), rest[2, 0], total)
    best, fewest, nodes, level = np.int64(0), 0, 0, 0
    found, alone = np.int64(0), True
    option = np.zeros(topics + 1, np.int64)
    sums = np.zeros((topics + 1, 2), np.int64)
    masks = np.zeros((topics + 1, 3), np.int64)  # chosen, out, needed
    count = np.zeros(topics + 1, np.int64)
    masks[0, 1] = out
    while level >= 0:
        if option[level] == 0:
            nodes += 1
            if nodes > MOST_NODES:
                break
            s0, s1 = sums[level, 0], sums[level, 1]
            value = worth(s0, s1, caps, voids, total, total_void)
            if not (masks[level, 2] & ~masks[level, 0]):
                if value > best or (value == best and count[level] < fewest):
                    best, fewest, found, alone = value, count[level], masks[level, 0], True
                elif value == best and count[level] == fewest and masks[level, 0] != found:
                    alone = False
            if level == topics:
                level -= 1
                continue
            reach = bound(s0, s1, rest[0, level], rest[1, level], rest[2, level], rest[3, level], w0, w1, caps, total)
            if reach < best:
                level -= 1
                continue
            if reach == best:
                spare = fewest - 1 - count[level]
                if spare < 0 or value + rest[4, min(level + spare, topics)] - rest[4, level] < best:
                    more = spare + 1  # items that a set just as large could still take
                    if more > 0 and value + rest[4, min(level + more, topics)] - rest[4, level] >= best:
                        alone = False
                    level -= 1
                    continue
        here = order[level]
        size = first[here + 1] - first[here]
        if option[level] > size:
            level -= 1
            continue
        mine = np.int64(0)
        for place in range(first[here], first[here + 1]):
            mine |= np.int64(1) << items[place]
        chosen, closed, needed = masks[level, 0], masks[level, 1], masks[level, 2]
        if option[level] < size:
            item = items[first[here] + option[level]]
            bit = np.int64(1) << item
            option[level] += 1
            if (closed & bit) or (needed & mine & ~bit):
                continue
            if not fits(item, chosen, closed, needed, excludes, requires, group_masks, group_most):
                continue
            s0, s1 = sums[level, 0], sums[level, 1]
            if province[item] == 0:
                s0 += amounts[item]
            else:
                s1 += amounts[item]
            if worth(s0, s1, caps, voids, total, total_void) < 0:
                continue
            sums[level + 1, 0], sums[level + 1, 1] = s0, s1
            masks[level + 1, 0] = chosen | bit
            masks[level + 1, 1] = closed | (mine & ~bit) | excludes[item]
            masks[level + 1, 2] = needed | requires[item]
            count[level + 1] = count[level] + 1
        else:
            option[level] += 1
            if needed & mine:
                continue
            sums[level + 1, 0], sums[level + 1, 1] = sums[level, 0], sums[level, 1]
            masks[level + 1, 0], masks[level + 1, 1], masks[level + 1, 2] = chosen, closed | mine, needed
            count[level + 1] = count[level]
        level += 1
        option[level] = 0
    return best, fewest, root, simple, nodes, found, alone


@njit(cache=True)
def open_bound(item, left, amounts, province, topic, topics, by_amount, masks, sums, w0, w1, caps, total):
    """The most that `left` items from `item` on, not out, can still reach."""
    r0 = r1 = rall = rw = picked = np.int64(0)
    seen0 = seen1 = seen = np.int64(0)
    weighted = np.zeros(topics, np.int64)
    taken = 0
    for other in by_amount:
        bit = np.int64(1) << other
        if other < item or amounts[other] <= 0 or masks[1] & bit:
            continue
        mark = np.int64(1) << topic[other]
        if province[other] == 0:
            if not seen0 & mark:
                r0 += amounts[other]
                seen0 |= mark
            scaled = w0 * amounts[other]
        else:
            if not seen1 & mark:
                r1 += amounts[other]
                seen1 |= mark
            scaled = w1 * amounts[other]
        weighted[topic[other]] = max(weighted[topic[other]], scaled)
        if not seen & mark:
            seen |= mark
            rall += amounts[other]
            if taken < left:
                picked += amounts[other]
                taken += 1
    rw = weighted.sum()
    return bound(sums[0], sums[1], r0, r1, min(rall, picked), rw, w0, w1, caps, total)


@njit(cache=True)
def first_of_equals(
    goal,
    size,
    amounts,
    province,
    excludes,
    requires,
    group_masks,
    group_most,
    topic,
    topics,
    caps,
    voids,
    total,
    total_void,
):
    """The set of `size` items worth `goal` whose sorted list of items is smallest, as a mask; −1 when the search is cut short."""
    many = len(amounts)
    by_amount = np.argsort(-amounts, kind="mergesort")
    w0, w1 = weights(amounts, province, topic, topics, caps)
    sums = np.zeros((many + 1, 2), np.int64)
    masks = np.zeros((many + 1, 3), np.int64)
    count = np.zeros(many + 1, np.int64)
    option = np.zeros(many + 1, np.int64)
    for item in range(many):
        if amounts[item] < 0:
            masks[0, 1] |= np.int64(1) << item
    level, nodes = 0, 0
    while level >= 0:
        chosen, out, needed = masks[level, 0], masks[level, 1], masks[level, 2]
        if option[level] == 0:
            nodes += 1
            if nodes > MOST_NODES:
                return np.int64(-1)
            left = size - count[level]
            if left == 0 or level == many:
                value = worth(sums[level, 0], sums[level, 1], caps, voids, total, total_void)
                if left == 0 and not (needed & ~chosen) and value == goal:
                    return chosen
                level -= 1
                continue
            above = masks[level], sums[level]
            if (
                open_bound(
                    level, left, amounts, province, topic, topics, by_amount, above[0], above[1], w0, w1, caps, total
                )
                < goal
            ):
                level -= 1
                continue
        bit = np.int64(1) << level
        if option[level] == 0:
            option[level] = 1
            if (out & bit) or not fits(level, chosen, out, needed, excludes, requires, group_masks, group_most):
                continue
            s0, s1 = sums[level, 0], sums[level, 1]
            if province[level] == 0:
                s0 += amounts[level]
            else:
                s1 += amounts[level]
            if worth(s0, s1, caps, voids, total, total_void) < 0:
                continue
            sums[level + 1, 0], sums[level + 1, 1] = s0, s1
            masks[level + 1, 0], masks[level + 1, 1] = chosen | bit, out | excludes[level]
            masks[level + 1, 2] = needed | requires[level]
            count[level + 1] = count[level] + 1
        elif option[level] == 1:
            option[level] = 2
            if needed & bit:
                continue
            sums[level + 1, 0], sums[level + 1, 1] = sums[level, 0], sums[level, 1]
            masks[level + 1, 0], masks[level + 1, 1], masks[level + 1, 2] = chosen, out | bit, needed
            count[level + 1] = count[level]
        else:
            level -= 1
            continue
        level += 1
        option[level] = 0
    return np.int64(-1)


def solve(
    amounts, province, first, items, excludes, requires, group_masks, group_most, topic, caps, voids, totals, total_void
):
    """Every project: total, chosen mask, bound, simple bound, whether proven."""
    many = len(amounts)
    value = np.zeros(many, np.int64)
    mask = np.zeros(many, np.int64)
    above = np.zeros(many, np.int64)
    simple = np.zeros(many, np.int64)
    proven = np.zeros(many, np.bool_)
    for project in prange(many):
        found = best_value(
            amounts[project], province, first, items, excludes, requires, group_masks, group_most, topic, caps, voids,
            totals[project], total_void,
        )  # fmt: skip
        chosen = found[5]
        if not found[6]:
            chosen = first_of_equals(
                found[0], found[1], amounts[project], province, excludes, requires, group_masks, group_most, topic, len(first) - 1, caps,
                voids, totals[project], total_void,
            )  # fmt: skip
        value[project], mask[project], simple[project] = found[0], chosen, found[3]
        proven[project] = found[4] <= MOST_NODES and chosen >= 0
        above[project] = found[0] if proven[project] else found[2]
    return value, mask, above, simple, proven


solve_few = njit(cache=True)(solve)
solve_many = njit(cache=True, parallel=True)(solve)
