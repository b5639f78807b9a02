/** A neuron in words and today's numbers: tanh(0.53·x₁ − 1.20·x₂ + 0.10). */
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";
export const subscript = (n) => String(n).replace(/\d/g, (digit) => SUBSCRIPTS[digit]);

const FUNCTIONS = {
  relu: "ReLU",
  tanh: "tanh",
  sigmoid: "σ",
  leakyrelu: "LeakyReLU",
  elu: "ELU",
  gelu: "GELU",
  silu: "SiLU",
};
const NORMS = { batch: "BatchNorm", layer: "LayerNorm" };

/** The names of a column's values: the inputs' own, then a₁, a₂ of the layer before. */
export function sourceNames(structure, features, column) {
  if (column === 1)
    return structure.inputs.map((name) => features.find((feature) => feature.name === name)?.title ?? name);
  return Array.from({ length: structure.layers[column - 2].units }, (_, i) => `a${subscript(i + 1)}`);
}

/** What a neuron is called. */
export function neuronName(structure, column, unit) {
  if (column <= structure.layers.length) return `Layer ${column}, neuron ${unit + 1}`;
  return structure.outputs === 1 ? "Output neuron" : `Output neuron “${structure.classNames[unit] ?? unit + 1}”`;
}

const size = (value) => (Math.abs(value) >= 100 ? Math.abs(value).toFixed(0) : Math.abs(value).toFixed(2));

/** HTML of the formula; numbers carry the colour of their sign. Names come from our own tables, numbers are numbers. */
export function formulaHtml({ structure, data, linears, weights }, column, unit) {
  const linear = linears[column - 1];
  const names = sourceNames(structure, data.features, column);
  const terms = names.map((name, i) => [weights[linear.weight + unit * linear.from + i], name]);
  terms.push([weights[linear.bias + unit], ""]);
  const parts = terms.map(([value, name], i) => {
    const sign = value < 0 ? "−" : i ? "+" : "";
    const kind = value < 0 ? "negative" : "positive";
    const gap = i ? " " : "";
    return `<span>${gap}${sign}${i ? " " : ""}<b class="${kind}">${size(value)}</b>${name ? `·${name}` : ""}</span>`;
  });
  const layer = structure.layers[column - 1];
  let text = parts.join("");
  if (!layer) {
    const left =
      structure.task === "regression" ? "y" : structure.outputs === 1 ? "logit" : `logit${subscript(unit + 1)}`;
    return `<i>${left} =</i> ${text}`;
  }
  if (NORMS[layer.norm]) text = `${NORMS[layer.norm]}(${text})`;
  if (FUNCTIONS[layer.activation]) text = `${FUNCTIONS[layer.activation]}(${text})`;
  return `<i>a${subscript(unit + 1)} =</i> ${text}`;
}
