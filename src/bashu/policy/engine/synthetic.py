"""Made-up enterprises: a seeded population for the what-if desk, the documentation and tests. No fact of any real enterprise."""

from collections.abc import Iterator
from random import Random
from typing import Any

# Districts, counties and cities of both sides (GB/T 2260), Gaozhu's two hosts first; how many enterprises stand where is made up.
PLACES = (
    "500112", "511623", "500101", "500102", "500103", "500104", "500105", "500106", "500107", "500108", "500109", "500113", "500117",
    "500118", "500120", "500151", "500153", "510104", "510107", "510112", "510502", "510603", "510703", "510903", "511302", "511402",
    "511502", "511602", "511702", "512002",
)  # fmt: skip
POLLUTANTS = {"air": ("so2", "nox", "soot", "co"), "water": ("cod", "ammonia_nitrogen", "suspended_solids", "lead")}
SHARE_EMITTING, SHARE_BUILDING, SHARE_SMALL, SHARE_SILENT = 0.3, 0.25, 0.6, 0.05
FIRST_HOST_WEIGHT = 8  # Gaozhu's hosts are drawn so much more often than any other place


def enterprises(count: int, seed: int = 20211214) -> Iterator[dict[str, Any]]:
    """So many entities as an entity file has them, of the year 2025; the same for the same seed. About one in twenty tells little."""
    rng = Random(seed)  # noqa: S311 (made-up data)
    weights = [FIRST_HOST_WEIGHT if index < 2 else 1 for index in range(len(PLACES))]
    for number in range(1, count + 1):
        place = rng.choices(PLACES, weights)[0]
        entity: dict[str, Any] = {"id": f"demo-{number:06d}", "place": place}
        if rng.random() >= SHARE_SILENT:
            entity |= figures(rng)
        yield entity


def figures(rng: Random) -> dict[str, Any]:
    """What an enterprise tells of itself: sizes spread over several powers of ten."""
    small = rng.random() < SHARE_SMALL
    staff = int(rng.lognormvariate(2.2 if small else 5, 1)) + 1
    wage = rng.randrange(45_000, 140_000)
    return {
        "small_enterprise": small,
        "town_grade": rng.choice(["city", "county_town", "other"]),
        "turnover_tax_paid": money(staff * rng.lognormvariate(9, 1)),
        "staff": staff,
        "disabled_staff": min(staff, int(staff * rng.choice([0, 0, 0.008, 0.012, 0.015, 0.016]))),
        "average_wage": money(wage),
        "local_average_wage": money(80_000),
        "property_value": money(staff * rng.lognormvariate(11, 1)),
        "property_rent": "0",
        "disturbances": [
            {"date": day(rng), "area": rng.randrange(200, 80_000)} for _ in range(rng.random() < SHARE_BUILDING)
        ],
        "acquisitions": [
            {"date": day(rng), "price": money(rng.lognormvariate(14, 1))}
            for _ in range(rng.random() < SHARE_BUILDING / 2)
        ],
        "emissions": emissions(rng) if rng.random() < SHARE_EMITTING else [],
    }


def emissions(rng: Random) -> list[dict[str, Any]]:
    """Some outlets with four pollutants each."""
    rows = []
    for outlet in range(rng.randrange(1, 4)):
        medium = rng.choice(["air", "water"])
        scale = rng.lognormvariate(4 if medium == "air" else 3, 1)
        for pollutant in POLLUTANTS[medium]:
            mass = round(scale * rng.random() / (200 if pollutant == "lead" else 1), 3)
            below = rng.choice([0, 0, 35, 55])
            told = {"outlet": f"{medium}-{outlet + 1}", "month": day(rng), "medium": medium, "pollutant": pollutant}
            rows.append({**told, "mass": str(mass), "below_standard": below})
    return rows


def day(rng: Random) -> str:
    """A day of 2025."""
    return f"2025-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"


def money(yuan: float) -> str:
    """Yuan with two decimals."""
    return f"{yuan:.2f}"
