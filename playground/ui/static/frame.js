/**
 * The binary frame: "NNP1", the header's length, the header as JSON, then arrays at 8-aligned offsets.
 * Arrays are views into the message, nothing is copied.
 */
const TYPES = { int8: Int8Array, uint8: Uint8Array, int16: Int16Array, int32: Int32Array, float32: Float32Array };
const MAGIC = 0x31504e4e; // "NNP1", little endian

export function decodeFrame(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 8 || view.getUint32(0, true) !== MAGIC) throw new Error("not a frame");
  const length = view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const start = 8 + length;
  const arrays = {};
  const shapes = {};
  for (const { name, dtype, shape, offset } of header.arrays) {
    const size = shape.reduce((product, part) => product * part, 1);
    arrays[name] = new TYPES[dtype](buffer, start + offset, size);
    shapes[name] = shape;
  }
  return { header, arrays, shapes };
}

/** Where the weights of each Linear lie in the flat array: weight (out, in) row-major, then bias (out). */
export function linearOffsets(inputs, layers, outputs) {
  const units = [inputs, ...layers.map((layer) => layer.units), outputs];
  const linears = [];
  let offset = 0;
  for (let i = 1; i < units.length; i++) {
    const [from, to] = [units[i - 1], units[i]];
    linears.push({ from, to, weight: offset, bias: offset + from * to });
    offset += from * to + to;
  }
  return { linears, total: offset };
}

/** Name of a Linear's parameter in the module: linear1 .. linearL, output. */
export function parameterName(linear, count, kind) {
  return `${linear === count - 1 ? "output" : `linear${linear + 1}`}.${kind}`;
}

/** The stack of hidden layers as the URL writes it: 4-tanh_2-relu-batch-d0.2, or none. */
export function formatLayers(layers) {
  if (!layers.length) return "none";
  return layers
    .map(({ units, activation, norm, dropout }) => {
      const parts = [units, activation];
      if (norm && norm !== "none") parts.push(norm);
      if (dropout) parts.push(`d${dropout}`);
      return parts.join("-");
    })
    .join("_");
}

/** Whether two structures are the same network over the same inputs. */
export function sameStructure(a, b) {
  return (
    a.task === b.task &&
    a.dims === b.dims &&
    a.outputs === b.outputs &&
    a.inputs.join() === b.inputs.join() &&
    a.layers.length === b.layers.length &&
    a.layers.every((layer, i) => layer.units === b.layers[i].units && layer.activation === b.layers[i].activation)
  );
}

/** The network that a frame shows, as the page describes it too. */
export function structureOf({ task, dims, inputs, layers, outputs, class_names: classNames }) {
  return {
    task,
    dims,
    inputs,
    outputs,
    classNames,
    layers: layers.map(({ units, activation, norm, dropout }) => ({ units, activation, norm, dropout })),
  };
}

/** What stays the same while a network trains: the points, their labels, and the tiles of the inputs in use. */
export function readStatics(header, arrays, shapes, id) {
  const inputTiles = new Map();
  if (arrays.input_thumbs) {
    const [, rows, columns] = shapes.input_thumbs;
    header.inputs.forEach((name, i) => {
      const values = arrays.input_thumbs.subarray(i * rows * columns, (i + 1) * rows * columns);
      inputTiles.set(name, { values, shape: [rows, columns] });
    });
  }
  const { points, labels } = arrays;
  const count = labels.length;
  return { id, version: header.version, points, labels, count, trainCount: header.train_count ?? count, inputTiles };
}
