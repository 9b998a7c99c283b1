"""What an operator tells an integrator about a procedure's user on Kafka, without asking a server."""

import json

from click.testing import CliRunner

from services.cli import poststelle


def test_the_rights_of_a_procedure_are_shown() -> None:
    """User, topics and the consumer groups it may join, under the names that the broker knows."""
    answer = CliRunner().invoke(poststelle, ["rights", "show", "procedures.bau"], env={"POSTSTELLE_PREFIX": "stadt-"})
    assert answer.exit_code == 0, answer.output
    shown = json.loads(answer.output)["procedures.bau"]
    assert shown["username"] == "stadt-procedures.bau"
    assert shown["groups"] == ["stadt-procedures.bau", "stadt-procedures.bau.*"]
    assert (shown["reads"], shown["writes"]) == ("stadt-procedures.bau.inbox", "stadt-procedures.bau.outbox")
    assert {right["operation"] for right in shown["log"]} == {"look", "read", "write"}


def test_nobody_is_named_whom_there_is_not() -> None:
    """Neither a service of another name nor a procedure whose name cannot be."""
    for name in ("procedure", "procedures.", "procedures.Bau.x"):
        answer = CliRunner().invoke(poststelle, ["rights", "show", name])
        assert answer.exit_code == 2, name
        assert "procedures.NAME" in answer.output
