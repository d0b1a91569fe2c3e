from uuid import UUID

import pytest

from backend.facilities.models import Facility
from backend.shelters import services
from backend.shelters.headquarters import queries as headquarters
from backend.shelters.unheard import queries as unheard


@pytest.fixture(autouse=True)
def counted_anew(monkeypatch):
    """Numbers that took long to count are used again for a while; on a busy machine even those of three people."""
    for queries in (headquarters, unheard):
        monkeypatch.setattr(queries, "PATIENCE", 0)


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
