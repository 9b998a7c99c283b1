"""A Tika server that somebody else runs."""


class RunningServer:
    """A server that somebody else started and watches."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def address(self) -> str | None:
        """Where it answers, if it does."""
        return self._address

    def restart(self) -> None:
        """Its own watching process ends what takes too long."""

    def close(self) -> None:
        """It is not ours."""
