"""The map tool's arithmetic. Its packages are not installed here, so only what is pure is tested."""

import math
import random

import pytest

from build_boundaries import gcj02_to_wgs84, merge_arcs, wgs84_to_gcj02

# WGS-84 and GCJ-02 pairs as the open eviltransform project publishes them for checking such transforms.
PUBLISHED = {
    "Shanghai": ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    "Shenzhen": ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    "Beijing": ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
}
CENTIMETRE = 1e-7  # in degrees


class TestGcj02:
    @pytest.mark.parametrize("city", PUBLISHED)
    def test_published_pairs_agree_both_ways_to_a_few_metres(self, city):
        wgs84, gcj02 = PUBLISHED[city]
        assert wgs84_to_gcj02(*wgs84) == pytest.approx(gcj02, abs=3e-5)
        assert gcj02_to_wgs84(*gcj02) == pytest.approx(wgs84, abs=3e-5)

    def test_the_inverse_undoes_the_transform_everywhere_in_the_region(self):
        place = random.Random(20211215)
        for _ in range(500):
            point = (place.uniform(26, 34.5), place.uniform(97, 110.5))
            assert gcj02_to_wgs84(*wgs84_to_gcj02(*point)) == pytest.approx(point, abs=CENTIMETRE)

    def test_the_offset_in_the_region_is_some_hundred_metres(self):
        lat, lon = gcj02_to_wgs84(29.563, 106.551)
        north, east = (29.563 - lat) * 111_000, (106.551 - lon) * 111_000 * math.cos(math.radians(lat))
        assert 200 < math.hypot(north, east) < 900


class TestMergeArcs:
    # Two unit squares side by side: arc 0 is the shared side, 1 the rest of the left square, 2 the rest of the right.
    ARCS = [
        [[1, 0], [0, 1]],
        [[1, 1], [-1, 0], [0, -1], [1, 0]],
        [[1, 0], [1, 0], [0, 1], [-1, 0]],
    ]
    LEFT = {"type": "Polygon", "arcs": [[0, 1]]}
    RIGHT = {"type": "MultiPolygon", "arcs": [[[2, -1]]]}

    def test_one_square_keeps_its_outline(self):
        assert merge_arcs([self.LEFT], self.ARCS) == [[[0, 1]]]

    def test_the_shared_side_disappears(self):
        assert merge_arcs([self.LEFT, self.RIGHT], self.ARCS) == [[[2, 1]]]
