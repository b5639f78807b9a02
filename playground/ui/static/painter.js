/**
 * Paint own points: a brush a class, move, erase, undo. Points keep their colour here, (x, y, colour); what class a
 * colour is depends on which colours are in use, because two classes are orange and blue.
 */
import { button, tag } from "./html.js";
import { CLASSES, css, markPath, markSvg } from "./theme.js";
import { pointRadius } from "./points.js";

export const MOST_POINTS = 2000;
const NAMES = ["Blue", "Orange", "Green", "Pink", "Yellow"];
const TOOLS = [
  ["brush", "Brush", "Drag to scatter points of this colour"],
  ["move", "Move", "Drag a point to another place"],
  ["erase", "Erase", "Drag over points to take them away"],
  ["undo", "Undo", "Take back the last stroke"],
  ["clear", "Clear", "Take all points away"],
];
const REACH = 0.55; // radius of brush and eraser, in the plane's own units
const SPRAY = 3;

export class PointPainter {
  /** send(points): the finished stroke, as [[x, y, label], ...]. repaint(): draw me. */
  constructor(bar, { send, repaint, done }) {
    Object.assign(this, { bar, send, repaint, done });
    this.active = false;
    this.tool = "brush";
    this.colour = 0;
    this.points = [];
    this.past = [];
    const brushes = NAMES.map((name, k) =>
      button({ role: "radio", label: name, tip: name, "data-colour": k }, markSvg("multiclass", k, 16)),
    );
    const tools = TOOLS.map(([name, word, tip]) => button({ tip, "data-tool": name }, word));
    bar.innerHTML =
      tag("div", { class: "brushes", role: "radiogroup", "aria-label": "Colour of the brush" }, brushes.join("")) +
      tag("div", { class: "tools" }, tools.join(""));
    bar
      .querySelectorAll("[data-colour]")
      .forEach((node) => node.addEventListener("click", () => this.choose("brush", +node.dataset.colour)));
    bar
      .querySelectorAll("[data-tool]")
      .forEach((node) => node.addEventListener("click", () => this.use(node.dataset.tool)));
  }

  /** Start from the points that are there, so that one can add to any data set. */
  start({ points, labels, count, task } = {}) {
    this.waits = !points; // for a first frame: what is there comes with it
    this.points = [];
    if (points && task !== "regression" && count <= MOST_POINTS) {
      for (let i = 0; i < count; i++)
        this.points.push([points[2 * i], points[2 * i + 1], task === "binary" ? 1 - labels[i] : labels[i]]);
    }
    this.past = [];
    this.active = true;
    this.choose("brush", this.colour);
  }

  stop() {
    this.active = false;
    this.stroke = null;
  }

  choose(tool, colour = this.colour) {
    this.tool = tool;
    this.colour = colour;
    this.bar
      .querySelectorAll("[data-colour]")
      .forEach((node) => node.setAttribute("aria-checked", tool === "brush" && +node.dataset.colour === colour));
    this.bar
      .querySelectorAll("[data-tool]")
      .forEach((node) => node.setAttribute("aria-pressed", node.dataset.tool === tool));
    this.repaint();
  }

  use(tool) {
    if (tool === "undo") {
      if (!this.past.length) return;
      this.points = this.past.pop();
      this.finish();
    } else if (tool === "clear") {
      if (!this.points.length) return;
      this.past.push(this.points);
      this.points = [];
      this.finish();
    } else {
      this.choose(tool);
    }
  }

  down(x, y) {
    this.waits = false;
    this.stroke = { before: this.points.slice(), last: [x, y], changed: false };
    if (this.tool === "move") {
      let best = 0.6;
      this.points.forEach(([px, py], i) => {
        const off = Math.hypot(px - x, py - y);
        if (off < best) [best, this.stroke.held] = [off, i];
      });
    } else if (this.tool === "brush") {
      this.add(x, y);
    } else {
      this.erase(x, y);
    }
    this.repaint();
  }

  over(x, y) {
    this.cursor = [x, y];
    const { stroke } = this;
    if (!stroke) return this.repaint();
    if (this.tool === "move") {
      if (stroke.held !== undefined) {
        this.points[stroke.held] = [clamp(x), clamp(y), this.points[stroke.held][2]];
        stroke.changed = true;
      }
    } else if (this.tool === "erase") {
      this.erase(x, y);
    } else if (Math.hypot(x - stroke.last[0], y - stroke.last[1]) > 0.42) {
      stroke.last = [x, y];
      for (let i = 0; i < SPRAY; i++) {
        const [angle, off] = [Math.random() * 6.2832, Math.sqrt(Math.random()) * REACH];
        this.add(x + Math.cos(angle) * off, y + Math.sin(angle) * off);
      }
    }
    this.repaint();
  }

  up() {
    const { stroke } = this;
    this.stroke = null;
    if (!stroke?.changed) return;
    this.past.push(stroke.before);
    if (this.past.length > 60) this.past.shift();
    this.finish();
  }

  leave() {
    this.cursor = null;
    this.repaint();
  }

  add(x, y) {
    if (this.points.length >= MOST_POINTS)
      return this.send(null, `At most ${MOST_POINTS.toLocaleString("en")} points fit. Erase some first.`);
    if (Math.abs(x) > 6 || Math.abs(y) > 6) return;
    this.points.push([x, y, this.colour]);
    this.stroke.changed = true;
  }

  erase(x, y) {
    const left = this.points.filter(([px, py]) => Math.hypot(px - x, py - y) > REACH);
    if (left.length !== this.points.length) this.stroke.changed = true;
    this.points = left;
  }

  finish() {
    this.repaint();
    this.send(labelled(this.points));
  }

  paint(g, { geometry, theme, domain }) {
    const { x, y, s } = geometry.plane;
    const px = (v) => x + ((v - domain[0]) / (domain[1] - domain[0])) * s;
    const py = (v) => y + ((domain[3] - v) / (domain[3] - domain[2])) * s;
    const radius = pointRadius(this.points.length, s);
    CLASSES.forEach(({ colour, shape }, k) => {
      const path = new Path2D();
      for (const [vx, vy, label] of this.points) if (label === k) markPath(path, shape, px(vx), py(vy), radius);
      g.strokeStyle = css(theme.background, 0.95);
      g.lineWidth = 1.2;
      g.stroke(path);
      g.fillStyle = css(colour);
      g.fill(path);
    });
    if (!this.cursor) return;
    g.beginPath();
    g.arc(
      px(this.cursor[0]),
      py(this.cursor[1]),
      (REACH / (domain[1] - domain[0])) * s * (this.tool === "move" ? 0.6 : 1),
      0,
      6.2832,
    );
    g.strokeStyle = this.tool === "brush" ? css(CLASSES[this.colour].colour) : css(theme.text);
    g.setLineDash(this.tool === "erase" ? [3, 3] : []);
    g.lineWidth = 1.6;
    g.stroke();
    g.setLineDash([]);
  }
}

const clamp = (v) => Math.max(-6, Math.min(6, v));

/** Colours to classes: only blue and orange make two classes, 0 orange and 1 blue; else the class is the colour. */
export function labelled(points) {
  const two = points.every(([, , colour]) => colour < 2);
  return points.map(([x, y, colour]) => [+x.toFixed(4), +y.toFixed(4), two ? 1 - colour : colour]);
}
