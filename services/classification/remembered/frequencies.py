"""How often letters went to each position, as a plan has it: made once, until something is learned."""

from collections.abc import Callable, Mapping


class Frequencies:
    """The newest of them; each letter asks, and a plan of a thousand positions has a number for each."""

    def __init__(self) -> None:
        self._made: tuple[Mapping[str, int], object, Mapping[str, int]] = ({}, None, {})

    def of(
        self, often: Mapping[str, int], plan: object, opened: Callable[[Mapping[str, int]], Mapping[str, int]]
    ) -> Mapping[str, int]:
        """What `opened` makes of how often letters went anywhere; asked again where either is another one."""
        told, by, mine = self._made
        if told is not often or by is not plan:
            mine = opened(often)
            self._made = (often, plan, mine)
        return mine
