"""The compiled scan against exhaustive search, against its readable reference, and on cases worked by hand."""

import numpy as np
import pytest

from bashu.logistics.engine.network import (
    DAY,
    REEFER,
    Change,
    Connections,
    Demand,
    Ends,
    Hub,
    Service,
    compile_network,
    dangerous_bit,
)
from bashu.logistics.engine.reference import Search
from bashu.logistics.engine.scan import _settle, charged_days, pareto_front
from bashu.logistics.engine.synthetic import START, make_network
from logistics_oracle import Oracle

# Around New Year, around both changes to and from summer time in Europe, and in between.
STARTS = (START - 3 * DAY, 29_055_000 - 2 * DAY, 29_357_000 - 2 * DAY, START)
NEEDS = (0, 0, REEFER, dangerous_bit(3), REEFER | dangerous_bit(3))


def ends(rows):
    return Ends(*np.array(rows, dtype=np.int64).reshape(-1, 4).T.copy())


def vectors(made, demand, access, egress):
    front, _ = pareto_front(compile_network(*made), demand, ends(access), ends(egress))
    return list(zip(*(column.tolist() for column in front[:3]), strict=True))


def case(seed):
    """A small network with every feature on and a question about it."""
    rng = np.random.default_rng(seed)
    hubs, start = int(rng.integers(3, 7)), STARTS[seed % 4]
    made = make_network(
        seed, hubs=hubs, connections=int(rng.integers(25, 70)), days=int(rng.integers(4, 15)), start=start
    )
    order = rng.permutation(hubs).tolist()

    def legs(chosen):
        return [(hub, *rng.integers(0, (600, 5000, 5000)).tolist()) for hub in chosen]

    access, egress = legs(order[: 1 + seed % 2]), legs(order[2 : 3 + seed // 2 % 2])
    return made, Demand(start + int(rng.integers(0, DAY)), int(rng.integers(1, 4)), NEEDS[seed % 5]), access, egress


def compare(seeds):
    sizes = []
    for seed in seeds:
        made, demand, access, egress = case(seed)
        keys = {"departs": demand.departs, "teu": demand.teu, "needs": demand.needs, "access": access, "egress": egress}
        expected = Oracle(*made, **keys).front()
        assert vectors(made, demand, access, egress) == expected, seed
        assert Search(compile_network(*made), demand, ends(access), ends(egress)).run() == expected, seed
        sizes.append(len(expected))
    return sizes


def test_fronts_are_those_of_exhaustive_search():
    sizes = compare(range(120))
    assert sum(size > 1 for size in sizes) > 15


@pytest.mark.slow
def test_fronts_are_those_of_exhaustive_search_on_two_thousand_networks():
    sizes = compare(range(1000, 3000))
    assert sum(size > 2 for size in sizes) > 100


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))])
def test_fronts_of_a_larger_network_are_those_of_the_reference(seed):
    made = make_network(seed, hubs=15, connections=2500, days=20)
    network, demand = compile_network(*made), Demand(START + 60 * seed, 2, NEEDS[seed])
    for origin, target in ((0, 1), (2, 3), (4, 5)):
        pair = ends([(origin, 0, 0, 0)]), ends([(target, 0, 0, 0)])
        front, _ = pareto_front(network, demand, *pair)
        assert (
            list(zip(*(column.tolist() for column in front[:3]), strict=True)) == Search(network, demand, *pair).run()
        )


def test_a_further_trip_never_takes_an_option_away():
    for seed in range(60):
        made, demand, access, egress = case(seed)
        trips = np.unique(made.connections.trip)
        without = made.connections.trip != trips[seed % trips.size]
        fewer = made._replace(connections=Connections(*(column[without] for column in made.connections)))
        options = vectors(made, demand, access, egress)
        for old in vectors(fewer, demand, access, egress):
            assert any(all(a <= b for a, b in zip(new, old, strict=True)) for new in options)


def test_a_settled_label_beats_what_it_drops_at_every_departure():
    rng = np.random.default_rng(3)
    dropped = 0
    for _ in range(500):
        size, rate, free = int(rng.integers(2, 6)), int(rng.integers(0, 4)), DAY * int(rng.integers(0, 3))
        now = int(rng.integers(3, 8)) * DAY
        store = np.zeros((5, size), dtype=np.int64)
        store[0] = rng.integers(0, now, size)
        store[1] = store[0] + rng.integers(0, 600, size)
        store[2], store[3], store[4] = rng.integers(0, 12, size), rng.integers(0, 3, size), np.arange(size)
        before = store.copy()
        kept, _ = _settle(store, 0, size, now - 300, now, rate, free)
        alive = store[4, :kept].tolist()
        later = now + np.arange(0, 5 * DAY, 17)
        cost = {
            n: before[2, n] + rate * np.array([charged_days(t - before[0, n], free) for t in later])
            for n in range(size)
        }
        for gone in set(range(size)) - set(alive):
            dropped += 1
            settled = [n for n in alive if before[1, n] <= now - 300 and before[3, n] <= before[3, gone]]
            assert any((cost[n] <= cost[gone]).all() for n in settled)
    assert dropped > 80


class Line:
    """A hand-made network: hubs A, B, C, rail everywhere unless said; trips of one connection each."""

    def __init__(self, rows, hubs=None, services=None, changes=None):
        self.hubs = hubs or [Hub("A"), Hub("B"), Hub("C")]
        self.services = services or [Service("rail", 1)]
        self.changes = changes or {(hub, *pair): Change(0) for hub in range(3) for pair in ((0, 1), (1, 1), (1, 0))}
        columns = np.array([(row[0], n, *row[1:]) for n, row in enumerate(rows)], dtype=np.int64).T
        self.made = (self.hubs, self.services, Connections(*columns), self.changes)

    def front(self, teu=1, needs=0, departs=0):
        return vectors(self.made, Demand(departs, teu, needs), [(0, 0, 0, 0)], [(2, 0, 0, 0)])


class TestFeatures:
    def test_storage_makes_the_later_dearer_arrival_the_better_one(self):
        # To B early for 10 or a day later for 15; storage at B costs 20 a started day; the only train on leaves late.
        rows = [(0, 0, 1, 0, 60, 10, 0, 9), (0, 0, 1, 1440, 1500, 15, 0, 9), (0, 1, 2, 2000, 2100, 5, 0, 9)]
        hubs = [Hub("A"), Hub("B", storage=20), Hub("C")]
        assert Line(rows, hubs).front() == [(2100, 15 + 20 + 5, 0)]
        assert Line(rows).front() == [(2100, 10 + 5, 0)]

    def test_boxes_are_not_split(self):
        rows = [(0, 0, 2, 0, 60, 10, 0, 1), (0, 0, 2, 100, 160, 30, 0, 2)]
        assert Line(rows).front(teu=1) == [(60, 10, 0)]
        assert Line(rows).front(teu=2) == [(160, 60, 0)]

    def test_without_a_transfer_yard_gauges_do_not_meet(self):
        rows = [(0, 0, 1, 0, 60, 10, 0, 9), (1, 1, 2, 2000, 2100, 5, 0, 9)]
        services = [Service("standard", 1), Service("broad", 2)]
        changes = {(0, 0, 1): Change(0), (2, 2, 0): Change(0)}
        assert Line(rows, services=services, changes=changes).front() == []
        yard = changes | {(1, 1, 2): Change(720, 7, 3)}
        assert Line(rows, services=services, changes=yard).front() == [(2100, 22, 3)]

    def test_a_closed_hub_is_called_at_by_nobody(self):
        rows = [
            (0, 0, 1, 0, 60, 10, 0, 9),
            (0, 1, 2, 100, 160, 5, 0, 9),
            (0, 0, 1, 500, 560, 10, 0, 9),
            (0, 1, 2, 600, 700, 5, 0, 9),
        ]
        assert Line(rows).front() == [(160, 15, 0)]
        assert Line(rows, [Hub("A"), Hub("B", closures=((30, 300),)), Hub("C")]).front() == [(700, 15, 0)]

    def test_a_cutoff_is_kept_by_the_clock_of_the_hub(self):
        # 18:00 in Shanghai on 1 January 1970 is 10:00 UTC. The train at 20:00 UTC takes what is there by then.
        services = [Service("rail", 1, cutoff=120, cutoff_at=18 * 60)]
        hubs = [Hub("A", "Asia/Shanghai"), Hub("B"), Hub("C")]
        line = Line([(0, 0, 2, 1200, 1300, 1, 0, 9)], hubs, services)
        assert line.front(departs=600) == [(1300, 1, 0)]
        assert line.front(departs=601) == []

    def test_windows_follow_summer_time(self):
        # Sunday 30 March 2025: Berlin opens at 06:00, which is 04:00 UTC and no longer 05:00.
        sunday = 29_055_000 // DAY * DAY
        assert (sunday // DAY + 3) % 7 == 6
        berlin = Hub("C", "Europe/Berlin", windows=tuple((day, 360, 1200) for day in range(1, 8)))
        line = Line([(0, 0, 2, sunday - DAY, sunday + 60, 1, 0, 9)], [Hub("A"), Hub("B"), berlin])
        assert line.front(departs=sunday - 2 * DAY) == [(sunday + 4 * 60, 1, 0)]

    def test_dangerous_goods_and_reefers_go_only_where_they_may(self):
        able = REEFER | dangerous_bit(3)
        hubs = [Hub("A", abilities=able), Hub("B", abilities=able), Hub("C", abilities=able)]
        services = [Service("plain", 1), Service("able", 1, abilities=able, reefer_surcharge=4, dangerous_surcharge=7)]
        line = Line([(0, 0, 2, 0, 60, 10, 0, 9), (1, 0, 2, 0, 90, 10, 0, 9)], hubs, services)
        assert line.front(needs=0) == [(60, 10, 0)]
        assert line.front(needs=able, teu=2) == [(90, 42, 0)]
        assert line.front(needs=dangerous_bit(4)) == []


def test_a_connection_that_arrives_before_it_departs_is_refused():
    with pytest.raises(ValueError, match="connection 0"):
        Line([(0, 0, 2, 60, 60, 10, 0, 9)]).front()
