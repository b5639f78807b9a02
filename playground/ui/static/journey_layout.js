/**
 * Where everything of the journey stands. Pure arithmetic: what is drawn is what is hovered, and tests can check it.
 *
 * Beside each other: columns with an upper lane for the linear part and a lower one for the non-linear part. On a phone:
 * bands under each other, the two lanes side by side.
 */
import { lanesOf } from "./journey_plan.js";

export const NARROW = 700; // below that the journey goes downwards
export const MAX_TILES = 16;
const HEAD = 40;
const FOOT = 20;
const CAPTION = 15;
const [GAP_LEAST, GAP_MOST] = [20, 44];
const SIDE = 2;

/** [least, wished, how readily it takes more] width of a column in pixels. */
function widthsOf(column, stages, context) {
  const stage = column.parts ? stages[column.out] : null;
  switch (column.key) {
    case "raw":
      return context.kind === "text" ? [104, 132, 1] : context.kind === "tables" ? [132, 176, 3] : [136, 172, 3];
    case "tensor":
      if (context.kind === "text") return [40, 46, 0];
      if (context.kind === "tables") return [112, 150, 2];
      return stage.kind === "maps" ? (stage.shape.length < 3 ? [84, 120, 2] : [72, 104, 2]) : [52, 64, 0];
    case "logits":
      return context.task === "regression" ? [84, 110, 1] : [86 + context.label, 110 + context.label, 2];
    case "probabilities":
      return [104, 140, 2];
    case "answer":
      return [120, 168, 2];
    default:
      if (stage.kind === "maps") {
        const many = Math.min(stage.shape[0], MAX_TILES);
        return stage.shape.length < 3 ? [70, 110, 4] : many > 8 ? [76, 128, 4] : [62, 96, 4];
      }
      if (stage.kind === "vector" && stage.shape[0] > 600) return [84, 110, 2]; // many cells beside each other
      return stage.kind === "sequence" ? [64, 110, 4] : [44, 64, 1.6];
  }
}

/**
 * context: {width, height, columns, stages, kind, task, photo, classes, label, rows} -> {width, height, narrow, columns, flows, lanes}.
 * Every column gets {x, y, w, h, head, foot, boxes: [{stage, role, x, y, w, h}]}.
 */
export function layoutJourney(context) {
  return context.width < NARROW ? downwards(context) : sideways(context);
}

function sideways(context) {
  const { columns, stages, height } = context;
  const wishes = columns.map((column) => widthsOf(column, stages, context));
  const gaps = columns.length - 1;
  const least = wishes.reduce((sum, [low]) => sum + low, 0) + gaps * GAP_LEAST + 2 * SIDE;
  const width = Math.max(context.width, least);
  const room = width - 2 * SIDE;
  const wished = wishes.reduce((sum, [, wish]) => sum + wish, 0);
  const free = room - (least - 2 * SIDE);
  const missing = wished - wishes.reduce((sum, [low]) => sum + low, 0);
  const toColumns = Math.min(missing, free * 0.72);
  let widths = wishes.map(([low, wish]) => low + (missing ? ((wish - low) / missing) * toColumns : 0));
  let gap = Math.min(GAP_MOST, GAP_LEAST + (free - toColumns) / gaps);
  let rest = room - widths.reduce((sum, w) => sum + w, 0) - gap * gaps;
  const eager = wishes.reduce((sum, [, , more]) => sum + more, 0);
  if (rest > 0 && eager) {
    // very wide windows: the columns grow, but not beyond twice their wish
    widths = widths.map((w, i) => Math.min(w + (rest * wishes[i][2]) / eager, 2 * wishes[i][1]));
    rest = room - widths.reduce((sum, w) => sum + w, 0) - gap * gaps;
    gap += rest / gaps;
  }
  const [top, bottom] = [HEAD, height - FOOT];
  const middle = Math.round((top + bottom) / 2);
  let x = SIDE;
  const placed = columns.map((column, i) => {
    const w = Math.floor(widths[i]);
    const box = { ...column, x: Math.round(x), y: 0, w, h: height, gap };
    box.head = { x: box.x, y: 0, w, h: HEAD };
    box.foot = { x: box.x, y: height - FOOT, w, h: FOOT };
    box.boxes = boxesOf(column, stages, context, { x: box.x, w, top, middle, bottom });
    x += widths[i] + gap;
    return box;
  });
  // only layers whose two parts stand over each other lie in the lanes; a sequence reaches over both
  const layers = placed.filter((column) => column.number && !column.boxes.some((box) => box.h > (bottom - top) * 0.7));
  const [left, right] = [Math.min(gap - 4, 22), Math.min(gap / 2 - 2, 12)]; // their names stand at the left
  const lanes = layers.length
    ? [0, 1].map((lane) => ({
        x: layers[0].x - left,
        w: layers[layers.length - 1].x + layers[layers.length - 1].w - layers[0].x + left + right,
        y: lane ? middle + 2 : top,
        h: lane ? bottom - middle - 2 : middle - top - 2,
        name: lane ? "non-linear" : "linear",
      }))
    : [];
  return { width, height, narrow: false, columns: placed, flows: flowsOf(placed), lanes, middle, top, bottom };
}

function boxesOf(column, stages, context, { x, w, top, middle, bottom }) {
  const whole = { x, y: top + CAPTION, w, h: bottom - top - CAPTION };
  if (!column.parts) return [{ role: column.key, ...whole }];
  if (!column.number) return [{ role: column.key, stage: column.out, ...whole }];
  const { upper, lower } = lanesOf(column);
  const spans = context.kind === "text" && !lower.length;
  if (spans) return [{ ...(upper[upper.length - 1] ?? lower[0]), ...whole }];
  const inset = 6;
  const stack = (parts, from, to) => {
    const each = (to - from) / Math.max(1, parts.length);
    return parts.map((part, i) => ({
      ...part,
      x,
      y: Math.round(from + i * each + CAPTION + 1),
      w,
      h: Math.floor(each - CAPTION - inset),
    }));
  };
  return [...stack(upper, top, middle), ...stack(lower, middle + 2, bottom)];
}

/** On a phone every column becomes a band; height is what it needs. */
function downwards(context) {
  const { columns, stages, width } = context;
  const gap = 30;
  let y = 0;
  const placed = columns.map((column) => {
    const head = { x: SIDE, y, w: width - 2 * SIDE, h: 24 };
    const top = y + 26;
    const { boxes, h } = bandOf(column, stages, context, { x: SIDE, y: top, w: width - 2 * SIDE });
    const foot = { ...head, x: head.x + head.w / 2, w: head.w / 2 }; // the shape stands at the end of the title's line
    const band = { ...column, x: SIDE, y, w: width - 2 * SIDE, h: h + 26, gap, head, foot, boxes };
    y = top + h + gap;
    return band;
  });
  return { width, height: y - gap, narrow: true, columns: placed, flows: flowsOf(placed), lanes: [], middle: 0 };
}

function bandOf(column, stages, { kind, task, classes, rows, photo }, { x, y, w }) {
  const one = (h, more = {}) => ({ boxes: [{ role: column.key, x, y, w, h, ...more }], h });
  if (column.key === "raw") {
    if (kind === "text") return one(32 * Math.ceil(rows / Math.min(rows || 1, Math.max(6, Math.ceil(rows / 3)))));
    if (kind === "tables") return one(Math.max(60, 20 * Math.ceil(rows / 2)));
    return one(kind === "sound" ? 210 : 176);
  }
  if (column.key === "logits") return one(task === "regression" ? 64 : Math.min(classes, 12) * 20);
  if (column.key === "probabilities") return one(Math.min(classes, 12) * 20);
  if (column.key === "answer") return one(photo ? 190 : 96);
  const stage = stages[column.out];
  if (!column.number) {
    const tall = stage.kind === "maps" ? (stage.shape.length < 3 ? 64 : 130) : kind === "tables" ? 18 * stage.shape[0] : column.frozen ? 100 : 34;
    const caption = column.frozen ? CAPTION : 0;
    return { ...one(tall, { stage: column.out, y: y + caption }), h: tall + caption };
  }
  const { upper, lower } = lanesOf(column);
  const parts = [...upper, ...lower];
  const lanes = Math.max(1, Math.min(2, parts.length));
  const tall = { maps: 112, vector: 52, sequence: 96 }[stage.kind];
  const each = (w - (lanes - 1) * 18) / lanes;
  const deep = Math.ceil(parts.length / 2);
  const boxes = parts.map((part, i) => ({
    ...part,
    x: x + (i % 2) * (each + 18),
    y: y + CAPTION + Math.floor(i / 2) * (tall + CAPTION + 8),
    w: each,
    h: tall,
  }));
  return { boxes, h: deep * (tall + CAPTION + 8) - 8 };
}

/** From every box to the one that reads it. */
function flowsOf(columns) {
  const flows = [];
  let from = null;
  for (const column of columns) {
    for (const box of column.boxes) {
      if (from) flows.push({ from: from.box, to: box, inner: from.column === column });
      from = { box, column };
    }
  }
  return flows;
}

/** The grid of at most MAX_TILES maps in a box: as large as they fit. ratio: columns of pixels for a row of them. */
export function tileGrid({ x, y, w, h }, count, ratio) {
  const shown = Math.min(count, MAX_TILES);
  const space = shown > 1 ? 3 : 0;
  const more = count > shown ? 12 : 0; // the line "+8 more"
  let best = { size: 0 };
  for (let across = 1; across <= shown; across++) {
    const down = Math.ceil(shown / across);
    const wide = (w - (across - 1) * space) / across;
    const high = (h - more - (down - 1) * space) / down;
    const size = Math.min(wide, high * ratio);
    if (size > best.size + 0.01) best = { size, across, down };
  }
  const { across = 1, down = 1 } = best;
  const tw = Math.max(1, Math.floor(best.size));
  const th = Math.max(1, Math.floor(best.size / ratio));
  const left = x + Math.round((w - (across * tw + (across - 1) * space)) / 2);
  const top = y + Math.round((h - more - (down * th + (down - 1) * space)) / 2);
  const at = (i) => ({
    x: left + (i % across) * (tw + space),
    y: top + Math.floor(i / across) * (th + space),
    w: tw,
    h: th,
  });
  return { shown, across, down, tw, th, at, bottom: top + down * (th + space), more: count - shown };
}

/** Signals have maps that are one row high: strips over each other, as wide as the box. */
export function stripGrid({ x, y, w, h }, count) {
  const shown = Math.min(count, MAX_TILES);
  const more = count > shown ? 12 : 0;
  const space = shown > 1 ? 2 : 0;
  const th = Math.max(2, Math.min(shown === 1 ? 90 : 34, Math.floor((h - more - (shown - 1) * space) / shown)));
  const top = y + Math.round((h - more - (shown * th + (shown - 1) * space)) / 2);
  const at = (i) => ({ x, y: top + i * (th + space), w, h: th });
  return { shown, across: 1, down: shown, tw: w, th, at, bottom: top + shown * (th + space), more: count - shown };
}

/** A vector as cells: one strip, or several beside each other when it is long. In a low box the strip lies. */
export function cellGrid({ x, y, w, h }, count) {
  const lying = w > 2.4 * h;
  const [long, wide] = lying ? [w, h] : [h, w];
  let strips = 1;
  while (strips < 24 && Math.floor(long / Math.ceil(count / strips)) < 5 && wide / (strips + 1) > 5) strips += 1;
  const each = Math.ceil(count / strips);
  const cell = Math.min(lying ? 26 : 24, long / each);
  const thick = Math.min(strips > 1 ? wide / strips - 1.5 : Math.min(wide, lying ? 34 : 44), 44);
  const [usedLong, usedWide] = [cell * each, strips * (thick + 1.5) - 1.5];
  const left = x + (w - (lying ? usedLong : usedWide)) / 2;
  const top = y + (h - (lying ? usedWide : usedLong)) / 2;
  const at = (i) => {
    const [strip, k] = [Math.floor(i / each), i % each];
    return lying
      ? { x: left + k * cell, y: top + strip * (thick + 1.5), w: cell, h: thick }
      : { x: left + strip * (thick + 1.5), y: top + k * cell, w: thick, h: cell };
  };
  return { at, cell, thick, strips, each, lying, count };
}

/** Rows in the middle of a box: steps in time as tall as the tokens are, classes, inputs. */
export function rowGrid({ x, y, w, h }, rows, most = 38) {
  const high = Math.min(most, h / Math.max(1, rows));
  const top = y + (h - high * rows) / 2;
  return { high, top, rows, at: (i) => ({ x, y: top + i * high, w, h: high }) };
}

/** What the first `count` places of a grid cover. */
export function boundsOf(grid, count) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    const { x, y, w, h } = grid.at(i);
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x + w), Math.max(y1, y + h)];
  }
  return { x: x0, y: y0, w: x1 - x0, h: y1 - y0 };
}

export const inside = ({ x, y, w, h }, px, py) => px >= x && py >= y && px < x + w && py < y + h;
