"""An import contract of our own: a foreign library has one home, also before anybody uses it."""

import grimp
from importlinter import ContractCheck
from importlinter.contracts.protected import ProtectedContract


class HomeContract(ProtectedContract):
    """Like import-linter's `protected`, but a library that nobody imports yet is no mistake in the contract."""

    type_name = "home"

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001 - import-linter's signature
        """Leave out what is absent, then ask import-linter."""
        present = [module for module in vars(self)["protected_modules"] if str(module) in graph.modules]
        vars(self)["protected_modules"] = present
        return super().check(graph, verbose)
