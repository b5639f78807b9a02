/** The small HTML texts of the stage: tooltips, the probe's answer, the colour legend. */
import { neuronName, sourceNames } from "./formula.js";
import { escape, tag } from "./html.js";
import { classMark, css, markSvg } from "./theme.js";

/** A number with a real minus sign. */
export const signed = (value, digits = 3) => value?.toFixed(digits).replace("-", "−") ?? "–";

const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);

/** What the link or bias under the pointer is, in two lines. */
export function tipHtml({ structure, data, weights, linears }, { kind, column, unit, from }) {
  if (kind !== "link" && kind !== "bias") return "";
  const linear = linears[column - 1];
  const to = neuronName(structure, column, unit);
  const bias = kind === "bias";
  const value = weights[bias ? linear.bias + unit : linear.weight + unit * linear.from + from];
  const where = bias ? to : `${sourceNames(structure, data.features, column)[from]} → ${to.toLowerCase()}`;
  const number = tag(
    "b",
    { class: value < 0 ? "negative" : "positive" },
    `${bias ? "bias" : "weight"} ${signed(value)}`,
  );
  return `${number}<span>${escape(where)} · click to change</span>`;
}

/** The network's answer at a place or for a point. */
export function probeHtml({ structure }, { x, logits, probabilities, answer, target }) {
  const { task, dims, classNames } = structure;
  const rows = [`<b>${escape(answer)}</b>`];
  const numbers = task === "regression";
  if (target != null) {
    const right = numbers || classNames[probabilities?.indexOf(Math.max(...probabilities))] === target;
    rows.push(tag("span", { class: right ? null : "wrong" }, `target: ${escape(target)}`));
  }
  if (probabilities && !numbers) {
    const bars = probabilities.map((share, k) => {
      const style = `width:${100 * (share ?? 0)}%;background:${css(classMark(task, k).colour)}`;
      return `<i>${markSvg(task, k, 11)}</i><u>${tag("s", { style })}</u><em>${percent(share)}</em>`;
    });
    rows.push(`<div class="bars">${bars.join("")}</div>`);
  }
  if (logits) {
    const word = numbers ? "output" : logits.length > 1 ? "logits" : "logit";
    rows.push(`<span>${word} ${logits.map((z) => signed(z, 2)).join(", ")}</span>`);
  }
  const place = dims === 1 ? `x = ${signed(x[0], 2)}` : `x₁ = ${signed(x[0], 2)}, x₂ = ${signed(x[1], 2)}`;
  return `${rows.join("")}<span>${place}</span>`;
}

/** What the colours mean. reach: how far a neuron's values go, null for the network's answer. */
export function legendHtml({ task, dims, classNames }, reach) {
  const scale = '<i class="scale"></i>';
  if (reach !== null) return `<span>${signed(-reach, 2)}</span>${scale}<span>${signed(reach, 2)}</span>`;
  if (task === "regression" && dims === 1) return '<span class="fit"></span><span>the network\'s answer</span>';
  if (task === "regression") return `<span>−1</span>${scale}<span>1</span>`;
  const names = classNames.map((name, k) => `<span class="class">${markSvg(task, k, 13)}${escape(name)}</span>`);
  return names.join(task === "binary" ? scale : "") + '<span class="class wrongmark"><i></i>wrong</span>';
}
