"""The encoders of text by arithmetic: what they learn and what they cost. Built in `network.modules`."""

from __future__ import annotations

KERNEL = 3
"""Tokens that a kernel of the CNN sees at once."""

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
"""Linear maps of the vector and of the state that each kind of recurrent network has."""


def encoder_parameters(encoder: str, length: int, embedding: int, units: int) -> int:
    """How many numbers it learns. length: tokens of a text; embedding: numbers of each; units: numbers of the text."""
    if encoder == "mean":
        return 0
    if encoder == "cnn":
        return (KERNEL * embedding + 1) * units
    if encoder == "attention":
        return length * embedding + 3 * (embedding + 1) * units
    return GATES[encoder] * (embedding + units + 2) * units


def encoder_operations(encoder: str, length: int, embedding: int, units: int) -> int:
    """Multiplications for one text."""
    if encoder == "mean":
        return length * embedding
    if encoder == "cnn":
        return length * KERNEL * embedding * units
    if encoder == "attention":
        return length * 3 * embedding * units + 2 * length**2 * units
    return length * GATES[encoder] * (embedding + units) * units
