from datetime import date

import pytest

from backend.core.clock import frozen
from backend.core.errors import Conflict
from backend.core.fields import uuid7
from backend.documents import rules, services
from backend.documents.fonts import Held
from backend.documents.tokens import ALPHABET, grouped, new_token

from .conftest import body


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026), (date(2026, 12, 31), 2026)]
)
def test_the_fiscal_year_begins_in_april(day, year):
    assert rules.fiscal_year(day) == year


def test_a_number_is_printed_with_issuer_year_and_six_digits():
    assert rules.number_text("大浜市", "被災", 2026, 123) == "大浜市 被災第2026-000123号"


def test_numbers_run_without_gaps_and_begin_again_each_year(issue):
    with frozen("2026-11-21T10:00:00+09:00"):
        first, second = issue(), issue()
    with frozen("2027-03-31T23:59:00+09:00"):
        third = issue()
    with frozen("2027-04-01T00:00:00+09:00"):
        fourth = issue()
    assert [(i.fiscal_year, i.number) for i in (first, second, third, fourth)] == [
        (2026, 1),
        (2026, 2),
        (2026, 3),
        (2027, 1),
    ]
    assert fourth.number_text == "大浜市 被災第2027-000001号"


def test_what_is_refused_takes_no_number(issue):
    household = uuid7()
    issue(household=household)
    with pytest.raises(Conflict):
        issue(household=household)
    with pytest.raises(Held):
        issue(body=body("外字\ue000 花子"))
    assert issue().number == 2


def test_after_a_withdrawal_a_new_one_takes_its_place(issue, staff):
    household = uuid7()
    old = issue(household=household)
    services.withdraw(by=staff("tax"), issue_id=old.id, reason="記載の誤り")
    new = issue(household=household)
    old.refresh_from_db()
    assert (old.status, old.replaced_by, new.status) == ("withdrawn", new, "valid")


def test_every_printing_has_a_line_of_its_own(issue, staff):
    found = issue()
    services.issue_copy(by=staff("tax"), issue_id=found.id, reason="紛失", receiver="agent", id_checked="passport")
    assert [(c.number, c.reason) for c in found.copies.all()] == [(1, "新規交付"), (2, "紛失")]


def test_what_is_void_is_neither_copied_nor_withdrawn_again(issue, staff):
    found, clerk = issue(), staff("tax")
    services.withdraw(by=clerk, issue_id=found.id, reason="記載の誤り")
    with pytest.raises(Conflict):
        services.issue_copy(by=clerk, issue_id=found.id, reason="紛失", receiver="member", id_checked="licence")
    with pytest.raises(Conflict):
        services.withdraw(by=clerk, issue_id=found.id, reason="もう一度")


def test_tokens_are_long_readable_and_never_the_same():
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(t) == 28 and set(t) <= set(ALPHABET) for t in tokens)
    assert grouped("ABCD" * 7) == "-".join(["ABCD"] * 7)
