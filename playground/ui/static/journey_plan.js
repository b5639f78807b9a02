/**
 * From the frame's stages to the columns of the journey: a layer's linear and non-linear part belong together; each stage
 * of a pretrained network that is not trained has a column of its own.
 */

const OPENS = /^(conv|linear|embedding|encoder|pool|flatten)/; // the names of children that begin a column
const NAMES = {
  Conv1d: "Convolution",
  Conv2d: "Convolution",
  Linear: "Dense",
  MaxPool1d: "Max pooling",
  MaxPool2d: "Max pooling",
  AvgPool1d: "Average pooling",
  AvgPool2d: "Average pooling",
  Embedding: "Embedding",
};
const COLUMNS = { raw: "Raw sample", tensor: "Tensor", logits: "Logits", probabilities: "Probabilities", answer: "Answer" };

/** What a stage does to its numbers: "linear", "norm", "bend", "pool", "rest" (dropout, which rests while answering). */
export function roleOf(stage) {
  if (/^pool/.test(stage.name) && /Pool/.test(stage.module)) return "pool";
  if (/^norm/.test(stage.name)) return "norm";
  if (/^dropout/.test(stage.name)) return "rest";
  if (/^activation/.test(stage.name)) return "bend";
  return "linear";
}

/** Name and arguments of PyTorch text: "nn.Conv2d(1, 8, kernel_size=3)" -> {name, args: [..], named: {..}}. */
export function readModule(text) {
  const [, name = text, inside = ""] = /^(?:nn\.)?(\w+)\((.*)\)$/s.exec(text ?? "") ?? [];
  const parts = inside.match(/(?:\([^)]*\)|[^,])+/g) ?? [];
  const args = [];
  const named = {};
  for (const part of parts.map((piece) => piece.trim()).filter(Boolean)) {
    const at = part.indexOf("=");
    if (at > 0) named[part.slice(0, at).trim()] = part.slice(at + 1).trim();
    else args.push(part);
  }
  return { name, args, named };
}

/** The module without what everybody knows: "Conv2d(1, 8, 3)". */
export function shortModule(text) {
  const { name, args, named } = readModule(text);
  const kernel = named.kernel_size?.replace(/\((\d+),(?: *\1)?\)/, "$1");
  const shown = [...args, ...(kernel ? [kernel] : [])].filter((part) => !part.includes("="));
  return shown.length ? `${name}(${shown.join(", ")})` : name;
}

export const shapeText = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/**
 * The columns from left to right. stages: as in the frame's header, the first the input tensor, the last the logits.
 * A layer: {key, number, title, parts: [{stage, role}], out}; `out` is the stage that the next column reads. A frozen
 * stage has no number. `opens`: a click shows it large.
 */
export function planColumns({ stages, kind, task, photo = false }) {
  const fixed = (key, more = {}) => ({ key, title: COLUMNS[key], ...more });
  const columns = [fixed("raw"), fixed("tensor", { parts: [{ stage: 0, role: "tensor" }], out: 0, opens: true })];
  if (kind === "text") columns[1].title = "Ids";
  let layer = null;
  let number = 0;
  stages.slice(1, -1).forEach((stage, i) => {
    const role = roleOf(stage);
    const place = { key: stage.name, parts: [], out: 0, opens: true };
    if (stage.frozen) {
      layer = { ...place, title: stage.title, frozen: true };
      columns.push(layer);
    } else if (!layer || layer.frozen || role === "pool" || OPENS.test(stage.name)) {
      number += 1;
      layer = { ...place, number, title: titleOf(stage) };
      columns.push(layer);
    }
    layer.parts.push({ stage: i + 1, role: stage.frozen ? "frozen" : role });
    layer.out = i + 1;
  });
  const last = stages.length - 1;
  const words = task === "regression";
  columns.push(fixed("logits", { parts: [{ stage: last, role: "linear" }], out: last }));
  if (words) columns[columns.length - 1].title = photo ? "Output: red, green, blue" : "Output";
  else columns.push(fixed("probabilities"));
  columns.push(fixed("answer", photo ? { title: "The painted picture" } : {}));
  return columns;
}

function titleOf(stage) {
  return NAMES[readModule(stage.module).name] ?? stage.title ?? readModule(stage.module).name;
}

/** Which of the frame's stages fill a column's upper (linear) and lower (non-linear) lane. Dropout rests: not shown. */
export function lanesOf(column) {
  const parts = (column.parts ?? []).filter(({ role }) => role !== "rest");
  const lower = parts.filter(({ role }) => role === "bend" || role === "pool");
  return { upper: parts.filter((part) => !lower.includes(part)), lower };
}

/** Whether two frames have the same journey, so that nothing needs to be laid out again. */
export const planKey = ({ kind, task, class_names: names, stages, sample }) =>
  JSON.stringify([kind, task, names, stages.map(({ name, module, shape }) => [name, module, shape]), rowsOf(sample)]);

const rowsOf = (sample) => [sample?.tokens?.length ?? 0, Object.keys(sample?.words ?? {}).length];

/** Window of the input that a convolution or pooling reads for one value: {kernel, stride, padding}, each [rows, columns]. */
export function windowOf(stage) {
  const { name, args, named } = readModule(stage.module);
  const flat = /1d$/.test(name);
  const conv = /^Conv/.test(name);
  if (!conv && !/Pool/.test(name)) return null;
  const two = (text, fallback) => {
    const numbers = (String(text ?? "").match(/\d+/g) ?? []).map(Number);
    if (!numbers.length) return fallback;
    const [a, b = a] = numbers;
    return flat ? [1, a] : [a, b];
  };
  const kernel = two(named.kernel_size ?? args[conv ? 2 : 0], [1, 1]);
  const stride = two(named.stride ?? args[conv ? 3 : 1], conv ? [1, 1] : kernel);
  const same = /same/.test(named.padding ?? "") ? kernel.map((k) => (k - 1) / 2) : null;
  const padding = same ?? two(named.padding ?? args[conv ? 4 : 2], [0, 0]);
  return { kernel, stride: flat ? [1, stride[1]] : stride, padding: flat ? [0, padding[1]] : padding };
}
