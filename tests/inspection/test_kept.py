from __future__ import annotations

from playground.inspection.kept import Kept


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_paused_answers_are_of_this_moment_and_playing_ones_wait() -> None:
    clock = Clock()
    kept = Kept(clock)
    asked: list[int] = []

    def ask(moment: int, question: str = "a", *, playing: bool, cost: float = 0.0) -> int:
        def find() -> int:
            asked.append(moment)
            clock.now += cost
            return moment

        return kept.get("name", question, moment, playing, find, often=0.5, share=0.1)

    assert ask(1, playing=True) == 1
    assert ask(2, playing=True) == 1
    clock.now += 0.49
    assert ask(3, playing=True) == 1
    clock.now += 0.02
    assert ask(3, playing=True, cost=0.2) == 3
    clock.now += 1.9  # a tenth of the time at most: 0.2 s are due again after 2 s
    assert ask(4, playing=True) == 3
    assert ask(4, playing=False) == 4
    assert ask(4, playing=False) == 4
    assert ask(4, "b", playing=True) == 4
    assert asked == [1, 3, 4, 4]
