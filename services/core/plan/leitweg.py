"""Leitweg-ID: the address of a German public buyer in an electronic invoice (BT-10), with its check digits.

Source: KoSIT, "Leitweg-ID: Format-Spezifikation" 2.0.2: 2 to 12 digits (Grobadressierung), up to 30 letters and
digits (Feinadressierung, may be left out), 2 check digits by ISO 7064 MOD 97-10.
"""

import re

_LEITWEG = re.compile(r"[0-9]{2,12}(?:-[0-9A-Z]{1,30})?-[0-9]{2}")
_MODULUS = 97


def normalised(text: str) -> str:
    """As the specification writes it: without blanks, letters in upper case."""
    return "".join(text.split()).upper()


def is_leitweg_id(text: str) -> bool:
    """Whether the form and the check digits are right: all characters as one number, A=10 … Z=35, leave 1 of 97."""
    written = normalised(text)
    if not _LEITWEG.fullmatch(written):
        return False
    digits = "".join(str(int(letter, 36)) for letter in written.replace("-", ""))
    return int(digits) % _MODULUS == 1
