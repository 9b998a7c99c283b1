"""The words that may be parts of compounds, with how often our own letters say them; `words.txt` names its sources."""

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def said() -> dict[str, int]:
    """Folded words; 0 where a word is only known to exist, up to 9 for those that nearly every letter says."""
    lines = files(__package__).joinpath("words.txt").read_text("utf-8").splitlines()
    pairs = (line.partition(" ") for line in lines if not line.startswith("#"))
    return {word: int(times) for word, _, times in pairs}
