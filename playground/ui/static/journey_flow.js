/** What lies between the boxes: the lanes of linear and non-linear work, soft ribbons, and a convolution's kernels. */
import { gridOf, sizeOf, tableColour } from "./journey_maps.js";
import { barColour, outputGrid, shownClasses } from "./journey_output.js";
import { windowOf } from "./journey_plan.js";
import { css } from "./theme.js";

export function paintLanes(g, { geometry, theme }) {
  for (const lane of geometry.lanes) {
    g.fillStyle = css(theme.surface, theme.dark ? 0.75 : 0.85);
    g.beginPath();
    g.roundRect(lane.x, lane.y, lane.w, lane.h, 9);
    g.fill();
  }
}

/** The names of the lanes, at their upper ends where no arrow comes in. */
export function paintLaneNames(g, { geometry, theme }) {
  for (const lane of geometry.lanes) {
    g.save();
    g.translate(lane.x + 6, lane.y + 8);
    g.rotate(-Math.PI / 2);
    g.font = `650 8.5px ${theme.font}`;
    g.letterSpacing = "0.08em";
    g.fillStyle = css(theme.muted);
    g.textAlign = "right";
    g.textBaseline = "middle";
    g.fillText(lane.name.toUpperCase(), 0, 0);
    g.restore();
  }
}

/** Soft shapes from what is read to what reads it; while the network trains something runs along them. */
export function paintFlows(g, scene) {
  const { geometry, theme, time } = scene;
  for (const { from, to, inner } of geometry.flows) {
    if (inner && !geometry.narrow) continue; // from the linear part down to the non-linear one: the caption has an arrow
    if (from.role === "probabilities" && !geometry.narrow) {
      paintShares(g, from, to, scene);
      continue;
    }
    const [a, b] = [extent(from, scene), extent(to, scene)];
    if (a.entries && b.features && !geometry.narrow) {
      paintEntries(g, a, b, scene);
      continue;
    }
    if (a.rows && a.rows === b.rows && !geometry.narrow) {
      paintRows(g, a, b, scene);
      continue;
    }
    const down = geometry.narrow ? !inner || Math.abs(a.x - b.x) < 4 : inner;
    const path = down ? downward(slim(a, scene), slim(b, scene)) : sideward(a, b);
    const fill = down
      ? g.createLinearGradient(0, a.y + a.h, 0, b.y)
      : g.createLinearGradient(a.x + a.w, 0, b.x, 0);
    fill.addColorStop(0, css(theme.primary, theme.dark ? 0.26 : 0.16));
    fill.addColorStop(1, css(theme.primary, theme.dark ? 0.08 : 0.04));
    g.fillStyle = fill;
    g.fill(path.ribbon);
    g.strokeStyle = css(theme.primary, theme.dark ? 0.75 : 0.55);
    g.lineWidth = 1.4;
    if (time !== null) {
      g.setLineDash([3, 7]);
      g.lineDashOffset = -(time / 26) % 10;
      g.lineCap = "round";
      g.stroke(path.line);
      g.setLineDash([]);
      g.lineCap = "butt";
    }
    arrow(g, path.end, down, css(theme.primary, theme.dark ? 0.85 : 0.65));
  }
}

/** Row by row where each row goes on by itself: tokens to their ids, ids to their vectors, logits to probabilities. */
function paintRows(g, a, b, { theme, time }) {
  const [x0, x1] = [a.x + a.w + 2, b.x - 3];
  const m = (x0 + x1) / 2;
  const fill = g.createLinearGradient(x0, 0, x1, 0);
  fill.addColorStop(0, css(theme.primary, theme.dark ? 0.26 : 0.17));
  fill.addColorStop(1, css(theme.primary, theme.dark ? 0.07 : 0.03));
  g.fillStyle = fill;
  for (let i = 0; i < a.rows; i++) {
    const [ha, hb] = [a.h / a.rows, b.h / b.rows];
    const [ya, yb] = [a.y + i * ha + 1.5, b.y + i * hb + 1.5];
    g.beginPath();
    g.moveTo(x0, ya);
    g.bezierCurveTo(m, ya, m, yb, x1, yb);
    g.lineTo(x1, yb + hb - 3);
    g.bezierCurveTo(m, yb + hb - 3, m, ya + ha - 3, x0, ya + ha - 3);
    g.fill();
  }
  if (time === null) return;
  g.strokeStyle = css(theme.primary, 0.5);
  g.setLineDash([2, 8]);
  g.lineDashOffset = -(time / 26) % 10;
  g.lineWidth = 1.2;
  g.beginPath();
  for (let i = 0; i < a.rows; i++) {
    const [ya, yb] = [a.y + ((i + 0.5) * a.h) / a.rows, b.y + ((i + 0.5) * b.h) / b.rows];
    g.moveTo(x0, ya);
    g.bezierCurveTo(m, ya, m, yb, x1, yb);
  }
  g.stroke();
  g.setLineDash([]);
}

/** From every entry of a table's row to the numbers that it became: a category becomes one number for each value. */
function paintEntries(g, a, b, { theme, inputs }) {
  const [x0, x1] = [a.x + a.w + 2, b.x - 10];
  const m = (x0 + x1) / 2;
  const high = b.h / Math.max(1, inputs.length);
  const fill = g.createLinearGradient(x0, 0, x1, 0);
  fill.addColorStop(0, css(theme.primary, theme.dark ? 0.3 : 0.2));
  fill.addColorStop(1, css(theme.primary, theme.dark ? 0.1 : 0.05));
  g.fillStyle = fill;
  for (const { name, y, h } of a.entries) {
    const mine = inputs.map((input, i) => [input, i]).filter(([input]) => input === name || input.startsWith(`${name} `));
    if (!mine.length) continue;
    const [top, bottom] = [b.y + mine[0][1] * high, b.y + (mine[mine.length - 1][1] + 1) * high - 1.5];
    g.beginPath();
    g.moveTo(x0, y + 1);
    g.bezierCurveTo(m, y + 1, m, top, x1, top);
    g.lineTo(x1, bottom);
    g.bezierCurveTo(m, bottom, m, y + h, x0, y + h);
    g.fill();
  }
}

/** From every probability as much as it is to the answer. */
function paintShares(g, from, to, scene) {
  const { sample } = scene;
  const classes = shownClasses(scene);
  const grid = outputGrid(from, classes.length);
  const [x0, x1] = [from.x + from.w + 4, to.x - 4];
  const m = (x0 + x1) / 2;
  const all = Math.min(90, to.h * 0.3);
  let y1 = to.y + (to.h - all) / 2;
  classes.forEach((k, i) => {
    const p = sample.probabilities[k] ?? 0;
    const end = all * p;
    const { y, h } = grid.at(i);
    const start = Math.max(1, Math.min(h - 4, 22) * p);
    if (p > 0.004) {
      const top = y + (h - start) / 2;
      g.fillStyle = css(barColour(scene, k), k === sample.best ? 0.34 : 0.2);
      g.beginPath();
      g.moveTo(x0, top);
      g.bezierCurveTo(m, top, m, y1, x1, y1);
      g.lineTo(x1, y1 + end);
      g.bezierCurveTo(m, y1 + end, m, top + start, x0, top + start);
      g.fill();
    }
    y1 += end;
  });
}

/** What is really painted in a box, which may be less than the box. */
function extent(box, scene) {
  const found = scene.extents.get(box);
  return found ?? box;
}

/** On a phone the flow is a narrow stream: titles and shapes stand beside it. */
function slim(box, { geometry }) {
  if (!geometry.narrow) return box;
  const w = Math.min(box.w, 34);
  return { ...box, x: box.x + (box.w - w) / 2, w };
}

function sideward(a, b) {
  const [x0, x1] = [a.x + a.w + 2, b.x - 3];
  const m = (x0 + x1) / 2;
  const ribbon = new Path2D();
  ribbon.moveTo(x0, a.y);
  ribbon.bezierCurveTo(m, a.y, m, b.y, x1, b.y);
  ribbon.lineTo(x1, b.y + b.h);
  ribbon.bezierCurveTo(m, b.y + b.h, m, a.y + a.h, x0, a.y + a.h);
  ribbon.closePath();
  const [ya, yb] = [a.y + a.h / 2, b.y + b.h / 2];
  const line = new Path2D();
  line.moveTo(x0, ya);
  line.bezierCurveTo(m, ya, m, yb, x1 - 3, yb);
  return { ribbon, line, end: [x1, yb] };
}

function downward(a, b) {
  const [y0, y1] = [a.y + a.h + 2, b.y - 3];
  const m = (y0 + y1) / 2;
  const ribbon = new Path2D();
  ribbon.moveTo(a.x, y0);
  ribbon.bezierCurveTo(a.x, m, b.x, m, b.x, y1);
  ribbon.lineTo(b.x + b.w, y1);
  ribbon.bezierCurveTo(b.x + b.w, m, a.x + a.w, m, a.x + a.w, y0);
  ribbon.closePath();
  const [xa, xb] = [a.x + a.w / 2, b.x + b.w / 2];
  const line = new Path2D();
  line.moveTo(xa, y0);
  line.bezierCurveTo(xa, m, xb, m, xb, y1 - 3);
  return { ribbon, line, end: [xb, y1] };
}

function arrow(g, [x, y], down, colour) {
  g.fillStyle = colour;
  g.beginPath();
  if (down) {
    g.moveTo(x, y + 1);
    g.lineTo(x - 4, y - 5);
    g.lineTo(x + 4, y - 5);
  } else {
    g.moveTo(x + 1, y);
    g.lineTo(x - 5, y - 4);
    g.lineTo(x - 5, y + 4);
  }
  g.fill();
}

/**
 * Under the pointer is one value of a map that a convolution or pooling made: frame the pixels that it was made of, and
 * draw a line from every map that it read, in the colour and strength of the kernel between them.
 */
export function paintReading(g, scene) {
  const { hover, frame, geometry, theme } = scene;
  if (hover?.kind !== "map") return;
  const { stages } = frame.header;
  const stage = stages[hover.stage];
  if (stage.frozen) return; // it was made of more than the column before, in many steps
  const from = sourceBox(geometry, hover.box);
  const before = from && stages[from.stage];
  if (!before || before.kind !== "maps" || stage.kind !== "maps") return;
  const shape = frame.shapes[before.array];
  const [, rows, columns] = sizeOf(before, shape);
  const grid = gridOf(before, shape, from);
  const field = windowOf(stage);
  const conv = field && stage.filters;
  const target = hover.cell;
  for (let i = 0; i < grid.shown; i++) {
    if (!conv && i !== hover.map) continue;
    const tile = from.role === "tensor" ? scene.extents.get(from) : grid.at(i);
    const strength = conv ? kernelSum(frame, stage, hover.map, i) : 1;
    if (strength === null) continue;
    const [x0, y0] = [tile.x + tile.w, tile.y + tile.h / 2];
    const [x1, y1] = [target.x, target.y + target.h / 2];
    g.strokeStyle = conv ? tableColour(theme.lut, Math.round(Math.sign(strength) * 127)) : css(theme.primary);
    g.globalAlpha = 0.25 + 0.75 * Math.min(1, Math.abs(strength));
    g.lineWidth = 1 + 2.2 * Math.min(1, Math.abs(strength));
    g.beginPath();
    g.moveTo(x0, y0);
    g.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
    g.stroke();
    g.globalAlpha = 1;
    const patch = patchOf(field, hover, [rows, columns]);
    const [px, py] = [tile.w / columns, tile.h / rows];
    g.strokeStyle = css(theme.text);
    g.lineWidth = 1.5;
    const x = tile.x + patch.left * px;
    const y = tile.y + (scene.kind === "sound" ? rows - patch.bottom : patch.top) * py;
    g.strokeRect(x, y, Math.max(3, (patch.right - patch.left) * px), Math.max(3, (patch.bottom - patch.top) * py));
  }
}

/** The box whose stage this box's stage reads. */
export function sourceBox(geometry, box) {
  return geometry.flows.find(({ to }) => to === box)?.from ?? null;
}

/** Pixels (edges, inside the map) that the hovered value was made of. */
export function patchOf(field, { row, col }, [rows, columns]) {
  const { kernel, stride, padding } = field ?? { kernel: [1, 1], stride: [1, 1], padding: [0, 0] };
  const top = row * stride[0] - padding[0];
  const left = col * stride[1] - padding[1];
  return {
    top: Math.max(0, top),
    left: Math.max(0, left),
    bottom: Math.min(rows, top + kernel[0]),
    right: Math.min(columns, left + kernel[1]),
  };
}

/** How strongly one input map counts for one output map: the kernel's largest weight with the sign of their sum. */
function kernelSum(frame, stage, out, input) {
  const shape = frame.shapes[stage.filters];
  if (out >= shape[0] || input >= shape[1]) return null;
  const size = shape[2] * shape[3];
  const values = frame.arrays[stage.filters];
  const start = (out * shape[1] + input) * size;
  let [sum, most] = [0, 0];
  for (let i = start; i < start + size; i++) {
    sum += values[i];
    most = Math.max(most, Math.abs(values[i]));
  }
  return (Math.sign(sum) * most) / 127;
}
