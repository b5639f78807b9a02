"""The race of the CPU and the GPU: milliseconds a step against batch size and width; nothing where there is no GPU."""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import torch

from benchmarks.report import Aim, report, table
from playground.training.fused.compile import wait_for_kernel
from playground.training.race import race


def main() -> bool:
    if not torch.cuda.is_available():
        print("no CUDA device")
        return report("gpu", {"device": None}, [])
    torch.set_num_threads(1)
    wait_for_kernel()
    print(f"{torch.cuda.get_device_name()}; three hidden layers of relu, Adam; one CPU core; ms a step")
    rows = [row for row in race("cuda") if row is not None]
    ways = list(rows[0]["ms"])
    table(
        ("width x batch", "parameters", *ways),
        [(f"{row['width']} x {row['batch_size']:,}", row["parameters"], *row["ms"].values()) for row in rows],
    )
    # A recording that is slower than what it records would be no use: in no cell may it be.
    worst = max(row["ms"]["GPU, recorded"] / row["ms"]["GPU, step by step"] for row in rows)
    aims = [Aim("recorded / step by step, worst cell", worst, "x", 1.0)]
    return report("gpu", {"device": torch.cuda.get_device_name(), "rows": rows}, aims)
