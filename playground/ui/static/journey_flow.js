/** What lies between the boxes: the lanes of linear and non-linear work, soft ribbons, and a convolution's kernels. */
import { gridOf, sizeOf, tableColour } from "./journey_maps.js";
import { windowOf } from "./journey_plan.js";
import { css } from "./theme.js";

export function paintLanes(g, { geometry, theme }) {
  for (const lane of geometry.lanes) {
    g.fillStyle = css(theme.surface, theme.dark ? 0.75 : 0.85);
    g.beginPath();
    g.roundRect(lane.x, lane.y, lane.w, lane.h, 9);
    g.fill();
    g.save();
    g.translate(lane.x + 5, lane.y + lane.h / 2);
    g.rotate(-Math.PI / 2);
    g.font = `600 9px ${theme.font}`;
    g.letterSpacing = "0.09em";
    g.fillStyle = css(theme.muted, 0.85);
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.fillText(lane.name.toUpperCase(), 0, 0);
    g.restore();
  }
}

/** Soft shapes from what is read to what reads it; while the network trains something runs along them. */
export function paintFlows(g, scene) {
  const { geometry, theme, time } = scene;
  for (const { from, to, inner } of geometry.flows) {
    const [a, b] = [extent(from, scene), extent(to, scene)];
    const down = geometry.narrow ? !inner || Math.abs(a.x - b.x) < 4 : inner;
    const path = down ? downward(a, b) : sideward(a, b);
    const fill = down
      ? g.createLinearGradient(0, a.y + a.h, 0, b.y)
      : g.createLinearGradient(a.x + a.w, 0, b.x, 0);
    fill.addColorStop(0, css(theme.primary, theme.dark ? 0.3 : 0.2));
    fill.addColorStop(1, css(theme.primary, theme.dark ? 0.1 : 0.06));
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

/** What is really painted in a box, which may be less than the box. */
function extent(box, scene) {
  const found = scene.extents.get(box);
  return found ?? box;
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
    const y = tile.y + patch.top * py;
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
