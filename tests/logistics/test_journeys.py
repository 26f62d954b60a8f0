"""Legs add up, follow each other, and the latest departure is the latest."""

import itertools

import pytest

from bashu.logistics.engine.containers import check_digit, is_container_number
from bashu.logistics.engine.journeys import journeys, latest_departure
from bashu.logistics.engine.network import NEVER, compile_network
from bashu.logistics.engine.scan import earliest_arrival
from logistics.test_scan import case, ends


def questions(count):
    for seed in range(count):
        made, demand, access, egress = case(seed)
        yield made, compile_network(*made), demand, ends(access), ends(egress)


def test_legs_follow_each_other_and_nothing_begins_before_the_consignment_is_ready():
    seen = 0
    for made, network, demand, access, egress in questions(80):
        for journey in journeys(network, demand, access, egress):
            seen += 1
            legs = journey.legs
            assert legs[0].departs >= demand.departs
            for leg, following in itertools.pairwise(legs):
                assert leg.target == following.origin
                assert leg.arrives == following.before.arrived <= following.before.begins < following.before.ready + 1
                assert following.before.ready <= following.departs
            for leg in legs:
                if leg.board >= 0:
                    assert made.connections.departs[leg.board] == leg.departs
                    assert made.connections.arrives[leg.alight] == leg.arrives
            assert journey.arrives == (journey.last.ready if journey.last else legs[-1].arrives)
    assert seen > 60


def test_earliest_arrival_is_the_first_of_the_front():
    for _, network, demand, access, egress in questions(60):
        first = min((journey.arrives for journey in journeys(network, demand, access, egress)), default=NEVER)
        assert earliest_arrival(network, demand, access, egress) == first


def test_a_minute_after_the_latest_departure_is_too_late():
    seen = 0
    for _, network, demand, access, egress in questions(60):
        found = journeys(network, demand, access, egress)
        if not found:
            assert latest_departure(network, demand, access, egress, demand.departs + 10**6) is None
            continue
        seen += 1
        deadline = found[-1].arrives
        latest = latest_departure(network, demand, access, egress, deadline)
        assert earliest_arrival(network, demand._replace(departs=latest), access, egress) <= deadline
        assert earliest_arrival(network, demand._replace(departs=latest + 1), access, egress) > deadline
        assert latest_departure(network, demand, access, egress, found[0].arrives - 1) is None
    assert seen > 25


class TestContainerNumber:
    def test_letters_skip_the_multiples_of_eleven(self):
        # The sum written out for TTNU 898253: T=31, N=25, U=32.
        total = 31 + 31 * 2 + 25 * 4 + 32 * 8 + 8 * 16 + 9 * 32 + 8 * 64 + 2 * 128 + 5 * 256 + 3 * 512
        assert check_digit("TTNU898253") == total % 11 % 10

    def test_remainder_ten_is_written_as_zero(self):
        numbers = [f"CSQU{n:06d}" for n in range(200)]
        assert {check_digit(number) for number in numbers} == set(range(10))

    def test_a_wrong_digit_is_found(self):
        right = "CSQU3054383"
        wrong = [
            right[:at] + other + right[at + 1 :] for at in range(4, 10) for other in "0123456789" if other != right[at]
        ]
        assert not any(map(is_container_number, wrong))

    @pytest.mark.parametrize("text", ["", "CSQU30543", "csqu3054383", "CSQX3054383", "CSQU30543833", "CSQU305438٣"])
    def test_other_forms_are_refused(self, text):
        assert not is_container_number(text)
