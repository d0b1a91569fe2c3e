import itertools
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.check_digits import (
    CheckDigitError,
    completed,
    disaster_numbers,
    format_disaster_number,
    mod97_10,
    parse_disaster_number,
    suggestions,
)

CODES = st.text(string.digits, min_size=4, max_size=4) | st.text(string.ascii_uppercase, min_size=4, max_size=4)
NUMBERS = st.builds(format_disaster_number, CODES, st.integers(1, 9_999_999))
CHARACTERS = string.digits + string.ascii_uppercase


def caught(text):
    try:
        parse_disaster_number(text)
    except ValueError:
        return True
    return False


def test_the_standards_own_example():
    # ISO/IEC 7064 as used for IBAN: GB82 WEST 1234 5698 7654 32.
    assert mod97_10("WEST12345698765432GB") == "82"
    assert mod97_10("794") == "44"


@given(CODES, st.integers(1, 9_999_999))
def test_a_number_is_read_as_it_was_made(code, n):
    number = parse_disaster_number(format_disaster_number(code, n))
    assert (number.code, number.n) == (code, n)


@given(NUMBERS)
def test_a_number_is_read_however_it_is_typed(text):
    wide = "".join(chr(ord(character) + 0xFEE0) for character in text)
    for typed in (wide, text.replace("-", ""), text.lower(), f" {text.replace('-', ' ')} ", text.replace("-", "ー")):
        assert parse_disaster_number(typed).text == text


@given(NUMBERS)
def test_every_single_wrong_character_is_caught(text):
    for place, character in itertools.product(range(len(text)), CHARACTERS):
        if text[place] not in ("-", character):
            assert caught(text[:place] + character + text[place + 1 :])


@given(NUMBERS)
def test_every_swap_of_two_different_characters_is_caught(text):
    for one, other in itertools.combinations(range(len(text)), 2):
        if text[one] != text[other]:
            swapped = list(text)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            assert caught("".join(swapped)), swapped


@given(NUMBERS, st.randoms())
def test_the_right_number_is_suggested_for_one_slip(text, rng):
    place = rng.choice([i for i, character in enumerate(text) if character != "-"])
    wrong = text[:place] + rng.choice(CHARACTERS.replace(text[place], "")) + text[place + 1 :]
    assert text in suggestions(wrong)
    bare = text.replace("-", "")
    place = rng.randrange(12)
    swapped = bare[:place] + bare[place + 1] + bare[place] + bare[place + 2 :]
    assert text in suggestions(swapped)
    assert not any(caught(suggestion) for suggestion in suggestions(wrong))


def test_suggestions_are_few():
    rng = random.Random(1)
    counts = [
        len(suggestions(f"{rng.randrange(10_000):04d}{rng.randrange(1, 10**7):07d}{rng.randrange(100):02d}"))
        for _ in range(200)
    ]
    assert max(counts) < 15
    assert suggestions("12345") == []


@pytest.mark.parametrize("code", ["", "123", "12345", "AB12", "abcd", "１２３４", "ABCÄ"])
def test_codes_are_four_digits_or_four_letters(code):
    with pytest.raises(ValueError, match=r"災害コード"):
        format_disaster_number(code, 1)


@pytest.mark.parametrize("n", [0, -1, 10_000_000])
def test_the_running_number_has_seven_digits(n):
    with pytest.raises(ValueError, match=r"一連番号"):
        format_disaster_number("2011", n)


def test_refusals_say_which():
    text = format_disaster_number("2011", 42)
    with pytest.raises(CheckDigitError, match=r"検査数字"):
        parse_disaster_number(text[:-1] + str((int(text[-1]) + 1) % 10))
    with pytest.raises(CheckDigitError, match=r"ハイフン"):
        parse_disaster_number(text[:3] + "-" + text[3] + text[5:])
    with pytest.raises(ValueError, match=r"形ではありません") as refused:
        parse_disaster_number("高橋")
    assert not isinstance(refused.value, CheckDigitError)


def test_numbers_by_the_hundred_thousand_are_the_same_as_one_by_one():
    for code in ("2026", "ABCZ", "0000"):
        many = list(itertools.islice(disaster_numbers(code, 9_990), 30))
        assert many == [format_disaster_number(code, n) for n in range(9_990, 10_020)]


def test_numbers_end_where_they_no_longer_fit():
    numbers = disaster_numbers("2026", 9_999_999)
    assert next(numbers) == format_disaster_number("2026", 9_999_999)
    with pytest.raises(ValueError, match="一連番号"):
        next(numbers)


@pytest.mark.parametrize("typed", ["2011-0000042", "20110000042", "２０１１－００００４２", "2011-42", "2011 0000042"])
def test_a_number_without_its_check_digits_is_completed(typed):
    assert completed(typed) == format_disaster_number("2011", 42)


@pytest.mark.parametrize(
    "typed", ["", "高橋", "2011", "201142", "2011-0000000", "20-110000042", "2011-1-2", "2011-0000042-5"]
)
def test_what_is_no_number_is_not_completed(typed):
    assert completed(typed) == ""
