"""Which messages of one ordered place are done: all below a low watermark, and ranges finished ahead of it."""

from bisect import bisect_left, bisect_right
from typing import Self

LIMIT = 4000
"""Characters of the encoded ranges; Kafka keeps commit metadata up to 4,095 bytes by default."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_GROWTH = 32
"""More characters than one finish can add: two numbers of 64 bits in base 36 and two separators."""


class Watermark:
    """Numbers done: all below `low`, and ranges above it. Belongs to one thread.

    The encoded form leaves `low` out: it is kept beside, as a committed offset or a column.
    """

    __slots__ = ("_firsts", "_lasts", "low")

    def __init__(self, low: int) -> None:
        self.low = low
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    @property
    def done_ranges(self) -> tuple[tuple[int, int], ...]:
        """Ranges done above `low`, first and last number included, ascending, never touching each other."""
        return tuple(zip(self._firsts, self._lasts, strict=True))

    @property
    def context(self) -> bool:
        """Whether one more finish, wherever it falls, is sure to leave the ranges encodable within the limit."""
        if not self._firsts:
            return True
        width = (self._lasts[-1] - self.low).bit_length() // 5 + 1  # no number here has more digits
        at_most = len(self._firsts) * 2 * (width + 1)
        return at_most + _GROWTH <= LIMIT or len(self._written()) + _GROWTH <= LIMIT

    def open_up_to(self, end: int) -> int:
        """How many numbers below `end` are not finished."""
        done = sum(last + 1 - first for first, last in self.done_ranges)
        return max(0, end - self.low - done)

    def is_done(self, number: int) -> bool:
        """Whether this one is finished."""
        return self.next_open(number) != number

    def next_open(self, number: int) -> int:
        """The lowest number from here on that is not finished."""
        if number < self.low:
            return self.low
        place = bisect_right(self._firsts, number) - 1
        return self._lasts[place] + 1 if place >= 0 and self._lasts[place] >= number else number

    def finish(self, number: int, last: int | None = None) -> None:
        """This one is done, or all up to `last` with it (numbers that never come, for example); again is fine."""
        first, last = max(number, self.low), number if last is None else last
        if last < first:
            return
        start, end = bisect_left(self._lasts, first - 1), bisect_right(self._firsts, last + 1)
        if start < end:
            first, last = min(first, self._firsts[start]), max(last, self._lasts[end - 1])
        self._firsts[start:end], self._lasts[start:end] = [first], [last]
        if first == self.low:
            self.low = last + 1
            del self._firsts[0], self._lasts[0]

    def encode(self, limit: int = LIMIT) -> str:
        """The ranges in ASCII: distance and length of each, base 36, joined by dots.

        Ranges beyond the limit are left out, the highest first: a crash then repeats them, nothing is lost.
        """
        text = self._written()
        if len(text) <= limit:
            return text
        words = text[: limit + 1].split(".")[:-1]  # the last may be cut
        return ".".join(words[: len(words) // 2 * 2])

    @classmethod
    def decode(cls, low: int, text: str) -> Self:
        """What `encode` wrote; ValueError when the text is none of ours."""
        mark = cls(low)
        words = [_number(word) for word in text.split(".")] if text else []
        end = low
        for distance, length in zip(words[::2], words[1::2], strict=True):
            if distance < 1 or length < 1:
                raise ValueError("ranges touch")
            first = end + distance
            end = first + length
            mark._firsts.append(first)
            mark._lasts.append(end - 1)
        return mark

    def _written(self) -> str:
        words: list[str] = []
        end = self.low
        for first, last in zip(self._firsts, self._lasts, strict=True):
            words += (_text(first - end), _text(last - first + 1))
            end = last + 1
        return ".".join(words)


def _text(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def _number(word: str) -> int:
    if not word.isascii() or not word.isalnum():
        raise ValueError("no number")
    return int(word, 36)
