/** What the mouse, the finger and the wheel do on the canvas: hover, keep, edit, pan, zoom, probe, paint. */
import { pick } from "./layout.js";
import { pointRadius } from "./points.js";

const PROBE_WAIT_MS = 60;
const FAR = 24; // how far the plane may be zoomed out
const NEAR = 0.4;
export const HOME = [-6, 6, -6, 6];

export class Pointer {
  /** stage: reads geometry, frame, statics, structure; is told hover, selected, domain, probe. */
  constructor(canvas, stage) {
    this.canvas = canvas;
    this.stage = stage;
    this.fingers = new Map();
    this.wheelElsewhere = 0;
    const on = (name, handler, options) => canvas.addEventListener(name, handler.bind(this), options);
    on("pointermove", this.move);
    on("pointerdown", this.down);
    on("pointerup", this.up);
    on("pointercancel", this.up);
    on("pointerleave", this.leave);
    on("dblclick", this.twice);
    on("wheel", this.wheel, { passive: false });
    on("keydown", this.key);
    this.onAnyWheel = (event) => {
      // a page that is being scrolled goes on scrolling when the plane slides under the mouse
      if (event.composedPath()[0] !== canvas || !this.onPlane(event)) this.wheelElsewhere = performance.now();
    };
    window.addEventListener("wheel", this.onAnyWheel, { passive: true, capture: true });
  }

  destroy() {
    window.removeEventListener("wheel", this.onAnyWheel, { capture: true });
    clearTimeout(this.probeTimer);
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  onPlane(event) {
    const [x, y] = this.at(event);
    const { plane } = this.stage.geometry;
    return x >= plane.x && x <= plane.x + plane.s && y >= plane.y && y <= plane.y + plane.s;
  }

  /** Canvas pixels to the plane's own coordinates. */
  toPlane(x, y) {
    const { plane } = this.stage.geometry;
    const d = this.stage.domain;
    return [d[0] + ((x - plane.x) / plane.s) * (d[1] - d[0]), d[3] - ((y - plane.y) / plane.s) * (d[3] - d[2])];
  }

  move(event) {
    const { stage } = this;
    const [x, y] = this.at(event);
    if (this.fingers.has(event.pointerId)) this.fingers.set(event.pointerId, [x, y]);
    if (this.fingers.size === 2) return this.pinch();
    if (stage.painter.active && (this.stroking || this.onPlane(event))) {
      this.canvas.style.cursor = "crosshair";
      return stage.painter.over(...this.toPlane(x, y));
    }
    if (stage.painter.active) stage.painter.leave();
    if (this.pan) return this.panTo(x, y);
    if (event.pointerType === "touch") return;
    this.hover(x, y);
  }

  hover(x, y) {
    const { stage } = this;
    const found = pick(stage.geometry, x, y, stage.weights, stage.linears);
    const onPlane = found?.kind === "plane";
    this.canvas.style.cursor = onPlane
      ? stage.structure.dims === 1
        ? "ew-resize"
        : "crosshair"
      : found
        ? "pointer"
        : "";
    stage.hands.setHover(onPlane ? null : found, x, y);
    if (onPlane && !stage.focus()) this.probe(x, y);
    else this.unprobe();
  }

  /** Ask for the network's answer here, once the pointer rests a moment; near a point, for that point. */
  probe(x, y) {
    const { stage } = this;
    const near = this.pointAt(x, y);
    const [vx, vy] = this.toPlane(x, y);
    stage.hoverPoint = near;
    this.probePlace = [x, y];
    clearTimeout(this.probeTimer);
    this.probeTimer = setTimeout(
      () => stage.hands.setProbe(near === null ? [vx, vy] : { point: near }, x, y),
      PROBE_WAIT_MS,
    );
    stage.hands.moveProbe(x, y);
    stage.repaint();
  }

  unprobe() {
    clearTimeout(this.probeTimer);
    const { stage } = this;
    if (stage.hoverPoint !== null) stage.repaint();
    stage.hoverPoint = null;
    stage.hands.setProbe(null);
  }

  pointAt(x, y) {
    const { statics, geometry, domain, showTest } = this.stage;
    if (!statics) return null;
    const { plane } = geometry;
    const last = showTest ? statics.count : statics.trainCount;
    let [best, found] = [pointRadius(statics.count, plane.s) + 5, null];
    for (let i = 0; i < last; i++) {
      const px = plane.x + ((statics.points[2 * i] - domain[0]) / (domain[1] - domain[0])) * plane.s;
      if (Math.abs(px - x) > best) continue;
      const py = plane.y + ((domain[3] - statics.points[2 * i + 1]) / (domain[3] - domain[2])) * plane.s;
      const off = Math.hypot(px - x, py - y);
      if (off < best) [best, found] = [off, i];
    }
    return found;
  }

  down(event) {
    if (event.button > 0) return;
    const { stage } = this;
    const [x, y] = this.at(event);
    this.start = [x, y];
    this.moved = false;
    if (!this.onPlane(event)) return;
    this.fingers.set(event.pointerId, [x, y]);
    this.canvas.setPointerCapture(event.pointerId);
    if (this.fingers.size === 2) return this.pinchStart();
    if (stage.painter.active) {
      this.stroking = true;
      return stage.painter.down(...this.toPlane(x, y));
    }
    this.pan = { from: [x, y], domain: stage.domain.slice() };
  }

  panTo(x, y) {
    const { stage, pan } = this;
    const [dx, dy] = [x - pan.from[0], y - pan.from[1]];
    if (Math.hypot(dx, dy) < 4 && !this.moved) return;
    this.moved = true;
    this.unprobe();
    const side = stage.geometry.plane.s;
    const mx = (dx / side) * (pan.domain[1] - pan.domain[0]);
    const my = stage.structure.dims === 1 ? 0 : (dy / side) * (pan.domain[3] - pan.domain[2]);
    stage.hands.setDomain([pan.domain[0] - mx, pan.domain[1] - mx, pan.domain[2] + my, pan.domain[3] + my]);
  }

  pinchStart() {
    this.pan = null;
    this.stroking = false;
    const [a, b] = [...this.fingers.values()];
    this.pinched = {
      apart: Math.hypot(a[0] - b[0], a[1] - b[1]),
      domain: this.stage.domain.slice(),
      middle: this.toPlane((a[0] + b[0]) / 2, (a[1] + b[1]) / 2),
    };
  }

  pinch() {
    if (!this.pinched) return;
    const [a, b] = [...this.fingers.values()];
    this.zoom(
      this.pinched.domain,
      this.pinched.apart / Math.max(20, Math.hypot(a[0] - b[0], a[1] - b[1])),
      this.pinched.middle,
    );
  }

  wheel(event) {
    if (!this.onPlane(event) || performance.now() - this.wheelElsewhere < 350) {
      this.wheelElsewhere = performance.now();
      return;
    }
    event.preventDefault();
    this.zoom(
      this.stage.domain,
      Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.003),
      this.toPlane(...this.at(event)),
    );
  }

  zoom(domain, factor, [cx, cy]) {
    const [wide, high] = [domain[1] - domain[0], domain[3] - domain[2]];
    const f = Math.max(NEAR / wide, Math.min(FAR / wide, factor));
    const [x0, y0] = [cx - (cx - domain[0]) * f, cy - (cy - domain[2]) * f];
    if (this.stage.structure.dims === 1) this.stage.hands.setDomain([x0, x0 + wide * f, domain[2], domain[3]]);
    else this.stage.hands.setDomain([x0, x0 + wide * f, y0, y0 + high * f]);
  }

  up(event) {
    const { stage } = this;
    const held = this.fingers.delete(event.pointerId);
    if (this.fingers.size < 2) this.pinched = null;
    if (this.stroking) {
      this.stroking = false;
      stage.painter.up();
      if (event.pointerType === "touch") stage.painter.leave();
      return;
    }
    this.pan = null;
    if (event.type === "pointercancel" || this.moved || !this.start) return;
    const [x, y] = this.at(event);
    if (Math.hypot(x - this.start[0], y - this.start[1]) > 8) return;
    if (held && event.pointerType === "touch") {
      stage.hands.setHover(null);
      this.probe(x, y);
    } else {
      this.click(x, y, event.pointerType);
    }
  }

  click(x, y, type) {
    const { stage } = this;
    const found = pick(stage.geometry, x, y, stage.weights, stage.linears);
    if (type === "touch") this.unprobe();
    if (found?.kind === "neuron") stage.hands.keep(found);
    else if (found?.kind === "link" || found?.kind === "bias") stage.hands.edit(found, x, y);
    else if (found?.kind === "input") stage.hands.toggleInput(found.name);
    else if (!found) stage.hands.letGo();
  }

  twice(event) {
    if (this.onPlane(event)) this.stage.hands.setDomain(null);
  }

  leave() {
    if (this.stage.painter.active) this.stage.painter.leave();
    this.stage.hands.setHover(null);
    this.unprobe();
  }

  /** Arrows walk from neuron to neuron when the canvas has the focus. */
  key(event) {
    const { stage } = this;
    const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (!step) return;
    const { columns } = stage.geometry;
    const now = stage.selected ?? { column: step[0] < 0 ? columns.length : 0, unit: 0 };
    const column = Math.max(1, Math.min(columns.length - 1, now.column + step[0]));
    const unit = Math.max(0, Math.min(columns[column].nodes.length - 1, now.unit + (stage.selected ? step[1] : 0)));
    event.preventDefault();
    event.stopPropagation();
    stage.hands.select({ kind: "neuron", column, unit });
  }
}
