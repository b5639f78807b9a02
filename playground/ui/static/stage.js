/**
 * The live stage: one canvas for the network, its output and its losses, with real buttons standing over it.
 */
import { TRANSPORT } from "./controls.js";
import { counters } from "./counters.js";
import { readStatics, sameStructure, structureOf } from "./frame.js";
import { Hands } from "./hands.js";
import { button, tag } from "./html.js";
import { LayerHeads } from "./layers.js";
import { LivePicture, mounting, styleSheet } from "./live_picture.js";
import { PointPainter } from "./painter.js";
import { Picture } from "./picture.js";
import { HOME, Pointer } from "./pointer.js";
import { Popover } from "./popover.js";
import { Texts } from "./texts.js";

const OLD_FRAME_MS = 50; // how soon to ask again when a frame still showed the former network

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

class Stage extends LivePicture {
  constructor(root, component) {
    super(root, component, TRANSPORT + SCENE);
    this.picture = new Picture(this);
    this.texts = new Texts(this);
    this.hands = new Hands(this);
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
    this.structure = component.data.structure;
    this.chosen = component.data.chosen;
    Object.defineProperty(counters, "plane", { configurable: true, get: () => this.picture.planeInWindow() });
    counters.linkAt = (parameter, to, from) => this.picture.linkInWindow(parameter, to, from);
    this.picture.arrange(root.clientWidth || 900);
    this.pointer = new Pointer(this.picture.canvas, this);
    this.listen();
    this.begin(component);
  }

  listen() {
    this.find(".paint").addEventListener("click", () => this.hands.togglePaint());
    this.find('[name="test"]').addEventListener("change", (event) => this.set({ showTest: event.target.checked }));
    this.find('[name="discrete"]').addEventListener("change", (event) => {
      this.picture.reload = true;
      this.set({ discrete: event.target.checked });
    });
    this.onSelect = (event) => this.hands.selectPoints(event.detail);
    window.addEventListener("nnp:select", this.onSelect);
    document.fonts?.ready.then(() => this.repaint());
  }

  act(name, value) {
    return name === "escape" ? this.hands.escape() : super.act(name, value);
  }

  arrange(data) {
    if (JSON.stringify(data.structure) !== this.toldStructure && !this.ahead) {
      this.toldStructure = JSON.stringify(data.structure);
      this.believeUntil = 0;
      this.chosen = data.chosen;
      this.setStructure(data.structure);
    }
    this.leaveOut(data.hidden ?? []);
    this.picture.checkTheme();
  }

  /** What the page's link leaves out: painting is a choice of data, and the network may be one to look at only. */
  leaveOut(hidden) {
    if (hidden.join() === this.leftOut) return;
    this.leftOut = hidden.join();
    if (hidden.includes("data") && this.painter.active) this.hands.togglePaint();
    this.find(".paint").hidden = hidden.includes("data");
    if (this.popover.owner === "layer") this.popover.close();
    this.picture.arrange(this.picture.width);
    this.repaint();
  }

  newRun() {
    this.highlight = null;
  }

  said(sentence) {
    this.texts.fail(sentence);
  }

  resize() {
    this.picture.resize();
  }

  look() {
    this.picture.checkTheme();
    this.picture.resize();
    this.texts.describe();
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
    const frame = this.open(buffer);
    if (!frame) return undefined;
    const { header, arrays, shapes } = frame;
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
    this.setPlaying(header.playing);
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
    if (this.painter.active && this.painter.waits && header.dims === 2)
      this.painter.start({ ...this.statics, task: header.task });
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
    super.destroy();
    this.pointer.destroy();
    this.popover.destroy();
    window.removeEventListener("nnp:select", this.onSelect);
  }
}

/** Called by Streamlit at every rerun. */
export const mount = mounting("[data-stage]", [styleSheet("stage.css", import.meta.url)], (root, component) => {
  return new Stage(root, component);
});
