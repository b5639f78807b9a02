/** The small HTML texts of the stage: tooltips, the probe's answer, the colour legend. */
import { neuronName, sourceNames } from "./formula.js";
import { classMark, css, markSvg } from "./theme.js";

/** Text as HTML. */
export const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
export const signed = (v, digits = 3) => (v === null || v === undefined ? "–" : v.toFixed(digits).replace("-", "−"));

/** What the thing under the pointer is, in one line or two. */
export function tipHtml({ structure, data, weights, linears }, found) {
  if (found.kind === "input") return "";
  const linear = linears[found.column - 1];
  const to = neuronName(structure, found.column, found.unit);
  if (found.kind === "neuron") return "";
  if (found.kind === "bias") {
    return `<b class="${weights[linear.bias + found.unit] < 0 ? "negative" : "positive"}">bias ${signed(weights[linear.bias + found.unit])}</b><span>${escape(to)} · click to change</span>`;
  }
  const w = weights[linear.weight + found.unit * linear.from + found.from];
  const from = sourceNames(structure, data.features, found.column)[found.from];
  return `<b class="${w < 0 ? "negative" : "positive"}">weight ${signed(w)}</b><span>${escape(from)} → ${escape(to.toLowerCase())} · click to change</span>`;
}

/** The network's answer at a place or for a point. */
export function probeHtml({ structure }, { x, logits, probabilities, answer, target }) {
  const rows = [];
  const place = structure.dims === 1 ? `x = ${signed(x[0], 2)}` : `x₁ = ${signed(x[0], 2)}, x₂ = ${signed(x[1], 2)}`;
  rows.push(`<b>${escape(answer)}</b>`);
  if (target != null) rows.push(`<span class="${answer.toLowerCase().includes(String(target).toLowerCase()) || structure.task === "regression" ? "" : "wrong"}">target: ${escape(target)}</span>`);
  if (probabilities && structure.task !== "regression") {
    const bars = probabilities.map((p, k) => {
      const colour = css(classMark(structure.task, k).colour);
      return `<i>${markSvg(structure.task, k, 11)}</i><u><s style="width:${(100 * (p ?? 0)).toFixed(1)}%;background:${colour}"></s></u><em>${p === null ? "–" : (100 * p).toFixed(1)} %</em>`;
    });
    rows.push(`<div class="bars">${bars.join("")}</div>`);
  }
  if (logits) rows.push(`<span>${structure.task === "regression" ? "output" : logits.length > 1 ? "logits" : "logit"} ${logits.map((z) => signed(z, 2)).join(", ")}</span>`);
  rows.push(`<span>${place}</span>`);
  return rows.join("");
}

/** What the colours mean: class marks at the ends of the scale, or numbers. */
export function legendHtml(structure, reach) {
  if (reach !== null) return `<span>${signed(-reach, 2)}</span><i class="scale"></i><span>${signed(reach, 2)}</span>`;
  const { task, classNames } = structure;
  if (task === "regression") return structure.dims === 1 ? `<span class="fit"></span><span>the network's answer</span>` : '<span>−1</span><i class="scale"></i><span>1</span>';
  const name = (k) => `<span class="class">${markSvg(task, k, 13)}${escape(classNames[k] ?? k)}</span>`;
  if (task === "binary") return `${name(0)}<i class="scale"></i>${name(1)}<span class="class wrongmark"><i></i>wrong</span>`;
  return `${classNames.map((_, k) => name(k)).join("")}<span class="class wrongmark"><i></i>wrong</span>`;
}
