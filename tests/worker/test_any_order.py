"""Whatever a visitor does in whatever order, there is a sound frame to look at, and nothing is lost by a reload."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from playground.experiment.kinds import KINDS
from playground.inspection.frame_format import decode_frame
from playground.training.fused.compile import wait_for_kernel
from playground.worker.datasets import Datasets
from playground.worker.messages import SPEEDS, Start
from playground.worker.run import RefusalError, Run
from playground.worker.storage import Storage
from playground.worker.times import Times
from tests.inspection.journeys import FIELDS

STARTS: dict[str, tuple[str, dict[str, Any]]] = {
    "circle": ("points", {"samples": 100, "batch_size": 10}),
    "spiral": ("points", {"dataset": "spiral4", "samples": 300, "layers": "8-relu-d0.2_4-tanh-batch"}),
    "curve": ("points", {"dataset": "curve"}),
    **{name: start for name, start in FIELDS.items() if name != "photos"},
}
ID = "run-00001"
DATASETS = Datasets()


class AnyOrder(RuleBasedStateMachine):
    """One run, and what a visitor wants to see of it."""

    @initialize(name=st.sampled_from(list(STARTS)), playing=st.booleans(), speed=st.sampled_from(SPEEDS))
    def open(self, name: str, playing: bool, speed: str) -> None:
        wait_for_kernel()
        kind, fields = STARTS[name]
        self.folder = tempfile.TemporaryDirectory()
        self.storage = Storage(Path(self.folder.name))
        self.view: dict[str, Any] = {}
        self.start(Start(ID, KINDS[kind].model_validate(fields), playing=playing, speed=speed))

    def start(self, start: Start) -> None:
        self.run = Run(start, self.storage, Times(), DATASETS)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def tell(self, name: str, **command: Any) -> None:
        with suppress(RefusalError):
            self.run.exchange({"command": {"name": name, **command}})

    @rule(name=st.sampled_from(["play", "pause", "step", "epoch", "reset"]))
    def press(self, name: str) -> None:
        self.tell(name)

    @rule(speed=st.sampled_from(SPEEDS))
    def choose_speed(self, speed: str) -> None:
        self.tell("speed", value=speed)

    @rule(turns=st.integers(1, 12))
    def wait(self, turns: int) -> None:
        for _ in range(turns):
            self.run.turn(0.001)
        self.run.look_after()

    @rule(
        value=st.sampled_from([0.0, 1e6, -1e6, 0.3]),
        parameter=st.sampled_from(["output.bias", "output.weight", "linear1.weight"]),
        index=st.sampled_from([[0], [0, 0]]),
    )
    def edit(self, value: float, parameter: str, index: list[int]) -> None:
        self.tell("edit", parameter=parameter, index=index, value=value)

    @rule(rate=st.sampled_from([1e-4, 0.03, 10.0]), clip=st.sampled_from([0.0, 1.0]), l2=st.sampled_from([0.0, 0.01]))
    def set_live(self, rate: float, clip: float, l2: float) -> None:
        self.run.apply(self.run.experiment.changed(learning_rate=rate, clip_norm=clip, l2=l2))

    @rule(playing=st.booleans())
    def reload(self, playing: bool) -> None:
        trainer = self.run.trainer
        assert trainer is not None
        self.run.save(durable=True)
        self.start(Start(ID, self.run.experiment, playing=playing))
        assert self.run.trainer is not None
        if trainer.phase in (None, "zero_grad"):
            assert (self.run.trainer.step_count, self.run.trainer.epoch) == (trainer.step_count, trainer.epoch)

    @rule(
        split=st.sampled_from(["train", "test"]),
        index=st.integers(-1, 400),
        explain=st.sampled_from([None, "gradient", "occlusion"]),
    )
    def choose_sample(self, split: str, index: int, explain: str | None) -> None:
        self.view = {"sample": {"source": split, "index": index}, "explain": explain}

    @rule(layer=st.integers(0, 4), unit=st.integers(0, 9))
    def select_neuron(self, layer: int, unit: int) -> None:
        self.view = {"selected": [layer, unit], "probe": unit}

    @invariant()
    def looks_sound(self) -> None:
        with suppress(RefusalError):  # of what was chosen there may be none
            frame = decode_frame(self.run.exchange({"view": self.view}))
            assert frame.header["status"] in ("ready", "playing", "paused", "diverged")
            for name, array in frame.arrays.items():
                assert name == "losses" or np.isfinite(array).all()  # there NaN means: no test samples
        assert self.run.player.failure is None


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
