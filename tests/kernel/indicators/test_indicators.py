"""Offers and questions, on a registry of this test alone."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from bashu.kernel.indicators import registry
from bashu.kernel.indicators.errors import MisplacedMeasurement, UnknownIndicator
from bashu.kernel.indicators.registry import Coverage, Measurement, indicator
from bashu.kernel.indicators.selectors import measure, measure_all, offered

DAY = date(2025, 11, 30)


@pytest.fixture(autouse=True)
def only_ours() -> Iterator[None]:
    registry.discover()
    before = dict(registry.REGISTERED)
    registry.REGISTERED.clear()
    yield
    registry.REGISTERED.clear()
    registry.REGISTERED.update(before)


def offer(code: str, answer):
    return indicator(
        code, subject="T08", unit="元", unit_en="yuan", coverage=Coverage.PARTIAL, purpose="Value of goods"
    )(answer)


class TestOffered:
    def test_offers_are_listed_by_code_with_what_they_declared(self):
        offer("b.second", lambda as_of: None)
        offer("a.first", lambda as_of: None)
        assert [(o.code, o.subject, o.unit, o.coverage) for o in offered()] == [
            ("a.first", "T08", "元", Coverage.PARTIAL),
            ("b.second", "T08", "元", Coverage.PARTIAL),
        ]

    def test_two_selectors_cannot_offer_one_code(self):
        offer("a.first", lambda as_of: None)
        with pytest.raises(ValueError, match=r"a\.first"):
            offer("a.first", lambda as_of: None)


class TestMeasure:
    def test_asks_the_selector_as_of_the_day(self):
        offer(
            "a.first",
            lambda as_of: Measurement(Decimal("12.5"), as_of, "500000", ("logistics.booking:1",), Decimal("0.2")),
        )
        assert measure("a.first", DAY) == Measurement(
            Decimal("12.5"), DAY, "500000", ("logistics.booking:1",), Decimal("0.2")
        )

    def test_nothing_to_measure_is_none_and_not_zero(self):
        offer("a.first", lambda as_of: None)
        assert measure("a.first", DAY) is None

    def test_an_unknown_code_is_refused(self):
        with pytest.raises(UnknownIndicator, match=r"a\.nothing"):
            measure("a.nothing", DAY)

    def test_a_figure_from_the_future_is_refused(self):
        offer("a.first", lambda as_of: Measurement(Decimal(1), date(2025, 12, 1)))
        with pytest.raises(MisplacedMeasurement, match="2025-12-01"):
            measure("a.first", DAY)

    @pytest.mark.parametrize("value", [1.5, 3, Decimal("NaN"), Decimal("Infinity")])
    def test_a_value_that_is_no_finite_decimal_cannot_be_measured(self, value):
        with pytest.raises(ValueError, match="finite Decimal"):
            Measurement(value, DAY)

    @pytest.mark.parametrize("fraction", [Decimal("-0.01"), Decimal("1.01")])
    def test_a_share_beyond_the_whole_cannot_be_covered(self, fraction):
        with pytest.raises(ValueError, match="between 0 and 1"):
            Measurement(Decimal(1), DAY, fraction=fraction)


class TestMeasureAll:
    def test_one_failing_system_does_not_silence_the_others(self):
        def broken(as_of):
            raise ZeroDivisionError

        offer("a.broken", broken)
        offer("b.whole", lambda as_of: Measurement(Decimal(7), as_of))
        readings = measure_all(DAY)
        assert [(r.indicator.code, r.failed, r.measurement and r.measurement.value) for r in readings] == [
            ("a.broken", True, None),
            ("b.whole", False, Decimal(7)),
        ]
