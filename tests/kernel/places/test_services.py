"""Loading the shipped facts: once, again, corrected; and by nobody but the owner."""

import shutil
from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from bashu.kernel.places.models import CodeChange, Place, PlaceGroup, PlaceGroupMember
from bashu.kernel.places.services import FACTS, Loaded, facts_load


class TestFactsLoad:
    def test_the_application_may_not_write_places(self, db):
        place = Place.objects.first()
        for write in (
            lambda: Place.objects.filter(pk=place.pk).update(name_en="x"),
            lambda: Place.objects.create(code="500199", valid_from=date(2025, 1, 1)),
            lambda: PlaceGroupMember.objects.all().delete(),
            lambda: CodeChange.objects.all().delete(),
            lambda: PlaceGroup.objects.filter(slug="pole-chengdu").update(position=9),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                write()

    def test_loading_again_changes_nothing(self, as_owner):
        assert facts_load() == Loaded(added=0, changed=0, absent=0)

    def test_a_corrected_row_is_changed_and_its_version_counted_up(self, as_owner, tmp_path):
        before = Place.objects.get(code="500103")
        shutil.copytree(FACTS, tmp_path, dirs_exist_ok=True)
        file = tmp_path / "divisions.csv"
        corrected = file.read_text(encoding="utf-8").replace("Yuzhong District", "Yu Zhong District")
        file.write_text(corrected, encoding="utf-8")
        assert facts_load(folder=tmp_path) == Loaded(added=0, changed=1, absent=0)
        after = Place.objects.get(code="500103")
        assert (after.name_en, after.version) == ("Yu Zhong District", before.version + 1)
        assert after.public_id == before.public_id

    def test_a_row_that_left_the_files_stays_and_is_counted(self, as_owner, tmp_path):
        shutil.copytree(FACTS, tmp_path, dirs_exist_ok=True)
        file = tmp_path / "code_history.csv"
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not line.startswith("513425")), encoding="utf-8")
        assert facts_load(folder=tmp_path) == Loaded(added=0, changed=0, absent=1)
        assert CodeChange.objects.filter(old_code="513425").exists()

    def test_a_bad_row_leaves_nothing_behind(self, as_owner, tmp_path):
        shutil.copytree(FACTS, tmp_path, dirs_exist_ok=True)
        divisions, members = tmp_path / "divisions.csv", tmp_path / "group_members.csv"
        divisions.write_text(divisions.read_text(encoding="utf-8").replace("Yuzhong", "Elsewhere"), encoding="utf-8")
        members.write_text(members.read_text(encoding="utf-8").replace("510600", "519999"), encoding="utf-8")
        with pytest.raises(Place.DoesNotExist):
            facts_load(folder=tmp_path)
        assert Place.objects.get(code="500103").name_en == "Yuzhong District"


class TestPlaceConstraints:
    def copy_of(self, code: str, /, **changed) -> Place:
        place = Place.objects.get(code=code)
        values = {f.attname: getattr(place, f.attname) for f in Place._meta.concrete_fields}
        for own in ("id", "public_id"):
            values.pop(own)
        return Place(**{**values, **changed})

    def test_one_code_is_never_held_twice_on_a_day(self, as_owner):
        self.copy_of("500103", valid_from=date(2030, 1, 1)).save()
        with pytest.raises(IntegrityError, match="place_code_held_once"), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS place_code_held_once IMMEDIATE")

    def test_a_code_may_be_held_by_one_after_the_other_within_one_load(self, as_owner):
        self.copy_of("500103", valid_from=date(2030, 1, 1)).save()
        Place.objects.filter(code="500103", valid_from__lt=date(2030, 1, 1)).update(valid_to=date(2030, 1, 1))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS place_code_held_once IMMEDIATE")
        assert Place.objects.filter(code="500103").count() == 2

    @pytest.mark.parametrize(
        ("changed", "constraint"),
        [
            ({"code": "50010x"}, "place_code_has_six_digits"),
            ({"code": "50099", "valid_to": None}, "place_code_has_six_digits"),
            ({"code": "500199", "valid_to": date(1990, 1, 1)}, "place_begins_before_it_ends"),
        ],
    )
    def test_a_malformed_division_is_refused(self, as_owner, changed, constraint):
        with pytest.raises(IntegrityError, match=constraint):
            self.copy_of("500103", **changed).save()
