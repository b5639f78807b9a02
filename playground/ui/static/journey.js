/**
 * The journey: from the raw sample over its numbers and every layer to the answer in words, live while it trains.
 *
 * One canvas carries the way, real buttons stand over it; below are the test samples, one layer large, and the losses.
 */
import { TRANSPORT } from "./controls.js";
import { counters } from "./counters.js";
import { Way } from "./journey_canvas.js";
import { Heads } from "./journey_heads.js";
import { Lens } from "./journey_lens.js";
import { Pad, toBase64 } from "./journey_own.js";
import { Painting, Writing } from "./journey_paint.js";
import { planKey } from "./journey_plan.js";
import { JourneyPointer } from "./journey_pointer.js";
import { SCENE } from "./journey_scene.js";
import { Player } from "./journey_sound.js";
import { Wall } from "./journey_wall.js";
import { tipHtml } from "./journey_words.js";
import { JourneyTexts } from "./journey_texts.js";
import { LivePicture, mounting, styleSheet } from "./live_picture.js";

const WALL_MOST = 400; // test samples that the frames tell of

class Journey extends LivePicture {
  constructor(root, component) {
    super(root, component, TRANSPORT + SCENE);
    Object.assign(this, { frame: null, statics: { version: 0 }, hover: null, chosen: null, lens: null });
    Object.assign(this, { explain: null, temperature: 0.8, sample: { source: "test", index: 0 }, tab: null });
    Object.assign(this, { wave: null, pixels: null, sampleId: 0, still: {} }); // the raw sample that was sent last
    this.find(".tools .spacer").replaceWith(this.find(".status")); // one line for what is chosen and what is said
    this.player = new Player(() => this.repaint());
    this.heads = new Heads(this.find(".steps"), (key) => this.choose(key));
    this.wall = new Wall(this.find(".wall"), (index) => this.takeSample({ source: "test", index }));
    this.way = new Way(this);
    this.pad = new Pad(this.find(".draw.panel"), (pixels, size, empty) => this.drawn(pixels, size, empty));
    this.painting = new Painting(this.find(".paint.panel"));
    this.writing = new Writing(this.find(".write.panel"), (value) => {
      this.temperature = value;
      this.loop?.kick();
    });
    this.lensPanel = new Lens(this.find(".lens"), this);
    this.texts = new JourneyTexts(this);
    this.pointer = new JourneyPointer(this.way.canvas, this);
    this.listen();
    this.way.checkTheme();
    this.way.arrange(root.clientWidth || 900);
    counters.placeOf = (stage, index) => this.way.placeOf(stage, index);
    this.showTab("wall");
    this.begin(component);
  }

  listen() {
    this.find(".before").addEventListener("click", () => this.walk(-1));
    this.find(".after").addEventListener("click", () => this.walk(1));
    this.find(".tools .draw").addEventListener("click", () => this.reveal("draw"));
    this.find(".listen").addEventListener("click", () => this.wave && this.player.toggle(this.wave));
    this.find('[name="own"]').addEventListener("input", (event) => this.typed(event.target.value));
    this.find(".tabs").addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-tab]");
      if (chosen) this.showTab(chosen.dataset.tab);
    });
    this.find(".look").addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-look]");
      if (chosen) this.lookAt(chosen.dataset.look || null);
    });
    arrowKeys(this.find(".tabs"));
    arrowKeys(this.find(".look"));
    this.onSample = ({ detail }) => {
      this.takeSample(detail);
      this.comeIntoView();
    };
    window.addEventListener("nnp:sample", this.onSample);
    document.fonts?.ready.then(() => this.repaint());
  }

  // ---- what the page says ----

  arrange(data) {
    const key = JSON.stringify([data.kind, data.dataset, data.photo, data.writes, data.own]);
    if (key !== this.toldKey) {
      this.toldKey = key;
      this.leave();
      this.sample = { source: "test", index: 0 };
      this.root.dataset.kind = data.kind;
      if (data.kind === "images" && data.size && !data.photo) this.pad.prepare({ size: data.size, inkBox: data.inkBox });
      this.texts.offer(data);
      this.showTab(data.photo ? "paint" : data.writes ? "write" : "wall");
    }
    this.obey(data.shown ?? { count: 0 });
    this.way.checkTheme();
  }

  /** Show the sample that the page asks for, once: from then on people walk on from there. */
  obey({ count, source, index }) {
    const asked = count > 0 && count !== this.obeyed;
    this.obeyed = count;
    if (!asked) return;
    this.obeys = false; // one request follows the other
    this.takeSample(source === "own" ? { source } : { source, index });
    this.obeys = source !== "own";
    if (source !== "own") this.comeIntoView(); // a form stays where somebody fills it in
  }

  /** Scroll to the picture where a click elsewhere on the page has changed it out of sight. */
  comeIntoView() {
    const { top, bottom } = this.way.canvas.getBoundingClientRect();
    if (top > -0.3 * (bottom - top) && top < 0.5 * window.innerHeight) return;
    this.root.scrollIntoView({ block: "start", behavior: this.way.still.matches ? "auto" : "smooth" });
  }

  newRun() {
    this.hover = null;
    this.way.reach = 0;
    if (this.ownCommand && this.sample.source === "own") this.again = true; // the new run has not seen it yet
  }

  said(sentence) {
    this.texts.fail(sentence);
  }

  resize() {
    this.way.resize();
    this.texts.curves();
    this.lensPanel.paint();
  }

  look() {
    this.way.checkTheme();
    this.way.resize();
    this.texts.describe();
  }

  // ---- frames ----

  view() {
    if (this.again) {
      this.again = false;
      this.loop?.command(this.ownCommand);
    }
    return {
      have: this.seq ?? 0,
      have_version: this.statics.version,
      have_sample: this.sampleId,
      sample: this.sample,
      explain: this.explain,
      temperature: this.temperature,
    };
  }

  take(buffer) {
    const frame = this.open(buffer);
    if (!frame) return undefined;
    const { header, arrays, shapes } = frame;
    if (header.version !== this.statics.version) this.takeStatics(header, arrays, shapes);
    this.takeRaw(header, arrays, shapes);
    this.keepStill(frame);
    cutPadding(header, shapes);
    this.valueOfRegression(header, arrays);
    this.frame = frame;
    this.phase = header.phase;
    this.setPlaying(header.playing);
    const empty = !header.stages?.length;
    const key = empty ? null : planKey(header) + this.statics.version;
    if (key !== this.planned) {
      this.planned = key;
      this.hover = null;
      this.way.maps.forget();
      if (!empty) this.way.arrange(this.way.width || this.root.clientWidth || 900);
      if (this.chosen && !this.way.geometry?.columns.some(({ key: name }) => name === this.chosen)) this.chosen = null;
    }
    if (empty) this.way.clear();
    this.wall.update(frame, header.playing);
    this.painting.update(frame);
    this.writing.update(frame);
    this.way.reload = true;
    return new Promise((resolve) => {
      this.way.painted = resolve;
      this.repaint();
      setTimeout(resolve, 500); // a tab in the background does not paint
    });
  }

  takeStatics(header, arrays, shapes) {
    const { samples, photo } = arrays;
    this.statics = {
      version: header.version,
      samples: samples ? samples.slice() : null,
      shape: shapes.samples ?? null,
      texts: header.texts?.length ? header.texts : null,
      photo: photo ? { values: photo.slice(), h: shapes.photo[0], w: shapes.photo[1] } : null,
    };
    if (photo) this.painting.load(this.statics.photo);
    const count = Math.min(header.test_count ?? 0, WALL_MOST);
    this.wall.load({ ...this.statics, count, kind: header.kind });
  }

  /** The chosen sample as people see it comes once, when it is chosen. */
  takeRaw({ sample_id: id, sample_rate: rate }, { wave, pixels }, shapes) {
    if (id !== this.sampleId && !(this.sample.source === "own" && pixels)) this.lens = null; // not while somebody draws
    this.sampleId = id;
    if (pixels) this.pixels = { key: `${id}`, values: pixels.slice(), h: shapes.pixels[0], w: shapes.pixels[1] };
    if (!wave) return;
    let reach = 0.02;
    for (const v of wave) reach = Math.max(reach, Math.abs(v));
    this.player.stop();
    this.wave = { values: wave.slice(), reach, rate };
  }

  /** What a frozen network makes of the sample comes once too, and belongs to every frame. */
  keepStill({ header: { stages }, arrays, shapes }) {
    if (!stages?.[1]?.frozen) return;
    stages.forEach(({ array, frozen }, i) => {
      if (i > 0 && !frozen) return;
      if (arrays[array]) this.still[array] = { values: arrays[array].slice(), shape: shapes[array] };
      else if (this.still[array]) [arrays[array], shapes[array]] = [this.still[array].values, this.still[array].shape];
    });
  }

  /** Where the answer of a regression lies between the targets: in the target's own unit. */
  valueOfRegression({ task, sample }, { predicted, target }) {
    if (task !== "regression" || !sample) return;
    const known = sample.source === "test" && sample.index < (predicted?.length ?? 0);
    sample.value = numberIn(sample.answer) ?? (known ? predicted[sample.index] : null);
    sample.aim = known ? target[sample.index] : numberIn(sample.target);
  }

  /** The pixel of a photo that the journey follows: {row, column}. */
  place() {
    const { words } = this.frame?.header.sample ?? {};
    return this.statics.photo && words?.row !== undefined ? { row: +words.row, column: +words.column } : null;
  }

  // ---- what people do ----

  act(name, value) {
    if (name !== "escape") return super.act(name, value);
    if (this.chosen) return this.choose(this.chosen);
    return undefined;
  }

  takeSample(sample) {
    this.leave();
    this.sample = sample;
    this.lens = null;
    this.loop?.kick();
    this.repaint();
  }

  /** What the page had asked for is no longer shown: it may have marked that. */
  leave() {
    if (this.obeys) this.emit({ left: true });
    this.obeys = false;
  }

  walk(step) {
    const index = this.sample.source === "test" ? this.sample.index : 0;
    const next = this.wall.items.length ? this.wall.beside(index, step) : Math.max(0, index + step);
    this.takeSample({ source: "test", index: next });
  }

  lookAt(name) {
    this.explain = name;
    this.find(".look").querySelectorAll("button").forEach((node) => node.setAttribute("aria-checked", (node.dataset.look || null) === name));
    this.loop?.kick();
  }

  drawn(pixels, size, empty) {
    if (empty && this.sample.source !== "own") return;
    this.own({ name: "own", pixels: toBase64(pixels), size });
  }

  typed(text) {
    if (!text.trim()) return;
    this.own({ name: "own", text });
  }

  own(command) {
    this.ownCommand = command;
    this.leave();
    this.sample = { source: "own" };
    this.loop?.command(command);
  }

  choose(key) {
    this.chosen = this.chosen === key ? null : key;
    if (this.chosen) this.reveal("layer");
    else if (this.tab === "layer") this.showTab(this.homeTab);
    this.repaint();
  }

  /** Show a tab that was asked for elsewhere; on a phone it may be far away. */
  reveal(name) {
    this.showTab(name);
    if (!this.root.classList.contains("narrow")) return;
    const behavior = this.way.still.matches ? "auto" : "smooth";
    this.find(".panels").scrollIntoView({ block: "nearest", behavior });
  }

  showTab(name) {
    if (name !== "layer") this.homeTab = name;
    this.tab = name;
    for (const node of this.root.querySelectorAll("[data-tab]")) {
      node.setAttribute("aria-selected", node.dataset.tab === name);
      node.tabIndex = node.dataset.tab === name ? 0 : -1; // the arrow keys lead to the others
    }
    for (const node of this.root.querySelectorAll("[data-panel]")) node.hidden = node.dataset.panel !== name;
    this.repaint();
  }

  /** The pointer is over something (or nothing). */
  point(found, x, y) {
    if (found?.kind === "pixel" && !found.fixed) this.lens = { ...this.lens, row: found.row, column: found.col };
    if (found?.kind === "moment" && !found.fixed) this.lens = { sample: found.sample };
    const before = this.hover;
    this.hover = found && { ...found, column: found.column?.key };
    this.hoverAt = [x, y];
    if (found || before) this.repaint();
    if (!found) this.tip("");
    this.way.canvas.style.cursor = found?.column?.opens || found?.kind === "pixel" ? "pointer" : "";
  }

  press(found) {
    if (found?.column?.opens) return this.choose(found.column.key);
    if (found?.kind === "pixel" && this.statics.photo) return this.pixel(found);
    if (found?.kind === "pixel") return this.zoom(this.lens?.span > 8 ? -99 : 4);
    return undefined;
  }

  /** Follow another pixel of a photo. */
  pixel({ row, col }) {
    const { h, w } = this.statics.photo;
    this.own({ name: "own", values: [((col + 0.5) / w) * 2 - 1, ((row + 0.5) / h) * 2 - 1] });
  }

  zoom(by) {
    const span = Math.max(3, Math.min(14, (this.lens?.span ?? 6) + by));
    this.lens = { ...(this.lens ?? this.way.raw?.edge), span: by < -50 ? 6 : span };
    this.repaint();
  }

  tip(html, x, y) {
    const node = this.find(".tip:not(.inner)");
    if (node.hidden !== !html) node.hidden = !html;
    if (!html) return;
    if (node.innerHTML !== html) node.innerHTML = html;
    const home = this.root.getBoundingClientRect();
    const { offsetWidth: w, offsetHeight: h } = node;
    const [px, py] = [x - home.left, y - home.top];
    const left = px + 18 + w > home.width ? px - w - 14 : px + 18;
    const top = py + 18 + h > Math.min(home.height, window.innerHeight - home.top) ? py - h - 12 : py + 18;
    node.style.transform = `translate(${Math.round(Math.max(0, left))}px, ${Math.round(top)}px)`;
  }

  /** All that is HTML, after the canvas was painted. */
  show() {
    const { hover } = this;
    if (hover && this.hoverAt[0] !== undefined && this.frame) {
      const { left, top } = this.way.canvas.getBoundingClientRect();
      this.tip(tipHtml(hover, this.way.scene()), left + this.hoverAt[0], top + this.hoverAt[1]);
    }
    this.texts.update();
    this.lensPanel.paint();
  }

  repaint() {
    this.way.repaint();
  }

  hush() {
    this.player.stop();
  }

  destroy() {
    super.destroy();
    window.removeEventListener("nnp:sample", this.onSample);
    this.player.close();
  }
}

/** A short text is filled up to the length of the longest: what stands there means nothing, so it is not shown. */
function cutPadding({ sample, stages }, shapes) {
  const tokens = sample?.tokens?.length;
  if (!tokens) return;
  for (const { kind, array } of stages) {
    if (kind === "sequence" && shapes[array]?.[0] > tokens) shapes[array] = [tokens, ...shapes[array].slice(1)];
  }
}

/** The arrow keys move between the buttons of a group, as between tabs. */
function arrowKeys(node) {
  node.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const buttons = [...node.querySelectorAll("button")].filter((button) => !button.hidden);
    const at = buttons.indexOf(event.target.closest("button"));
    const next = buttons[(at + step + buttons.length) % buttons.length];
    event.preventDefault();
    next.click();
    next.focus();
  });
}

/** The number in "lifeExp: 69.4 years": what stands after the name. */
const numberIn = (text) => {
  const found = /-?\d[\d,]*(\.\d+)?(e[+-]?\d+)?/i.exec((text ?? "").split(": ").pop());
  return found ? +found[0].replaceAll(",", "") : null;
};

/** Called by Streamlit at every rerun. */
export const mount = mounting(
  "[data-journey]",
  [styleSheet("stage.css", import.meta.url), styleSheet("journey.css", import.meta.url)],
  (root, component) => new Journey(root, component),
);
