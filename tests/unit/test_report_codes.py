import pytest

from app.reports.codes import ALPHABET, LENGTH, MistypedError, grouped, new_code, read_code

CODE = new_code()
ARABIC = "\N{ARABIC-INDIC DIGIT ONE}"


def test_codes_are_long_and_never_the_same():
    codes = {new_code() for _ in range(200)}

    assert len(codes) == 200
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)


def test_a_code_is_read_as_it_is_printed():
    assert grouped(CODE).count("-") == 4
    assert read_code(grouped(CODE)) == CODE


@pytest.mark.parametrize("wrong", ["", "ABCD", "7KQ2-" * 5, "U" * LENGTH, "é" * LENGTH, ARABIC * LENGTH, "0" * 400])
def test_what_is_no_code_is_refused(wrong):
    with pytest.raises(MistypedError, match="compare it with the report"):
        read_code(wrong)


def test_however_a_code_is_typed_it_is_the_same():
    code = new_code()
    similar = code.replace("0", "O").replace("1", "l").lower()

    assert read_code(f"  {similar[:7]} {similar[7:11]}\N{EN DASH}{similar[11:]}\n") == code


def test_every_mistyped_character_is_found():
    for place in range(LENGTH):
        for character in set(ALPHABET) - {CODE[place]}:
            with pytest.raises(MistypedError):
                read_code(CODE[:place] + character + CODE[place + 1 :])


def test_any_two_characters_that_have_changed_places_are_found():
    for first in range(LENGTH):
        for second in range(first + 1, LENGTH):
            swapped = list(CODE)
            swapped[first], swapped[second] = CODE[second], CODE[first]
            if CODE[first] != CODE[second]:
                with pytest.raises(MistypedError):
                    read_code("".join(swapped))
