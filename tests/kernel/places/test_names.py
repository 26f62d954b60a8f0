"""Every shipped name finds its own division again."""

import csv
from pathlib import Path

import pytest

from bashu.kernel import places
from bashu.kernel.places.names import Name, matching, normal, short_names

with (Path(places.__file__).parent / "facts" / "divisions.csv").open(encoding="utf-8") as stream:
    CURRENT = {row["code"]: row for row in csv.DictReader(stream) if not row["valid_to"]}


def name_of(row: dict[str, str]) -> Name:
    parent = CURRENT.get(row["parent"])
    return Name(
        row["name_zh"],
        row["name_en"],
        row["alias"],
        parent["name_zh"] if parent else "",
        parent["name_en"] if parent else "",
    )


NAMES = [name_of(row) for row in CURRENT.values()]


class TestMatching:
    def test_a_full_name_after_its_parents_means_exactly_one_division(self):
        for position, name in enumerate(NAMES):
            if name.parent_zh:
                assert list(matching(f"{name.parent_zh}{name.zh}", NAMES)) == [position]
                assert list(matching(f"{name.en}, {name.parent_en}", NAMES)) == [position]

    def test_a_name_without_its_rank_means_its_division_among_others(self):
        for position, name in enumerate(NAMES):
            for short in short_names(name):
                found = list(matching(short, NAMES))
                assert position in found or short in {normal(NAMES[n].zh) for n in found}

    @pytest.mark.parametrize(
        ("zh", "short"),
        [
            ("忠县", None),
            ("东区", None),
            ("峨边彝族自治县", "峨边"),
            ("阿坝藏族羌族自治州", "阿坝"),
            ("两江新区", "两江"),
        ],
    )
    def test_the_rank_is_taken_off_only_where_a_name_of_two_characters_stays(self, zh, short):
        shorts = {text for name in NAMES if name.zh == zh for text in short_names(name) if not text.isascii()}
        assert shorts == ({short} if short else set())
