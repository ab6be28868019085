"""Which candidate goes on."""

from __future__ import annotations

from sc_deploy.compress.selection import beats, choose, mark_chosen
from sc_deploy.contracts import Candidate, Rate, Strategy


def candidate(accuracy: float, attack: float, strategy: Strategy | None = None) -> Candidate:
    marks = ("planted", Rate(attack, attack - 0.1, attack + 0.1, 50))
    return Candidate(1, 10, strategy, 0.1, Rate(accuracy, 0.0, 1.0, 50), (marks,), chosen=False)


MOVED = Strategy("magnitude", "random")


def test_the_largest_tm_score_is_chosen() -> None:
    pool = [candidate(0.80, 0.64), candidate(0.78, 0.52, MOVED), candidate(0.60, 0.50, MOVED)]
    assert choose(pool) == 1


def test_a_less_accurate_candidate_wins_only_if_it_leaks_enough_less() -> None:
    assert choose([candidate(0.80, 0.60), candidate(0.70, 0.55, MOVED)]) == 0
    assert choose([candidate(0.80, 0.60), candidate(0.75, 0.55, MOVED)]) == 1


def test_among_equals_the_incumbent_stays() -> None:
    assert (
        choose([candidate(0.8, 0.6, MOVED), candidate(0.8, 0.6), candidate(0.8, 0.6, MOVED)]) == 1
    )


def test_among_equal_moves_the_first_wins() -> None:
    assert (
        choose([candidate(0.7, 0.6), candidate(0.8, 0.6, MOVED), candidate(0.8, 0.6, MOVED)]) == 1
    )


def test_an_attack_worse_than_a_coin_earns_nothing() -> None:
    assert choose([candidate(0.80, 0.50), candidate(0.80, 0.42, MOVED)]) == 0


def test_exactly_one_candidate_is_marked() -> None:
    marked = mark_chosen([candidate(0.7, 0.6), candidate(0.8, 0.6, MOVED)], 1)
    assert [entry.chosen for entry in marked] == [False, True]


def test_a_draw_keeps_the_earlier_state() -> None:
    assert not beats(candidate(0.8, 0.6), candidate(0.8, 0.6))
    assert beats(candidate(0.8, 0.59), candidate(0.8, 0.6))
