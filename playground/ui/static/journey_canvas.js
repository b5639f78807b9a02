/** The canvas of the journey: how large it is, in which colours, what stands where on it, and when it is painted. */
import { counters } from "./counters.js";
import { paintFlows, paintLaneNames, paintLanes, paintReading } from "./journey_flow.js";
import { NARROW, layoutJourney } from "./journey_layout.js";
import { MapsPainter, gridOf, photoCanvas } from "./journey_maps.js";
import { paintLogits, paintProbabilities, paintTensor, reachOf } from "./journey_output.js";
import { planColumns, shortModule } from "./journey_plan.js";
import { edgeOf, paintRaw } from "./journey_raw.js";
import { css, readTheme } from "./theme.js";

const [LOWEST, HIGHEST] = [330, 600];
const BELOW = 268; // the wall and the losses are to be seen with it

export class Way {
  constructor(journey) {
    this.journey = journey;
    this.canvas = journey.find(".way canvas");
    this.box = journey.find(".way");
    this.inner = journey.find(".strip");
    this.g = this.canvas.getContext("2d");
    this.maps = new MapsPainter();
    this.theme = readTheme(journey.root);
    this.reload = false;
    this.painted = null;
    this.extents = new Map();
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  }

  checkTheme() {
    const { journey } = this;
    const theme = readTheme(journey.root);
    if (theme.key === this.theme.key && this.dressed) return;
    this.dressed = true;
    this.theme = theme;
    this.reload = true;
    this.explained = null;
    journey.root.classList.toggle("dark", theme.dark);
    this.repaint();
  }

  resize() {
    const width = this.journey.root.clientWidth;
    const same = width === this.width && this.ratio === ratioNow() && (width < NARROW || this.windowHeight === window.innerHeight);
    if (!width || same) return;
    this.arrange(width);
    this.paint();
  }

  /** Lay everything out for this width and the present network. */
  arrange(width) {
    const { journey } = this;
    this.width = width;
    this.ratio = ratioNow();
    this.windowHeight = window.innerHeight;
    journey.root.classList.toggle("narrow", width < NARROW);
    const header = journey.frame?.header;
    if (!header?.stages?.length) return;
    const { kind, task } = header;
    const photo = Boolean(journey.statics.photo);
    this.columns = planColumns({ stages: header.stages, kind, task, photo });
    const sample = header.sample ?? {};
    this.geometry = layoutJourney({
      width,
      height: Math.max(LOWEST, Math.min(HIGHEST, window.innerHeight - topOf(this.box) - BELOW)),
      columns: this.columns,
      stages: header.stages,
      kind,
      task,
      photo,
      classes: sample.probabilities?.length || sample.logits?.length || 1,
      label: this.labelWidth(header, sample),
      rows: (sample.tokens?.length || Object.keys(sample.words ?? {}).length) ?? 0,
    });
    const { geometry } = this;
    const [w, h] = [Math.round(geometry.width * this.ratio), Math.round(geometry.height * this.ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.canvas.style.width = this.inner.style.width = `${geometry.width}px`;
      this.canvas.style.height = this.inner.style.height = this.box.style.height = `${geometry.height}px`;
    }
    this.box.classList.toggle("wide", geometry.width > width + 1);
    journey.heads.render(geometry, header, photo);
  }

  /** The room that the longest class name needs before the logits. */
  labelWidth({ class_names: names }, sample) {
    this.g.font = `600 12px ${this.theme.font}`;
    const shown = sample.logits?.length === 1 ? [`for ${names[1]}`] : (names ?? []).slice(0, 24);
    this.label = Math.min(76, Math.max(14, ...shown.map((name) => this.g.measureText(name).width)) + 4);
    return this.label;
  }

  /** The middle of a map or value in the window's coordinates, for tests. */
  placeOf(stage, index = 0) {
    const box = this.geometry?.columns.flatMap(({ boxes }) => boxes).find((one) => one.stage === stage);
    if (!box) return null;
    const { header, shapes } = this.journey.frame;
    const entry = header.stages[stage];
    const { x, y, w, h } = gridOf(entry, shapes[entry.array], box).at(index);
    const { left, top } = this.canvas.getBoundingClientRect();
    return [left + x + w / 2, top + y + h / 2];
  }

  /** There is no network: what the last one showed must not stay on the screen. */
  clear() {
    this.geometry = null;
    this.g.setTransform(1, 0, 0, 1, 0, 0);
    this.g.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.journey.heads.clear();
  }

  repaint() {
    this.raf ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    const { journey } = this;
    if (this.raf) cancelAnimationFrame(this.raf);
    this.raf = null;
    if (journey.destroyed || journey.holdUntil || !journey.root.isConnected) return;
    const began = performance.now();
    if (this.reload) this.load();
    if (this.geometry && journey.frame?.header.sample) this.draw();
    journey.show();
    counters.painted += 1;
    counters.last = performance.now() - began;
    counters.longest = Math.max(counters.longest, counters.last);
    if (this.painted) {
      window.dispatchEvent(
        new CustomEvent("nnp:frame", { detail: { seq: journey.seq, playing: journey.controls.isPlaying } }),
      );
      this.painted();
    }
    this.painted = null;
  }

  load() {
    const { journey, theme } = this;
    this.reload = false;
    const { frame } = journey;
    if (!frame?.header.stages) return;
    this.maps.load(frame, theme);
    this.reach = reachOf(this.reach, frame.header.sample?.logits ?? []);
    this.explanation = this.explanationNow(frame);
  }

  /** The explanation as a picture to lay over the sample: strong where it counted, clear where it did not. */
  explanationNow({ header, arrays, shapes }) {
    const values = arrays.explain;
    if (!values || shapes.explain.length !== 2) return null;
    const [h, w] = shapes.explain;
    const upright = header.kind === "sound"; // low frequencies lie at the bottom
    this.veil ??= document.createElement("canvas");
    const { veil, theme } = this;
    if (veil.width !== w || veil.height !== h) [veil.width, veil.height] = [w, h];
    const image = new ImageData(w, h);
    for (let i = 0; i < w * h; i++) {
      const at = upright ? (h - 1 - Math.floor(i / w)) * w + (i % w) : i;
      const share = values[at] / 127;
      const c = share < 0 ? theme.negative : theme.positive;
      image.data.set([c[0], c[1], c[2], Math.round(235 * Math.min(1, Math.abs(share) ** 0.7))], 4 * i);
    }
    veil.getContext("2d").putImageData(image, 0, 0);
    return veil;
  }

  draw() {
    const { g, ratio, geometry, theme } = this;
    const scene = this.scene();
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, geometry.width, geometry.height);
    paintLanes(g, scene);
    // what the flows connect is what was painted last: the boxes themselves follow on top of them
    paintFlows(g, scene);
    for (const column of geometry.columns) {
      for (const box of column.boxes) this.extents.set(box, this.paintBox(g, column, box, scene));
    }
    paintLaneNames(g, scene);
    paintReading(g, scene);
    this.paintHover(g, scene);
    if (this.laid !== geometry) {
      this.laid = geometry; // the first painting of a layout did not know yet how far each box reaches
      this.draw();
    }
  }

  paintBox(g, column, box, scene) {
    const { theme } = this;
    if (box.role === "raw") return paintRaw(g, box, scene);
    if (box.role === "tensor") return paintTensor(g, box, scene);
    if (column.key === "logits") return paintLogits(g, box, scene);
    if (box.role === "probabilities") return paintProbabilities(g, box, scene);
    if (box.role === "answer") return scene.photo ? this.paintPainting(g, box) : { ...box, y: box.y + box.h / 2 - 45, h: 90 };
    const stage = scene.frame.header.stages[box.stage];
    g.font = `10px ${theme.code}`;
    g.fillStyle = css(theme.muted);
    const { narrow } = scene.geometry;
    g.textAlign = narrow ? "left" : "center";
    g.textBaseline = "alphabetic";
    const bends = column.boxes.indexOf(box) > 0 && !narrow ? "↓ " : "";
    g.fillText(bends + fit(g, shortModule(stage.module), box.w + Math.min(column.gap - 6, 20)), narrow ? box.x : box.x + box.w / 2, box.y - 5);
    return this.maps.paint(g, box, scene);
  }

  /** The picture that the network paints now, as its answer for all pixels at once. */
  paintPainting(g, box) {
    const painted = this.journey.painting.find(".painted");
    const w = Math.min(box.w, (box.h * painted.width) / painted.height);
    const h = (w * painted.height) / painted.width;
    const place = { x: box.x + (box.w - w) / 2, y: box.y + (box.h - h) / 2, w, h };
    g.imageSmoothingEnabled = false;
    g.drawImage(painted, place.x, place.y, w, h);
    return place;
  }

  /** A frame around the value under the pointer, and around the chosen column. */
  paintHover(g, { hover, theme, chosen, geometry }) {
    if (hover?.cell) {
      g.strokeStyle = css(theme.text);
      g.lineWidth = 1.6;
      const { x, y, w, h } = hover.spot ?? hover.cell;
      g.strokeRect(x - 0.5, y - 0.5, w + 1, h + 1);
    }
    const column = chosen && geometry.columns.find(({ key }) => key === chosen);
    if (column) {
      g.strokeStyle = css(theme.primary);
      g.lineWidth = 1.5;
      g.beginPath();
      const pad = geometry.narrow ? 0 : Math.min(8, column.gap / 2 - 3);
      g.roundRect(column.x - pad, column.y + 1, column.w + 2 * pad, column.h - 2, 9);
      g.stroke();
    }
  }

  scene() {
    const { journey, theme, geometry } = this;
    const { frame, statics } = journey;
    const { header } = frame;
    theme.code ??= getComputedStyle(journey.root).getPropertyValue("--st-code-font").trim() || "monospace";
    const sample = header.sample ?? { logits: [], probabilities: [] };
    const probabilities = sample.probabilities ?? [];
    sample.best = probabilities.length ? probabilities.indexOf(Math.max(...probabilities)) : null;
    const moving = header.playing && !this.still.matches;
    return {
      frame,
      theme,
      geometry,
      sample,
      maps: this.maps,
      extents: this.extents,
      kind: header.kind,
      task: header.task,
      names: header.class_names ?? [],
      inputs: header.inputs ?? [],
      raw: this.rawPicture(),
      photo: Boolean(statics.photo),
      place: journey.place(),
      wave: journey.wave?.values ?? null,
      waveReach: journey.wave?.reach ?? 1,
      heard: journey.player.position(),
      explanation: this.explanation,
      attention: frame.arrays.attention ?? null,
      attends: frame.shapes.attention?.[1] ?? 0,
      reach: this.reach,
      label: this.label,
      range: journey.wall.range(),
      lens: journey.lens,
      hover: journey.hover,
      chosen: journey.chosen,
      time: moving ? performance.now() : null,
    };
  }

  /** The chosen picture as pixels and as a canvas; null where the raw sample is no picture. */
  rawPicture() {
    const { journey } = this;
    const { statics, frame } = journey;
    const photo = statics.photo && { key: `photo ${statics.version}`, ...statics.photo };
    const { key, values, h, w } = photo || (frame.header.kind === "images" && journey.pixels) || {};
    if (!values) return null;
    if (this.rawKey === key) return this.raw;
    this.rawKey = key;
    const depth = values.length === 3 * h * w ? 3 : 1;
    this.raw = { values, h, w, depth };
    this.raw.canvas = photoCanvas(values, h, w);
    this.raw.edge = edgeOf(this.raw);
    return this.raw;
  }
}

/** As much of a text as fits. */
function fit(g, text, width) {
  if (g.measureText(text).width <= width) return text;
  let kept = text.replace(/\(.*/, "");
  if (g.measureText(kept).width <= width) return kept;
  while (kept.length > 3 && g.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}

/** How far down an element stands when the page is not scrolled. */
function topOf(node) {
  let { top } = node.getBoundingClientRect();
  for (let at = node; at; at = at.parentNode ?? at.host) top += at.scrollTop || 0;
  return top;
}

const ratioNow = () => Math.min(window.devicePixelRatio || 1, 2);
