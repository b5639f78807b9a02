from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from playground.data.text import GeneratorDataset, load_generator
from playground.inspection.writing import draw_tokens, write_texts


@pytest.fixture(scope="module")
def names() -> GeneratorDataset:
    return load_generator("own", lines="\n".join(["ab", "abc"] * 10), window=6)


class Rule(nn.Module):
    """Follows <bos> with a, a with b, b with c, c with <eos>."""

    def __init__(self, names: GeneratorDataset) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))
        ids, size = names.vocabulary.ids, len(names.vocabulary)
        self.follows = torch.zeros(size, size)
        for before, after in zip(["<bos>", "a", "b", "c"], ["a", "b", "c", "<eos>"], strict=True):
            self.follows[ids[before], ids[after]] = 20.0

    def forward(self, ids: Tensor) -> Tensor:
        return self.follows[ids]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_network_that_knows_what_follows_writes_it(names: GeneratorDataset) -> None:
    module = Rule(names)
    assert write_texts(module, names, temperature=0.5, generator=generator(), count=3) == ["abc"] * 3
    assert write_texts(module, names, temperature=0.0, generator=generator(), count=2, start="b") == ["bc"] * 2
    assert write_texts(module, names, temperature=0.0, generator=generator(), count=1, start="ababababab") == ["ababab"]


def test_a_text_ends_where_the_window_is_full(names: GeneratorDataset) -> None:
    module = Rule(names)
    ids = names.vocabulary.ids
    module.follows.zero_()
    module.follows[:, ids["b"]] = 20.0
    assert write_texts(module, names, temperature=0.0, generator=generator(), count=1) == ["bbbbbb"]


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.0])
def test_tokens_are_drawn_with_the_probabilities_at_that_temperature(temperature: float) -> None:
    logits = torch.tensor([2.0, 1.0, 0.0, -1.0, 5.0])
    count = 20_000
    drawn = draw_tokens(logits.expand(count, 5).clone(), temperature=temperature, never=[4], generator=generator(1))
    share = np.bincount(drawn.numpy(), minlength=5) / count
    expected = np.exp(logits[:4].numpy() / temperature)
    expected /= expected.sum()
    spread = np.sqrt(expected * (1 - expected) / count)
    assert share[4] == 0
    assert (np.abs(share[:4] - expected) < 5 * spread + 1e-9).all()


def test_cold_tokens_are_the_most_probable_and_nothing_breaks_the_draw() -> None:
    logits = torch.tensor([[0.0, 3.0, 1.0], [torch.nan, torch.inf, -torch.inf]])
    assert draw_tokens(logits, temperature=0.0, never=[], generator=generator()).tolist() == [1, 1]
    for temperature in (1e-2, 1.0, 3.0):
        draw_tokens(logits, temperature=temperature, never=[0], generator=generator())


def test_writing_draws_from_its_own_random_numbers_only(names: GeneratorDataset) -> None:
    before = torch.get_rng_state()
    module = Rule(names)
    module.follows.zero_()
    first = write_texts(module, names, temperature=1.0, generator=generator(5))
    assert torch.equal(torch.get_rng_state(), before)
    assert write_texts(module, names, temperature=1.0, generator=generator(5)) == first
    assert write_texts(module, names, temperature=1.0, generator=generator(6)) != first
    assert not any("<" in text for text in first)
