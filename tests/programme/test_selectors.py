"""Judging through the database: what confirmed readings say on a day, and what the pages ask for."""

from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import pytest

from bashu.kernel.parties.engine.credit_code import check_digit
from bashu.kernel.parties.selectors import seen_by
from bashu.programme import selectors
from bashu.programme.models import Reading, Target
from bashu.programme.services.readings import reading_confirm, reading_withdraw

DAY = date(2025, 11, 30)
FIRST_HALF = {"period_start": date(2025, 1, 1), "period_end": date(2025, 6, 30)}


def judged(code: str, day: date = DAY) -> selectors.Scored:
    """One target as of a day."""
    return selectors.scoreboard(as_of=day, targets=Target.objects.filter(code=code))[0]


def codes(numbers: range) -> list[str]:
    """Valid credit codes of enterprises that do not exist."""
    return [body + check_digit(body) for body in (f"91999999{number:09d}" for number in numbers)]


class TestScoreboard:
    def test_without_readings_nothing_is_claimed(self, db):
        found = {row.target.code: str(row.judgement.status) for row in selectors.scoreboard(as_of=DAY)}
        assert len(found) == 11
        assert set(found.values()) <= {"no_data", "cannot_judge"}

    def test_both_sides_are_summed_when_they_speak_of_the_same_period(self, confirmed):
        confirmed(by="authority.CQ", target="T02", value=9)
        confirmed(by="authority.SC", target="T02", value=11)
        row = judged("T02")
        assert (row.known.value, str(row.judgement.status), row.judgement.formula) == (20, "met", "20 ≥ 20")

    def test_one_side_alone_is_shown_and_never_judges(self, confirmed):
        confirmed(by="authority.CQ", target="T02", value=25)
        row = judged("T02")
        assert (row.known.value, row.known.whole, str(row.judgement.status)) == (25, False, "no_data")

    def test_a_partial_reading_never_judges_however_large(self, confirmed):
        confirmed(by="coordinator", target="T02", value=500, coverage="partial", share=Decimal("0.3"))
        assert str(judged("T02").judgement.status) == "no_data"

    def test_an_unconfirmed_reading_moves_nothing(self, reported, actors):
        reported(by="coordinator", target="T02", value=25)
        with seen_by(actors["coordinator"].actor):
            assert str(judged("T02").judgement.status) == "no_data"

    def test_confirming_moves_the_target_and_withdrawing_moves_it_back(self, reported, actors, acting, confirmed):
        confirmed(by="authority.CQ", target="T02", value=9)
        second = reported(by="authority.SC", target="T02", value=11)
        assert str(judged("T02").judgement.status) == "no_data"
        reading_confirm(ctx=acting(actors["coordinator"]), reading=second)
        assert str(judged("T02").judgement.status) == "met"
        reading_withdraw(ctx=acting(actors["authority.SC"]), reading=second, reason="wrong")
        assert str(judged("T02").judgement.status) == "no_data"

    def test_what_lies_after_the_day_is_not_known_on_it(self, confirmed):
        confirmed(by="coordinator", target="T02", value=20, **FIRST_HALF)
        assert str(judged("T02", date(2025, 6, 29)).judgement.status) == "no_data"

    def test_an_enterprise_on_both_rosters_counts_once(self, confirmed):
        confirmed(by="authority.CQ", target="T05", value=None, roster=codes(range(600)))
        confirmed(by="authority.SC", target="T05", value=None, roster=codes(range(400, 1000)))
        row = judged("T05")
        assert (row.known.value, str(row.judgement.status)) == (1000, "met")

    def test_one_fewer_in_the_union_is_not_enough(self, confirmed):
        confirmed(by="authority.CQ", target="T05", value=None, roster=codes(range(600)))
        confirmed(by="authority.SC", target="T05", value=None, roster=codes(range(400, 999)))
        assert str(judged("T05").judgement.status) == "cannot_judge"

    def test_counts_of_enterprises_without_both_rosters_do_not_judge(self, confirmed):
        confirmed(by="authority.CQ", target="T05", value=700)
        confirmed(by="authority.SC", target="T05", value=None, roster=codes(range(600)))
        assert str(judged("T05").judgement.status) == "no_data"

    def test_a_qualitative_target_follows_the_confirmed_record(self, confirmed):
        confirmed(by="coordinator", target="T07", value=None, achieved=True)
        assert str(judged("T07").judgement.status) == "met"

    def test_growth_is_the_compound_rate_over_the_whole_span(self, confirmed):
        for year, value in ((2022, 100), (2023, 150), (2024, 121)):
            span = {"period_start": date(year, 1, 1), "period_end": date(year, 12, 31)}
            confirmed(by="coordinator", target="T09", value=value, **span)
        row = judged("T09")
        assert (row.rate, str(row.judgement.status)) == (Decimal("0.1000"), "behind")

    def test_leaving_out_what_cannot_decide_changes_no_judgement(self, confirmed):
        """Figures of many periods, complete, one-sided, partial and of half years: with and without history alike."""
        random = Random(7)
        for code, value in (("T01", 900_000_000_000), ("T02", 12), ("T09", 100)):
            for year in range(2022, 2026):
                for half in (0, 1):
                    start, end = (
                        (date(year, 1, 1), date(year, 6, 30)) if half else (date(year - 1, 12, 1), date(year, 11, 30))
                    )
                    for office in random.sample(["authority.CQ", "authority.SC", "coordinator"], random.randint(0, 3)):
                        part = {"coverage": random.choice(["whole", "whole", "partial"])}
                        amount = value * random.randint(50, 150) // 100
                        if end <= DAY:
                            confirmed(by=office, target=code, value=amount, period_start=start, period_end=end, **part)
        for day in (date(2022, 7, 1), date(2023, 12, 31), date(2024, 6, 30), DAY):
            brief, whole = selectors.scoreboard(as_of=day), selectors.scoreboard(as_of=day, history=True)
            assert [row.judgement for row in brief] == [row.judgement for row in whole]

    def test_it_takes_five_queries_however_many_readings_there_are(self, confirmed, django_assert_num_queries):
        confirmed(by="authority.CQ", target="T02", value=9)
        confirmed(by="authority.SC", target="T05", value=None, roster=codes(range(5)))
        with django_assert_num_queries(5):
            selectors.scoreboard(as_of=DAY)


class TestReadingsBehind:
    def test_names_who_said_the_known_figure_and_nobody_else(self, confirmed):
        confirmed(by="authority.CQ", target="T02", value=5)
        confirmed(by="authority.CQ", target="T02", value=9, **FIRST_HALF)
        confirmed(by="authority.SC", target="T02", value=11, **FIRST_HALF)
        row = judged("T02")
        behind = selectors.readings_behind([row])[row.target.pk]
        assert {(reading.jurisdiction, int(reading.value)) for reading in behind} == {("CQ", 9), ("SC", 11)}


class TestInbox:
    def test_offers_what_others_reported_and_lists_ones_own(self, reported, actors):
        reading = reported()
        for who, expected in (
            ("authority.CQ", ([], [reading])), ("colleague.CQ", ([reading], [])),
            ("coordinator", ([reading], [])), ("authority.SC", ([], [])),
        ):  # fmt: skip
            actor = actors[who].actor
            with seen_by(actor):
                assert selectors.inbox(actor) == expected, who


class TestSearch:
    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ("永川", "C32"),
            ("装备", "D1"),
            ("logistics", "T08"),
            ("标识 节点", "T03"),
            ("t05", "T05"),
            ("发展改革委", "B01"),
        ],
    )
    def test_finds_short_chinese_words_english_words_and_codes(self, db, words, code):
        assert code in {record.code for found in selectors.search(words) for record in found.records}

    @pytest.mark.parametrize("words", ["", "   ", "no such word anywhere", "%%", "T0_"])
    def test_finds_nothing_for_nothing_and_takes_wildcards_as_letters(self, db, words):
        assert selectors.search(words) == []


class TestChanges:
    def test_only_public_entries_of_the_month_are_told(self, confirmed, reported, actors):
        confirmed()
        reported(target="T02", value=1)
        since, until = selectors.month_span(DAY)
        with seen_by(actors["enterprise.SC"].actor):
            kinds = [entry.kind for entry in selectors.changes(since=since, until=until)]
        assert kinds == ["programme.reading.confirm"]
        assert not selectors.changes(since=until, until=until.replace(year=2026))

    def test_a_month_begins_at_midnight_in_the_region(self):
        since, until = selectors.month_span(date(2025, 12, 5))
        assert since.astimezone(UTC) == datetime(2025, 11, 30, 16, tzinfo=UTC)
        assert until.astimezone(UTC) == datetime(2025, 12, 31, 16, tzinfo=UTC)


class TestCountsKept:
    def test_what_the_page_does_not_name_stays_unknown(self, db):
        kept = {
            row.stated_count.code: (row.stated_count.stated, row.held, row.unknown) for row in selectors.counts_kept()
        }
        assert kept["S03-items"] == (28, 0, 28)
        assert kept["S03-areas"] == (7, 7, 0)


class TestAnnualReport:
    def test_a_running_year_is_judged_on_today_and_a_past_one_on_its_last_day(self, confirmed):
        confirmed(target="T02", value=9)
        assert selectors.annual_report(year=2025, today=DAY).as_of == DAY
        past = selectors.annual_report(year=2024, today=DAY)
        assert (past.as_of, len(past.readings)) == (date(2024, 12, 31), 1)
        assert Reading.objects.count() == 1
