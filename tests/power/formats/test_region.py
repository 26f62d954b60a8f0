"""The shipped facts of the grids: each cited or marked, none of them unused."""

from bashu.kernel.cited import FactStatus
from bashu.power.formats import hours as hours_file
from bashu.power.formats.region import assumptions_of, region_facts, region_of


def rows():
    return [row for found in region_facts()[1:] for row in found]


def test_whatever_our_own_model_says_is_assumed_and_only_that():
    for row in rows():
        if row.source == "bashu-model":
            assert row.status == FactStatus.ASSUMED, row
        elif row.status == FactStatus.ASSUMED:
            assert row.note, row


def test_shares_of_a_side_sum_to_one():
    facts = region_facts()
    sides = {zone.id: "OUT" if zone.id == "OUT" else zone.side for zone in facts.zones}
    sums: dict[tuple[str, str], float] = {}
    for row in facts.shares:
        key = sides[row.zone], row.technology
        sums[key] = sums.get(key, 0) + float(row.share)
    assert all(abs(total - 1) < 1e-3 for total in sums.values()), sums
    for side in ("SC", "CQ"):
        assert abs(sum(float(zone.load_share) for zone in facts.zones if zone.side == side) - 1) < 1e-9


def test_all_capacity_of_the_facts_stands_in_the_model():
    facts = region_facts()
    assert abs(sum(plant.mw for plant in region_of(facts).plants) / sum(row.mw for row in facts.fleet) - 1) < 1e-3


def test_every_note_is_in_both_languages():
    assert all(bool(row.note) == bool(row.note_en) for row in rows())


def test_a_case_keeps_every_number_with_its_status():
    kept = assumptions_of(region_facts())
    assert len(kept) == sum(
        len(getattr(region_facts(), name)) for name in ("totals", "fleet", "shares", "lines", "costs")
    )
    assert {row["status"] for row in kept} <= set(FactStatus.values)


def test_the_same_hours_are_the_same_bytes():
    import numpy as np

    series = {("generation", "SC-W", "hydro"): np.arange(3.0), ("price", "SC-W", ""): np.zeros(3)}
    first, again = (hours_file.write(["a", "b", "c"], series) for _ in range(2))
    assert first == again
    labels, back = hours_file.read(first.content)
    assert labels == ["a", "b", "c"]
    assert {key: values.tolist() for key, values in back.items()} == {
        key: values.tolist() for key, values in series.items()
    }
