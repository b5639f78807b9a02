/** Paints what the network answers everywhere on the plane, or one neuron's view of it, with the points on top. */
import { css, classMark, markPath, mix } from "./theme.js";

const FINER = 3;
const MANY_POINTS = 3000; // beyond that, the marks of wrong answers are renewed a few times a second only

export class OutputPainter {
  constructor() {
    this.map = document.createElement("canvas");
    this.fine = document.createElement("canvas");
    this.pointsLayer = document.createElement("canvas");
    this.pointsKey = "";
    this.contour = null;
  }

  /** Turn a frame's grid into a picture once, however often it is painted afterwards. */
  load(frame, theme, discrete) {
    const { header, arrays, shapes } = frame;
    this.domain = header.domain;
    this.contour = null;
    this.values = null;
    if (header.dims === 1 || !arrays.boundary) return;
    const grid = shapes.boundary[0];
    if (header.task === "multiclass" || shapes.boundary.length === 3) {
      this.classes(arrays.boundary, grid, theme, discrete);
      return;
    }
    this.values = arrays.boundary;
    this.grid = grid;
    this.fill(grid, (pixels) => {
      const table = discrete ? theme.steps : theme.plane;
      for (let i = 0; i < pixels.length; i++) pixels[i] = table[this.values[i] + 128];
    });
    // the middle is where a class ends; for numbers it means nothing special
    if (header.task === "binary" || discrete) this.contour = contourLines(this.values, grid);
    this.discrete = discrete;
  }

  /** Which class, and how sure: edges are interpolated to three times the grid, or they would look like stairs. */
  classes(boundary, grid, theme, discrete) {
    this.fill(FINER * grid, (pixels) => interpolateClasses(boundary, grid, pixels, theme.classes, discrete));
    this.grid = FINER * grid;
    this.discrete = false;
  }

  /** The selected neuron's surface; colours reach as far as its own values do. */
  loadSurface(surface, shape, selected, theme) {
    const side = shape[0];
    let reach = 1e-6;
    for (let i = 0; i < surface.length; i++) reach = Math.max(reach, Math.abs(surface[i]));
    if (!this.surfaceMap) this.surfaceMap = document.createElement("canvas");
    const values = new Int8Array(surface.length);
    for (let i = 0; i < surface.length; i++) values[i] = Math.max(-127, Math.min(127, (surface[i] / reach) * 127));
    this.surfaceReach = reach;
    if (shape.length === 1 || shape[1] === 1 || surface.length === side) {
      this.surfaceCurve = surface;
      return;
    }
    this.surfaceCurve = null;
    drawGrid(this.surfaceMap, side, (pixels) => {
      for (let i = 0; i < pixels.length; i++) pixels[i] = theme.lut[values[i] + 128];
    });
    this.surfaceContour = contourLines(values, side);
    this.surfaceGrid = side;
  }

  fill(grid, write) {
    drawGrid(this.map, grid, write);
  }

  /** The small copy of the plane on the output neuron. */
  thumbnail(g, x, y, size, { structure, frame, theme, domain }) {
    if (structure.dims === 1) {
      const values = frame?.arrays.curve;
      if (!values) return false;
      g.fillStyle = css(theme.surface);
      g.fillRect(x, y, size, size);
      g.beginPath();
      for (let i = 0; i < values.length; i += 2) {
        g.lineTo(x + (i / values.length) * size, y + ((domain[3] - values[i]) / (domain[3] - domain[2])) * size);
      }
      g.strokeStyle = css(theme.text);
      g.lineWidth = 1.5;
      g.stroke();
      return true;
    }
    if (!this.map.width || this.map.width < 2) return false;
    g.drawImage(this.map, x, y, size, size);
    return true;
  }

  paint(g, scene) {
    const { geometry, theme, domain, statics, structure } = scene;
    const { x, y, s } = geometry.plane;
    this.beam(g, scene);
    g.save();
    g.beginPath();
    g.roundRect(x, y, s, s, 6);
    g.clip();
    g.fillStyle = css(structure.dims === 1 ? theme.surface : theme.neutral);
    g.fillRect(x, y, s, s);
    if (structure.dims === 1) this.zeroLine(g, scene);
    else if (scene.showSurface && this.surfaceGrid) this.map2d(g, scene, this.surfaceMap, this.surfaceContour, this.surfaceGrid, domain);
    else if (scene.frame) this.map2d(g, scene, this.map, this.contour, this.grid, this.domain);
    if (scene.painter) scene.painter.paint(g, scene);
    else if (statics) this.points(g, scene);
    if (structure.dims === 1) this.fit(g, scene);
    g.restore();
    g.beginPath();
    g.roundRect(x, y, s, s, 6);
    g.strokeStyle = css(scene.showSurface ? theme.primary : theme.text, scene.showSurface ? 0.9 : 0.25);
    g.lineWidth = scene.showSurface ? 2 : 1;
    g.stroke();
    this.axes(g, scene);
  }

  /** From the output neuron to the large picture: this is the same thing, enlarged. */
  beam(g, { geometry, theme, structure, showSurface, selected, hover }) {
    const { plane, outputs, narrow } = geometry;
    let node = null;
    const focus = showSurface ? (hover?.kind === "neuron" ? hover : selected) : null;
    if (narrow) return;
    const first = outputs.nodes[0];
    const last = outputs.nodes[outputs.nodes.length - 1];
    if (!first) return;
    const half = outputs.size / 2;
    const from = focus ? geometry.columns[focus.column] : outputs;
    if (focus) node = from.nodes[focus.unit];
    const right = (node ?? first).x + from.size / 2 + 1;
    const [top, bottom] = node ? [node.y - from.size / 2, node.y + from.size / 2] : [first.y - half, last.y + half];
    const left = plane.x - 1;
    const gradient = g.createLinearGradient(right, 0, left, 0);
    const tone = focus ? theme.primary : structure.outputs === 1 ? theme.text : theme.text;
    gradient.addColorStop(0, css(tone, focus ? 0.3 : 0.16));
    gradient.addColorStop(1, css(tone, focus ? 0.04 : 0.03));
    g.beginPath();
    g.moveTo(right, top);
    g.bezierCurveTo(right + (left - right) * 0.5, top, right + (left - right) * 0.6, plane.y, left, plane.y);
    g.lineTo(left, plane.y + plane.s);
    g.bezierCurveTo(right + (left - right) * 0.6, plane.y + plane.s, right + (left - right) * 0.5, bottom, right, bottom);
    g.closePath();
    g.fillStyle = gradient;
    g.fill();
  }

  map2d(g, scene, canvas, contour, grid, drawn) {
    const { geometry, theme, domain } = scene;
    if (!drawn) return;
    const { x, y, s } = geometry.plane;
    // while one pans, the former picture moves along until the new one has arrived
    const px = (v) => x + ((v - domain[0]) / (domain[1] - domain[0])) * s;
    const py = (v) => y + ((domain[3] - v) / (domain[3] - domain[2])) * s;
    const [left, right, top, bottom] = [px(drawn[0]), px(drawn[1]), py(drawn[3]), py(drawn[2])];
    g.imageSmoothingEnabled = true;
    g.imageSmoothingQuality = "medium";
    if (this.discrete && !scene.showSurface) this.crisp(g, scene, left, top, right - left, bottom - top);
    else g.drawImage(canvas, left, top, right - left, bottom - top);
    if (contour) {
      g.save();
      g.translate(left, top);
      g.scale((right - left) / grid, (bottom - top) / grid);
      g.lineWidth = (1.3 * grid) / s;
      g.strokeStyle = css(theme.text, 0.5);
      g.stroke(contour);
      g.restore();
    }
  }

  /** Two flat colours with a sharp edge: the grid is interpolated to the picture's own pixels first. */
  crisp(g, { theme }, left, top, width, height) {
    const { values, grid, fine } = this;
    const side = 4 * grid;
    if (this.crispOf !== values || this.crispTheme !== theme.key) {
      drawGrid(fine, side, (pixels) => interpolateSteps(values, grid, pixels, side, theme.steps));
      this.crispOf = values;
      this.crispTheme = theme.key;
    }
    g.drawImage(fine, left, top, width, height);
  }

  zeroLine(g, { geometry, theme, domain }) {
    const { x, y, s } = geometry.plane;
    const zero = Math.round(y + (domain[3] / (domain[3] - domain[2])) * s) + 0.5;
    g.strokeStyle = css(theme.line);
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(x, zero);
    g.lineTo(x + s, zero);
    g.stroke();
  }

  /** One coordinate: what the network answers is a line over it, in front of the points. */
  fit(g, scene) {
    const { geometry, theme, frame, domain, showSurface } = scene;
    const { x, y, s } = geometry.plane;
    const surface = showSurface ? this.surfaceCurve : null;
    const values = surface ?? frame?.arrays.curve;
    if (!values) return;
    const drawn = surface ? domain : frame.header.domain;
    const reach = surface ? this.surfaceReach : 1;
    g.beginPath();
    for (let i = 0; i < values.length; i++) {
      const at = drawn[0] + ((i + 0.5) / values.length) * (drawn[1] - drawn[0]);
      g.lineTo(x + ((at - domain[0]) / (domain[1] - domain[0])) * s, y + ((domain[3] - values[i] / reach) / (domain[3] - domain[2])) * s);
    }
    g.lineJoin = "round";
    g.strokeStyle = css(theme.background, 0.85);
    g.lineWidth = 6.5;
    g.stroke();
    g.strokeStyle = css(surface ? theme.primary : theme.text);
    g.lineWidth = 3;
    g.stroke();
  }

  /** Points as a kept layer; only the marks over them change from frame to frame. */
  points(g, scene) {
    const { geometry, theme, statics, domain, showTest, ratio } = scene;
    const { x, y, s } = geometry.plane;
    const key = [statics.id, domain.join(), s, ratio, showTest, theme.key].join("|");
    if (key !== this.pointsKey) {
      this.pointsKey = key;
      const layer = this.pointsLayer;
      layer.width = layer.height = Math.round(s * ratio);
      const context = layer.getContext("2d");
      context.scale(ratio, ratio);
      this.scatter(context, scene, s);
      this.wrong = null;
    }
    const veiled = scene.highlight;
    if (scene.showSurface) g.globalAlpha = 0.4;
    g.drawImage(this.pointsLayer, x, y, s, s);
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
    if (!this.wrong || this.wrong.of !== predicted || this.wrong.key !== this.pointsKey) {
      if (!this.wrong || this.wrong.key !== this.pointsKey || statics.count < MANY_POINTS || now - this.wrong.at > 250) {
        const path = new Path2D();
        const last = showTest ? statics.count : statics.trainCount;
        for (let i = 0; i < last; i++) {
          if (predicted[i] === statics.labels[i]) continue;
          const px = x + ((statics.points[2 * i] - domain[0]) / (domain[1] - domain[0])) * s;
          const py = y + ((domain[3] - statics.points[2 * i + 1]) / (domain[3] - domain[2])) * s;
          path.moveTo(px + radius, py);
          path.arc(px, py, radius, 0, 6.2832);
        }
        this.wrong = { path, of: predicted, key: this.pointsKey, at: now };
      }
    }
    g.strokeStyle = css(theme.text, 0.8);
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
      markPath(path, structure.task === "regression" ? "circle" : classMark(structure.task, label).shape, px, py, radius);
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

  axes(g, { geometry, theme, domain, structure }) {
    const { x, y, s } = geometry.plane;
    g.font = `11px ${theme.font}`;
    g.fillStyle = css(theme.muted);
    g.strokeStyle = css(theme.faint);
    g.lineWidth = 1;
    g.textBaseline = "top";
    g.textAlign = "center";
    g.beginPath();
    for (const v of ticks(domain[0], domain[1])) {
      const px = x + ((v - domain[0]) / (domain[1] - domain[0])) * s;
      g.moveTo(px, y + s);
      g.lineTo(px, y + s + 4);
      if (px < x + s - 22) g.fillText(number(v), px, y + s + 6);
    }
    g.textBaseline = "middle";
    g.textAlign = "right";
    for (const v of ticks(domain[2], domain[3])) {
      const py = y + ((domain[3] - v) / (domain[3] - domain[2])) * s;
      g.moveTo(x, py);
      g.lineTo(x - 4, py);
      if (py > y + 18) g.fillText(number(v), x - 6, py);
    }
    g.stroke();
    g.fillStyle = css(theme.text);
    g.font = `600 12px ${theme.font}`;
    g.textAlign = "right";
    g.textBaseline = "top";
    g.fillText(structure.dims === 1 ? "x" : "x₁", x + s, y + s + 5);
    g.fillText(structure.dims === 1 ? "y" : "x₂", x - 6, y + 2);
  }
}

export function pointRadius(count, side) {
  return Math.max(1.4, Math.min(4.4, (side / 322) * (count > 4000 ? 1.8 : count > 1200 ? 2.5 : count > 500 ? 3.1 : 3.7)));
}

function pointColour(theme, structure, label) {
  if (structure.task !== "regression") return classMark(structure.task, label).colour;
  const v = Math.max(-1, Math.min(1, label / 4));
  return mix(mix(theme.neutral, theme.text, 0.12), v < 0 ? theme.negative : theme.positive, Math.abs(v) ** 0.8);
}

function drawGrid(canvas, side, write) {
  if (canvas.width !== side) {
    canvas.width = canvas.height = side;
    canvas.image = new ImageData(side, side);
    canvas.pixels = new Uint32Array(canvas.image.data.buffer);
    canvas.context = canvas.getContext("2d");
  }
  write(canvas.pixels);
  canvas.context.putImageData(canvas.image, 0, 0);
}

/** Bilinear interpolation of an int8 grid, then one of two colours with a short ramp between them. */
function interpolateSteps(values, grid, pixels, side, table) {
  const low = table[0];
  const high = table[255];
  const step = grid / side;
  for (let row = 0, at = 0; row < side; row++) {
    const v = Math.max(0, Math.min(grid - 1.001, (row + 0.5) * step - 0.5));
    const r = v | 0;
    const fy = v - r;
    const [a, b] = [r * grid, Math.min(grid - 1, r + 1) * grid];
    for (let column = 0; column < side; column++, at++) {
      const u = Math.max(0, Math.min(grid - 1.001, (column + 0.5) * step - 0.5));
      const c = u | 0;
      const fx = u - c;
      const top = values[a + c] + (values[a + c + 1] - values[a + c]) * fx;
      const bottom = values[b + c] + (values[b + c + 1] - values[b + c]) * fx;
      pixels[at] = top + (bottom - top) * fy < 0 ? low : high;
    }
  }
}

const lead = (confidence) => (confidence > 132 ? 2 * confidence - 255 : 4 + confidence / 64);

/** boundary: (grid, grid, 2) class and confidence. Where four neighbours disagree, the surest answer nearby wins. */
function interpolateClasses(boundary, grid, pixels, tables, discrete) {
  const side = FINER * grid;
  const votes = new Float32Array(8);
  for (let row = 0, at = 0; row < side; row++) {
    const v = Math.max(0, Math.min(grid - 1.001, (row + 0.5) / FINER - 0.5));
    const r = v | 0;
    const fy = v - r;
    const below = Math.min(grid - 1, r + 1);
    for (let column = 0; column < side; column++, at++) {
      const u = Math.max(0, Math.min(grid - 1.001, (column + 0.5) / FINER - 0.5));
      const c = u | 0;
      const fx = u - c;
      const [a, b] = [2 * (r * grid + c), 2 * (below * grid + c)];
      const [ka, kb, kc, kd] = [boundary[a], boundary[a + 2], boundary[b], boundary[b + 2]];
      const [wa, wb, wc, wd] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
      const sure = wa * boundary[a + 1] + wb * boundary[a + 3] + wc * boundary[b + 1] + wd * boundary[b + 3];
      let k = ka;
      if (ka !== kb || ka !== kc || ka !== kd) {
        votes.fill(0);
        // a vote is the lead over all other classes, which falls to nothing where they meet: that is the edge
        votes[ka] += wa * lead(boundary[a + 1]);
        votes[kb] += wb * lead(boundary[a + 3]);
        votes[kc] += wc * lead(boundary[b + 1]);
        votes[kd] += wd * lead(boundary[b + 3]);
        for (let i = 0; i < 8; i++) if (votes[i] > votes[k]) k = i;
      }
      pixels[at] = tables[k % tables.length][discrete ? 205 : sure | 0];
    }
  }
}

/** Marching squares at zero, in grid coordinates with cells' values at their centres. */
export function contourLines(values, grid) {
  const path = new Path2D();
  for (let r = 0; r < grid - 1; r++) {
    for (let c = 0; c < grid - 1; c++) {
      const i = r * grid + c;
      const [a, b, d, e] = [values[i], values[i + 1], values[i + grid], values[i + grid + 1]];
      const code = (a >= 0 ? 1 : 0) | (b >= 0 ? 2 : 0) | (d >= 0 ? 4 : 0) | (e >= 0 ? 8 : 0);
      if (code === 0 || code === 15) continue;
      const [x, y] = [c + 0.5, r + 0.5];
      const cut = [];
      if (a >= 0 !== b >= 0) cut.push(x + a / (a - b), y);
      if (b >= 0 !== e >= 0) cut.push(x + 1, y + b / (b - e));
      if (d >= 0 !== e >= 0) cut.push(x + d / (d - e), y + 1);
      if (a >= 0 !== d >= 0) cut.push(x, y + a / (a - d));
      for (let k = 0; k + 3 < cut.length; k += 4) {
        path.moveTo(cut[k], cut[k + 1]);
        path.lineTo(cut[k + 2], cut[k + 3]);
      }
    }
  }
  return path;
}

/** Round numbers for an axis, about five of them. */
export function ticks(from, to, about = 4) {
  const raw = (to - from) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 3, 5, 10].map((k) => k * power).find((k) => k >= raw * 0.999) ?? power * 10;
  const list = [];
  for (let v = Math.ceil(from / step - 1e-6) * step; v <= to + step * 1e-6; v += step) list.push(Math.abs(v) < step * 1e-6 ? 0 : v);
  return list;
}

const number = (v) => String(+v.toPrecision(3)).replace("-", "−");
