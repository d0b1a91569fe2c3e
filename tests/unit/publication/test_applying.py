"""The public front page leads to the 罹災証明書の申請 while one may apply there."""

import pytest

from backend.damage.online import services as online
from backend.publication.services import publish


@pytest.fixture
def front(disaster, public_site):
    disaster("2026")

    def shown():
        publish(code="2026", to=public_site, by=None)
        return (public_site / "index.html").read_text()

    return shown


def test_the_front_page_leads_there_while_it_is_open_and_to_the_state_afterwards(front, staff, disaster, settings):
    settings.PUBLIC_URL = "https://bousai.example"
    clerk, another = staff("tax"), disaster("2025", name="別の災害")
    online.open_desk(by=clerk, disaster=another)
    assert "/apply/" not in front()
    event = type(another).objects.get(code="2026")
    online.open_desk(by=clerk, disaster=event)
    page = front()
    assert 'href="https://bousai.example/apply/"' in page
    assert 'href="https://bousai.example/apply/state/"' in page
    online.close_desk(by=clerk, disaster=event)
    page = front()
    assert 'href="https://bousai.example/apply/"' not in page
    assert 'href="https://bousai.example/apply/state/"' in page
