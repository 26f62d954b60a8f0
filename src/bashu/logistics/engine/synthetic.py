"""Seeded made-up networks with every feature on, for tests and benchmarks."""

import itertools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from bashu.logistics.engine.network import (
    DAY,
    MODES,
    REEFER,
    Change,
    Connections,
    Hub,
    Service,
    dangerous_bit,
)

START = 28_928_160  # 2025-01-01T00:00Z
ZONES = ("Asia/Shanghai", "Asia/Singapore", "Europe/Berlin", "Europe/Warsaw", "Asia/Almaty")
SPEED = (70, 60, 45, 15, 30, 700)  # km/h by mode
FEN = (450, 160, 180, 45, 30, 4500)  # per TEU-km
GRAMS = (900, 250, 280, 190, 90, 6000)  # per TEU-km
EVERYTHING = REEFER | sum(dangerous_bit(n) for n in range(1, 10))


class Made(NamedTuple):
    """The arguments of `compile_network`."""

    hubs: list[Hub]
    services: list[Service]
    connections: Connections
    changes: Mapping[tuple[int, int, int], Change]


def make_network(seed: int, *, hubs: int, connections: int, days: int, start: int = START) -> Made:
    """A network of hubs on a plane of 3,000 km, lines of two to five calls between neighbours, trips at regular intervals.

    Windows, closures, storage, cut-offs, gauges, abilities and full vehicles all occur. Exactly `connections` rows.
    """
    rng = np.random.default_rng(seed)
    where = rng.uniform(0, 3000, (hubs, 2))
    made = [_hub(rng, n, start, days) for n in range(hubs)]
    away = np.hypot(*(where[:, None, :] - where[None, :, :]).transpose(2, 0, 1))
    services: list[Service] = []
    rows: list[tuple[int, ...]] = []
    trip = 0
    while len(rows) < connections:
        service, calls = _line(rng, len(services), away)
        services.append(service)
        every = int(rng.choice([DAY // 2, DAY, DAY, 2 * DAY, 7 * DAY]))
        leave = start + int(rng.integers(0, every))
        rate = 0.7 + 0.6 * rng.random()
        while leave < start + days * DAY:
            rows.extend(_run(rng, service, len(services) - 1, trip, calls, leave, rate, away))
            trip += 1
            leave += every
    columns = np.array(rows[:connections], dtype=np.int64).T
    return Made(made, services, Connections(*columns), _changes(rng, hubs))


def _hub(rng: np.random.Generator, number: int, start: int, days: int) -> Hub:
    windows: tuple[tuple[int, int, int], ...] = ()
    if rng.random() < 0.7:
        opens, closes = 60 * int(rng.integers(0, 9)), 60 * int(rng.integers(16, 25))
        working = 7 if rng.random() < 0.6 else 6
        windows = tuple((weekday, opens, closes) for weekday in range(1, working + 1))
    closures: tuple[tuple[int, int], ...] = ()
    if rng.random() < 0.15:
        shut = start + int(rng.integers(0, days * DAY))
        closures = ((shut, shut + int(rng.integers(DAY // 2, 4 * DAY))),)
    abilities = EVERYTHING if rng.random() < 0.85 else REEFER
    free, storage = int(rng.integers(0, 6)), 100 * int(rng.integers(0, 80))
    return Hub(f"H{number:03d}", str(rng.choice(ZONES)), windows, closures, free, storage, abilities)


def _line(rng: np.random.Generator, number: int, away: np.ndarray) -> tuple[Service, list[int]]:
    mode = int(rng.choice(len(MODES), p=(0.3, 0.25, 0.1, 0.15, 0.15, 0.05)))
    calls = [int(rng.integers(away.shape[0]))]
    for _ in range(int(rng.integers(1, 5))):
        near = [int(hub) for hub in np.argsort(away[calls[-1]])[1:10] if hub not in calls]
        if not near:
            break
        calls.append(int(rng.choice(near)))
    timed = int(rng.integers(0, 24)) * 60 if rng.random() < 0.3 else None
    abilities = EVERYTHING if rng.random() < 0.8 else 0
    surcharges = 100 * int(rng.integers(0, 300)), 100 * int(rng.integers(0, 300))
    return Service(f"S{number:04d}", mode, 60 * int(rng.integers(0, 13)), timed, abilities, *surcharges), calls


def _run(
    rng: np.random.Generator,
    service: Service,
    index: int,
    trip: int,
    calls: list[int],
    leave: int,
    rate: float,
    away: np.ndarray,
) -> list[tuple[int, ...]]:
    rows: list[tuple[int, ...]] = []
    for origin, target in itertools.pairwise(calls):
        km = float(away[origin, target]) + 1
        lasts = max(30, int(60 * km / SPEED[service.mode]))
        price, grams = 1000 + int(rate * FEN[service.mode] * km), 1 + int(GRAMS[service.mode] * km)
        capacity = int(rng.integers(0, 60))
        rows.append((index, trip, origin, target, leave, leave + lasts, price, grams, capacity))
        leave += lasts + 60 * int(rng.integers(0, 7))
    return rows


def _changes(rng: np.random.Generator, hubs: int) -> dict[tuple[int, int, int], Change]:
    changes = {}
    for hub in range(hubs):
        for came in range(len(MODES)):
            for goes in range(len(MODES)):
                gauges = {came, goes} == {1, 2}
                if rng.random() < (0.7 if gauges else 0.05):
                    continue
                minutes = 30 * int(rng.integers(2, 24)) + (720 if gauges else 0)
                changes[hub, came, goes] = Change(
                    minutes, 500 * int(rng.integers(10, 200)), 1000 * int(rng.integers(1, 20))
                )
    return changes
