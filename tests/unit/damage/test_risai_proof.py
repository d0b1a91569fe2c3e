"""The class in the signed proof of a 罹災証明書: that of the paper, in the words of the paper, for whoever has only the verifier."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from backend.core.clock import TOKYO
from backend.damage import classes
from backend.damage.certificates import risai
from backend.damage.judgements import services as judging
from backend.damage.surveys import services as surveys
from backend.documents import signing

HOW = {"purpose": "保険金の請求", "id_checked": "licence"}


def verifier_words():
    """The list in the verifier's script: digit -> words."""
    script = Path(finders.find("verifier/verifier.js")).read_text(encoding="utf-8")
    said = re.search(r"const CLASSES = \{(.*?)\};", script, re.DOTALL)
    return dict(re.findall(r'(\d): "([^"]+)"', said[1]))


def parts(issued):
    return issued.content["proof"].split(".")


def test_every_class_is_in_the_proof_as_it_is_on_the_paper(two, event, household, house, judge, ask_for):
    signing.make_key(by=None, reason="導入")
    home = household(event, [{"name": "髙﨑 一郎"}])
    houses = {found: house("", home, by=two[0]) for found in classes.ORDER}
    for found, one in houses.items():
        judge(one, found)
    ask_for(home, *houses.values())
    known = verifier_words()
    for found, one in houses.items():
        issued = risai.issue_risai(by=two[0], household_id=home.pk, house_id=one.pk, **HOW)
        kind, digit = parts(issued)[2], parts(issued)[6]
        assert (kind, digit) == ("risai", classes.PROOF_CODES[classes.LABELS[found]])
        assert known[digit] == issued.content["damage"] == classes.LABELS[found]


def test_the_verifier_has_the_same_list():
    assert {words: digit for digit, words in verifier_words().items()} == classes.PROOF_CODES
    assert len(set(classes.PROOF_CODES.values())) == len(classes.PROOF_CODES)


@pytest.mark.parametrize("scheme", classes.SCHEMES, ids=lambda scheme: str(scheme.valid_from))
def test_whatever_words_a_paper_may_have_have_a_digit(scheme):
    for _, code in scheme.bounds:
        assert classes.label(code, scheme.valid_from) in classes.PROOF_CODES


def test_a_paper_by_the_classes_of_an_earlier_day_is_told_in_its_own_words(
    two, disaster, household, house, sheet, ask_for
):
    signing.make_key(by=None, reason="導入")
    event = disaster("2018", occurred_at=datetime(2018, 7, 6, 22, 0, tzinfo=TOKYO))
    home = household(event, [{"name": "髙﨑 一郎"}])
    one = house("", home, by=two[0])
    said = sheet(surveyed_on=date(2018, 7, 20), ratio=15, found="below")
    row = surveys.record(by=two[0], disaster=event, house=one.pk, sheet=said)
    judging.confirm(by=two[1], judgement=judging.make(by=two[0], survey=row.pk).pk)
    ask_for(home, one, applied_on=date(2018, 7, 21))
    issued = risai.issue_risai(by=two[0], household_id=home.pk, house_id=one.pk, **HOW)
    assert issued.content["damage"] == "半壊に至らない（一部損壊）"
    assert verifier_words()[parts(issued)[6]] == issued.content["damage"]
