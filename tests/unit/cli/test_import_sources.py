"""What lies in a source: mbox, Maildir, folders and zip files, and a reason for each thing that is no mail."""

import io
import zipfile
from pathlib import Path

import pytest

from services.cli.importing import mbox, sources
from services.cli.importing.sources import Item, items
from tests.torture import files


def a_mail(number: int, body: str = "Guten Tag") -> bytes:
    """A small mail."""
    return f"Subject: Brief {number}\nMessage-ID: <{number}@beispiel.test>\n\n{body}\n".encode()


def an_mbox(*mails: bytes) -> bytes:
    """These mails as mboxrd writes them."""
    line = b"From erika@beispiel.test Mon Nov 23 08:00:00 2026\n"
    return b"".join(line + mail.replace(b"\nFrom ", b"\n>From ") + b"\n" for mail in mails)


def a_zip(**members: bytes) -> bytes:
    """These files packed; two underscores stand for a slash, the last one for a dot."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            path, _, ending = name.replace("__", "/").rpartition("_")
            archive.writestr(f"{path}.{ending}", content)
    return held.getvalue()


def shown(found: list[Item]) -> list[tuple[str, str, str]]:
    """Place, folder and problem."""
    return [(item.place, item.folder, item.problem) for item in found]


def test_an_mbox_is_its_mails(tmp_path: Path) -> None:
    """Each as it was, a quoted `From ` line unquoted; the line of a letter that begins with the word parts nothing."""
    sent = [a_mail(1), a_mail(2, "Hallo\n\nFrom here on it is ours\nFrom \n"), a_mail(3)]
    file = tmp_path / "Posteingang.mbox"
    file.write_bytes(an_mbox(*sent))
    found = list(items(file))
    assert [item.read() for item in found] == sent
    assert {item.folder for item in found} == {"Posteingang"}
    unquoted = an_mbox(a_mail(1)).replace(b"Guten Tag", b"Hallo\n\nFrom here on it is ours")
    assert len(list(mbox.mails(io.BytesIO(unquoted), largest=1000))) == 1


def test_the_last_mail_of_a_cut_mbox_is_told(tmp_path: Path) -> None:
    """It is taken as far as it is there; where not even its header is whole it is refused."""
    file = tmp_path / "alt.mbox"
    whole = an_mbox(a_mail(1), a_mail(2))
    file.write_bytes(whole[:-6])
    assert [(item.problem, item.is_cut) for item in items(file)] == [("", False), ("", True)]
    file.write_bytes(whole[: whole.index(b"Subject: Brief 2") + 12])
    assert [item.problem for item in items(file)] == ["", "cut"]


def test_a_mail_without_end_fills_no_memory() -> None:
    """What is larger than a mail may be is counted and not held."""
    stream = io.BytesIO(an_mbox(a_mail(1), a_mail(2, "x" * 5000), a_mail(3)))
    assert [mail.problem for mail in mbox.mails(stream, largest=1000)] == ["", "too_large", ""]


def test_folders_and_maildirs_keep_their_names(tmp_path: Path) -> None:
    """Mails below folders, Maildir++ with its dots, an mbox without an ending; what is no mail has a reason."""
    for place, content in {
        "Bau/2024/a.eml": a_mail(1), "Bau/b.msg": b"\xd0\xcf\x11\xe0", "Bau/liste.csv": b"a;b", "leer.eml": b"",
        "Kasse/Sent": an_mbox(a_mail(3)), "alt.pst": b"!BDN", "Amt/cur/1:2,S": a_mail(4), "Amt/new/2": a_mail(5),
        "Amt/tmp/3": a_mail(6), "Amt/dovecot.index": b"x", "Amt/.Akten.2024/cur/4": a_mail(7),
        "Amt/.Akten.2024/new/5": a_mail(8),
    }.items():  # fmt: skip
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (tmp_path / "fremd.eml").symlink_to("/etc/hostname")
    assert shown(list(items(tmp_path))) == [
        ("Amt/cur/1:2,S", "Amt", ""),
        ("Amt/new/2", "Amt", ""),
        ("Amt/.Akten.2024/cur/4", "Amt/Akten/2024", ""),
        ("Amt/.Akten.2024/new/5", "Amt/Akten/2024", ""),
        ("Bau/2024/a.eml", "Bau/2024", ""),
        ("Bau/b.msg", "Bau", ""),
        ("Bau/liste.csv", "Bau", "no_mail"),
        ("Kasse/Sent#1", "Kasse/Sent", ""),
        ("alt.pst#1", "alt", "broken"),
        ("fremd.eml", ".", "no_file"),
        ("leer.eml", "", "empty"),
    ]


def test_a_zip_holds_any_of_these(tmp_path: Path) -> None:
    """Mails, an mbox, a Maildir and another zip in it; names that would lead out of it lead nowhere."""
    inner = a_zip(c_eml=a_mail(3))
    file = tmp_path / "archiv.zip"
    file.write_bytes(a_zip(Bau__a_eml=a_mail(1), alt_mbox=an_mbox(a_mail(2), a_mail(4)), innen_zip=inner))
    assert [item.place for item in items(file)] == [
        "archiv.zip/Bau/a.eml", "archiv.zip/alt.mbox#1", "archiv.zip/alt.mbox#2", "archiv.zip/innen.zip/c.eml",
    ]  # fmt: skip
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../etc/a.eml", a_mail(1))
    assert shown(list(items(file))) == [("archiv.zip/etc/a.eml", "archiv.zip/etc", "")]


def test_a_hostile_zip_ends_in_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb, archives without end in each other, a cut one, too many files: each a reason, none an exception."""
    file = tmp_path / "archiv.zip"
    file.write_bytes(a_zip(gross_eml=b"a" * 80 * 1024 * 1024))
    assert [bool(item.problem) for item in items(file)] == [True]
    deep = a_zip(a_eml=a_mail(1))
    for _ in range(5):
        deep = a_zip(innen_zip=deep)
    file.write_bytes(deep)
    assert [item.problem for item in items(file)] == ["too_deep"]
    file.write_bytes(a_zip(a_eml=a_mail(1))[:-30])
    assert [item.problem for item in items(file)] == ["broken"]
    monkeypatch.setattr(sources, "MOST_MEMBERS", 2)
    file.write_bytes(a_zip(a_eml=a_mail(1), b_eml=a_mail(2), c_eml=a_mail(3)))
    assert [item.problem for item in items(file)] == ["", "", "too_many_parts"]


def test_an_archive_that_holds_itself_ends(tmp_path: Path) -> None:
    """It is refused once, where it is too deep, and what lies beside it comes in."""
    source = tmp_path / "post"
    source.mkdir()
    (source / "endlos.zip").write_bytes(files.quine_zip())
    (source / "brief.eml").write_bytes(a_mail(1))
    assert [item.problem for item in items(source)] == ["", "too_deep"]
