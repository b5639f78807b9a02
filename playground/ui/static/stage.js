/**
 * The live stage: one canvas for the network, its output and its losses, with real buttons standing over it.
 *
 * `mount(component)` is called by Streamlit at every rerun. There is one Stage for an element, however often that
 * happens; what is new in the data is taken over, nothing is built again, so nothing flickers.
 */
import { Channel } from "./channel.js";
import { Controls, TRANSPORT, listenToKeys } from "./controls.js";
import { counters } from "./counters.js";
import { decodeFrame, readStatics, sameStructure, structureOf } from "./frame.js";
import { Hands } from "./hands.js";
import { button, tag } from "./html.js";
import { LayerHeads } from "./layers.js";
import { FrameLoop } from "./live.js";
import { recall, remember } from "./memory.js";
import { PointPainter } from "./painter.js";
import { Picture } from "./picture.js";
import { HOME, Pointer } from "./pointer.js";
import { Popover } from "./popover.js";
import { Texts } from "./texts.js";

const RUN = "playground.run"; // this tab's run, so that a reload finds it again
const RELOADED = "playground.reloaded"; // when the page last came back by itself
const RELOAD_PAUSE_MS = 30000;
const RESUME_WAIT_MS = 400;
const OLD_FRAME_MS = 50; // how soon to ask again when a frame still showed the former network

const sheet = new CSSStyleSheet();
const styled = fetch(new URL(`stage.css${new URL(import.meta.url).search}`, import.meta.url))
  .then((answer) => answer.text())
  .then((text) => sheet.replaceSync(text));

const check = (name, word, tip) => tag("label", { title: tip }, `${tag("input", { type: "checkbox", name })}${word}`);

const SCENE = `
  <div class="scene">
    <canvas tabindex="0" role="img" aria-label="The network and its output"></canvas>
    <div class="heads"></div>
    <div class="heading">
      <b></b><span class="spacer"></span>
      ${button({ class: "paint", tip: "Paint your own points for the network to learn", "aria-pressed": "false" }, "Paint")}
      ${check("test", "Test<em> points</em>", "Show the points that the network never learns from, drawn hollow")}
      ${check("discrete", "Discrete", "Show only which answer is given, instead of how sure the network is")}
    </div>
    <div class="bar" hidden></div>
    <div class="legend"></div>
    <div class="card" hidden></div>
    <div class="foot"></div>
    <div class="tip" hidden></div>
    <div class="pop" role="dialog" hidden></div>
  </div>`;

const stages = new WeakMap();

/** Called at every rerun; returns the clean-up, which Streamlit also calls for calls that a newer one has overtaken. */
export async function mount(component) {
  await styled;
  const { parentElement } = component;
  const root = parentElement.querySelector("[data-stage]");
  let entry = stages.get(root);
  if (!entry) {
    entry = { calls: 0, stage: new Stage(root, component) };
    stages.set(root, entry);
  }
  const mine = ++entry.calls;
  entry.stage.update(component);
  return () =>
    setTimeout(() => {
      if (entry.calls !== mine) return;
      stages.delete(root);
      entry.stage.destroy();
    });
}

class Stage {
  constructor(root, component) {
    counters.mounts += 1;
    this.root = root;
    const scope = root.getRootNode();
    scope.adoptedStyleSheets = [...(scope.adoptedStyleSheets ?? []), sheet];
    root.innerHTML = TRANSPORT + SCENE;
    this.find = (selector) => root.querySelector(selector);
    this.picture = new Picture(this);
    this.texts = new Texts(this);
    this.hands = new Hands(this);
    this.controls = new Controls(root, (name, value) => this.hands.act(name, value));
    this.popover = new Popover(this.find(".pop"), this.find(".scene"));
    this.popover.onClose = () => {
      this.editing = null;
      this.repaint();
    };
    this.heads = new LayerHeads(this.find(".heads"), this.popover, {
      change: (layers) => this.hands.change({ layers }),
      toggleInput: (name) => this.hands.toggleInput(name),
      choices: () => this.data,
    });
    this.painter = new PointPainter(this.find(".bar"), {
      send: (points, sentence) => (sentence ? this.texts.say(sentence, "warn") : this.emit({ points })),
      repaint: () => this.repaint(),
    });
    Object.assign(this, {
      frame: null,
      statics: null,
      weights: null,
      hover: null,
      selected: null,
      editing: null,
      probe: null,
    });
    Object.assign(this, { hoverPoint: null, highlight: null, showTest: false, discrete: false, zoomed: null });
    this.events = [];
    this.data = component.data;
    this.structure = component.data.structure;
    this.chosen = component.data.chosen;
    Object.defineProperty(counters, "plane", { configurable: true, get: () => this.picture.planeInWindow() });
    counters.linkAt = (parameter, to, from) => this.picture.linkInWindow(parameter, to, from);
    this.picture.arrange(root.clientWidth || 900);
    this.pointer = new Pointer(this.picture.canvas, this);
    this.listen();
    this.start(component);
  }

  listen() {
    const { root } = this;
    this.sized = new ResizeObserver(() => this.picture.resize());
    this.sized.observe(root);
    this.deaf = listenToKeys(
      (name) => this.hands.act(name),
      () => root.isConnected && root.clientWidth > 0,
    );
    this.find(".paint").addEventListener("click", () => this.hands.togglePaint());
    this.find('[name="test"]').addEventListener("change", (event) => this.set({ showTest: event.target.checked }));
    this.find('[name="discrete"]').addEventListener("change", (event) => {
      this.picture.reload = true;
      this.set({ discrete: event.target.checked });
    });
    this.onSelect = (event) => this.hands.selectPoints(event.detail);
    window.addEventListener("nnp:select", this.onSelect);
    // Streamlit calls when the theme changes; a system's own change, a page zoom or a lower window may come silently
    this.watchman = setInterval(() => {
      this.picture.checkTheme();
      this.picture.resize();
      this.texts.describe();
    }, 1000);
    document.fonts?.ready.then(() => this.repaint());
  }

  // ---- what Streamlit says ----

  start({ data }) {
    const stored = recall(RUN);
    if (data.fresh && stored && stored !== data.run) {
      this.holdUntil = performance.now() + RESUME_WAIT_MS;
      this.wantResume = stored;
      setTimeout(() => this.watch(), RESUME_WAIT_MS);
    }
  }

  update(component) {
    const { data } = component;
    this.setTriggerValue = component.setTriggerValue;
    this.data = data;
    if (this.wantResume) {
      this.emit({ resume: this.wantResume });
      this.wantResume = null;
    }
    if (JSON.stringify(data.structure) !== this.toldStructure) {
      this.toldStructure = JSON.stringify(data.structure);
      this.believeUntil = 0;
      this.chosen = data.chosen;
      this.setStructure(data.structure);
    }
    this.picture.checkTheme();
    this.sendEvents();
    if (data.reply != null) this.channel?.receive(data.reply_to, data.reply);
    else if (this.emitted) this.channel?.abandon(); // an event has overtaken the question that was under way
    this.emitted = false;
    if (this.holdUntil && (!data.fresh || performance.now() > this.holdUntil)) this.holdUntil = 0;
    if (!this.holdUntil) this.watch();
    this.loop?.kick();
  }

  /** Watch the run that the page names: a new loop for a new run, on the same channel. */
  watch() {
    this.holdUntil = 0;
    const { run, token } = this.data;
    if (!token || this.destroyed) return;
    remember(RUN, run);
    this.channel?.renew(token);
    this.channel ??= new Channel({
      token,
      fallbackSend: (text) => this.setTriggerValue("message", text),
      onMode: (mode) => this.setMode(mode),
      onShutOut: () => this.comeBack(),
    });
    if (this.loop?.run === run) return;
    this.loop?.close();
    this.seq = 0;
    this.highlight = null;
    this.loop = new FrameLoop({
      channel: this.channel,
      run,
      view: () => this.view(),
      onFrame: (buffer) => this.take(buffer),
      onAnswer: (answer) => this.texts.fail(answer?.error ?? null),
    });
    this.loop.playing = this.controls.isPlaying ?? false;
  }

  /**
   * The server was started anew and does not know this page. Its widgets are dead too, so the page loads again as soon as
   * the server answers: the address holds the experiment, this tab remembers its run, and the run's checkpoint is on disk.
   */
  async comeBack() {
    const last = +(recall(RELOADED) ?? 0);
    if (this.destroyed || Date.now() - last < RELOAD_PAUSE_MS) return;
    const alive = await fetch(new URL("_stcore/health", document.baseURI)).catch(() => null);
    if (!alive?.ok || this.channel.mode === "socket") return;
    remember(RELOADED, Date.now());
    window.location.reload();
  }

  /** Events wait for each other: Streamlit keeps only the last of two that are sent in one moment. */
  emit(event) {
    if (event.change)
      this.events = this.events.filter(
        (waiting) => !(waiting.change && same(Object.keys(waiting.change), Object.keys(event.change))),
      );
    if (event.points) this.events = this.events.filter((waiting) => !waiting.points);
    this.events.push(event);
    this.sendEvents();
  }

  sendEvents() {
    if (!this.events.length || !this.setTriggerValue || this.sending) return;
    this.sending = setTimeout(() => {
      this.sending = null;
      this.sendEvents();
    }, 120);
    this.emitted = true;
    this.setTriggerValue("event", this.events.shift());
  }

  // ---- frames ----

  view() {
    const { plane } = this.geometry;
    const focus = this.focus();
    return {
      have: this.seq ?? 0,
      have_version: this.statics?.version ?? 0,
      selected: focus ? [focus.column - 1, focus.unit] : null,
      domain: this.domain,
      grid: Math.max(40, Math.min(120, Math.round(plane.s / 3.2))),
      thumb: this.tileCells(),
      probe: this.probe,
    };
  }

  /** As many cells as a tile has pixels, in few steps: large networks have small tiles and get small pictures. */
  tileCells() {
    const size = Math.max(8, ...this.geometry.layers.map((layer) => layer.size)) * Math.min(this.picture.ratio, 1.5);
    return size > 40 ? 32 : size > 20 ? 24 : size > 12 ? 16 : 10;
  }

  /** A frame has come: resolves when it is painted. */
  take(buffer) {
    let frame;
    try {
      frame = decodeFrame(buffer);
    } catch {
      return undefined;
    }
    const { header, arrays, shapes } = frame;
    if (header.run !== this.loop?.run) return undefined;
    counters.frames += 1;
    counters.bytes += buffer.byteLength;
    counters.header = this.lastHeader = header;
    this.seq = header.seq;
    if (arrays.points) this.takeStatics(header, arrays, shapes);
    const told = structureOf(header);
    const empty = !header.layers.length && !header.outputs;
    if (!empty && !sameStructure(told, this.structure)) {
      if (performance.now() < (this.believeUntil ?? 0))
        return new Promise((resolve) => setTimeout(resolve, OLD_FRAME_MS));
      this.setStructure(told);
    }
    this.frame = frame;
    this.weights = empty ? null : arrays.weights;
    counters.weights = this.weights;
    if (empty) this.picture.clear();
    if (header.phase !== this.phase) {
      this.phase = header.phase;
      this.phaseSince = performance.now();
    }
    this.hands.setPlaying(header.playing);
    this.picture.reload = true;
    return new Promise((resolve) => {
      this.picture.painted = resolve;
      this.repaint();
      // a tab in the background does not paint, and a stalled compositor must not hold up the conversation
      setTimeout(resolve, 500);
    });
  }

  takeStatics(header, arrays, shapes) {
    this.statics = readStatics(header, arrays, shapes, `${header.run}.${header.version}.${counters.frames}`);
    this.picture.network.previews.clear();
    if (header.dims === 1 && !this.zoomed) this.curveRange();
    this.highlight = null;
  }

  /** The height of a curve's picture: what the targets need, and a margin. */
  curveRange() {
    let [low, high] = [-1, 1];
    const { points, count } = this.statics;
    for (let i = 0; i < count; i++) {
      low = Math.min(low, points[2 * i + 1]);
      high = Math.max(high, points[2 * i + 1]);
    }
    this.curveHome = [-6, 6, low - 0.25, high + 0.25];
  }

  get home() {
    return this.structure.dims === 1 ? (this.curveHome ?? [-6, 6, -1.25, 1.25]) : HOME;
  }

  get domain() {
    return this.zoomed ?? this.home;
  }

  setStructure(structure) {
    if (structure.dims !== this.structure.dims) this.zoomed = null;
    const same = sameStructure(structure, this.structure);
    this.structure = structure;
    if (!same) {
      this.frame = this.weights = null;
      this.picture.network.forgetThumbs();
      if (this.selected && !this.exists(this.selected)) this.selected = null;
      this.hover = this.editing = null;
      if (this.popover.owner === "weight") this.popover.close();
    }
    this.picture.arrange(this.picture.width);
    this.repaint();
  }

  exists({ column, unit }) {
    const units = [0, ...this.structure.layers.map((layer) => layer.units), this.structure.outputs];
    return unit < (units[column] ?? 0);
  }

  setMode(mode) {
    counters.mode = mode;
    this.root.dataset.mode = mode;
    const stale = mode === "reconnecting";
    this.root.classList.toggle("stale", stale);
    this.controls.badge(stale ? "reconnecting …" : null);
  }

  get geometry() {
    return this.picture.geometry;
  }

  repaint() {
    this.picture.repaint();
  }

  focus() {
    if (this.painter.active) return null;
    if (this.hover?.kind === "neuron" && this.exists(this.hover)) return this.hover;
    return this.selected && this.exists(this.selected) ? this.selected : null;
  }

  set(fields) {
    Object.assign(this, fields);
    this.repaint();
  }

  destroy() {
    this.destroyed = true;
    this.loop?.close();
    this.channel?.close();
    this.sized.disconnect();
    this.deaf();
    this.pointer.destroy();
    this.popover.destroy();
    clearInterval(this.watchman);
    clearTimeout(this.sending);
    window.removeEventListener("nnp:select", this.onSelect);
  }
}

const same = (a, b) => a.join() === b.join();
