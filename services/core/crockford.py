"""Crockford's base 32: letters that can be dictated, and a check character that finds slips of the tongue."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_ALPHABET = ALPHABET + "*~$=U"
_AS_HEARD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def encode(number: int, length: int) -> str:
    """The number in exactly `length` digits, most significant first."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(ALPHABET[digit])
    if number:
        msg = "the number does not fit the length"
        raise ValueError(msg)
    return "".join(reversed(digits))


def decode(text: str) -> int:
    """The number that the digits stand for; ValueError for any other character."""
    number = 0
    for character in text:
        number = number * 32 + ALPHABET.index(character)
    return number


def check_character(number: int) -> str:
    """The remainder modulo 37, as one character."""
    return CHECK_ALPHABET[number % 37]


def as_heard(text: str) -> str:
    """Upper case, with O read as 0 and I and L read as 1."""
    return text.upper().translate(_AS_HEARD)
