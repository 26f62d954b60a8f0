"""Published objectives: PGLib's direct-current optima and PyPSA's example networks."""

import csv
from pathlib import Path

import pytest

from bashu.power.engine.dispatch import dispatch
from bashu.power.formats import files

DATA = Path(__file__).parents[1] / "data"
with (DATA / "pglib" / "published.csv").open() as stream:
    PGLIB = {row["case"]: float(row["dc_objective"]) for row in csv.DictReader(stream)}
LARGE = {"pglib_opf_case2000_goc"}


@pytest.mark.parametrize("case", [pytest.param(c, marks=pytest.mark.slow) if c in LARGE else c for c in sorted(PGLIB)])
def test_pglib_case_costs_what_was_published_to_five_digits(case):
    answer = dispatch(files.read(DATA / "pglib" / f"{case}.m", dc="powermodels").network)
    assert answer.status == "optimal"
    assert f"{answer.objective:.4e}" == f"{PGLIB[case]:.4e}"
    assert answer.residuals.gap < 1e-9


def test_the_two_conventions_differ_where_taps_and_resistances_matter():
    case = DATA / "pglib" / "pglib_opf_case30_ieee.m"
    published, manual = (dispatch(files.read(case, dc=dc).network).objective for dc in ("powermodels", "matpower"))
    assert manual / published - 1 == pytest.approx(0.00423, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "objective"),
    [
        ("ac-dc-meshed", -3474256.0405499376),
        ("ac-dc-meshed.nc", -3474256.0405499376),
        ("storage-hvdc", 14670508.825359242),
        pytest.param("scigrid-de", 6684817.323607606, marks=pytest.mark.slow),
    ],
)
def test_pypsa_example_costs_what_pypsa_says(name, objective):
    answer = dispatch(files.read(DATA / "pypsa" / name).network)
    assert answer.objective == pytest.approx(objective, rel=1e-9)
    assert answer.residuals.primal < 1e-8
