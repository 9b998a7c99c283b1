"""Indices of one kind side by side: which one lives, which one grows, told by aliases that all processes see."""

import time
from typing import Any

import msgspec
from msgspec import Struct

from services.adapters.search_index.opensearch import schema
from services.adapters.search_index.opensearch.client import Answer, Away, Client
from services.core.errors import Misconfigured, TryLater

LEASE_S = 30.0
"""A rebuild whose process was silent for so long is over."""


class State(Struct, frozen=True):
    """What the aliases say at one moment."""

    living: str = ""
    growing: str = ""
    unfilled: bool = False
    stray: tuple[str, ...] = ()
    """Indices that nobody points to: left behind by who died over them."""
    last: int = 0


class _Aliases(Struct, frozen=True):
    aliases: dict[str, Any] = {}


class _Mapped(Struct, frozen=True):
    mappings: dict[str, Any] = {}


class _Until(Struct, frozen=True):
    lease_until: float = 0.0


class _Lease(Struct, frozen=True):
    source: _Until = msgspec.field(default=_Until(), name="_source")


class Generations:
    """The alias `<name>` is the living index; `<name>-growing` is beside it while a rebuild runs.

    All changes of who lives and who grows are one atomic update of aliases in the cluster.
    """

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self.living = name
        self.growing = f"{name}-growing"
        self._unfilled = f"{name}-unfilled"

    def state(self) -> State:
        """Asked anew each time: other processes begin, switch and abandon rebuilds too."""
        answer = self._client.ask("GET", f"/{self.living}-*/_alias")
        if not answer.done:
            raise Away("failed")
        found = msgspec.json.decode(answer.text, type=dict[str, _Aliases])
        held = {index: set(told.aliases) for index, told in found.items()}
        numbers = [index.rpartition("-")[2] for index in held]
        return State(
            living=next((index for index, names in held.items() if self.living in names), ""),
            growing=next((index for index, names in held.items() if self.growing in names), ""),
            unfilled=any(self._unfilled in names and self.living in names for names in held.values()),
            stray=tuple(index for index, names in held.items() if not names),
            last=max((int(number) for number in numbers if number.isdecimal()), default=0),
        )

    def put_template(self, shape: schema.IndexShape) -> None:
        """Every generation that is made from now on looks like this."""
        wanted = schema.template(f"{self.living}-*", shape)
        answer = self._client.ask("PUT", f"/_index_template/{self.living}", msgspec.json.encode(wanted))
        if not answer.done:
            raise Away("refused")

    def ensure(self) -> State:
        """The state, after an empty living index was made where there was none; it waits to be filled."""
        state = self.state()
        if not state.living:
            answer = self._make(state.last + 1, self.living, self._unfilled)
            if not answer.done and answer.error != "resource_already_exists_exception":
                raise Away("refused")
            state = self.state()
        return state

    def check(self, index: str) -> None:
        """Misconfigured where the index is none of ours."""
        answer = self._client.ask("GET", f"/{index}/_mapping")
        if not answer.done:
            raise Away("failed")
        for told in msgspec.json.decode(answer.text, type=dict[str, _Mapped]).values():
            if not schema.is_ours(told.mappings.get("properties", {})):
                raise Misconfigured(
                    f"The index {index} at opensearch.endpoints has another mapping than Poststelle's: "
                    "delete it, and it is made and filled anew, or choose another prefix."
                )

    def tidy(self, state: State) -> None:
        """Remove what somebody died over."""
        for index in state.stray:
            self.drop(index)
        if state.growing and not self._leased():
            self.drop(state.growing)

    def begin(self) -> str:
        """A fresh generation that live events go into from now on; TryLater("busy") while another one grows."""
        state = self.ensure()
        if state.growing and self._leased():
            raise TryLater("busy")
        if state.growing:
            self.drop(state.growing)
        number = state.last + 1
        index = f"{self.living}-{number}"
        answer = self._make(number, self.growing, own_alias(index))
        if not answer.done:
            raise TryLater("busy")  # somebody was faster
        self.renew(index)
        return index

    def renew(self, index: str) -> bool:
        """Say that the rebuild is alive; False where the index is gone."""
        until = msgspec.json.encode({"lease_until": time.time() + LEASE_S})
        path = f"/{own_alias(index)}/_doc/lease?require_alias=true"
        return self._client.ask("PUT", path, until).done

    def switch(self, index: str) -> None:
        """From one moment to the next the growing index lives and the old one is gone; TryLater where it is lost."""
        old = self.state().living
        actions: list[dict[str, Any]] = [
            {"remove": {"index": index, "aliases": [self.growing, own_alias(index)], "must_exist": True}},
            {"add": {"index": index, "alias": self.living}},
        ]
        if old:
            actions.append({"remove_index": {"index": old}})
        answer = self._client.ask("POST", "/_aliases", msgspec.json.encode({"actions": actions}))
        if not answer.done:
            raise TryLater

    def drop(self, index: str) -> None:
        """Take an index away; one that is gone is fine."""
        self._client.ask("DELETE", f"/{index}?ignore_unavailable=true")

    def _leased(self) -> bool:
        """Whether somebody works at the growing index: its lease runs, or it was begun just now."""
        lease = self._client.ask("GET", f"/{self.growing}/_doc/lease")
        if lease.done:
            return msgspec.json.decode(lease.text, type=_Lease).source.lease_until > time.time()
        mapping = self._client.ask("GET", f"/{self.growing}/_mapping")
        if not mapping.done:
            return False
        told = msgspec.json.decode(mapping.text, type=dict[str, _Mapped]).values()
        return any(each.mappings.get("_meta", {}).get("begun", 0.0) + LEASE_S > time.time() for each in told)

    def _make(self, number: int, *aliases: str) -> Answer:
        made = {"aliases": {alias: {} for alias in aliases}, "mappings": {"_meta": {"begun": time.time()}}}
        return self._client.ask("PUT", f"/{self.living}-{number}", msgspec.json.encode(made))


def own_alias(index: str) -> str:
    """By this name only a rebuild writes: it ends with the index, so that nothing is written into the void."""
    return f"{index}-own"
