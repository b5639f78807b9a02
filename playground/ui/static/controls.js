/** The transport: play, step, epoch, reset, new weights, speed; the live numbers; the status line and the five phases. */
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

const ICONS = {
  play: '<path d="M8 5.2v13.6a.8.8 0 0 0 1.2.7l11-6.8a.8.8 0 0 0 0-1.4l-11-6.8A.8.8 0 0 0 8 5.2Z"/>',
  pause: '<rect x="6.5" y="5" width="4" height="14" rx="1.2"/><rect x="13.5" y="5" width="4" height="14" rx="1.2"/>',
  step: '<path d="M5 6v12l9-6z"/><rect x="16" y="6" width="2.6" height="12" rx="1"/>',
  epoch: '<path d="M3.5 6v12l8-6zM12 6v12l8-6z"/>',
  reset: '<path d="M12 5V2L7 6l5 4V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7Z"/>',
  dice: '<path d="M6 3h12a3 3 0 0 1 3 3v12a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3Zm2 3.4A1.6 1.6 0 1 0 8 9.6 1.6 1.6 0 0 0 8 6.4Zm8 0a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2Zm-4 4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2Zm-4 4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2Zm8 0a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2Z"/>',
};
export const icon = (name) => `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${ICONS[name]}</svg>`;

const button = (name, picture, word, tip, extra = "") =>
  `<button type="button" class="${extra}" data-do="${name}" title="${tip}" aria-label="${word}">${icon(picture)}<span>${word}</span></button>`;

export const TRANSPORT = `
  <div class="transport" role="toolbar" aria-label="Training">
    <div class="buttons">
      ${button("play", "play", "Play", "Train until paused: every step changes the weights a little so that the loss falls (Space)", "primary play")}
      ${button("step", "step", "Step", "Learn from one batch: one prediction, one gradient, one change of all weights (S or →)")}
      ${button("epoch", "epoch", "Epoch", "Learn from every training point once, batch by batch (E)")}
      ${button("reset", "reset", "Reset", "Forget everything learned and start again from the same first weights (R)")}
      ${button("new_weights", "dice", "New weights", "Start from other random weights: the same data can lead to another solution")}
    </div>
    <label class="speed" title="How many steps of the optimizer a second; slow motion shows the five phases of each step">
      <span>Speed</span>
      <input type="range" min="0" max="${SPEEDS.length - 1}" step="1" value="4" aria-label="Speed" />
      <output>1,000 steps/s</output>
    </label>
    <dl class="numbers">
      <div class="epoch" title="How often the network has seen all training points"><dt>Epoch</dt><dd><i></i><b>0</b></dd></div>
      <div class="train" title="How wrong the network is on the points that it learns from"><dt>Train loss</dt><dd>–</dd></div>
      <div class="test" title="How wrong it is on points that it has never learned from"><dt>Test loss</dt><dd>–</dd></div>
      <div class="metric"><dt>Test accuracy</dt><dd>–</dd></div>
    </dl>
  </div>
  <div class="status">
    <span class="badge" hidden></span>
    <ol class="phases" hidden aria-label="Phases of a step">${PHASES.map(([name]) => `<li data-phase="${name}">${name}</li>`).join("")}</ol>
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
  const full = String(epoch).padStart(6, "0").replace(/\B(?=(\d{3})+$)/g, ",");
  return full.length > text.length ? [full.slice(0, full.length - text.length), text] : ["", text];
}

export function metricText(metric, value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return metric === "r2" ? value.toFixed(3).replace("-", "−") : `${(100 * value).toFixed(1)} %`;
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
    node.title = on ? "Hold the training where it is (Space)" : "Train until paused: every step changes the weights a little so that the loss falls (Space)";
  }

  show(header) {
    const [zeros, epoch] = epochText(header.epoch ?? 0);
    this.write(".numbers .epoch i", zeros);
    this.write(".numbers .epoch b", epoch);
    this.write(".numbers .train dd", lossText(header.train_loss));
    this.write(".numbers .test dd", lossText(header.test_loss));
    const r2 = header.metric === "r2";
    this.write(".numbers .metric dt", r2 ? "Test R²" : "Test accuracy");
    this.write(".numbers .metric dd", metricText(header.metric, header.test_metric ?? header.train_metric));
    const tip = r2
      ? "How much of the spread of the test values the network explains; 1 is all of it"
      : "Share of the test points that the network gets right";
    const node = this.find(".numbers .metric");
    const full = `${tip}. On the training points: ${metricText(header.metric, header.train_metric)}`;
    if (node.title !== full) node.title = full;
    this.speed(header.speed);
    this.phase(header);
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
    return PHASES.find(([name]) => name === this.phaseShown)?.[1] ?? "Each step of the training has five phases. Press Play to see them one by one.";
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
  const typing = (node) => node instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName) || node.isContentEditable);
  const keys = { " ": "play", s: "step", ArrowRight: "step", e: "epoch", r: "reset", Escape: "escape" };
  const onKey = (event) => {
    const name = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const target = event.composedPath()[0];
    if (!name || event.ctrlKey || event.metaKey || event.altKey || !alive()) return;
    if (name === "escape") return void act("escape");
    if (typing(target) && !(target.type === "checkbox" && event.key !== " ")) return;
    const role = target instanceof Element ? target.closest('button,a,summary,[role="tab"],[role="radio"],[role="slider"],[role="option"],[role="dialog"]') : null;
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
