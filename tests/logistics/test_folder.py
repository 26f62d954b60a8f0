"""The folder of CSVs: read whole, or refused with every wrong line."""

import shutil
import time
from datetime import UTC, date, datetime

import pytest

from bashu.logistics.engine.network import DAY, minutes_of, moment_of
from bashu.logistics.formats.folder import FILES, FolderRefused, read_folder
from bashu.logistics.formats.timetable import lay_out, rate_on
from bashu.logistics.selectors import SHIPPED

MARCH = date(2025, 3, 3)


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "network")


def edit(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(folder):
    with pytest.raises(FolderRefused) as refused:
        read_folder(folder)
    return [(one.file, one.line) for one in refused.value.problems]


class TestShipped:
    def test_every_row_says_how_far_it_can_be_trusted(self):
        read = read_folder(SHIPPED)
        assert {hub.status for hub in read.hubs} == {"unverified"}
        assert {hub.terms_status for hub in read.hubs} | {one.status for one in read.services} | {read.road.status} == {
            "assumed"
        }
        assert all(hub.coordinates == "approximate" for hub in read.hubs)

    def test_unknown_codes_are_left_empty(self):
        locodes = {hub.code: hub.locode for hub in read_folder(SHIPPED).hubs}
        assert [locodes[hub] for hub in ("WANZHOU", "LUZHOU", "YIBIN", "QINZHOU", "YANGSHAN", "TFU")] == [""] * 6
        assert not any("?" in code for code in locodes.values())

    def test_trains_leave_by_the_local_clock_in_winter_and_summer(self):
        read = read_folder(SHIPPED)
        service = [one.code for one in read.services].index("CE-EU-R")
        laid = lay_out(read, date(2025, 3, 24), date(2025, 4, 6)).connections
        first = (laid.service == service) & (laid.origin == read.calls[service][0].hub)
        clocks = [moment_of(int(minute), "Europe/Berlin") for minute in laid.departs[first]]
        assert {clock.strftime("%H:%M") for clock in clocks} == {"12:00"}
        assert {clock.utcoffset().seconds for clock in clocks} == {3600, 7200}

    def test_the_version_names_the_content(self, folder):
        assert read_folder(folder).version == read_folder(SHIPPED).version
        edit(folder, "rates.csv", "2025-01-01", "2025-01-02")
        assert read_folder(folder).version != read_folder(SHIPPED).version


class TestRefused:
    @pytest.mark.parametrize(
        ("file", "old", "new"),
        [
            ("hubs.csv", "Asia/Shanghai", "Asia/Chongqing City"),
            ("hubs.csv", "29.62", "129.62"),
            ("hubs.csv", "91500112DEMQ00001A", "91500112DEMQ00001B"),
            ("hubs.csv", "inspection bonded", "inspection bonds"),
            ("services.csv", "rail,land_sea", "train,land_sea"),
            ("services.csv", "rail,land_sea", "rail,land"),
            ("windows.csv", "1234567", "12345678"),
            ("windows.csv", "22:00", "06:00"),
            ("changes.csv", "road,road,60", "road,road,sixty"),
            ("closures.csv", "2025-07-21", "2025-07-11"),
            ("timetables.csv", "2026-03-31,100", "2024-03-31,100"),
            ("timetables.csv", "14:00", "25:00"),
            ("rates.csv", "LSC-CD,QINGBAIJIANG", "LSC-CD,QINGBAI"),
            ("road.csv", "320", "-1"),
            ("calls.csv", "LSC-CD,2,QINZHOU", "LSC-CD,2,QINGBAIJIANG"),
        ],
    )
    def test_a_wrong_row_is_named_by_file_and_line(self, folder, file, old, new):
        with (folder / "closures.csv").open("a", encoding="utf-8") as stream:  # none is shipped
            stream.write("LUZHOU,2025-07-12T00:00,2025-07-21T00:00,flood\n")
        text = (folder / file).read_text(encoding="utf-8")
        line = text[: text.index(old)].count("\n") + 1
        edit(folder, file, old, new)
        assert (file, line) in problems(folder)

    def test_every_wrong_row_is_told_at_once(self, folder):
        edit(folder, "changes.csv", "road,rail,240", "road,rail,x")
        edit(folder, "windows.csv", "07:00", "7")
        edit(folder, "windows.csv", "08:00", "8")
        assert problems(folder) == [("windows.csv", 2), ("windows.csv", 4), ("changes.csv", 3)]

    @pytest.mark.parametrize("file", ["hubs.csv", "services.csv", "changes.csv", "rates.csv", "road.csv"])
    def test_a_missing_file_is_named(self, folder, file):
        (folder / file).unlink()
        assert (file, 0) in problems(folder)

    def test_a_wrong_header_or_encoding_is_named(self, folder):
        (folder / "windows.csv").write_text("hub,day\n", encoding="utf-8")
        (folder / "closures.csv").write_bytes(b"hub,closed_from,closed_until,reason\nGUOYUAN,\xff,b,c\n")
        assert problems(folder) == [("windows.csv", 1), ("closures.csv", 0)]

    def test_a_code_that_stands_twice_is_refused(self, folder):
        edit(folder, "hubs.csv", "TUANJIECUN,", "GUOYUAN,")
        assert problems(folder) == [("hubs.csv", 0)]

    def test_a_number_too_large_for_sums_is_refused(self, folder):
        edit(folder, "changes.csv", "road,road,60,8000", "road,road,60,9999999999999999999")
        assert problems(folder) == [("changes.csv", 2)]


class TestSingleDepartures:
    HEADER = ",".join(FILES["connections.csv"]) + "\n"

    def test_moments_are_local_unless_they_say_otherwise(self, folder):
        rows = "SEA-QZ,T1,QINZHOU,SINGAPORE,2025-03-03T08:00,2025-03-06T00:00Z,40\n"
        (folder / "connections.csv").write_text(self.HEADER + rows, encoding="utf-8")
        single = read_folder(folder).singles
        assert single.departs.tolist() == [minutes_of(datetime(2025, 3, 3, tzinfo=UTC))]
        assert single.arrives.tolist() == [minutes_of(datetime(2025, 3, 6, tzinfo=UTC))]

    def test_the_rate_of_the_day_applies(self, folder):
        with (folder / "rates.csv").open("a", encoding="utf-8") as rates:
            rates.write("SEA-QZ,QINZHOU,SINGAPORE,2025-03-04,777,5\n")
        read = read_folder(folder)
        key = next(key for key, listed in read.rates.items() if len(listed) == 2)
        day = minutes_of(datetime(2025, 3, 4, tzinfo=UTC))
        assert rate_on(read, *key, day).price == 777
        assert rate_on(read, *key, day - 1).price != 777
        assert rate_on(read, *key, minutes_of(datetime(2024, 12, 31, tzinfo=UTC))) is None

    def test_trips_of_two_connections_keep_their_number(self, folder):
        with (folder / "rates.csv").open("a", encoding="utf-8") as rates:
            rates.write("LSC-CD,QINGBAIJIANG,SUINING,2025-01-01,1,1\nLSC-CD,SUINING,QINZHOU,2025-01-01,1,1\n")
        rows = "LSC-CD,X,QINGBAIJIANG,SUINING,2025-03-03T08:00,2025-03-03T12:00,9\n"
        rows += "LSC-CD,X,SUINING,QINZHOU,2025-03-03T13:00,2025-03-05T12:00,9\n"
        (folder / "connections.csv").write_text(self.HEADER + rows, encoding="utf-8")
        plain = lay_out(read_folder(SHIPPED), MARCH, MARCH).connections
        laid = lay_out(read_folder(folder), MARCH, MARCH)
        read = laid.connections
        assert laid.sequence[-2:].tolist() == [1, 2]
        assert laid.trips[read.trip[-1]] == "X"
        assert read.trip.size == plain.trip.size + 2
        assert read.trip[-1] == read.trip[-2]
        assert read.trip[-1] not in read.trip[:-2]

    @pytest.mark.slow
    def test_a_million_rows_with_bad_ones_are_refused_with_exactly_those(self, folder):
        bad = {17, 250_000, 999_999}
        with (folder / "connections.csv").open("w", encoding="utf-8") as rows:
            rows.write(self.HEADER)
            for n in range(1_000_000):
                day = date.fromordinal(MARCH.toordinal() + n % 300)
                arrives = day if n in bad else f"{date.fromordinal(day.toordinal() + 4)}T08:00"
                rows.write(f"SEA-QZ,T{n},QINZHOU,SINGAPORE,{day}T08:00,{arrives},40\n")
        start = time.perf_counter()
        assert problems(folder) == [("connections.csv", n + 2) for n in sorted(bad)]
        assert time.perf_counter() - start < 120


def test_a_week_repeats_itself():
    read = read_folder(SHIPPED)
    one, two = (lay_out(read, date(2025, 6, day), date(2025, 6, day + 6)).connections for day in (2, 9))
    assert (two.departs - one.departs == 7 * DAY).all()
