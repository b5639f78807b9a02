/** The words over and in the columns: what each step is, its shape, and the answer. Real buttons over the canvas. */
import { button, escape, tag } from "./html.js";
import { percent } from "./journey_output.js";
import { shapeText } from "./journey_plan.js";

const STEPS = {
  raw: "1 · 2",
  tensor: "3",
  logits: "5",
  probabilities: "6",
  answer: "7",
};
const WORDS = {
  raw: "What a person perceives, and the numbers that it consists of",
  tensor: "The numbers in the order and size that the network reads",
  logits: "The last linear layer: one number a class, the larger the more it speaks for it",
  probabilities: "Softmax turns the logits into shares that add up to 100 %",
  answer: "The class with the largest probability, in words",
};
/** Where the network has a single output. */
const TASK_WORDS = {
  binary: {
    logits: "The last linear layer: one number; above 0 it speaks for the second class, below 0 for the first",
    probabilities: "A sigmoid turns the logit into the share of the second class; the first has the rest",
  },
  regression: {
    logits: "The last linear layer: one number, the answer in the scale in which the network learns",
    answer: "The number in the unit of the target",
  },
};

const RAW_TITLES = { images: "Picture → numbers", text: "Tokens", sound: "Sound → numbers", tables: "Row" };

export class Heads {
  constructor(node, choose) {
    this.node = node;
    this.choose = choose;
    node.addEventListener("click", (event) => {
      const head = event.target.closest("[data-column]");
      if (head) choose(head.dataset.column);
    });
  }

  /** Written anew only when the journey has other columns. */
  render(geometry, { stages, kind, task }, photo) {
    const words = { ...WORDS, ...(stages[stages.length - 1].shape[0] === 1 ? TASK_WORDS[task] : {}) };
    const raw = photo ? "Place → numbers" : RAW_TITLES[kind];
    const html = geometry.columns.map((column) => this.column(column, stages, raw, geometry, words)).join("");
    if (html === this.html) return;
    this.html = html;
    this.node.innerHTML = html;
    this.answerNode = this.node.querySelector(".answer");
    this.answerHtml = null;
  }

  clear() {
    this.html = this.node.innerHTML = "";
    this.answerNode = null;
  }

  column(column, stages, raw, { narrow }, words) {
    const { key, head, foot, number, boxes } = column;
    const title = key === "raw" ? raw : column.title;
    const step = number ? `4 · layer ${number}` : column.frozen ? "4 · frozen" : STEPS[key];
    const place = ({ x, y, w, h }) => `left:${x}px;top:${y}px;width:${w}px;height:${h}px`;
    const names = (column.parts ?? []).map(({ stage }) => stages[stage].module).join(", then ");
    const tip = column.opens && key !== "tensor" ? `${names}. Click to see it large` : words[key];
    const style = place((number || column.frozen) && !narrow ? { ...head, x: head.x - 9, w: head.w + 18 } : head);
    const content = `<i>${step}</i><b>${escape(title)}</b>`;
    const top = column.opens
      ? button({ class: "head-step", "data-column": key, tip, label: names ? `${title}: ${names}` : title, style }, content)
      : tag("div", { class: "head-step", title: tip, style }, content);
    const stage = column.parts ? stages[column.out] : null;
    const shape = stage ? shapeText(stage.shape) : "";
    const kindOfNumber = key === "tensor" ? `${typeOf(stage)} ` : "";
    const parameters = (column.parts ?? []).reduce((sum, part) => sum + (stages[part.stage].parameters ?? 0), 0);
    const weights = parameters ? ` · ${short(parameters)} ${column.frozen ? "frozen" : "weights"}` : "";
    const footText = narrow ? `${kindOfNumber}${shape}${weights}` : shape;
    const footTip = `${kindOfNumber}tensor of shape ${shape} for each sample${weights}`;
    const bottom = stage
      ? tag("div", { class: "foot-step", title: footTip, style: place(narrow ? foot : { ...foot, x: foot.x - 12, w: foot.w + 24 }) }, escape(footText))
      : "";
    const answer = key === "answer" ? tag("div", { class: "answer", style: place(boxes[0]) }) : "";
    return top + bottom + answer;
  }

  mark(chosen) {
    if (this.marked === chosen + this.html?.length) return;
    this.marked = chosen + this.html?.length;
    for (const head of this.node.querySelectorAll("button[data-column]"))
      head.setAttribute("aria-pressed", head.dataset.column === chosen);
  }

  /** The answer in large words, with right or wrong. */
  answer(sample, { names, task, photo, written }) {
    const node = this.answerNode;
    if (!node || photo) return;
    const html = answerHtml(sample, names, task, written);
    if (html === this.answerHtml) return;
    this.answerHtml = html;
    node.innerHTML = html;
  }
}

/** Ids are whole numbers, all else is not. */
const typeOf = (stage) => (stage.kind === "sequence" ? "int64" : "float32");

const short = (n) => (n >= 10000 ? `${(n / 1000).toFixed(0)}k` : n.toLocaleString("en"));

/** Right or wrong: null where that cannot be said. */
export function verdict(sample, task) {
  if (sample.target === null || sample.target === undefined) return null;
  if (task === "regression") return null;
  return sample.label === sample.best;
}

function answerHtml(sample, names, task, written) {
  const right = verdict(sample, task);
  const sure = sample.best !== null && sample.best !== undefined ? sample.probabilities[sample.best] : null;
  const word = sure === null || !names[sample.best] ? sample.answer : names[sample.best];
  const size = word.length < 3 ? "huge" : word.length < 11 ? "large" : word.length < 24 ? "medium" : "small";
  const rows = [tag("b", { class: size }, escape(word === " " ? "␣" : word))];
  if (sure !== null) rows.push(`<span class="sure">${percent(sure)} sure</span>`);
  if (right !== null)
    rows.push(
      tag(
        "span",
        { class: `verdict ${right ? "right" : "wrong"}` },
        right ? "✓ right" : `✗ wrong: it is ${escape(sample.target)}`,
      ),
    );
  else if (sample.target) rows.push(`<span class="verdict">target ${escape(sample.target)}</span>`);
  else if (written) rows.push('<span class="verdict">the most probable next token</span>');
  else if (sample.source === "own") rows.push('<span class="verdict">your own sample</span>');
  return rows.join("");
}
