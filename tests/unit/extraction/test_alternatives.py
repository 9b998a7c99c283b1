"""Both texts of a mail are compared with little work, and the answer is that of comparing them word by word."""

import random
import re

from services.extraction.mail.entities import Entity
from services.extraction.mail.headers import Headers
from services.extraction.mail.html import _in_lines, _in_one_line
from services.extraction.mail.tree import NEWS_SHARE, NEWS_WORDS, _are_many, _news

_WORD = re.compile(r"\w{3,}")


def body(text: str) -> Entity:
    """A body that says this."""
    content = text.encode()
    return Entity(content, Headers(), 0, len(content))


def news_of(page: str, plain: str) -> tuple[set[str], bool]:
    """By the words of both; and whether they are many."""
    shown, said = set(_WORD.findall(page.lower())), set(_WORD.findall(plain.lower()))
    return shown - said, len(shown - said) >= max(NEWS_WORDS, NEWS_SHARE * len(shown))


def test_news_are_words_that_the_plain_text_lacks() -> None:
    """Signs, capitals and short words around and inside of runs of letters change nothing."""
    chance, found = random.Random(69), {True: 0, False: 0}
    words = [f"Wort{letter}" for letter in "abcdefghijklmnop"] + ["zu", "am", "Straße", "2026"]
    for _ in range(500):
        texts = []
        for many in (12, chance.choice([4, 12, 40])):
            said = chance.choices(words[: chance.randint(3, len(words))], k=many)
            texts.append("".join(chance.choice([word, word.upper()]) + chance.choice(" \n.-,/") for word in said))
        page, plain = texts
        news = _news([body(page)], [body(plain)])
        expected, many = news_of(page, plain)
        assert news == expected, texts
        assert not news or _are_many(news, [body(page)]) == many, texts
        found[many] += 1
    assert min(found.values()) > 50


def test_white_space_becomes_one_blank() -> None:
    """Every run of it, also of one tab or one hard blank; a blank by itself stays."""
    chance = random.Random(69)
    for _ in range(500):
        text = "".join(chance.choices("ab \t\n\r\f\xa0", k=chance.randint(0, 12)))
        assert _in_one_line(text) == re.sub(r"[ \t\r\n\f\xa0]+", " ", text)


def test_empty_lines_and_blanks_around_line_ends_go() -> None:
    """One blank before a line end, and whatever stands behind it; as one pattern would do it for more."""
    chance = random.Random(70)
    for _ in range(500):
        text = "".join(chance.choices("ab  \n\n", k=chance.randint(0, 12)))
        assert _in_lines(text) == re.sub(r" ?\n[ \n]*", "\n", text).strip()
