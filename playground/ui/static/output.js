/** Paints what the network answers everywhere on the plane, or one neuron's view of it, with the points on top. */
import { paintAxes } from "./axes.js";
import { FINER, contourLines, drawGrid, interpolateClasses, interpolateSteps, smoothed } from "./grids.js";
import { PointsPainter } from "./points.js";
import { css } from "./theme.js";

export class OutputPainter {
  constructor() {
    this.map = document.createElement("canvas");
    this.fine = document.createElement("canvas");
    this.points = new PointsPainter();
    this.contour = null;
  }

  clear() {
    this.domain = this.contour = null;
    this.map.width = this.map.height = 1;
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
    if (header.task === "binary" || discrete) {
      this.smooth = smoothed(smoothed(this.values, grid), grid);
      this.contour = contourLines(this.smooth, grid);
    }
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
    if (side === 1) {
      this.surfaceCurve = surface;
      return;
    }
    this.surfaceCurve = null;
    drawGrid(this.surfaceMap, side, (pixels) => {
      for (let i = 0; i < pixels.length; i++) pixels[i] = theme.lut[values[i] + 128];
    });
    this.surfaceContour = contourLines(surface, side);
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
    else if (scene.showSurface && this.surfaceGrid)
      this.map2d(g, scene, this.surfaceMap, this.surfaceContour, this.surfaceGrid, domain);
    else if (scene.frame) this.map2d(g, scene, this.map, this.contour, this.grid, this.domain);
    if (scene.painter) scene.painter.paint(g, scene);
    else if (statics) this.points.paint(g, scene);
    if (structure.dims === 1) this.fit(g, scene);
    g.restore();
    g.beginPath();
    g.roundRect(x, y, s, s, 6);
    g.strokeStyle = css(scene.showSurface ? theme.primary : theme.text, scene.showSurface ? 0.9 : 0.25);
    g.lineWidth = scene.showSurface ? 2 : 1;
    g.stroke();
    paintAxes(g, scene);
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
    g.bezierCurveTo(
      right + (left - right) * 0.6,
      plane.y + plane.s,
      right + (left - right) * 0.5,
      bottom,
      right,
      bottom,
    );
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
    const { smooth, grid, fine } = this;
    const side = 4 * grid;
    if (this.crispOf !== smooth || this.crispTheme !== theme.key) {
      drawGrid(fine, side, (pixels) => interpolateSteps(smooth, grid, pixels, side, theme.steps));
      this.crispOf = smooth;
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
      g.lineTo(
        x + ((at - domain[0]) / (domain[1] - domain[0])) * s,
        y + ((domain[3] - values[i] / reach) / (domain[3] - domain[2])) * s,
      );
    }
    g.lineJoin = "round";
    g.strokeStyle = css(theme.background, 0.85);
    g.lineWidth = 6.5;
    g.stroke();
    g.strokeStyle = css(surface ? theme.primary : theme.text);
    g.lineWidth = 3;
    g.stroke();
  }
}
