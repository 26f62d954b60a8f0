"""Reading and writing network files: what is refused, by which name, and that nothing is lost on the way."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from bashu.power.engine.dispatch import dispatch
from bashu.power.engine.network import Network, Table
from bashu.power.errors import FileUnreadable, NetworkRefused, NotExportable, Unsupported
from bashu.power.formats import files, matpower, pypsa, tidy

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of a PyPSA folder that a test may spoil."""
    return Path(shutil.copytree(DATA / "pypsa" / "storage-hvdc", tmp_path / "net"))


def add_column(path: Path, name: str, value: str) -> None:
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0] + f",{name}", *(line + f",{value}" for line in lines[1:])]) + "\n")


class TestRefusedByName:
    @pytest.mark.parametrize(
        ("table", "name", "value"),
        [
            ("generators", "p_nom_mod", "50"),
            ("generators", "maintainable", "True"),
            ("generators", "overnight_cost", "1000"),
            ("links", "delay", "2"),
            ("links", "committable", "True"),
            ("storage_units", "cyclic_state_of_charge_per_period", "True"),
            ("lines", "s_nom_mod", "5"),
            ("generators", "marginal_costs", "5"),
            ("buses", "nom_max_wind", "5"),
        ],
    )
    def test_an_attribute_that_would_change_the_answer(self, folder, table, name, value):
        add_column(folder / f"{table}.csv", name, value)
        with pytest.raises(Unsupported, match=f"{table}.{name}"):
            files.read(folder)

    @pytest.mark.parametrize(
        ("table", "name", "value"),
        [
            ("generators", "p_nom_mod", "0.0"),
            ("links", "delay", "0"),
            ("generators", "maintainable", "False"),
            ("generators", "fom_cost", "0"),
        ],
    )
    def test_but_not_at_the_value_that_means_its_absence(self, folder, table, name, value):
        add_column(folder / f"{table}.csv", name, value)
        assert files.read(folder).notes == []

    def test_a_note_of_the_file_is_listed(self, folder):
        add_column(folder / "buses.csv", "country", "DE")
        assert files.read(folder).notes == ["buses.country"]

    def test_a_table_that_is_not_computed_with(self, folder):
        (folder / "shunt_impedances.csv").write_text("name,bus,g\ns,0,0.1\n")
        with pytest.raises(Unsupported, match="shunt_impedances"):
            files.read(folder)

    def test_an_unknown_limit(self, folder):
        text = (folder / "global_constraints.csv").read_text()
        (folder / "global_constraints.csv").write_text(
            text.replace("primary_energy", "transmission_volume_expansion_limit")
        )
        with pytest.raises(NetworkRefused, match="co2_limit"):
            files.read(folder)

    def test_several_investment_periods(self, folder):
        text = (folder / "network.csv").read_text()
        (folder / "network.csv").write_text(text.replace("Storage-HVDC,0", "Storage-HVDC,1"))
        with pytest.raises(Unsupported, match="investment"):
            files.read(folder)


class TestUnreadable:
    def test_what_is_not_there(self, tmp_path):
        with pytest.raises(FileUnreadable):
            files.read(tmp_path / "none.nc")

    @pytest.mark.parametrize("name", ["a.nc", "a.m"])
    def test_what_is_not_what_its_name_says(self, tmp_path, name):
        (tmp_path / name).write_bytes(b"\x00\xff\x00 not a network")
        with pytest.raises(FileUnreadable):
            files.read(tmp_path / name)

    def test_a_word_in_a_column_of_numbers(self, folder):
        text = (folder / "generators.csv").read_text()
        (folder / "generators.csv").write_text(text.replace("350.0", "many"))
        with pytest.raises(FileUnreadable, match="many"):
            files.read(folder)

    def test_a_value_that_is_written_as_no_number(self, folder):
        text = (folder / "generators.csv").read_text()
        (folder / "generators.csv").write_text(text.replace("350.0", "nan"))
        with pytest.raises(NetworkRefused, match=r"generators\.Gas 0\.p_nom: not a number"):
            files.read(folder)

    def test_a_missing_number_in_a_series_names_the_hour(self, folder):
        lines = (folder / "loads-p_set.csv").read_text().splitlines()
        cells = lines[3].split(",")
        lines[3] = ",".join([cells[0], "", *cells[2:]])
        (folder / "loads-p_set.csv").write_text("\n".join(lines) + "\n")
        with pytest.raises(NetworkRefused, match=r"loads\..*p_set: not a number in 2015-01-01T02"):
            files.read(folder)

    def test_a_load_at_a_bus_that_does_not_exist(self, folder):
        text = (folder / "loads.csv").read_text()
        (folder / "loads.csv").write_text(text.replace("\n0,0,", "\n0,nowhere,"))
        with pytest.raises(NetworkRefused, match="nowhere"):
            files.read(folder)

    def test_a_piecewise_cost_in_a_case_file(self):
        source = (
            (DATA / "pglib" / "pglib_opf_case5_pjm.m")
            .read_text()
            .replace("\t2\t 0.0\t 0.0\t 3\t", "\t1\t 0.0\t 0.0\t 3\t")
        )
        with pytest.raises(Unsupported, match="gencost"):
            matpower.parse(source, place="case5", convention="powermodels")

    @pytest.mark.parametrize(
        ("old", "new", "place"),
        [
            (r"mpc\.bus = \[\n.*?;", "mpc.bus = [\n\t1\t2;", "mpc.bus"),
            (r"(mpc\.gencost = \[\n).*?;\n", r"\1", "4 rows for 5 generators"),
            (r"(mpc\.branch = \[\n\t)1", r"\g<1>9", "unknown bus 9"),
        ],
    )
    def test_a_case_file_that_lacks_what_it_needs_says_where(self, old, new, place):
        source = (DATA / "pglib" / "pglib_opf_case5_pjm.m").read_text()
        spoilt = re.sub(old, new, source, count=1, flags=re.DOTALL)
        assert spoilt != source
        with pytest.raises(FileUnreadable, match=place):
            matpower.parse(spoilt, place="case5", convention="powermodels")

    @pytest.mark.parametrize("tidied", [False, True])
    @pytest.mark.parametrize(("column", "cell"), [("committable", "perhaps"), ("bus", "x")])
    def test_a_truth_in_other_words_and_a_column_given_twice(self, folder, tmp_path, tidied, column, cell):
        place = folder
        if tidied:
            place = tmp_path / "tidy"
            tidy.write(files.read(folder).network, place)
        add_column(place / "generators.csv", f'"{column}"' if tidied else column, cell)
        with pytest.raises(FileUnreadable, match=r"perhaps|bus occurs twice"):
            files.read(place)


class TestRoundTrip:
    @pytest.mark.parametrize("name", ["ac-dc-meshed", "storage-hvdc"])
    @pytest.mark.parametrize("target", ["out.nc", "out"])
    def test_pypsa_files_keep_the_objective(self, name, target, tmp_path):
        given = files.read(DATA / "pypsa" / name).network
        pypsa.write(given, tmp_path / target)
        assert dispatch(files.read(tmp_path / target).network).objective == pytest.approx(
            dispatch(given).objective, rel=1e-12
        )

    @pytest.mark.parametrize("suffix", [".csv", ".parquet"])
    def test_tidy_tables_keep_every_value(self, suffix, tmp_path):
        given = files.read(DATA / "pypsa" / "storage-hvdc").network
        tidy.write(given, tmp_path / "tidy", suffix=suffix)
        again = files.read(tmp_path / "tidy").network
        for kind, table in given.tables.items():
            assert again[kind].names == table.names
            for name in table.values:
                left, right = (
                    t.hourly(name, given.hours) if t[name].ndim == 2 else t[name] for t in (table, again[kind])
                )
                np.testing.assert_array_equal(left, right, err_msg=f"{kind}.{name}")

    def test_tidy_column_outside_the_vocabulary_is_refused(self, tmp_path):
        tidy.write(files.read(DATA / "pypsa" / "storage-hvdc").network, tmp_path / "tidy")
        add_column(tmp_path / "tidy" / "links.csv", '"colour"', '"red"')
        with pytest.raises(Unsupported, match=r"links\.colour"):
            files.read(tmp_path / "tidy")

    @pytest.mark.parametrize(
        ("kind", "columns", "named"),
        [
            ("buses", {"unserved_cost": [20000.0]}, "buses.unserved_cost"),
            ("storage_units", {"bus": ["b"], "water_value": [3.0]}, "storage_units.water_value"),
            ("storage_units", {"bus": ["b"], "downstream": ["b"]}, "storage_units.downstream"),
            ("generators", {"bus": ["b"], "outage": [0.5]}, "generators.outage"),
            ("sections", {"links": ["b"], "p_max": [3.0]}, "sections"),
            ("lines", {"bus0": ["b"], "bus1": ["b"], "phase_shift": [3.0]}, "lines.phase_shift"),
            ("lines", {"bus0": ["b"], "bus1": ["b"], "angle_min": [-3.0], "angle_max": [5.0]}, "lines.angle_min"),
            ("flexible_loads", {"bus": ["b"], "p_nom": [3.0]}, "flexible_loads"),
        ],
    )
    def test_what_pypsa_cannot_hold_is_refused_by_name(self, kind, columns, named, tmp_path):
        tables = {"buses": Table("buses", ["b"])} | {kind: Table(kind, ["b"], **columns)}
        with pytest.raises(NotExportable, match=named):
            pypsa.write(Network(["now"], tables), tmp_path / "out")
