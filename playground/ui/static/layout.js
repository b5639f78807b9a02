/**
 * Where everything stands. Pure geometry from the size and the structure: the painter, the HTML overlay and the pointer
 * all read the same answer, so what is drawn is what is clicked.
 */
const HEAD = 82; // title, neurons, activation: one line each
const HEAD_COMPACT = 66; // title and one button that opens everything
const FOOT = 42; // shapes under the columns

export const NARROW = 760;

/**
 * structure: {inputs, layers, outputs, task, dims}; features: [{name, title}] that the data allows, active or not.
 * Returns boxes in CSS pixels of the canvas.
 */
export function layout({ width, height, structure, features }) {
  const narrow = width < NARROW;
  const right = narrow ? null : rightColumn(width, height);
  const diagram = narrow
    ? { x: 4, y: 0, w: width - 8, h: Math.max(360, 96 + features.length * 42) }
    : { x: 0, y: 0, w: right.plane.x - 74, h: height };
  const under = narrow ? underneath(width, diagram.h) : right;

  const count = structure.layers.length;
  const label = narrow ? 40 : 50;
  const first = { pitch: 0 };
  const head = HEAD;
  const inputTile = Math.min(narrow ? 34 : 42, (diagram.h - head - FOOT) / features.length - (narrow ? 6 : 10));
  const inputX = diagram.x + label + inputTile / 2;
  const outX = diagram.x + diagram.w - (narrow ? 18 : 24);
  const gap = (outX - inputX) / (count + 1);
  const compact = gap < 92;
  const top = compact ? HEAD_COMPACT : head;
  const room = diagram.h - top - FOOT;
  const middle = top + room / 2;

  const tallest = Math.max(1, ...structure.layers.map(({ units }) => units));
  const column = (n, most, x) => {
    const pitch = Math.min(most * 1.42, room / Math.max(n, 1));
    const size = Math.max(6, Math.min(most, pitch * (n > 12 ? 0.88 : 0.8), gap * 0.56));
    const nodes = [];
    for (let i = 0; i < n; i++) nodes.push({ x, y: middle + (i - (n - 1) / 2) * pitch });
    return { x, size, nodes, pitch };
  };
  const largest = narrow ? 38 : Math.min(54, Math.max(40, room / 8.2));

  const inputPitch = Math.min(inputTile * 1.5, room / features.length);
  const inputs = features.map((feature, i) => ({
    ...feature,
    x: inputX,
    y: middle + (i - (features.length - 1) / 2) * inputPitch,
    size: inputTile,
    active: structure.inputs.includes(feature.name),
  }));
  const layers = structure.layers.map(({ units }, l) => column(units, largest, inputX + gap * (l + 1)));
  const outputs = column(structure.outputs, narrow ? 30 : 40, outX);
  const active = inputs.filter((input) => input.active);

  return {
    width,
    height: narrow ? under.bottom : height,
    narrow,
    compact,
    gap,
    top,
    head,
    diagram,
    label,
    inputs,
    inputTile,
    inputX,
    outX,
    layers,
    outputs,
    tallest,
    columns: [{ x: inputX, size: inputTile, nodes: active, pitch: inputPitch }, ...layers, outputs],
    plane: under.plane,
    heading: under.heading,
    legend: under.legend,
    loss: under.loss,
    footY: diagram.h - FOOT + 17,
    first,
  };
}

function rightColumn(width, height) {
  const side = Math.max(180, Math.min(height - 28 - 20 - 30 - 104, width * 0.345, 460));
  const plane = { x: width - side - 4, y: 30, s: side };
  const bottom = plane.y + side + 18;
  return {
    plane,
    heading: { x: plane.x, y: 0, w: side, h: 28 },
    legend: { x: plane.x, y: bottom + 2, w: side, h: 24 },
    loss: { x: plane.x - 26, y: bottom + 32, w: side + 28, h: height - bottom - 34 },
    bottom: height,
  };
}

function underneath(width, from) {
  const side = Math.min(width - 44, 460);
  const plane = { x: Math.round((width - side) / 2 + 12), y: from + 44, s: side };
  const bottom = plane.y + side + 18;
  return {
    plane,
    heading: { x: plane.x - 24, y: from + 10, w: side + 24, h: 30 },
    legend: { x: plane.x, y: bottom + 4, w: side, h: 24 },
    loss: { x: plane.x - 26, y: bottom + 38, w: side + 28, h: 110 },
    bottom: bottom + 38 + 116,
  };
}

/** Height of a link at the share t of its way: the same curve for painting and for picking. */
export const ease = (t) => t * t * (3 - 2 * t);

/** Where the links into column c (1..) begin and end: right side of the former column, left side of this one. */
export function linkSpan(geometry, c) {
  const [from, to] = [geometry.columns[c - 1], geometry.columns[c]];
  return [from.x + from.size / 2, to.x - to.size / 2];
}

/** What lies under the pointer: {kind: "neuron", "bias", "link", "input" or "plane", ...} or null; links within 6 px. */
export function pick(geometry, x, y, weights, linears) {
  const { plane, columns, inputs } = geometry;
  if (x >= plane.x && x <= plane.x + plane.s && y >= plane.y && y <= plane.y + plane.s) return { kind: "plane" };
  for (let c = 1; c < columns.length; c++) {
    const { size, nodes } = columns[c];
    const half = size / 2;
    for (let i = 0; i < nodes.length; i++) {
      const [dx, dy] = [x - nodes[i].x, y - nodes[i].y];
      const b = biasBox(nodes[i], size);
      if (Math.hypot(x - b.x, y - b.y) <= Math.max(6, b.s) && size >= 14) return { kind: "bias", column: c, unit: i };
      if (Math.abs(dx) <= half + 1 && Math.abs(dy) <= half + 1) return { kind: "neuron", column: c, unit: i };
    }
  }
  for (const input of inputs) {
    if (Math.abs(x - input.x) <= input.size / 2 && Math.abs(y - input.y) <= input.size / 2)
      return { kind: "input", name: input.name };
  }
  return pickLink(geometry, x, y, weights, linears);
}

function pickLink(geometry, x, y, weights, linears) {
  const { columns } = geometry;
  for (let c = 1; c < columns.length; c++) {
    const [x0, x1] = linkSpan(geometry, c);
    if (x < x0 || x > x1) continue;
    const t = (x - x0) / (x1 - x0);
    const s = ease(t);
    const slope = (6 * t * (1 - t)) / (x1 - x0);
    let best = null;
    columns[c - 1].nodes.forEach((a, i) =>
      columns[c].nodes.forEach((b, o) => {
        const off = Math.abs(a.y + (b.y - a.y) * s - y) / Math.hypot(1, (b.y - a.y) * slope);
        // among links at the same place the strong one is meant
        const strength =
          weights && linears ? Math.min(2, Math.abs(weights[linears[c - 1].weight + o * linears[c - 1].from + i])) : 0;
        if (off <= 6 && (!best || off - strength < best.score)) best = { score: off - strength, from: i, to: o };
      }),
    );
    return best && { kind: "link", column: c, from: best.from, unit: best.to, x, y };
  }
  return null;
}

/** The little square at a neuron's lower left corner that shows its bias. */
export function biasBox(node, size) {
  const s = Math.max(3, Math.min(8, size * 0.2));
  return { x: node.x - size / 2 - s * 0.1, y: node.y + size / 2 + s * 0.1, s };
}
