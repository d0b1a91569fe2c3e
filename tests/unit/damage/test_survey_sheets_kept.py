"""A result typed from a sheet is judged only with the sheet: its picture, or the place where the paper is kept."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from backend.core.errors import Refused
from backend.damage.judgements import services as judging
from backend.damage.models import Judgement
from backend.damage.surveys import photos, queries, services


def paper() -> bytes:
    out = BytesIO()
    Image.new("L", (8, 8), 250).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def surveyed(event, two, house, sheet):
    def make(**said):
        return services.record(by=two[0], disaster=event, house=house().pk, sheet=sheet(**{"sheet_place": "", **said}))

    return make


@pytest.mark.parametrize(
    "said",
    [
        {"method": "exterior"},
        {"stage": "second", "method": "interior", "ratio": 25, "found": "half"},
        {"method": "typed", "ratio": 25, "found": "half"},
        {"whole_loss": "collapsed", "found": "total"},
        {"sheet_place": "　 "},
    ],
    ids=["exterior", "interior", "typed", "whole_loss", "blank_place"],
)
def test_without_the_sheet_a_typed_result_is_not_judged(surveyed, two, said):
    row = surveyed(**said)
    photos.add(by=two[0], survey=row.pk, data=paper(), about="南面")  # of the house, which is not enough
    with pytest.raises(Refused, match="調査票の写しがありません"):
        judging.make(by=two[0], survey=row.pk)
    assert not Judgement.objects.exists()


def test_a_picture_of_any_typing_or_the_place_of_the_paper_is_enough(surveyed, two, event, sheet):
    wrong = surveyed()
    photos.add(by=two[0], survey=wrong.pk, data=paper(), sheet=True)
    said = sheet(ratio=35, found="medium", sheet_place="")
    right = services.record(by=two[0], disaster=event, house=wrong.house_id, sheet=said, replaces=wrong.pk)
    assert judging.make(by=two[0], survey=right.pk).damage_class == "medium"
    kept = surveyed(sheet_place="税務課 第1班の綴り")
    assert judging.make(by=two[0], survey=kept.pk).damage_class == "half"
    assert queries.without_sheet([right, kept, surveyed()]) != set()


def test_what_depth_computes_needs_no_sheet_and_a_sheet_is_no_picture_of_the_house(event, two, house, wet, sheet):
    row = services.record(by=two[0], disaster=event, house=house().pk, sheet=wet(60, sheet_place=""))
    assert judging.make(by=two[0], survey=row.pk).damage_class == "medium"
    said = sheet(method="photo_self", consent_on=row.surveyed_on, sheet_place="")
    own = services.record(by=two[0], disaster=event, house=house().pk, sheet=said)
    photos.add(by=two[0], survey=own.pk, data=paper(), sheet=True)
    with pytest.raises(Refused, match="被害の分かる写真"):
        judging.make(by=two[0], survey=own.pk)
    view = queries.house_view(own.house_id, event, two[0])
    assert (view.photos, len(view.sheet_photos)) == ([], 1)


def test_pages_say_what_is_missing_and_take_the_sheet(surveyed, two, sign_in):
    row = surveyed()
    desk = sign_in(two[0])
    house_page, make = reverse("damage_houses:house", args=[row.house_id]), reverse("judgements:make", args=[row.pk])
    assert "調査票の写しがありません" in desk.get(house_page).content.decode()
    assert make not in desk.get(house_page).content.decode()
    assert "調査票の写しがありません" in desk.get(make).content.decode()
    assert desk.post(make, {"reason": ""}).status_code == 422
    sent = {"survey": str(row.pk), "shows": "sheet", "pictures": SimpleUploadedFile("sheet.jpg", paper())}
    assert desk.post(reverse("damage_houses:add_photos", args=[row.house_id]), sent).status_code == 302
    shown = desk.get(house_page).content.decode()
    assert "調査票の写しあり" in shown
    assert make in shown
    assert desk.post(make, {"reason": ""}).status_code == 302


def test_a_batch_says_whose_sheet_is_missing_and_leaves_it_out(surveyed, two, sign_in):
    old, row = surveyed(), surveyed(sheet_place="綴り")
    judged = {"disaster": old.disaster, "house": old.house, "damage_class": old.damage_class, "made_by": two[0]}
    before = Judgement.objects.create(survey=old, effective_on=old.surveyed_on, **judged)  # sheets were not asked for
    made = [before, judging.make(by=two[0], survey=row.pk)]
    url, key = reverse("judgements:batch"), {"method": "exterior", "class": "half", "edition": "r07-07"}
    desk = sign_in(two[1])
    assert desk.get(url, key).content.decode().count("調査票なし") == 1
    said = desk.post(url, {**key, "judgement": [str(row.pk) for row in made]}).content.decode()
    assert "1件を確認しました" in said
    assert "調査票の写しがありません" in said
    assert list(Judgement.objects.exclude(confirmed_at=None)) == [made[1]]
