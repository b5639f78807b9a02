"""The order of the samples in an epoch, drawn as torch.randperm draws it, from the state of the same generator.

The state is that of torch.Generator.get_state(): the Mersenne Twister's 624 words, each in 8 bytes, after a head that
counts.
Source: ATen/core/MT19937RNGEngine.h, ATen/CPUGeneratorImpl.cpp and randperm_cpu in ATen/native/TensorFactories.cpp.
"""

from __future__ import annotations

from typing import Any

from playground.training.fused.vector import compiled, int64, read_int, read_word, write_int, write_word

LEFT_AT, NEXT_AT, WORDS_AT = 8, 16, 24  # bytes from the start of the state
WORDS, AHEAD = 624, 397


@compiled
def refill(words_at: Any) -> None:
    """The next 624 words of the Mersenne Twister. Source: Matsumoto and Nishimura 1998."""
    for i in range(WORDS):
        this = read_int(words_at + 8 * i)
        following = read_int(words_at + 8 * ((i + 1) % WORDS))
        ahead = read_int(words_at + 8 * ((i + AHEAD) % WORDS))
        mixed = (this & 0x80000000) | (following & 0x7FFFFFFF)
        write_int(words_at + 8 * i, ahead ^ (mixed >> 1) ^ (0x9908B0DF * (following & 1)))


@compiled
def shuffle(generator_at: Any, order_at: Any, samples: Any) -> None:
    """order = torch.randperm(samples), for fewer than 200 million samples."""
    words_at = generator_at + WORDS_AT
    left = int64(read_word(generator_at + LEFT_AT))
    following = read_int(generator_at + NEXT_AT)
    for i in range(samples):
        write_int(order_at + 8 * i, i)
    for i in range(samples - 1):
        left -= 1
        if left == 0:
            refill(words_at)
            left, following = WORDS, 0
        y = read_int(words_at + 8 * following)
        following += 1
        y ^= y >> 11
        y ^= (y << 7) & 0x9D2C5680
        y ^= (y << 15) & 0xEFC60000
        y ^= y >> 18
        other = order_at + 8 * (i + y % (samples - i))
        drawn = read_int(other)
        write_int(other, read_int(order_at + 8 * i))
        write_int(order_at + 8 * i, drawn)
    write_word(generator_at + LEFT_AT, left)
    write_int(generator_at + NEXT_AT, following)
