from uuid import UUID

import pytest

from backend.facilities.models import Facility
from backend.shelters import services


@pytest.fixture
def clerk(staff):
    return staff("shelter")


@pytest.fixture
def shelter(db):
    """`shelter("西町小学校")`: an opened one; its opening's UUID."""

    def make(name: str = "西町小学校", **fields) -> UUID:
        place = Facility.objects.create(name=name, kana="ニシマチ")
        return services.open_shelter(by=None, facility=place, **fields)

    return make


@pytest.fixture
def family(disaster, household):
    return household(
        disaster(),
        [
            {"name": "山田 太郎", "kana": "ヤマダ タロウ"},
            {"name": "山田 花子", "kana": "ヤマダ ハナコ", "sex": "2"},
            {"name": "山田 一郎", "kana": "ヤマダ イチロウ", "birth": "2010-05-05"},
        ],
    )
