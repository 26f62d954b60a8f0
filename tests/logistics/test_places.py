"""A text means a hub, hubs, or a division, in the documented order."""

from datetime import date

import pytest

from bashu.logistics.errors import OutOfReach, WhereAmbiguous, WhereUnknown
from bashu.logistics.formats.folder import read_folder
from bashu.logistics.places import road_ends, where_resolve
from bashu.logistics.selectors import SHIPPED

FOLDER = read_folder(SHIPPED)
DAY = date(2025, 3, 3)


def where(text):
    return where_resolve(text, FOLDER.hubs, as_of=DAY)


def codes(text):
    return {FOLDER.hubs[at].code for at in where(text).hubs}


@pytest.mark.parametrize("text", ["DEYANG", "德阳", "德阳市", "510600", "deyang", " Deyang "])
def test_deyang_is_one_place(text):
    assert (where(text).code, where(text).hubs) == ("510600", ())


def test_a_locode_means_any_of_its_hubs():
    assert codes("CNCKG") == {"GUOYUAN", "TUANJIECUN", "CKG"}
    assert codes("cn ckg") == codes("CNCKG")


def test_a_hub_code_comes_before_a_name():
    assert codes("WANZHOU") == {"WANZHOU"}
    assert where("万州").code == "500101"


@pytest.mark.parametrize(
    ("text", "hub"),
    [("果园港", "GUOYUAN"), ("Tuanjiecun", "TUANJIECUN"), ("lodz", "LODZ"), ("Łódź", "LODZ"), ("sgsin", "SINGAPORE")],
)
def test_hubs_answer_to_their_names(text, hub):
    assert hub in codes(text)


def test_an_ambiguous_name_lists_the_codes():
    with pytest.raises(WhereAmbiguous, match=r"511002.*511102"):
        where("Shizhong District")


@pytest.mark.parametrize(("text", "suggestion"), [("Guoyan", "GUOYUAN"), ("Deyangg", "Deyang"), ("SGSIM", "SGSIN")])
def test_an_unknown_name_comes_with_suggestions(text, suggestion):
    with pytest.raises(WhereUnknown, match=suggestion):
        where(text)


@pytest.mark.parametrize("text", ["", "  ", "999999", "510000", "?" * 500])
def test_what_names_nothing_is_refused(text):
    with pytest.raises(WhereUnknown):
        where(text)


def test_a_place_is_as_of_a_day():
    assert where_resolve("罗江县", FOLDER.hubs, as_of=date(2016, 1, 1)).code == "510626"
    with pytest.raises(WhereUnknown):
        where("罗江县")


def test_road_legs_reach_the_hubs_within_reach_and_cost_by_box():
    one, two = (road_ends(where("德阳"), FOLDER.hubs, FOLDER.road, teu) for teu in (1, 2))
    reached = {FOLDER.hubs[at].code for at in one.hub}
    assert "QINGBAIJIANG" in reached
    assert "SINGAPORE" not in reached
    assert (abs(two.price - 2 * one.price) <= 1).all()
    assert (one.minutes == two.minutes).all()


def test_a_place_far_from_every_hub_is_told_so():
    near = FOLDER.road._replace(reach_km=1)
    with pytest.raises(OutOfReach, match="1 km"):
        road_ends(where("德阳"), FOLDER.hubs, near, 1)
