/** The canvas: how large it is, in which colours, what stands where on it, and when it is painted. */
import { counters } from "./counters.js";
import { linearOffsets, parameterName } from "./frame.js";
import { NARROW, ease, layout, linkSpan } from "./layout.js";
import { paintLosses } from "./losses.js";
import { NetworkPainter } from "./network.js";
import { OutputPainter } from "./output.js";
import { readTheme } from "./theme.js";

const [LOWEST, HIGHEST] = [430, 640]; // of the picture beside each other, in CSS pixels
const AROUND = 392; // what else of the page is to be seen with it: navigation, choices, transport, the study tabs
const FREED = { workflow: 36, training: 30, figures: 58 }; // so much less where the page's link leaves a part out
const FLOW_MS = 650; // how long something runs along the links in a phase of slow motion

export class Picture {
  constructor(stage) {
    this.stage = stage;
    this.canvas = stage.find("canvas");
    this.box = stage.find(".scene");
    this.g = this.canvas.getContext("2d");
    this.network = new NetworkPainter();
    this.output = new OutputPainter();
    this.theme = readTheme(stage.root);
    this.reload = false; // a frame has come that is not yet in the painters
    this.painted = null; // who waits for the painted frame
  }

  checkTheme() {
    const { stage } = this;
    const theme = readTheme(stage.root);
    if (theme.key === this.theme.key) return;
    this.theme = theme;
    this.reload = true;
    stage.root.classList.toggle("dark", theme.dark);
    this.repaint();
  }

  resize() {
    const { stage } = this;
    const width = stage.root.clientWidth;
    const same =
      width === this.width && this.ratio === ratioNow() && (width < NARROW || this.windowHeight === window.innerHeight);
    if (!width || same) return;
    this.arrange(width);
    this.paint(); // at once: a canvas that waits a frame is seen stretched
  }

  /** The output plane in the window's coordinates, for tests. */
  planeInWindow() {
    const { left, top } = this.canvas.getBoundingClientRect();
    const { x, y, s } = this.geometry.plane;
    return { x: left + x, y: top + y, size: s };
  }

  /** A place on a link in the window's coordinates, for tests. */
  linkInWindow(parameter, to, from) {
    const count = this.stage.linears.length;
    const linear = this.stage.linears.findIndex((_, k) => parameterName(k, count, "weight") === parameter);
    const { columns } = this.geometry;
    if (!columns[linear + 1]?.nodes[to] || !columns[linear].nodes[from]) return null;
    const [x0, x1] = linkSpan(this.geometry, linear + 1);
    const [a, b] = [columns[linear].nodes[from], columns[linear + 1].nodes[to]];
    const { left, top } = this.canvas.getBoundingClientRect();
    const share = 0.31; // links cross in the middle
    return [left + x0 + (x1 - x0) * share, top + a.y + (b.y - a.y) * ease(share)];
  }

  /** Lay everything out for this width and the present structure. */
  arrange(width) {
    const { stage } = this;
    this.width = width;
    this.ratio = ratioNow();
    this.windowHeight = window.innerHeight;
    const { structure, data } = stage;
    const hidden = data.hidden ?? [];
    const around = hidden.reduce((rest, part) => rest - (FREED[part] ?? 0), AROUND);
    const height = width < NARROW ? 0 : Math.max(LOWEST, Math.min(HIGHEST, window.innerHeight - around));
    const offered = data.features.filter((feature) => feature.dims <= structure.dims);
    const features = hidden.includes("network") ? offered.filter(({ name }) => structure.inputs.includes(name)) : offered;
    this.geometry = layout({ width, height, structure, features });
    const { linears } = linearOffsets(structure.inputs.length, structure.layers, structure.outputs);
    stage.linears = linears;
    stage.root.classList.toggle("narrow", this.geometry.narrow);
    stage.root.classList.toggle("dark", this.theme.dark);
    const [w, h] = [Math.round(width * this.ratio), Math.round(this.geometry.height * this.ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.box.style.height = `${this.geometry.height}px`;
    }
    stage.heads.render(structure, this.geometry);
    this.output.points.key = "";
    this.stage.find(".heading").classList.toggle("tight", this.geometry.plane.s < 300);
    this.place(".heading", this.geometry.heading);
    this.place(".legend", this.geometry.legend);
    this.place(".bar", this.geometry.legend);
    this.place(".card", this.geometry.loss);
    stage.find(".card").style.height = `${this.geometry.loss.h}px`;
  }

  place(selector, { x, y, w }) {
    const { stage } = this;
    Object.assign(stage.find(selector).style, { left: `${x}px`, top: `${y}px`, width: `${w}px` });
  }

  repaint() {
    this.raf ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    const { stage } = this;
    if (this.raf) cancelAnimationFrame(this.raf);
    this.raf = null;
    if (stage.destroyed || stage.holdUntil) return;
    if (!stage.root.isConnected) return;
    const began = performance.now();
    if (this.reload) this.loadFrame();
    const { g, ratio, geometry, theme } = this;
    const scene = this.sceneNow();
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, geometry.width, geometry.height);
    this.output.paint(g, scene);
    this.network.paint(g, scene);
    const focus = stage.focus();
    if (!focus || !stage.weights)
      paintLosses(g, { geometry, theme, frame: stage.frame, under: stage.painter.active ? 32 : 0 });
    stage.texts.update(focus);
    counters.painted += 1;
    counters.longest = Math.max(counters.longest, performance.now() - began);
    counters.last = performance.now() - began;
    if (this.painted) {
      window.dispatchEvent(
        new CustomEvent("nnp:frame", { detail: { seq: stage.seq, playing: stage.controls.isPlaying } }),
      );
      this.painted();
    }
    this.painted = null;
    if (scene.flow !== null && scene.flow < 1) this.repaint();
  }

  loadFrame() {
    const { stage } = this;
    this.reload = false;
    const { theme } = this;
    const { frame, discrete } = stage;
    if (!frame) return;
    const { arrays, shapes, header } = frame;
    if (arrays.thumbs) this.network.loadThumbs(arrays.thumbs, shapes.thumbs, theme);
    this.output.load(frame, theme, discrete);
    if (arrays.surface) {
      this.output.loadSurface(arrays.surface, shapes.surface, header.selected, theme);
      this.surfaceOf = header.selected && [header.selected.layer + 1, header.selected.unit].join();
    }
  }

  /** There is no network to show: what the last one had learned must not stay on the screen. */
  clear() {
    this.network.forgetThumbs();
    this.output.clear();
  }

  sceneNow() {
    const { stage } = this;
    const focus = stage.focus();
    const header = stage.frame?.header;
    const slow = header?.speed === "phases" && stage.phase;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const flow =
      slow && !calm && header.playing !== undefined
        ? Math.min(1, (performance.now() - stage.phaseSince) / FLOW_MS)
        : null;
    const scene = {
      geometry: this.geometry,
      structure: stage.structure,
      theme: this.theme,
      ratio: this.ratio,
      frame: stage.frame,
      statics: stage.statics,
      weights: stage.weights,
      linears: stage.linears,
      gradients: stage.frame?.arrays.gradients ?? null,
      predicted: stage.frame?.arrays.predicted ?? null,
      batch: slow ? (stage.frame?.arrays.batch ?? null) : null,
      phase: slow ? stage.phase : null,
      flow,
      domain: stage.domain,
      hover: stage.hover,
      selected: stage.selected,
      editing: stage.editing,
      hoverPoint: stage.hoverPoint,
      highlight: stage.hands.highlighted(),
      showTest: stage.showTest,
      showSurface: Boolean(focus) && this.surfaceOf === `${focus.column},${focus.unit}`,
      painter: stage.painter.active ? stage.painter : null,
      plain: this.geometry.columns.reduce((sum, column) => sum + column.nodes.length, 0) > 120,
      outputPicture: (context, x, y, size) => this.output.thumbnail(context, x, y, size, scene),
    };
    return scene;
  }
}

const ratioNow = () => Math.min(window.devicePixelRatio || 1, 2); // finer than 2 is not seen, but costs
