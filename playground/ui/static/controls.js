/** The transport (play, step, epoch, reset, new weights, speed), the live numbers, the status line and the five phases. */
import { button, tag } from "./html.js";

export const SPEEDS = [
  ["phases", "slow motion"],
  ["1", "1 step/s"],
  ["10", "10 steps/s"],
  ["100", "100 steps/s"],
  ["1000", "1,000 steps/s"],
  ["max", "full speed"],
];

const PHASES = [
  ["predict", "The batch flows forward: each neuron adds up its weighted inputs and bends the sum."],
  ["loss", "The answers are compared with the targets: the loss says in one number how wrong they are."],
  ["backward", "The error flows back: each link learns how much it has to do with it, its gradient."],
  ["step", "The optimizer moves every weight a little way against its gradient."],
  ["zero_grad", "The gradients are set back to zero, and the next batch can come."],
];

/** The five of a die. */
const dots = () =>
  [
    [8, 8],
    [16, 8],
    [12, 12],
    [8, 16],
    [16, 16],
  ]
    .map(([x, y]) => `<circle cx="${x}" cy="${y}" r="1.7"/>`)
    .join("");

const ICONS = {
  play: '<path d="M8 5.2v13.6a.8.8 0 0 0 1.2.7l11-6.8a.8.8 0 0 0 0-1.4l-11-6.8A.8.8 0 0 0 8 5.2Z"/>',
  pause: '<rect x="6.5" y="5" width="4" height="14" rx="1.2"/><rect x="13.5" y="5" width="4" height="14" rx="1.2"/>',
  step: '<path d="M5 6v12l9-6z"/><rect x="16" y="6" width="2.6" height="12" rx="1"/>',
  epoch: '<path d="M3.5 6v12l8-6zM12 6v12l8-6z"/>',
  reset: '<path d="M12 5V2L7 6l5 4V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7Z"/>',
  dice: `<rect x="3" y="3" width="18" height="18" rx="3.4"/><g fill="var(--dot)">${dots()}</g>`,
};
export const icon = (name) => `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${ICONS[name]}</svg>`;

const phaseItem = ([name]) => tag("li", { "data-phase": name }, name);

const act = (name, picture, word, tip, look) =>
  button({ class: look, label: word, tip, "data-do": name }, `${icon(picture)}<span>${word}</span>`);

const PLAY = "Train until paused: every step changes the weights a little so that the loss falls (Space)";
const PAUSE = "Hold the training where it is (Space)";

const number = (name, word, tip, empty = "–") =>
  tag("div", { class: name, title: tip }, `<dt>${word}</dt><dd>${empty}</dd>`);

export const TRANSPORT = `
  <div class="transport" role="toolbar" aria-label="Training">
    <div class="buttons">
      ${act("play", "play", "Play", PLAY, "primary play")}
      ${act("step", "step", "Step", "Learn from one batch: one gradient, one change of all weights (S or →)")}
      ${act("epoch", "epoch", "Epoch", "Learn from every training point once, batch by batch (E)")}
      ${act("reset", "reset", "Reset", "Forget what was learned and start from the same first weights (R)")}
      ${act("new_weights", "dice", "New weights", "Start from other random weights, which may find another solution")}
    </div>
    <label class="speed" title="How many steps of the optimizer a second; slow motion shows the five phases of each step">
      <span>Speed</span>
      <input type="range" min="0" max="${SPEEDS.length - 1}" step="1" value="4" aria-label="Speed" />
      <output>1,000 steps/s</output>
    </label>
    <dl class="numbers">
      ${number("epoch", "Epoch", "How often the network has seen all training points", "<i></i><b>0</b>")}
      ${number("train", "Train loss", "How wrong the network is on the points that it learns from")}
      ${number("test", "Test loss", "How wrong it is on points that it has never learned from")}
      ${number("metric", "Test accuracy")}
    </dl>
  </div>
  <div class="status">
    <span class="badge" hidden></span>
    <ol class="phases" hidden aria-label="Phases of a step">${PHASES.map(phaseItem).join("")}</ol>
    <span class="message" role="status" aria-live="polite"></span>
  </div>`;

/** A loss in six characters at most, whatever its size. */
export function lossText(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value < 9.99995) return value.toFixed(4);
  if (value < 99.9995) return value.toFixed(3);
  if (value < 999.995) return value.toFixed(2);
  return value < 99999.5 ? value.toFixed(0) : value.toExponential(1).replace("e+", "e");
}

/** 001,240 as [leading zeros, number], so that the zeros can stand back. */
export function epochText(epoch) {
  const text = epoch.toLocaleString("en");
  const full = String(epoch)
    .padStart(6, "0")
    .replace(/\B(?=(\d{3})+$)/g, ",");
  return full.length > text.length ? [full.slice(0, full.length - text.length), text] : ["", text];
}

/** How each metric is called, written and explained. */
const METRICS = {
  accuracy: {
    name: "accuracy",
    text: (value) => `${(100 * value).toFixed(1)} %`,
    tip: "Share of the test samples that the network gets right",
  },
  r2: {
    name: "R²",
    text: (value) => value.toFixed(3).replace("-", "−"),
    tip: "How much of the spread of the test values the network explains; 1 is all of it",
  },
  psnr: {
    name: "PSNR",
    text: (value) => `${value.toFixed(1)} dB`,
    tip: "How near the painted picture is to the photo: 20 decibels are recognisable, 30 are good",
  },
  bits: {
    name: "bits/char",
    text: (value) => value.toFixed(2),
    tip: "How surprised the network is by the next character; the fewer bits, the better it foresees it",
  },
};

export function metricText(metric, value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return (METRICS[metric] ?? METRICS.accuracy).text(value);
}

export class Controls {
  /** act(name, value): what a button or key asks for. */
  constructor(root, act) {
    this.root = root;
    this.act = act;
    this.texts = new Map();
    this.find = (selector) => root.querySelector(selector);
    this.range = this.find(".speed input");
    root.querySelectorAll("[data-do]").forEach((node) => node.addEventListener("click", () => act(node.dataset.do)));
    this.range.addEventListener("input", () => {
      const [name, title] = SPEEDS[+this.range.value];
      this.speedPending = name;
      this.pendingUntil = performance.now() + 1500;
      this.write(".speed output", title);
      act("speed", name);
    });
  }

  /** Change a text only when it is another one: the page around must not be laid out anew for nothing. */
  write(selector, text) {
    if (this.texts.get(selector) === text) return;
    this.texts.set(selector, text);
    this.find(selector).textContent = text;
  }

  playing(on) {
    if (this.isPlaying === on) return;
    this.isPlaying = on;
    const node = this.find(".play");
    node.innerHTML = `${icon(on ? "pause" : "play")}<span>${on ? "Pause" : "Play"}</span>`;
    node.setAttribute("aria-label", on ? "Pause" : "Play");
    node.title = on ? PAUSE : PLAY;
  }

  show(header) {
    const [zeros, epoch] = epochText(header.epoch ?? 0);
    this.write(".numbers .epoch i", zeros);
    this.write(".numbers .epoch b", epoch);
    this.write(".numbers .train dd", lossText(header.train_loss));
    this.write(".numbers .test dd", lossText(header.test_loss));
    const { name, tip } = METRICS[header.metric] ?? METRICS.accuracy;
    this.write(".numbers .metric dt", `Test ${name}`);
    this.write(".numbers .metric dd", metricText(header.metric, header.test_metric ?? header.train_metric));
    const node = this.find(".numbers .metric");
    const full = `${tip}. On the training data: ${metricText(header.metric, header.train_metric)}`;
    if (node.title !== full) node.title = full;
    this.speed(header.speed);
    this.phase(header);
    const idle = header.status === "empty";
    if (idle !== this.idle) {
      this.idle = idle;
      for (const name of ["play", "step", "epoch"]) this.find(`[data-do="${name}"]`).disabled = idle;
    }
  }

  speed(name) {
    if (this.speedPending && name !== this.speedPending && performance.now() < this.pendingUntil) return;
    this.speedPending = null;
    const at = SPEEDS.findIndex(([known]) => known === name);
    if (at < 0 || +this.range.value === at) return;
    this.range.value = at;
    this.write(".speed output", SPEEDS[at][1]);
  }

  /** The five phases while the speed is slow motion; the sentence of the current one stands beside them. */
  phase({ speed, phase }) {
    const slow = (this.speedPending ?? speed) === "phases";
    const list = this.find(".phases");
    if (list.hidden === slow) list.hidden = !slow;
    this.root.classList.toggle("slow", slow);
    if (this.phaseShown === phase) return;
    this.phaseShown = phase;
    for (const item of list.children) item.classList.toggle("now", item.dataset.phase === phase);
  }

  phaseSentence() {
    return (
      PHASES.find(([name]) => name === this.phaseShown)?.[1] ??
      "Each step of the training has five phases. Press Play to see them one by one."
    );
  }

  message(text, kind = "hint") {
    this.write(".message", text);
    const node = this.find(".message");
    if (node.dataset.kind !== kind) node.dataset.kind = kind;
    if (node.title !== text) node.title = text;
  }

  badge(text) {
    const node = this.find(".badge");
    if (node.textContent === (text ?? "")) return;
    node.textContent = text ?? "";
    node.hidden = !text;
  }
}

/** Space, S or right arrow, E and R, anywhere on the page but where one types. */
export function listenToKeys(act, alive) {
  const typing = (node) =>
    node instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName) || node.isContentEditable);
  const keys = { " ": "play", s: "step", ArrowRight: "step", e: "epoch", r: "reset", Escape: "escape" };
  const onKey = (event) => {
    const name = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const target = event.composedPath()[0];
    if (!name || event.ctrlKey || event.metaKey || event.altKey || !alive()) return;
    if (name === "escape") return void act("escape");
    if (typing(target) && !(target.type === "checkbox" && event.key !== " ")) return;
    const role =
      target instanceof Element
        ? target.closest('button,a,summary,[role="tab"],[role="radio"],[role="slider"],[role="option"],[role="dialog"]')
        : null;
    // Space presses a focused button, arrows move between tabs: those keys are theirs
    if (role && (event.key === " " || event.key === "ArrowRight")) return;
    if (target instanceof Element && target.closest('[role="dialog"]')) return;
    event.preventDefault();
    event.stopPropagation(); // R would also rerun the page
    if (!event.repeat || name === "step" || name === "epoch") act(name);
  };
  window.addEventListener("keydown", onKey, true);
  return () => window.removeEventListener("keydown", onKey, true);
}
