"""Operations on a tensor x as PyTorch text, as people write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playground.experiment.tensor_arguments import Operand


def sizes_code(sizes: Sequence[int]) -> str:
    """Numbers with commas, as arguments or in a list."""
    return ", ".join(map(str, sizes))


def index_code(dim: int, place: str) -> str:
    """Index text of one dimension: x[place], x[:, place], and from the right x[..., place]."""
    if dim >= 0:
        return f"x[{':, ' * dim}{place}]"
    return f"x[..., {place}{', :' * (-dim - 1)}]"


def slice_code(dim: int, start: int, stop: int, step: int) -> str:
    """The places from start up to stop of one dimension."""
    return index_code(dim, f"{start}:{stop}" + (f":{step}" if step != 1 else ""))


def operand_code(other: Operand) -> str:
    """The other side of a sign; a minus of its own stands in brackets."""
    return f"({other.code})" if other.code.startswith("-") else other.code


def reduction_code(name: str) -> Callable[[int | None, bool], str]:
    """(dim or None for all, keepdim) -> the call of a method that reduces."""

    def code(dim: int | None, keepdim: bool) -> str:
        first = "" if dim is None else str(dim)
        if not keepdim:
            return f"x.{name}({first})"
        if dim is None and name in ("sum", "mean", "amax", "amin"):
            first = "tuple(range(x.ndim))"
        return f"x.{name}({first + ', ' if first else ''}keepdim=True)"

    return code
