/**
 * A figure to study: asks for it, draws it with Plotly, and keeps it up to date without disturbing who is looking.
 *
 * It asks at most twice a second while the network trains, at once when the network stands still, and not at all while
 * nobody can see it. Zoom, hidden curves and camera stay (Plotly's `uirevision`); a drag or a hover is never interrupted.
 */
import { sharedChannel } from "./channel.js";
import { tableOf } from "./figure_table.js";
import { css, readTheme } from "./theme.js";

const PACE_MS = 500;
const RETRY_MS = 1500;
const FIRST_PAINT_PATIENCE_MS = 1500; // Plotly is 1.4 MB on the wire: the stage goes first
const WIDTH_STEP = 50; // pixels: so that a figure is not asked for again at every step of a resize

let framePainted = false;
window.addEventListener("nnp:frame", () => (framePainted = true), { once: true });

let plotlyScript = null;

/** The library, loaded once a page. */
function loadPlotly(address) {
  plotlyScript ??= new Promise((resolve, reject) => {
    if (window.Plotly?.react) return resolve(window.Plotly);
    const script = document.createElement("script");
    script.src = new URL(address, document.baseURI);
    script.async = true;
    script.onload = () => (window.Plotly?.react ? resolve(window.Plotly) : reject(new Error("not Plotly")));
    script.onerror = reject;
    document.head.append(script);
  });
  return plotlyScript;
}

const views = new WeakMap();

/** Called by Streamlit for every change of the component's data; returns the clean-up of this call. */
export function mount(component) {
  const { parentElement } = component;
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = new FigureView(parentElement)));
  const call = ++view.calls;
  view.update(component);
  return () =>
    setTimeout(() => {
      if (view.calls !== call) return; // a newer call has taken over
      views.delete(parentElement);
      view.destroy();
    });
}

class FigureView {
  constructor(parent) {
    this.calls = 0;
    this.key = null;
    this.seq = null;
    this.lastAsked = 0;
    this.visible = false;
    this.dirty = true;
    this.root = document.createElement("div");
    this.root.className = "nnp-figure";
    this.root.style.cssText = "position:relative;width:100%;overflow:hidden";
    this.root.setAttribute("role", "img");
    this.plot = document.createElement("div");
    this.plot.style.cssText = "width:100%;height:100%";
    this.note = document.createElement("div");
    this.note.style.cssText =
      "position:absolute;inset:0;display:flex;align-items:center;justify-content:center;text-align:center;padding:1rem;pointer-events:none;opacity:.75";
    const style = document.createElement("style");
    style.textContent = ".nnp-figure .modebar-btn svg.word { width: 2.3em !important; }";
    this.root.append(style, this.plot, this.note);
    parent.append(this.root);
    this.stop = new AbortController();
    const { signal } = this.stop;
    window.addEventListener("nnp:frame", (event) => this.framed(event.detail), { signal });
    document.addEventListener("visibilitychange", () => this.seen(), { signal });
    window.addEventListener("keydown", ({ key }) => key === "Escape" && this.cell && this.unchoose(), { signal });
    this.plot.addEventListener("pointerdown", () => (this.held = true), { signal, capture: true });
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => this.release(), { signal });
    this.plot.addEventListener("mousemove", (event) => event.isTrusted && (this.pointer = event), { signal });
    this.plot.addEventListener("mouseleave", () => (this.pointer = null), { signal });
    this.watcher = new IntersectionObserver((entries) => {
      this.visible = entries.at(-1).isIntersecting;
      this.seen();
    });
    this.watcher.observe(this.root);
    this.sizer = new ResizeObserver(() => this.resized());
    this.sizer.observe(this.root);
  }

  /** New data from Streamlit: another figure, other options, another run, another theme, or an answer in pull mode. */
  update({ data, setTriggerValue, setStateValue }) {
    this.data = data;
    this.keep = setStateValue;
    this.root.setAttribute("aria-label", data.title);
    this.root.style.height = `${data.height}px`;
    this.channel = sharedChannel({ token: data.token, fallbackSend: (text) => setTriggerValue("message", text) });
    if (data.reply) this.channel.receive(data.reply_to, data.reply);
    this.reconsider();
  }

  /** What is asked for; another text means another picture. */
  get question() {
    const { run, name, options } = this.data;
    return { run, name, options: { ...options, theme: this.theme.dark ? "dark" : "light", width: this.width } };
  }

  reconsider() {
    this.theme = readTheme(this.root);
    this.width = Math.min(4000, Math.max(200, Math.round(this.root.clientWidth / WIDTH_STEP) * WIDTH_STEP));
    const asked = JSON.stringify(this.question);
    if (asked === this.asked) return;
    if (this.asked && this.cell) this.choose(null);
    this.asked = asked;
    this.key = null;
    this.want(0);
  }

  resized() {
    if (this.drawn && this.root.clientWidth) window.Plotly.Plots.resize(this.plot);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.data && this.root.clientWidth && this.reconsider(), 150);
  }

  framed({ seq, playing } = {}) {
    if (seq === this.seq) return;
    this.seq = seq;
    this.want(playing ? PACE_MS : 0);
  }

  seen() {
    if (this.dirty) this.want(0);
  }

  get awake() {
    return this.data && this.visible && !document.hidden;
  }

  /** Ask soon: not before `pace` ms after the last question, and once more if one is under way. */
  want(pace) {
    this.dirty = true;
    if (!this.awake || this.flying) return;
    const wait = Math.max(0, this.lastAsked + pace - performance.now());
    if (this.timer && wait >= this.due - performance.now()) return;
    clearTimeout(this.timer);
    this.due = performance.now() + wait;
    this.pace = pace;
    this.timer = setTimeout(() => this.ask(), wait);
  }

  async ask() {
    this.timer = null;
    if (!this.awake || this.flying || this.ended) return;
    this.flying = true;
    this.dirty = false;
    this.lastAsked = performance.now();
    const asked = this.asked;
    const library = this.library(); // loads beside the question
    const answer = await this.channel.ask({ kind: "figure", ...this.question, have: this.key });
    const Plotly = await library;
    this.flying = false;
    if (this.ended || !Plotly) return;
    if (answer.lost) {
      setTimeout(() => this.want(0), RETRY_MS);
    } else if (asked !== this.asked) {
      this.want(0);
    } else if (answer.error) {
      this.key = null;
      this.say(answer.error);
    } else if (answer.figure) {
      this.key = answer.key;
      this.figure = { name: this.data.name, data: decoded(answer.figure.data), layout: answer.figure.layout };
      if (this.held) this.waiting = true;
      else this.draw(Plotly);
    }
    if (this.dirty) this.want(PACE_MS);
  }

  async library() {
    if (!framePainted && !window.Plotly) {
      await new Promise((resolve) => {
        window.addEventListener("nnp:frame", resolve, { once: true });
        setTimeout(resolve, FIRST_PAINT_PATIENCE_MS);
      });
    }
    try {
      return await loadPlotly(this.data.plotly);
    } catch {
      if (!this.ended && !this.missing) this.keep("plotly_missing", true);
      this.missing = true;
      this.root.style.display = "none"; // Streamlit's own chart takes the place
      return null;
    }
  }

  draw(Plotly) {
    const { name, data, layout } = this.figure;
    const kind = `${name}${layout.scene ? " 3-D" : ""} ${this.theme.key}`;
    layout.font = { ...layout.font, family: this.theme.font, color: css(this.theme.text) };
    layout.hoverlabel.font.family = this.theme.font;
    layout.shapes = this.cell ? [outline(this.cell, css(this.theme.text))] : [];
    this.say("");
    if (kind !== this.drawn) {
      Plotly.purge(this.plot);
      this.config = this.settings(Plotly, Boolean(layout.scene));
      Plotly.newPlot(this.plot, data, layout, this.config);
      this.plot.on("plotly_click", ({ points }) => this.clicked(points[0]));
      this.drawn = kind;
    } else {
      Plotly.react(this.plot, data, layout, this.config); // the same config: a new one would reset zoom and camera
    }
    this.hoverAgain();
  }

  /** A redraw takes the hover label away: bring it back where the mouse rests. */
  hoverAgain() {
    const at = this.pointer;
    if (!at || this.held) return;
    const target = document.elementFromPoint(at.clientX, at.clientY);
    if (!target || !this.plot.contains(target)) return;
    const { clientX, clientY } = at;
    setTimeout(() => target.dispatchEvent(new MouseEvent("mousemove", { bubbles: true, clientX, clientY })), 60);
  }

  release() {
    this.held = false;
    if (!this.waiting) return;
    this.waiting = false;
    setTimeout(() => !this.ended && !this.held && this.draw(window.Plotly)); // after Plotly's own end of the drag
  }

  clicked(point) {
    if (this.data.name !== "confusion" || point.customdata === undefined) return;
    if (point.data.type !== "heatmap") return this.pick(point.customdata, point.data.meta.first);
    const cell = [point.y, point.x];
    const samples = point.data.meta.samples?.[point.y][point.x] ?? [];
    this.turn = this.cell?.join() === cell.join() ? this.turn + 1 : 0;
    if (this.turn < samples.length) this.pick(samples[this.turn]); // each click shows the next one
    this.choose(this.turn < Math.max(1, samples.length) ? cell : null);
    this.draw(window.Plotly);
  }

  /** Let the picture above show one sample. first: the place of the split's first one among all. */
  pick(sample, first = 0) {
    const { split } = this.data.options;
    window.dispatchEvent(new CustomEvent("nnp:select", { detail: { points: [sample], split } }));
    window.dispatchEvent(new CustomEvent("nnp:sample", { detail: { source: split, index: sample - first } }));
  }

  unchoose() {
    this.choose(null);
    this.draw(window.Plotly);
  }

  /** Mark the points of a cell [true class, predicted class] on the stage; null takes the marks away. */
  choose(cell) {
    this.cell = cell;
    window.dispatchEvent(new CustomEvent("nnp:select", { detail: { cell, split: this.data.options.split } }));
  }

  say(sentence) {
    this.note.textContent = sentence;
    this.note.style.color = css(this.theme.text);
    this.plot.style.visibility = sentence ? "hidden" : "visible";
  }

  /** Plotly's toolbar: move, and save as picture or table. */
  settings(Plotly, solid) {
    const save = (format) => ({
      name: format,
      title: `Save as ${format}`,
      icon: wordIcon(format, css(this.theme.muted)),
      click: () => this.save(Plotly, format),
    });
    const moves = solid
      ? ["zoom3d", "pan3d", "tableRotation", "resetCameraDefault3d"]
      : ["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"];
    return {
      displaylogo: false,
      displayModeBar: true,
      responsive: false, // the ResizeObserver does it
      scrollZoom: false, // the wheel scrolls the page
      modeBarButtons: [moves, [save("PNG"), save("SVG"), save("CSV")]],
    };
  }

  async save(Plotly, format) {
    const name = `${this.data.name}.${format.toLowerCase()}`;
    if (format === "CSV") return download(name, new Blob([tableOf(this.figure)], { type: "text/csv" }));
    const { clientWidth: width, clientHeight: height } = this.plot;
    const layout = { ...this.plot.layout, paper_bgcolor: css(this.theme.background) };
    const size = { format: format.toLowerCase(), width, height, scale: format === "PNG" ? 2 : 1 };
    const address = await Plotly.toImage({ data: this.plot.data, layout }, size);
    download(name, await (await fetch(address)).blob());
  }

  destroy() {
    this.ended = true;
    if (this.cell) this.choose(null);
    clearTimeout(this.timer);
    clearTimeout(this.settling);
    this.stop.abort();
    this.watcher.disconnect();
    this.sizer.disconnect();
    if (this.drawn) window.Plotly.purge(this.plot);
    this.root.remove();
  }
}

const TYPES = { f4: Float32Array, i4: Int32Array, u1: Uint8Array };

/** The traces with every base64 array as a typed array, or a list of them for two dimensions. */
function decoded(value) {
  if (Array.isArray(value)) return value.map(decoded);
  if (value === null || typeof value !== "object") return value;
  if (value.bdata === undefined) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, decoded(item)]));
  }
  const bytes = Uint8Array.from(atob(value.bdata), (character) => character.charCodeAt(0));
  const all = new TYPES[value.dtype](bytes.buffer);
  if (!value.shape) return all;
  const [rows, columns] = value.shape.split(",").map(Number);
  return Array.from({ length: rows }, (_, row) => all.subarray(row * columns, (row + 1) * columns));
}

/** The frame around a chosen cell of the confusion matrix. */
function outline([row, column], color) {
  const [half, line] = [0.49, { color, width: 3 }];
  return { type: "rect", x0: column - half, x1: column + half, y0: row - half, y1: row + half, line };
}

function wordIcon(word, color) {
  const text = `<text x="17" y="15" text-anchor="middle" font-size="14" font-weight="600" font-family="sans-serif" fill="${color}">${word}</text>`;
  return { svg: `<svg xmlns="http://www.w3.org/2000/svg" class="word" viewBox="0 0 34 20">${text}</svg>` };
}

function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
