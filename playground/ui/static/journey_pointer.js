/** What lies under the pointer, and what the mouse, a finger or a pinch does on the journey. */
import { cellGrid, inside } from "./journey_layout.js";
import { gridOf, sizeOf } from "./journey_maps.js";
import { outputGrid, shownClasses } from "./journey_output.js";
import { lensOf, tokenBoxes } from "./journey_raw.js";
import { SAMPLES, rawParts, waveLens } from "./journey_wave.js";

/** The thing at (x, y) of the canvas, or null. */
export function findAt(scene, x, y) {
  for (const column of scene.geometry.columns) {
    for (const box of column.boxes) {
      if (x < box.x - 1 || x > box.x + box.w + 1 || y < box.y - 2 || y > box.y + box.h + 2) continue;
      return { column, ...inBox(scene, column, box, x, y) };
    }
    if (column.opens && inside(column, x, y)) return { column, kind: "column" };
  }
  return null;
}

function inBox(scene, column, box, x, y) {
  if (box.role === "raw") return inRaw(scene, box, x, y);
  if (column.key === "logits" && scene.task !== "regression") return inBars(scene, box, x, y, "logit");
  if (column.key === "logits") return { kind: "value", box };
  if (box.role === "probabilities") return inBars(scene, box, x, y, "probability");
  if (box.role === "answer") return { kind: "answer" };
  if (box.role === "tensor") return inTensor(scene, box, x, y);
  return inStage(scene, box, x, y);
}

function inRaw(scene, box, x, y) {
  const { kind, raw, wave, sample, geometry } = scene;
  if (kind === "text") {
    const boxes = tokenBoxes(box, sample.tokens?.length ?? 0, geometry.narrow);
    const index = boxes.findIndex((cell) => inside(cell, x, y));
    return index < 0 ? { kind: "raw" } : { kind: "token", index };
  }
  if (kind === "tables") return { kind: "row" };
  if (kind === "sound") {
    if (!wave) return { kind: "raw" };
    const { picture, numbers } = rawParts(box, geometry.narrow, box.w / Math.max(60, box.h * 0.34));
    if (inside(picture, x, y)) return { kind: "moment", sample: Math.floor(((x - picture.x) / picture.w) * wave.length) };
    if (!inside(numbers, x, y)) return { kind: "raw" };
    return { kind: "moment", fixed: true, sample: waveLens(scene) + Math.floor(((y - numbers.y) / numbers.h) * SAMPLES) };
  }
  if (!raw) return { kind: "raw" };
  const { picture, numbers } = rawParts(box, geometry.narrow, raw.w / raw.h);
  if (inside(picture, x, y))
    return {
      kind: "pixel",
      row: Math.floor(((y - picture.y) / picture.h) * raw.h),
      col: Math.floor(((x - picture.x) / picture.w) * raw.w),
    };
  if (!inside(numbers, x, y)) return { kind: "raw" };
  const lens = lensOf(scene);
  const cell = numbers.w / lens.span;
  return {
    kind: "pixel",
    fixed: true,
    row: lens.row + Math.floor((y - numbers.y) / cell),
    col: lens.column + Math.floor((x - numbers.x) / cell),
  };
}

function inBars(scene, box, x, y, kind) {
  const classes = kind === "logit" && scene.sample.logits.length === 1 ? [0] : shownClasses(scene);
  const grid = outputGrid(box, classes.length);
  const i = Math.floor((y - grid.top) / grid.high);
  return i >= 0 && i < classes.length ? { kind, index: classes[i] } : { kind: "column" };
}

function inTensor(scene, box, x, y) {
  if (scene.kind === "text") {
    const count = scene.sample.tokens?.length ?? 0;
    const lying = scene.geometry.narrow;
    const boxes = lying
      ? Array.from({ length: count }, (_, i) => ({ x: box.x + (i * box.w) / count, y: box.y, w: box.w / count, h: 30 }))
      : tokenBoxes(box, count, false);
    const index = boxes.findIndex((cell) => inside(cell, x, y));
    return index < 0 ? { kind: "column" } : { kind: "token", index };
  }
  if (scene.kind === "tables") {
    const extent = scene.extents.get(box) ?? box;
    const count = scene.frame.header.stages[0].shape[0];
    const index = Math.floor(((y - extent.y) / extent.h) * count);
    return index >= 0 && index < count ? { kind: "unit", stage: 0, index } : { kind: "column" };
  }
  const stage = scene.frame.header.stages[0];
  if (stage.kind !== "maps") return inStage(scene, { ...box, stage: 0 }, x, y);
  const shape = scene.frame.shapes[stage.array];
  const [, rows, columns] = sizeOf(stage, shape);
  const extent = rows === 1 ? gridOf(stage, shape, box).at(0) : (scene.extents.get(box) ?? box);
  const down = Math.floor(((y - extent.y) / extent.h) * rows);
  const col = Math.floor(((x - extent.x) / extent.w) * columns);
  if (down < 0 || col < 0 || down >= rows || col >= columns) return { kind: "column" };
  return { kind: "map", stage: 0, map: 0, row: rowOf(scene, down, rows), col, box };
}

/** The row of the array that is painted so far down: a spectrogram stands upright, low frequencies at the bottom. */
const rowOf = ({ kind }, down, rows) => (kind === "sound" ? rows - 1 - down : down);

/** One value of a stage that is painted as maps, cells or rows. */
export function inStage(scene, box, x, y) {
  const stage = scene.frame.header.stages[box.stage];
  const shape = scene.frame.shapes[stage.array];
  if (!shape) return { kind: "column" };
  const [, rows, columns] = sizeOf(stage, shape);
  if (stage.kind === "vector") {
    const grid = cellGrid(box, columns);
    for (let i = 0; i < columns; i++) {
      const cell = grid.at(i);
      if (inside(cell, x, y)) return { kind: "unit", stage: box.stage, index: i, cell, box };
    }
    return { kind: "column" };
  }
  const grid = gridOf(stage, shape, box);
  if (stage.kind === "sequence") {
    const row = Math.floor((y - grid.top) / grid.high);
    const col = Math.floor(((x - box.x) / box.w) * columns);
    if (row < 0 || row >= rows || col < 0 || col >= columns) return { kind: "column" };
    const cell = grid.at(row);
    const spot = { x: cell.x + (col / columns) * cell.w, y: cell.y, w: cell.w / columns, h: grid.high - 1 };
    return { kind: "step", stage: box.stage, row, col, cell, spot, box };
  }
  for (let i = 0; i < grid.shown; i++) {
    const cell = grid.at(i);
    if (!inside(cell, x, y)) continue;
    const down = Math.floor(((y - cell.y) / cell.h) * rows);
    const row = rowOf(scene, down, rows);
    const col = Math.floor(((x - cell.x) / cell.w) * columns);
    const spot = {
      x: cell.x + (col / columns) * cell.w,
      y: cell.y + (down / rows) * cell.h,
      w: cell.w / columns,
      h: cell.h / rows,
    };
    return { kind: "map", stage: box.stage, map: i, row, col, cell, spot: rows === 1 ? cell : spot, box };
  }
  return { kind: "column" };
}

export class JourneyPointer {
  constructor(canvas, journey) {
    this.canvas = canvas;
    this.journey = journey;
    this.fingers = new Map();
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointerup", (event) => this.up(event));
    canvas.addEventListener("pointercancel", (event) => this.fingers.delete(event.pointerId));
    canvas.addEventListener("pointerleave", (event) => this.leave(event));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  at(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  move(event) {
    if (this.fingers.has(event.pointerId)) this.fingers.set(event.pointerId, this.at(event));
    if (this.fingers.size === 2) return this.pinch();
    const [x, y] = this.at(event);
    return this.journey.point(this.find(x, y), x, y);
  }

  find(x, y) {
    const { way } = this.journey;
    return way.geometry && this.journey.frame ? findAt(way.scene(), x, y) : null;
  }

  down(event) {
    const [x, y] = this.at(event);
    this.fingers.set(event.pointerId, [x, y]);
    this.pinched = this.fingers.size === 2 ? this.spread() : 0;
    this.pressed = [x, y];
  }

  up(event) {
    this.fingers.delete(event.pointerId);
    const [x, y] = this.at(event);
    if (!this.pressed || Math.hypot(x - this.pressed[0], y - this.pressed[1]) > 6 || this.pinched) return;
    const found = this.find(x, y);
    this.journey.point(found, x, y);
    this.journey.press(found);
  }

  /** A finger that is lifted leaves too, but what it tapped stays explained until the next tap. */
  leave(event) {
    if (event.pointerType !== "touch") this.journey.point(null);
  }

  spread() {
    const [[ax, ay], [bx, by]] = [...this.fingers.values()];
    return Math.hypot(ax - bx, ay - by);
  }

  pinch() {
    const now = this.spread();
    if (!this.pinched) return;
    if (now / this.pinched > 1.25 || now / this.pinched < 0.8) {
      this.journey.zoom(now > this.pinched ? -1 : 1);
      this.pinched = now;
    }
  }

  /** A pinch on a touchpad arrives as a wheel with Ctrl; the plain wheel scrolls the page. */
  wheel(event) {
    if (!event.ctrlKey) return;
    const found = this.find(...this.at(event));
    if (found?.kind !== "pixel") return;
    event.preventDefault();
    this.journey.zoom(event.deltaY > 0 ? 1 : -1);
  }
}
