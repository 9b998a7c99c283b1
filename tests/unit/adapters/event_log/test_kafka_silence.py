"""After a failure a consumer fetches nothing from a partition until the log has told who leads it."""

from services.adapters.event_log.kafka.group.silence import LOST, PAUSE, Silence

A, B, C = ("t", 0), ("t", 1), ("u", 0)


def alarmed(*flowing: tuple[str, int]) -> Silence:
    """One that has just fallen silent."""
    silence = Silence()
    silence.alarm()
    assert silence.begin(flowing) == sorted(flowing)
    return silence


def test_without_a_failure_everything_flows() -> None:
    """Nothing is paused, withheld or looked for."""
    silence = Silence()
    assert silence.begin([A, B]) == []
    assert silence.withhold([A]) == [A]
    assert not silence.due(0.0)
    assert not silence.doubtful


def test_a_failure_silences_everything_once() -> None:
    """Each partition is paused at the first failure, also when more follow; what came since is paused at the next."""
    silence = alarmed(A, B)
    assert silence.begin([A, B, C]) == []
    silence.alarm()
    assert silence.begin([A, B, C]) == [C]


def test_only_what_has_a_leader_flows_again() -> None:
    """The others stay silent, and there is doubt as long as one does."""
    silence = alarmed(A, B)
    assert silence.end({A, C}) == [A]
    assert silence.doubtful
    assert silence.end({A, B}) == [B]
    assert not silence.doubtful


def test_a_log_that_does_not_answer_wakes_nothing() -> None:
    """A look without an answer leaves all as it was."""
    silence = alarmed(A)
    assert silence.end(()) == []
    assert silence.doubtful


def test_what_is_no_longer_crowded_waits_for_its_leader() -> None:
    """In doubt a partition that was paused for another reason joins the silent ones."""
    silence = alarmed(A)
    assert silence.withhold([B]) == []
    assert silence.end({A, B}) == [A, B]


def test_a_failure_during_a_look_keeps_the_doubt() -> None:
    """What flows again after the look falls silent once more."""
    silence = alarmed(A)
    silence.alarm()
    assert silence.end({A}) == [A]
    assert silence.doubtful
    assert silence.begin([A]) == [A]


def test_looks_are_a_pause_apart() -> None:
    """In doubt the log is asked at once, and then once in a pause."""
    silence = alarmed(A)
    assert silence.due(100.0)
    assert not silence.due(100.0 + PAUSE / 2)
    assert silence.due(100.0 + PAUSE)


def test_a_client_that_hears_nothing_for_long_is_given_up() -> None:
    """The time counts from the first look without an answer, and from anew after an answer."""
    silence = alarmed(A)
    assert not silence.miss(100.0)
    assert not silence.miss(99.0 + LOST)
    assert silence.miss(100.0 + LOST)
    silence.end(())
    assert not silence.miss(200.0)
    assert silence.miss(200.0 + LOST)
