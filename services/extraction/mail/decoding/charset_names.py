"""Names of charsets that programs write and Python lacks, or reads too narrowly (WHATWG Encoding §4.2)."""

import codecs

_NAMES = {
    **dict.fromkeys(("shift-jis", "shift_jis", "sjis", "x-sjis", "windows-31j", "ms-kanji"), "cp932"),
    **dict.fromkeys(("gb2312", "gb-2312-80", "gbk", "x-gbk", "cp936", "chinese"), "gb18030"),
    **dict.fromkeys(("euc-kr", "ks-c-5601", "ks-c-5601-1987", "ks-c-5601-1989", "ksc5601", "windows-949"), "cp949"),
    **dict.fromkeys(("iso-8859-11", "tis-620", "windows-874"), "cp874"),
    **dict.fromkeys(("iso-8859-8-i", "iso-8859-8-e", "logical"), "iso8859-8"),
    **dict.fromkeys(("iso-8859-6-i", "iso-8859-6-e"), "iso8859-6"),
    **dict.fromkeys(("macintosh", "mac", "x-mac-roman", "x-mac-german", "apple-roman"), "mac-roman"),
    **dict.fromkeys(("x-mac-cyrillic", "x-mac-ukrainian"), "mac-cyrillic"),
    **dict.fromkeys(("x-x-big5", "x-big5", "cn-big5"), "big5"),
    **dict.fromkeys(("x-euc-jp", "x-euc"), "euc-jp"),
    **dict.fromkeys(("utf8mb4", "unicode-1-1-utf-8", "x-unicode20utf8"), "utf-8"),
}
_STRANGE_AHEAD = ("x-cp", "windows", "ibm-", "dos-", "x-ansi", "cp-")


def python_name(charset: str) -> str:
    """The name under which Python knows it; the same where there is nothing better."""
    name = charset.strip(" '\"").lower().replace("_", "-")
    if name in _NAMES:
        return _NAMES[name]
    digits = name.lstrip("abcdefghijklmnopqrstuvwxyz-")
    if name.startswith(_STRANGE_AHEAD) and digits.isdecimal() and _is_known(f"cp{digits}"):
        return f"cp{digits}"
    return name


def _is_known(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True
