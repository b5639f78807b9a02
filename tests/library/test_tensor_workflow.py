"""Where the lessons of the tensors page are in the workflow; their lines run."""

from __future__ import annotations

import pytest
import torch

from playground.experiment.tensor_chain import Chain, source_code
from playground.experiment.tensor_expression import EXAMPLES
from playground.experiment.tensor_sources import SOURCES
from playground.library.tensor_workflow import chain_in_workflow, expression_in_workflow
from playground.library.workflow import WORKFLOW


@pytest.mark.parametrize("start", sorted(SOURCES))
def test_a_chain_is_data_on_its_way_to_a_tensor(start: str, capsys: pytest.CaptureFixture[str]) -> None:
    chain = Chain(start, SOURCES[start].argument.default, ())
    lesson = chain_in_workflow(chain)
    assert lesson.at == "data"
    assert "data → tensor" in lesson.say
    assert lesson.code.startswith(source_code(chain))
    exec(f"import torch\n{lesson.code}", {})
    assert "torch.Size" in capsys.readouterr().out


@pytest.mark.parametrize("start", sorted(SOURCES))
def test_the_other_steps_are_told_by_such_data(start: str) -> None:
    lesson = chain_in_workflow(Chain(start, SOURCES[start].argument.default, ()))
    assert lesson.experiment.kind == lesson.page.lower()
    assert lesson.experiment.obstacle is None
    for step in WORKFLOW.values():
        assert step.say(lesson.experiment)
        assert step.code(lesson.experiment)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_formula_is_at_backward(name: str) -> None:
    expression = EXAMPLES[name].expression
    lesson = expression_in_workflow(expression)
    assert lesson.at == "train"
    assert lesson.code.startswith("L.backward()")
    forward = expression.code.removesuffix(lesson.code + "\n")
    names: dict[str, torch.Tensor] = {}
    exec(forward, names)  # type: ignore[arg-type]
    before = {number: names[number].item() for number in expression.learning}
    exec(lesson.code, names)  # type: ignore[arg-type]
    for number, value in before.items():
        gradient = names[number].grad
        assert gradient is not None
        assert names[number].item() == pytest.approx(value - expression.rate * gradient.item())
