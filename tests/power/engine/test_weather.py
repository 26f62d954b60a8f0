"""Synthetic hours: what they are calibrated to, they have."""

import numpy as np
import pytest

from bashu.power.engine import weather


def random(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_year_of_load_has_its_energy_and_its_peak_exactly():
    year = weather.load(random(), energy=4e8, peak=6.5e4)
    assert year.sum() == pytest.approx(4e8)
    assert year.max() == pytest.approx(6.5e4)
    assert year.min() > 0


def test_a_peak_below_the_mean_is_refused():
    with pytest.raises(ValueError, match="cannot carry"):
        weather.load(random(), energy=4e8, peak=4e4)


def test_weekends_draw_less_than_working_days():
    year = weather.load(random(), energy=4e8, peak=6.5e4, first_weekday=0).reshape(-1, 24).mean(axis=1)
    days = np.arange(365) % 7
    assert year[days >= 5].mean() < 0.97 * year[days < 5].mean()


@pytest.mark.parametrize("curve", [weather.wind, weather.sun])
def test_weather_stays_between_nothing_and_full_and_has_its_hours(curve):
    year = curve(random(), full_hours=1400)
    assert year.min() >= 0
    assert year.max() <= 1
    assert year.sum() == pytest.approx(1400, rel=1e-9)


def test_the_sun_is_down_at_midnight_and_highest_after_noon():
    year = weather.sun(random(), full_hours=1250).reshape(-1, 24).sum(axis=0)
    assert year[0] == year[23] == 0
    assert year.argmax() in (12, 13)


def test_rivers_have_their_hours_and_run_high_in_july():
    year = weather.rivers(random(), full_hours=3897)
    assert year.sum() == pytest.approx(3897)
    months = year.reshape(12, -1).mean(axis=1)
    assert months[6] > 2 * months[1]


def test_contracts_never_exceed_their_line():
    year = weather.contracts(energy=1.05e8, most=20_520.0)
    assert year.max() <= 20_520.0
    assert year.sum() == pytest.approx(1.05e8)


def test_one_seed_gives_one_year_and_another_gives_another():
    assert np.array_equal(weather.rivers(random(1), full_hours=3000), weather.rivers(random(1), full_hours=3000))
    assert not np.array_equal(weather.rivers(random(1), full_hours=3000), weather.rivers(random(2), full_hours=3000))
