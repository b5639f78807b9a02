/**
 * The live stage: one canvas for the network, its output and its losses, with real buttons standing over it.
 *
 * `mount(component)` is called by Streamlit at every rerun. There is one Stage for an element, however often that happens;
 * what is new in the data is taken over, nothing is built again, so nothing flickers.
 */
import { Channel } from "./channel.js";
import { Controls, TRANSPORT, listenToKeys } from "./controls.js";
import { decodeFrame, formatLayers, linearOffsets, parameterName, sameStructure } from "./frame.js";
import { formulaHtml, neuronName, sourceNames } from "./formula.js";
import { LayerHeads, Popover, openWeight } from "./layers.js";
import { NARROW, layout } from "./layout.js";
import { FrameLoop } from "./live.js";
import { paintLosses } from "./losses.js";
import { NetworkPainter } from "./network.js";
import { OutputPainter } from "./output.js";
import { PointPainter } from "./painter.js";
import { HOME, Pointer } from "./pointer.js";
import { legendHtml, probeHtml, tipHtml } from "./words.js";
import { readTheme } from "./theme.js";

const REMEMBER = "playground.run"; // this tab's run, so that a reload finds it again
const RESUME_WAIT_MS = 400;
const BELIEVE_MS = 2500; // so long a change made here is shown although the server still sends the former network

const counters = (window.__nnp ??= { frames: 0, painted: 0, longest: 0, bytes: 0, mode: "connecting", header: null, mounts: 0 });
const sheet = new CSSStyleSheet();
const styled = fetch(new URL(`stage.css${new URL(import.meta.url).search}`, import.meta.url))
  .then((answer) => answer.text())
  .then((text) => sheet.replaceSync(text));

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
    root.innerHTML = `${TRANSPORT}
      <div class="scene">
        <canvas tabindex="0" role="img" aria-label="The network and its output"></canvas>
        <div class="heads"></div>
        <div class="heading"><b></b><span class="spacer"></span>
          <button type="button" class="paint" aria-pressed="false" title="Paint your own points for the network to learn">Paint</button>
          <label title="Show the points that the network never learns from"><input type="checkbox" name="test" />Test points</label>
          <label title="Show the answer as one of two colours instead of how sure the network is"><input type="checkbox" name="discrete" />Discrete</label>
        </div>
        <div class="bar" hidden></div>
        <div class="legend"></div>
        <div class="card" hidden></div>
        <div class="foot"></div>
        <div class="tip" hidden></div>
        <div class="pop" role="dialog" hidden></div>
      </div>`;
    this.find = (selector) => root.querySelector(selector);
    this.canvas = this.find("canvas");
    this.scene = this.find(".scene");
    this.g = this.canvas.getContext("2d");
    this.network = new NetworkPainter();
    this.output = new OutputPainter();
    this.controls = new Controls(root, (name, value) => this.act(name, value));
    this.popover = new Popover(this.find(".pop"), this.scene);
    this.popover.onClose = () => {
      this.editing = null;
      this.repaint();
    };
    this.heads = new LayerHeads(this.find(".heads"), this.popover, {
      change: (layers) => this.change({ layers }),
      toggleInput: (name) => this.toggleInput(name),
      choices: () => this.data,
    });
    this.painter = new PointPainter(this.find(".bar"), {
      send: (points, sentence) => (sentence ? this.say(sentence, "warn") : this.emit({ points })),
      repaint: () => this.repaint(),
    });
    Object.assign(this, { frame: null, statics: null, weights: null, hover: null, selected: null, editing: null, probe: null });
    Object.assign(this, { hoverPoint: null, highlight: null, showTest: false, discrete: false, zoomed: null, said: null, stale: false });
    this.events = [];
    this.data = component.data;
    this.structure = component.data.structure;
    this.theme = readTheme(root);
    this.arrange(root.clientWidth || 900);
    this.pointer = new Pointer(this.canvas, this);
    this.listen();
    this.start(component);
  }

  listen() {
    const { root } = this;
    this.sized = new ResizeObserver(() => this.resize());
    this.sized.observe(root);
    this.deaf = listenToKeys((name) => this.act(name), () => root.isConnected && root.clientWidth > 0);
    this.find(".paint").addEventListener("click", () => this.togglePaint());
    this.find('[name="test"]').addEventListener("change", (event) => this.set({ showTest: event.target.checked }));
    this.find('[name="discrete"]').addEventListener("change", (event) => this.set({ discrete: event.target.checked, reload: true }));
    this.onSelect = (event) => this.selectPoints(event.detail);
    window.addEventListener("nnp:select", this.onSelect);
    // Streamlit changes the theme's variables on an element above; a call of mount follows, but fonts and systems may not tell
    this.themeTimer = setInterval(() => this.checkTheme(), 1000);
    this.describer = setInterval(() => this.describe(), 2000);
    document.fonts?.ready.then(() => this.repaint());
  }

  // ---- what Streamlit says --------------------------------------------------------------------------------------------

  start({ data }) {
    let stored = null;
    try {
      stored = sessionStorage.getItem(REMEMBER);
    } catch {
      // storage may be forbidden; then a reload simply starts anew
    }
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
    this.say(data.notice, "warn");
    this.checkTheme();
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
    try {
      sessionStorage.setItem(REMEMBER, run);
    } catch {
      // see start()
    }
    this.channel?.renew(token);
    this.channel ??= new Channel({
      token,
      fallbackSend: (text) => this.setTriggerValue("message", text),
      onMode: (mode) => this.setMode(mode),
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
      onAnswer: (answer) => this.setError(answer?.error ?? null),
    });
    this.loop.playing = this.controls.isPlaying ?? false;
  }

  /** Events wait for each other: Streamlit keeps only the last of two that are sent in one moment. */
  emit(event) {
    if (event.change) this.events = this.events.filter((waiting) => !(waiting.change && same(Object.keys(waiting.change), Object.keys(event.change))));
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

  // ---- frames ---------------------------------------------------------------------------------------------------------

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
    const size = Math.max(8, ...this.geometry.layers.map((layer) => layer.size)) * Math.min(this.ratio, 1.5);
    return size > 40 ? 32 : size > 20 ? 24 : size > 12 ? 16 : 10;
  }

  async take(buffer) {
    let frame;
    try {
      frame = decodeFrame(buffer);
    } catch {
      return;
    }
    const { header, arrays, shapes } = frame;
    if (header.run && header.run !== this.loop?.run) return;
    counters.frames += 1;
    counters.bytes += buffer.byteLength;
    counters.header = header;
    this.seq = header.seq;
    if (arrays.points) this.takeStatics(header, arrays, shapes);
    const told = structureOf(header);
    const empty = !header.layers.length && !header.outputs;
    if (!empty && !sameStructure(told, this.structure)) {
      if (performance.now() < (this.believeUntil ?? 0)) return;
      this.setStructure(told);
    }
    this.frame = frame;
    this.weights = empty ? null : arrays.weights;
    if (header.phase !== this.phase) {
      this.phase = header.phase;
      this.phaseSince = performance.now();
    }
    this.setPlaying(header.playing);
    this.reload = true;
    return new Promise((resolve) => {
      this.painted = resolve;
      this.repaint();
      // a tab in the background does not paint, and a stalled compositor must not hold up the conversation
      setTimeout(resolve, 500);
    });
  }

  takeStatics(header, arrays, shapes) {
    const inputTiles = new Map();
    if (arrays.input_thumbs) {
      const [, rows, columns] = shapes.input_thumbs;
      header.inputs.forEach((name, i) => inputTiles.set(name, { values: arrays.input_thumbs.subarray(i * rows * columns, (i + 1) * rows * columns), shape: [rows, columns] }));
    }
    const count = arrays.labels.length;
    this.statics = { version: header.version, id: `${header.run}.${header.version}.${counters.frames}`, points: arrays.points, labels: arrays.labels, count, trainCount: header.train_count ?? count, inputTiles };
    this.network.previews.clear();
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
      this.network.forgetThumbs();
      if (this.selected && !this.exists(this.selected)) this.selected = null;
      this.hover = this.editing = null;
      if (this.popover.owner === "weight") this.popover.close();
    }
    this.arrange(this.width);
    this.repaint();
  }

  exists({ column, unit }) {
    const units = [0, ...this.structure.layers.map((layer) => layer.units), this.structure.outputs];
    return unit < (units[column] ?? 0);
  }

  // ---- what people do -------------------------------------------------------------------------------------------------

  act(name, value) {
    if (name === "escape") {
      if (this.popover.owner) return this.popover.close();
      if (this.highlight) return this.set({ highlight: null });
      return this.letGo();
    }
    if (name === "new_weights") return this.emit({ new_weights: true });
    if (!this.loop) return;
    if (name === "play") {
      const on = !this.controls.isPlaying;
      this.setPlaying(on);
      this.playPending = { on, until: performance.now() + 1500 };
      return this.loop.command({ name: on ? "play" : "pause" });
    }
    this.loop.command(name === "speed" ? { name, value } : { name });
    if (name === "speed") this.controls.phase({ speed: value, phase: this.phase });
  }

  setPlaying(on) {
    const pending = this.playPending;
    if (pending && pending.on !== on && performance.now() < pending.until) return;
    if (pending?.on === on) this.playPending = null;
    this.controls.playing(on);
    if (this.loop) this.loop.playing = on;
    if (this.root.dataset.playing !== String(on)) this.root.dataset.playing = on;
  }

  /** Another network is wanted: show it at once, and tell the page. */
  change(fields) {
    const structure = { ...this.structure, ...fields };
    this.believeUntil = performance.now() + BELIEVE_MS;
    this.setStructure(structure);
    const change = {};
    if (fields.layers) change.layers = formatLayers(fields.layers);
    // inputs that this data set cannot use stay chosen for the next one
    if (fields.inputs) change.inputs = this.chosen.join("_") || "none";
    this.emit({ change });
  }

  usable(name) {
    return (this.data.features.find((feature) => feature.name === name)?.dims ?? 9) <= this.structure.dims;
  }

  toggleInput(name) {
    const order = this.data.features.map((feature) => feature.name);
    const on = !this.structure.inputs.includes(name);
    this.chosen = order.filter((other) => (other === name ? on : this.chosen.includes(other)));
    this.change({ inputs: this.chosen.filter((other) => this.usable(other)) });
  }

  focus() {
    if (this.painter.active) return null;
    if (this.hover?.kind === "neuron" && this.exists(this.hover)) return this.hover;
    return this.selected && this.exists(this.selected) ? this.selected : null;
  }

  setHover(found, x, y) {
    const before = JSON.stringify(this.hover && { ...this.hover, x: 0, y: 0 });
    this.hover = found;
    this.tip(found, x, y);
    if (before === JSON.stringify(found && { ...found, x: 0, y: 0 })) return;
    this.loop?.kick();
    this.repaint();
  }

  keep(found) {
    const again = this.selected && this.selected.column === found.column && this.selected.unit === found.unit;
    this.select(again ? null : found);
  }

  select(found) {
    this.selected = found;
    this.loop?.kick();
    this.repaint();
  }

  letGo() {
    if (this.selected) this.select(null);
  }

  edit(found, x, y) {
    if (!this.weights) return;
    this.editing = found;
    const linear = this.linears[found.column - 1];
    const bias = found.kind === "bias";
    const at = bias ? linear.bias + found.unit : linear.weight + found.unit * linear.from + found.from;
    const to = neuronName(this.structure, found.column, found.unit);
    const from = bias ? "" : sourceNames(this.structure, this.data.features, found.column)[found.from];
    this.tip(null);
    openWeight(this.popover, {
      x,
      y: y + 12,
      title: bias ? `Bias of ${to.toLowerCase()}` : `Weight of ${from} in ${to.toLowerCase()}`,
      value: this.weights[at],
      apply: (value) => {
        const parameter = parameterName(found.column - 1, this.linears.length, bias ? "bias" : "weight");
        if (this.weights) this.weights[at] = value; // seen at once; the next frame says the same
        this.loop?.command({ name: "edit", parameter, index: bias ? [found.unit] : [found.unit, found.from], value });
        this.repaint();
      },
    });
    this.editing = found;
    this.repaint();
  }

  setDomain(domain) {
    this.zoomed = domain;
    this.loop?.kick();
    this.repaint();
  }

  setProbe(probe, x, y) {
    if (probe === null && this.probe === null) return;
    this.probe = probe;
    if (probe === null) this.tip(null);
    else this.probeAt = [x, y];
    this.loop?.kick();
  }

  moveProbe(x, y) {
    this.probeAt = [x, y];
    const shown = this.find(".tip");
    if (!shown.hidden) this.placeTip(x, y);
  }

  togglePaint() {
    const { painter } = this;
    if (painter.active) painter.stop();
    else painter.start(this.structure.dims === 2 && this.statics ? { ...this.statics, task: this.structure.task } : {});
    const on = painter.active;
    const node = this.find(".paint");
    node.setAttribute("aria-pressed", on);
    node.textContent = on ? "Done" : "Paint";
    this.find(".bar").hidden = !on;
    this.find(".legend").hidden = on;
    this.canvas.style.touchAction = on ? "none" : "";
    this.zoomed = null;
    this.selected = null;
    this.repaint();
  }

  /** Points that another picture of the page has chosen: by index, or by a cell of the confusion matrix. */
  selectPoints(detail) {
    if (!detail || (!detail.points && !detail.cell)) return this.set({ highlight: null });
    this.highlight = detail;
    if (detail.split !== "train") this.find('[name="test"]').checked = this.showTest = true;
    this.repaint();
  }

  highlighted() {
    const { highlight, statics, frame } = this;
    if (!highlight || !statics) return null;
    if (highlight.points) return highlight.points;
    const predicted = frame?.arrays.predicted;
    if (!predicted || this.structure.task === "regression") return null;
    const [truth, answer] = highlight.cell;
    const [first, last] = highlight.split === "train" ? [0, statics.trainCount] : highlight.split === "test" ? [statics.trainCount, statics.count] : [0, statics.count];
    const found = [];
    for (let i = first; i < last; i++) if (statics.labels[i] === truth && predicted[i] === answer) found.push(i);
    return found;
  }

  set(fields) {
    Object.assign(this, fields);
    this.repaint();
  }

  // ---- words ----------------------------------------------------------------------------------------------------------

  say(sentence, kind = "hint") {
    this.said = sentence ? { sentence, kind } : null;
    this.status();
  }

  setError(sentence) {
    if (this.error === sentence) return;
    this.error = sentence;
    this.status();
  }

  setMode(mode) {
    counters.mode = mode;
    this.root.dataset.mode = mode;
    this.stale = mode === "reconnecting";
    this.root.classList.toggle("stale", this.stale);
    this.controls.badge(mode === "reconnecting" ? "reconnecting …" : null);
  }

  status() {
    const header = this.frame?.header ?? counters.header;
    if (this.error) return this.controls.message(this.error, "warn");
    if (header?.message) return this.controls.message(header.message, "warn");
    if (header?.notice) return this.controls.message(header.notice, "warn");
    if (this.said) return this.controls.message(this.said.sentence, this.said.kind);
    if (this.highlight) return this.controls.message(`${this.highlighted()?.length ?? 0} points are shown. Escape shows all again.`, "hint");
    if (header?.speed === "phases") return this.controls.message(this.controls.phaseSentence());
    if (this.painter.active) return this.controls.message("Drag over the plane to paint points. Two colours or more, and the network learns to tell them apart.");
    if (header && !header.playing && !header.step) return this.controls.message("Press Play and watch it learn. Hover a neuron to see what it has learned, click a link to change its weight.");
    if (header?.edited) return this.controls.message("Some weights were changed by hand. Reset starts again without the changes.");
    this.controls.message(this.selected ? "This neuron stays in the large picture. Escape lets it go." : "");
  }

  tip(found, x, y) {
    const node = this.find(".tip");
    const html = found && this.weights && this.popover.owner !== "weight" ? tipHtml(this, found) : "";
    if (node.hidden !== !html) node.hidden = !html;
    if (!html) return;
    if (node.innerHTML !== html) node.innerHTML = html;
    this.placeTip(x, y);
  }

  placeTip(x, y) {
    const node = this.find(".tip");
    const { offsetWidth: w, offsetHeight: h } = node;
    const left = x + 16 + w > this.width ? x - w - 14 : x + 16;
    node.style.transform = `translate(${Math.round(Math.max(0, left))}px, ${Math.round(Math.max(0, Math.min(y + 14, this.geometry.height - h)))}px)`;
  }

  showProbe() {
    const found = this.frame?.header.probe;
    if (!this.probe || !found) return;
    const node = this.find(".tip");
    const html = probeHtml(this, found);
    if (node.innerHTML !== html) node.innerHTML = html;
    node.hidden = false;
    this.placeTip(...this.probeAt);
  }

  showCard(focus) {
    const node = this.find(".card");
    if (node.hidden === Boolean(focus)) node.hidden = !focus;
    if (!focus || !this.weights) return;
    const kept = this.selected && this.selected.column === focus.column && this.selected.unit === focus.unit;
    const chosen = this.frame?.header.selected;
    const range = chosen && chosen.min != null ? `from ${chosen.min.toFixed(2)} to ${chosen.max.toFixed(2)}`.replaceAll("-", "−") : "";
    const name = neuronName(this.structure, focus.column, focus.unit);
    const html = `<h3>${name}<small>${range}</small></h3><p>${formulaHtml({ ...this, features: this.data.features }, focus.column, focus.unit)}</p><small>${kept ? "Escape lets it go" : "Click to keep it here"}</small>`;
    if (this.cardHtml !== html) this.find(".card").innerHTML = this.cardHtml = html;
  }

  describe() {
    const header = this.frame?.header;
    if (!header) return;
    const layers = this.structure.layers.map(({ units, activation }) => `${units} ${activation}`).join(", ") || "no hidden layer";
    const score = header.test_metric == null ? "" : header.metric === "r2" ? `, R² ${header.test_metric.toFixed(2)}` : `, ${(100 * header.test_metric).toFixed(0)} % of the test points right`;
    const text = `Network with ${this.structure.inputs.length} inputs and hidden layers: ${layers}. Epoch ${header.epoch}, test loss ${header.test_loss?.toFixed(3) ?? "unknown"}${score}.`;
    if (this.canvas.getAttribute("aria-label") !== text) this.canvas.setAttribute("aria-label", text);
  }

  // ---- painting -------------------------------------------------------------------------------------------------------

  checkTheme() {
    const theme = readTheme(this.root);
    if (theme.key === this.theme.key) return;
    this.theme = theme;
    this.reload = true;
    this.legendKey = "";
    this.root.classList.toggle("dark", theme.dark);
    this.repaint();
  }

  resize() {
    const width = this.root.clientWidth;
    if (!width || width === this.width) return;
    this.arrange(width);
    this.paint(); // at once: a canvas that waits a frame is seen stretched
  }

  /** Lay everything out for this width and the present structure. */
  arrange(width) {
    this.width = width;
    this.ratio = Math.min(window.devicePixelRatio || 1, 2);
    const { structure, data } = this;
    const height = width < NARROW ? 0 : Math.max(430, Math.min(640, window.innerHeight - 392));
    const features = data.features.filter((feature) => feature.dims <= structure.dims);
    this.geometry = layout({ width, height, structure, features });
    const { linears } = linearOffsets(structure.inputs.length, structure.layers, structure.outputs);
    this.linears = linears;
    this.root.classList.toggle("narrow", this.geometry.narrow);
    this.root.classList.toggle("dark", this.theme.dark);
    const [w, h] = [Math.round(width * this.ratio), Math.round(this.geometry.height * this.ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.scene.style.height = `${this.geometry.height}px`;
    }
    this.heads.render(structure, this.geometry);
    this.output.pointsKey = "";
    for (const name of ["heading", "legend", "loss"]) {
      const { x, y, w: bw } = this.geometry[name];
      for (const node of name === "loss" ? [this.find(".card")] : name === "legend" ? [this.find(".legend"), this.find(".bar")] : [this.find(".heading")]) {
        Object.assign(node.style, { left: `${x}px`, top: `${y}px`, width: `${bw}px` });
        if (name === "loss") node.style.height = `${this.geometry.loss.h}px`;
      }
    }
  }

  repaint() {
    this.raf ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    if (this.raf) cancelAnimationFrame(this.raf);
    this.raf = null;
    if (this.destroyed || this.holdUntil) return;
    if (!this.root.isConnected) return;
    const began = performance.now();
    if (this.reload) this.loadFrame();
    const { g, ratio, geometry, theme } = this;
    const scene = this.sceneNow();
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, geometry.width, geometry.height);
    this.output.paint(g, scene);
    this.network.paint(g, scene);
    const focus = this.focus();
    if (!focus || !this.weights) paintLosses(g, { geometry, theme, frame: this.frame, under: this.painter.active ? 32 : 0 });
    this.words(focus);
    counters.painted += 1;
    counters.longest = Math.max(counters.longest, performance.now() - began);
    counters.last = performance.now() - began;
    if (this.painted) {
      window.dispatchEvent(new CustomEvent("nnp:frame", { detail: { seq: this.seq, playing: this.controls.isPlaying } }));
      this.painted();
    }
    this.painted = null;
    if (scene.flow !== null && scene.flow < 1) this.repaint();
  }

  loadFrame() {
    this.reload = false;
    const { frame, theme } = this;
    if (!frame) return;
    const { arrays, shapes, header } = frame;
    if (arrays.thumbs) this.network.loadThumbs(arrays.thumbs, shapes.thumbs, theme);
    this.output.load(frame, theme, this.discrete);
    if (arrays.surface) {
      this.output.loadSurface(arrays.surface, shapes.surface, header.selected, theme);
      this.surfaceOf = header.selected && [header.selected.layer + 1, header.selected.unit].join();
    }
  }

  sceneNow() {
    const focus = this.focus();
    const header = this.frame?.header;
    const slow = header?.speed === "phases" && this.phase;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const flow = slow && !calm && header.playing !== undefined ? Math.min(1, (performance.now() - this.phaseSince) / 650) : null;
    return {
      geometry: this.geometry,
      structure: this.structure,
      theme: this.theme,
      ratio: this.ratio,
      frame: this.frame,
      statics: this.statics,
      weights: this.weights,
      linears: this.linears,
      gradients: this.frame?.arrays.gradients ?? null,
      predicted: this.frame?.arrays.predicted ?? null,
      batch: slow ? (this.frame?.arrays.batch ?? null) : null,
      phase: slow ? this.phase : null,
      flow,
      domain: this.domain,
      hover: this.hover,
      selected: this.selected,
      editing: this.editing,
      hoverPoint: this.hoverPoint,
      highlight: this.highlighted(),
      showTest: this.showTest,
      showSurface: Boolean(focus) && this.surfaceOf === `${focus.column},${focus.unit}`,
      painter: this.painter.active ? this.painter : null,
      plain: this.geometry.columns.reduce((sum, column) => sum + column.nodes.length, 0) > 120,
      outputPicture: (context, x, y, size) => this.output.thumbnail(context, x, y, size, this),
    };
  }

  /** The HTML around the picture; nothing is written that is there already. */
  words(focus) {
    const { frame, structure } = this;
    const header = frame?.header ?? (counters.header?.run === this.data.run ? counters.header : null);
    if (header) {
      this.controls.show(header);
      if (this.root.dataset.epoch !== String(header.epoch)) this.root.dataset.epoch = header.epoch;
    }
    this.showCard(focus);
    this.showProbe();
    this.status();
    const title = focus ? neuronName(structure, focus.column, focus.unit) : "Output";
    if (this.titleShown !== title) this.find(".heading b").textContent = this.titleShown = title;
    const surface = focus && this.surfaceOf === `${focus.column},${focus.unit}` ? this.output.surfaceReach : null;
    const key = JSON.stringify([structure.task, structure.classNames, surface && surface.toPrecision(2), this.theme.key]);
    if (key !== this.legendKey) {
      this.legendKey = key;
      this.find(".legend").innerHTML = legendHtml(structure, surface);
    }
    const parameters = header?.parameters || this.linears.reduce((sum, { from, to }) => sum + (from + 1) * to, 0);
    const foot = `${parameters.toLocaleString("en")} parameter${parameters === 1 ? "" : "s"}`;
    if (this.footShown !== foot) {
      const node = this.find(".foot");
      node.textContent = this.footShown = foot;
      node.title = "Numbers that the training may change: all weights and biases";
    }
    const y = `${this.geometry.diagram.h - 16}px`;
    if (this.find(".foot").style.top !== y) this.find(".foot").style.top = y;
  }

  destroy() {
    this.destroyed = true;
    this.loop?.close();
    this.channel?.close();
    this.sized.disconnect();
    this.deaf();
    this.pointer.destroy();
    this.popover.destroy();
    clearInterval(this.themeTimer);
    clearInterval(this.describer);
    clearTimeout(this.sending);
    window.removeEventListener("nnp:select", this.onSelect);
  }
}

const same = (a, b) => a.join() === b.join();

function structureOf({ task, dims, inputs, layers, outputs, class_names: classNames }) {
  return { task, dims, inputs, outputs, classNames, layers: layers.map(({ units, activation, norm, dropout }) => ({ units, activation, norm, dropout })) };
}
