/** Paints the points over the plane: a kept layer of marks, and what changes from frame to frame above it. */
import { classMark, css, markPath, mix } from "./theme.js";

const MANY_POINTS = 3000; // beyond that, the marks of wrong answers are renewed a few times a second only

export class PointsPainter {
  constructor() {
    this.layer = document.createElement("canvas");
    this.key = "";
  }

  /** Points as a kept layer; only the marks over them change from frame to frame. */
  paint(g, scene) {
    const { geometry, theme, statics, domain, showTest, ratio } = scene;
    const { x, y, s } = geometry.plane;
    const key = [statics.id, domain.join(), s, ratio, showTest, theme.key].join("|");
    if (key !== this.key) {
      this.key = key;
      const layer = this.layer;
      layer.width = layer.height = Math.round(s * ratio);
      const context = layer.getContext("2d");
      context.scale(ratio, ratio);
      this.scatter(context, scene, s);
      this.wrong = null;
    }
    const veiled = scene.highlight;
    if (scene.showSurface) g.globalAlpha = 0.65;
    g.drawImage(this.layer, x, y, s, s);
    g.globalAlpha = 1;
    if (veiled) {
      g.fillStyle = css(theme.background, 0.62);
      g.fillRect(x, y, s, s);
      this.someFull(g, scene, veiled);
    }
    if (!scene.showSurface && !veiled) this.wrongMarks(g, scene);
    if (scene.batch) this.batchMarks(g, scene);
    if (scene.hoverPoint !== null && scene.hoverPoint < statics.count) this.pointMark(g, scene, scene.hoverPoint);
  }

  scatter(g, scene, s) {
    const { theme, statics, structure, showTest, domain } = scene;
    const radius = pointRadius(statics.count, s);
    const last = showTest ? statics.count : statics.trainCount;
    const groups = new Map();
    for (let i = 0; i < last; i++) {
      const test = i >= statics.trainCount;
      const label = statics.labels[i];
      const value = structure.task === "regression" ? Math.max(-4, Math.min(4, Math.round(label * 4))) : label;
      const key = (test ? 100 : 0) + value;
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { path: new Path2D(), test, label: value }));
      const px = ((statics.points[2 * i] - domain[0]) / (domain[1] - domain[0])) * s;
      const py = ((domain[3] - statics.points[2 * i + 1]) / (domain[3] - domain[2])) * s;
      const shape = structure.task === "regression" ? "circle" : classMark(structure.task, label).shape;
      markPath(group.path, shape, px, py, radius);
    }
    for (const { path, test, label } of groups.values()) {
      const colour = pointColour(theme, structure, label);
      g.lineWidth = test ? Math.max(1.2, radius * 0.5) : Math.max(0.8, radius * 0.32);
      g.fillStyle = test ? css(mix(theme.background, colour, 0.12)) : css(colour);
      g.strokeStyle = test ? css(colour) : css(theme.background, 0.95);
      g.lineJoin = "round";
      if (test) {
        g.save();
        g.lineWidth += 1.6;
        g.strokeStyle = css(theme.background, 0.9);
        g.stroke(path);
        g.restore();
        g.fill(path);
        g.stroke(path);
      } else {
        g.stroke(path);
        g.fill(path);
      }
    }
  }

  /** A ring around every point that the network gets wrong right now. */
  wrongMarks(g, scene) {
    const { geometry, theme, statics, structure, predicted, showTest, domain } = scene;
    if (structure.task === "regression" || !predicted || predicted.length !== statics.count) return;
    const { x, y, s } = geometry.plane;
    const radius = pointRadius(statics.count, s) + 1.6;
    const now = performance.now();
    if (!this.wrong || this.wrong.of !== predicted || this.wrong.key !== this.key) {
      if (!this.wrong || this.wrong.key !== this.key || statics.count < MANY_POINTS || now - this.wrong.at > 250) {
        const path = new Path2D();
        const last = showTest ? statics.count : statics.trainCount;
        for (let i = 0; i < last; i++) {
          if (predicted[i] === statics.labels[i]) continue;
          const px = x + ((statics.points[2 * i] - domain[0]) / (domain[1] - domain[0])) * s;
          const py = y + ((domain[3] - statics.points[2 * i + 1]) / (domain[3] - domain[2])) * s;
          path.moveTo(px + radius, py);
          path.arc(px, py, radius, 0, 6.2832);
        }
        this.wrong = { path, of: predicted, key: this.key, at: now };
      }
    }
    g.strokeStyle = css(theme.text, 0.65);
    g.lineWidth = statics.count > 1500 ? 0.8 : 1.15;
    g.stroke(this.wrong.path);
  }

  /** Slow motion: the points that this step learns from. */
  batchMarks(g, scene) {
    const { geometry, theme, statics, batch, domain, flow, structure } = scene;
    const { x, y, s } = geometry.plane;
    const radius = pointRadius(statics.count, s);
    const halo = new Path2D();
    for (const i of batch) {
      if (i >= statics.count) continue;
      const px = x + ((statics.points[2 * i] - domain[0]) / (domain[1] - domain[0])) * s;
      const py = y + ((domain[3] - statics.points[2 * i + 1]) / (domain[3] - domain[2])) * s;
      markPath(halo, "circle", px, py, radius + 4.5);
    }
    const swell = scene.phase === "loss" ? 0.75 + 0.25 * Math.sin((flow ?? 0) * 9) : 0.9;
    g.strokeStyle = css(scene.phase === "backward" ? theme.gradient : theme.primary, swell);
    g.lineWidth = 2.6;
    g.stroke(halo);
    this.someFull(g, scene, batch, structure);
  }

  someFull(g, { geometry, theme, statics, structure, domain }, indices) {
    const { x, y, s } = geometry.plane;
    const radius = pointRadius(statics.count, s) * 1.25;
    for (const i of indices) {
      if (i >= statics.count) continue;
      const px = x + ((statics.points[2 * i] - domain[0]) / (domain[1] - domain[0])) * s;
      const py = y + ((domain[3] - statics.points[2 * i + 1]) / (domain[3] - domain[2])) * s;
      const path = new Path2D();
      const label = statics.labels[i];
      markPath(
        path,
        structure.task === "regression" ? "circle" : classMark(structure.task, label).shape,
        px,
        py,
        radius,
      );
      g.strokeStyle = css(theme.background);
      g.lineWidth = 2;
      g.stroke(path);
      g.fillStyle = css(pointColour(theme, structure, structure.task === "regression" ? label * 4 : label));
      g.fill(path);
    }
  }

  pointMark(g, { geometry, theme, statics, domain }, i) {
    const { x, y, s } = geometry.plane;
    const px = x + ((statics.points[2 * i] - domain[0]) / (domain[1] - domain[0])) * s;
    const py = y + ((domain[3] - statics.points[2 * i + 1]) / (domain[3] - domain[2])) * s;
    g.beginPath();
    g.arc(px, py, pointRadius(statics.count, s) + 5, 0, 6.2832);
    g.strokeStyle = css(theme.primary);
    g.lineWidth = 2.5;
    g.stroke();
  }
}

export function pointRadius(count, side) {
  return Math.max(
    1.4,
    Math.min(4.4, (side / 322) * (count > 4000 ? 1.8 : count > 1200 ? 2.5 : count > 500 ? 3.1 : 3.7)),
  );
}

function pointColour(theme, structure, label) {
  if (structure.task !== "regression") return classMark(structure.task, label).colour;
  const v = Math.max(-1, Math.min(1, label / 4));
  return mix(mix(theme.neutral, theme.text, 0.12), v < 0 ? theme.negative : theme.positive, Math.abs(v) ** 0.8);
}
