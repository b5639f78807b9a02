"""What the kernel is told, as records in memory: one Plan, and one LayerPlan for each layer. NumPy only.

Convolutions come first, then dense layers.

Every number is 8 bytes. A field that ends in `_at` is the address of an array, which the owner of the plan keeps alive.
"""

from __future__ import annotations

import numpy as np

ACTIVATION_CODES = {name: code for code, name in enumerate(
    ("linear", "relu", "leakyrelu", "elu", "tanh", "sigmoid", "silu", "gelu")
)}  # fmt: skip
LOSS_CODES = {name: code for code, name in enumerate(("mse", "huber", "bce", "squared", "cross_entropy"))}
OPTIMIZER_CODES = {name: code for code, name in enumerate(
    ("sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad")
)}  # fmt: skip
POOLING_CODES = {"max": 0, "avg": 1}

JOBS = {name: code for code, name in enumerate(("train", "look", "measure", "help"))}
WORK = {name: code for code, name in enumerate(("learn", "evaluate"))}
PART = 256  # samples of a data set that are evaluated by one thread
ROW_HEAD = 7  # numbers of a history row before the gradient norms: epoch, steps, rate, and four sums


def _record(integers: str, floats: str = "") -> np.dtype[np.void]:
    fields = [(name, np.int64) for name in integers.split()] + [(name, np.float64) for name in floats.split()]
    return np.dtype(fields)


LAYER = _record(
    # rows_in and rows_out are the units filled up to whole tiles of 4; activation is a code. rows: of a group's values.
    # The inputs of a convolution are the channels at each place of its kernel, its outputs are channels.
    "inputs outputs rows_in rows_out rows activation "
    # Where its weights begin in the flat parameters (weight (out, in), then bias).
    "flat_start "
    # Packed copies, [out / 4][in][4]: the parameter itself and its gradient.
    "weights_at biases_at weight_gradients_at bias_gradients_at "
    # [group][row][lane]: activations, and their slopes, which become d loss / dz on the way back.
    "values_at deltas_at "
    # Dropout: (batch, units) factors of the first step of a call; 0 where there is none.
    "dropout_at "
    # A convolution: the pictures that go in, the pixels of z that are pooled, a window of them, and what comes out.
    "channels height_in width_in height width pooling window_height window_width height_out width_out "
    # Planes with margins: what goes in, the deltas of z ("grid"), and where what comes out goes, each with the address
    # of its first pixel, and the bytes from group to group, from channel to channel and from row to row.
    "planes_at planes_step plane_bytes plane_pitch grid_at grid_step grid_bytes grid_pitch "
    "out_at out_step out_bytes out_pitch "
    # Which pixel of its window each value was; how many bytes away the pixel is that a weight sees, going forward [in
    # channel][place], and going back [out channel][place]; places in a kernel; rows that the gradient takes at once.
    "winners_at taps_at back_taps_at window block_rows"
)

PLAN = _record(
    # The network; view_layers has the same weights, and room to evaluate a wide vector. parameters: of a packed copy.
    "job layers_at view_layers_at layers convolutions outputs parameters loss optimizer "
    # The flat parameters and optimizer memories, and their packed copies; mask is 1 at packed weights, 0 at biases.
    "flat_at flat1_at flat2_at memories packed_at gradients_at memory1_at memory2_at mask_at "
    # The train set, X (N, D) and y (N,); the order of its samples and the state of torch's random generator.
    "X_at y_at samples features order_at generator_at "
    # How the batches are cut: groups of `lanes` samples, pieces of so many samples between two sums of gradients.
    "batch_size wide piece_samples gathered_batches gathered_at targets_at "
    # For several threads: a Team or 0; the gradients and the loss of each piece of a batch, and what is added to the
    # addresses of gradients to come to those of a piece.
    "team_at piece_gradients_at piece_losses_at gradient_shift "
    # For convolutions: a band of rows and their slopes, and a sum for every weight of four channels and lane.
    "band_at band_slopes_at sums_at "
    # What to do, and where in the epoch to begin; rate_stride is 0 for one constant rate.
    "steps position epoch last_epoch rates_at rate_stride dropout_stride dropout_offset dropping dropped_samples "
    # The history: a row every so many epochs, and the feature-major data sets that are evaluated for it: within the
    # call that ends the epoch, or where that defers, by further calls, from one part to another.
    "rows_at row_capacity row_floats record_every defers first_part last_part train_X_at train_y_at train_stride "
    "test_X_at test_y_at test_samples test_stride part_sums_at "
    # What came of it.
    "steps_done rows_done finite "
    # Looking: feature-major points, where the values go as float32 and (or 0) as int8, and how far apart their rows
    # are.
    "points_at point_stride points hidden outputs_at output_stride bytes_at",
    "l1 l2 decay clip_norm momentum beta1 beta2 eps alpha power1 power2 loss_value",
)

TEAM = _record(
    # What the threads of a step share. Work is numbered through all steps: `next` has been begun by nobody, `done` of
    # it is finished, and there is some up to `limit`, of which number `begin` is the first of this kind: the piece of a
    # batch or the part of the data sets with the number `first`.
    "open next limit done begin first kind lead_at "
    # Where in the epoch the batch begins, and its samples.
    "position batch"
)
