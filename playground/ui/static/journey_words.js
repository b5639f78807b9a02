/** One sentence for everything under the pointer: its value, and what it means. */
import { escape, tag } from "./html.js";
import { patchOf, sourceBox } from "./journey_flow.js";
import { sizeOf, tableColour } from "./journey_maps.js";
import { percent } from "./journey_output.js";
import { readModule, roleOf, windowOf } from "./journey_plan.js";
import { visible } from "./journey_raw.js";

/** A number with a real minus sign, and none before a zero. */
export const signed = (value, digits = 2) =>
  Number.isFinite(value) ? value.toFixed(digits).replace(/^-(?=[0.]+$)/, "").replace("-", "−") : "–";

/** What each module does to its numbers, in one sentence. */
const DOES = {
  Conv2d: "sums its window of pixels, each times a weight of the kernel: it looks for one pattern everywhere",
  Conv1d: "sums its window of samples, each times a weight of the kernel: it looks for one pattern everywhere",
  Linear: "sums all inputs, each times a weight of its own, plus a bias",
  ReLU: "keeps what is positive and sets the rest to 0",
  LeakyReLU: "keeps what is positive and makes the rest very small",
  Tanh: "squeezes every number smoothly between −1 and 1",
  Sigmoid: "squeezes every number smoothly between 0 and 1",
  ELU: "keeps what is positive and bends the rest softly towards −1",
  GELU: "keeps what is large and bends the rest softly to 0",
  SiLU: "keeps what is large and bends the rest softly to 0",
  Identity: "changes nothing: without a bend two layers are worth no more than one",
  MaxPool2d: "keeps the largest of its neighbours: the picture shrinks, the find stays",
  MaxPool1d: "keeps the largest of its neighbours: the signal shrinks, the find stays",
  AvgPool2d: "takes the mean of its neighbours",
  AvgPool1d: "takes the mean of its neighbours",
  BatchNorm2d: "brings every map to a like spread, as measured on the batches",
  BatchNorm1d: "brings every value to a like spread, as measured on the batches",
  LayerNorm: "brings the values of this sample to a like spread",
  GroupNorm: "brings all values of this sample to a like spread",
  Embedding: "looks the token up: this row of numbers is all that it means to the network, and it is learned",
  Dropout: "rests while the network answers; in training it sets some values to 0 by chance",
};
const ENCODERS = [
  [/GRU|LSTM|RNN|State/, "reads the tokens in turn and keeps in these numbers what it has read so far"],
  [/Atten/, "lets every token take from the others what it needs"],
  [/Mean/, "takes the mean over all tokens, so their order does not count"],
  [/Conv|CNN/, "looks for patterns of neighbouring tokens"],
];

export function moduleSentence(stage) {
  if (stage.frozen) return stage.frozen;
  const { name } = readModule(stage.module);
  return DOES[name] ?? ENCODERS.find(([like]) => like.test(stage.module))?.[1] ?? `is what ${name} makes of its input`;
}

/** HTML of the small window beside the pointer; empty if there is nothing to say. */
export function tipHtml(found, scene) {
  const { sample, frame, names } = scene;
  const { stages } = frame.header;
  const value = (stage, at) => ((frame.arrays[stage.array]?.[at] ?? 0) / 127) * stage.scale;
  const say = (strong, ...lines) =>
    `<b>${strong}</b>${lines.filter(Boolean).map((line) => `<span>${line}</span>`).join("")}`;
  switch (found?.kind) {
    case "pixel": {
      const { raw } = scene;
      const at = (found.row * raw.w + found.col) * raw.depth;
      const text = raw.depth === 3 ? [0, 1, 2].map((k) => raw.values[at + k]).join(", ") : raw.values[at];
      const what = raw.depth === 3 ? "red, green, blue" : "0 is black, 255 is white";
      return say(`Pixel ${text}`, `row ${found.row + 1}, column ${found.col + 1} · ${what}`, lookedAt(found, scene));
    }
    case "moment": {
      const rate = frame.header.sample_rate ?? scene.rate ?? 8000;
      return say(
        `Sample ${signed(scene.wave[found.sample], 3)}`,
        `air pressure after ${((1000 * found.sample) / rate).toFixed(1)} ms; ${rate.toLocaleString("en")} such numbers a second`,
      );
    }
    case "token": {
      const { token, id } = sample.tokens[found.index];
      const share = frame.arrays.explain?.[found.index];
      const weight = share === undefined ? "" : `${share < 0 ? "speaks against" : "speaks for"} the answer`;
      return say(`“${escape(visible(token))}” has the id ${id}`, "its place in the vocabulary, nothing more: what it means is learned", weight);
    }
    case "unit": {
      const stage = stages[found.stage];
      const v = value(stage, found.index);
      if (found.stage === 0) {
        const name = scene.inputs[found.index] ?? `input ${found.index + 1}`;
        return say(`${escape(name)} = ${signed(v)}`, "standardised: 0 is the mean of the training data, 1 one standard deviation above");
      }
      const words = say(`${signed(v)}`, `unit ${found.index + 1} of ${stage.shape[0]} · ${escape(moduleSentence(stage))}`);
      return words + (stage.filters ? kernelsHtml(found.index, scene, stage) : "");
    }
    case "step": {
      const stage = stages[found.stage];
      const token = sample.tokens?.[found.row]?.token;
      const v = value(stage, found.row * stage.shape[1] + found.col);
      const whose = token ? ` of “${escape(visible(token))}”` : ` of step ${found.row + 1}`;
      return say(signed(v), `number ${found.col + 1}${whose} · ${escape(moduleSentence(stage))}`);
    }
    case "map":
      return mapTip(found, scene, say, value);
    case "logit": {
      const name = sample.logits.length === 1 ? names[1] : names[found.index];
      const last = stages[stages.length - 1];
      const kernels = last.filters ? kernelsHtml(found.index, scene, last) : "";
      return kernels + say(
        `Logit ${signed(sample.logits[found.index])} for ${escape(visible(name ?? ""))}`,
        sample.logits.length === 1 ? "above 0 it is this class, below 0 the other" : "only the differences between the logits count",
      );
    }
    case "probability":
      return say(
        `${escape(visible(names[found.index] ?? ""))}: ${percent(sample.probabilities[found.index] ?? 0)}`,
        sample.probabilities.length === 2 ? "sigmoid of the logit: 1 / (1 + e^−logit)" : "softmax: e to the power of its logit, divided by the sum over all classes",
        sample.label === found.index ? "this is the right answer" : "",
      );
    case "value":
      return scene.photo
        ? say("Red, green, blue", "the three outputs are the colour of this pixel, from 0 to 1")
        : say(escape(sample.answer ?? ""), "the output of the last linear layer, turned back into the target's unit");
    default:
      return "";
  }
}

function lookedAt({ row, col }, { frame, explanation, raw }) {
  if (!explanation || frame.shapes.explain?.length !== 2) return "";
  const [rows, columns] = frame.shapes.explain; // of a photo it is coarser than the picture
  const at = [Math.floor((row * rows) / raw.h), Math.floor((col * columns) / raw.w)];
  const share = frame.arrays.explain[at[0] * columns + at[1]] / 127;
  if (Math.abs(share) < 0.06) return "this pixel hardly counted for the answer";
  return share > 0 ? "this pixel speaks for the answer" : "this pixel speaks against the answer";
}

function mapTip(found, scene, say, value) {
  const { frame, geometry, kind } = scene;
  const { stages } = frame.header;
  const stage = stages[found.stage];
  const shape = frame.shapes[stage.array];
  const [, rows, columns] = sizeOf(stage, shape);
  const at = (found.map * rows + found.row) * columns + found.col;
  const number = signed(value(stage, at));
  const where = rows === 1 ? `place ${found.col + 1}` : `row ${found.row + 1}, column ${found.col + 1}`;
  if (found.stage === 0) {
    if (kind === "sound" && rows > 1)
      return say(number, `frequency band ${found.row + 1} of ${rows}, moment ${found.col + 1} of ${columns}`, "how loud it is there, standardised: 0 is the mean of the training data");
    const unit = stages[1].frozen ? "(pixel − 127) / 128: −1 is dark, 1 is bright" : "standardised: 0 is the mean of the training data";
    return say(number, `${where} of ${rows} × ${columns} · ${unit}`);
  }
  const role = roleOf(stage);
  const lines = [`map ${found.map + 1} of ${stage.shape[0]}, ${where}`, escape(moduleSentence(stage))];
  let extra = "";
  if (stage.filters) extra = kernelsHtml(found.map, scene, stage);
  else if (role === "pool") {
    const from = sourceBox(geometry, found.box);
    const before = from && frame.header.stages[from.stage];
    if (before?.kind === "maps") {
      const [, r, c] = sizeOf(before, frame.shapes[before.array]);
      const patch = patchOf(windowOf(stage), found, [r, c]);
      const values = [];
      for (let y = patch.top; y < patch.bottom; y++)
        for (let x = patch.left; x < patch.right; x++) values.push(signed(value(before, (found.map * r + y) * c + x), 1));
      if (values.length <= 9) lines.push(`of ${values.join(", ")}`);
    }
  }
  return say(number, ...lines) + extra;
}

/** The kernels that make this map, with their numbers: one for each map that they read. */
function kernelsHtml(map, { frame, theme }, stage) {
  const [outs, inputs, high, wide] = frame.shapes[stage.filters];
  if (map >= outs) return "";
  const values = frame.arrays[stage.filters];
  const shown = Math.min(inputs, high * wide <= 9 ? 4 : high * wide > 120 ? 3 : 6);
  const kernels = [];
  for (let i = 0; i < shown; i++) {
    const cells = [];
    for (let k = 0; k < high * wide; k++) {
      const v = values[(map * inputs + i) * high * wide + k];
      const number = high * wide <= 9 ? signed((v / 127) * stage.filter_scale, 1) : "";
      cells.push(`<u style="background:${tableColour(theme.lut, v)}">${number}</u>`);
    }
    kernels.push(tag("i", { class: high * wide <= 9 ? "kernel" : high * wide > 120 ? "kernel dots" : "kernel tiny", style: `grid-template-columns:repeat(${wide},auto)` }, cells.join("")));
  }
  const from = stage.module.match(/\d+/)?.[0] ?? inputs;
  const more = from > shown ? `<em>+${from - shown} more</em>` : "";
  return `<div class="kernels">${kernels.join("")}${more}</div>`;
}
