"""Other words for the same thing: our list, and that of an administrator."""

from pathlib import Path

import pytest

from services.core.errors import Misconfigured
from services.search.forgiving import synonyms
from services.search.forgiving.synonyms import Synonyms


def test_each_word_of_a_group_stands_for_each_in_any_inflection() -> None:
    """A group works both ways, and for plurals and capitals."""
    known = Synonyms(["Kita, Kindergarten, Krippe  # where children are by day"])
    assert known("KITAS") == ("Kindergarten", "Krippe")
    assert known("Kindergärten") == ("Kita", "Krippe")
    assert known("Schule") == ()


def test_narrower_words_are_found_for_the_wider_one_only() -> None:
    """Behind the arrow stand words that are found, and that find nothing themselves."""
    known = Synonyms(["Haustier > Hund, Katze"])
    assert (known("Haustier"), known("Hund")) == (("Hund", "Katze"), ())


def test_an_administrator_adds_words_of_his_own(tmp_path: Path) -> None:
    """The setting's file is read beside our list; the same word may stand in both."""
    added = tmp_path / "words.txt"
    added.write_text("Kita, Zwergenburg\n\n# nothing\n,,>,\n", "utf-8")
    found = synonyms.of(added)("Kita")
    assert {"Kindergarten", "Zwergenburg"} <= set(found)
    assert synonyms.of(None)("Zwergenburg") == ()


def test_a_list_that_cannot_be_read_is_said_at_once(tmp_path: Path) -> None:
    """A missing, binary or endless file is a wrong setting, not a search without synonyms."""
    binary, endless = tmp_path / "binary", tmp_path / "endless"
    binary.write_bytes(b"\xff\xfe\x00")
    endless.write_text("a," * synonyms.LARGEST)
    for file in (tmp_path / "none", binary, endless):
        with pytest.raises(Misconfigured, match=r"search\.synonyms"):
            synonyms.of(file)


def test_our_own_list_has_no_word_for_itself_and_few_for_each() -> None:
    """Abbreviations of authorities work both ways, and no question grows beyond measure."""
    ours = synonyms.of(None)
    for short, long in (("BauGB", "Baugesetzbuch"), ("StVO", "Straßenverkehrsordnung"), ("Az", "Aktenzeichen")):
        assert long in ours(short)
        assert short in ours(long)
    assert "Kita" not in ours("Kita")
