/** Paints what the stages hold: feature maps as tiles, vectors as cells, sequences as heat strips. */
import { boundsOf, cellGrid, rowGrid, stripGrid, tileGrid } from "./journey_layout.js";
import { css } from "./theme.js";

/** All maps of one stage as one small picture, made anew only when the values or the colours change. */
export class Atlas {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d");
  }

  /**
   * values: int8 (count, h, w), coloured by a table over value + 128. The maps lie under each other.
   * upright: the first row is at the bottom, as the low frequencies of a spectrogram.
   */
  load(values, count, h, w, table, upright) {
    const { canvas } = this;
    if (canvas.width !== w || canvas.height !== count * h) {
      canvas.width = Math.max(1, w);
      canvas.height = Math.max(1, count * h);
      this.image = new ImageData(canvas.width, canvas.height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    const { pixels } = this;
    if (upright) {
      for (let i = 0, row = 0; row < count * h; row++) {
        const from = (Math.floor(row / h) * h + h - 1 - (row % h)) * w;
        for (let c = 0; c < w; c++, i++) pixels[i] = table[values[from + c] + 128];
      }
    } else {
      for (let i = 0; i < count * h * w; i++) pixels[i] = table[values[i] + 128];
    }
    this.context.putImageData(this.image, 0, 0);
    Object.assign(this, { values, h, w });
  }

  draw(g, i, { x, y, w, h }) {
    g.drawImage(this.canvas, 0, i * this.h, this.w, this.h, x, y, w, h);
  }
}

/** (channels, rows, columns) of a stage, whatever it holds. */
export function sizeOf(stage, shape) {
  if (stage.kind === "maps") return shape.length === 3 ? shape : [shape[0], 1, shape[shape.length - 1]];
  return stage.kind === "sequence" ? [1, shape[0], shape[1]] : [1, 1, shape[0]];
}

export const isSignal = (stage, shape) => stage.kind === "maps" && sizeOf(stage, shape)[1] === 1;

/** The cells of a stage in a box: where each map, value or step in time lies. */
export function gridOf(stage, shape, box) {
  const [channels, rows, columns] = sizeOf(stage, shape);
  if (stage.kind === "vector") return cellGrid(box, columns);
  if (stage.kind === "sequence") return rowGrid(box, rows);
  return rows === 1 ? stripGrid(box, channels) : tileGrid(box, channels, columns / rows);
}

export class MapsPainter {
  constructor() {
    this.atlases = new Map();
  }

  /** A new frame, or other colours. */
  load(frame, theme) {
    frame.header.stages.forEach((stage, i) => {
      const values = frame.arrays[stage.array];
      if (!values) return;
      const [count, h, w] = sizeOf(stage, frame.shapes[stage.array]);
      if (!this.atlases.has(i)) this.atlases.set(i, new Atlas());
      const shown = stage.kind === "maps" ? Math.min(count, 64) : count;
      if (this.atlases.get(i).values === values && this.table === theme.lut) return; // a frozen stage
      const upright = frame.header.kind === "sound" && stage.kind === "maps";
      this.atlases.get(i).load(values, shown, h, w, theme.lut, upright);
    });
    this.table = theme.lut;
  }

  forget() {
    this.atlases.clear();
  }

  /** Paint a stage into its box; returns what is covered, with the number of rows where these go on in the next box. */
  paint(g, box, scene) {
    const { frame, theme } = scene;
    const stage = frame.header.stages[box.stage];
    const values = frame.arrays[stage.array];
    const shape = frame.shapes[stage.array];
    const atlas = this.atlases.get(box.stage);
    if (!values || !atlas) return box;
    g.imageSmoothingEnabled = false;
    if (stage.kind === "vector") return this.paintVector(g, box, scene, values);
    if (stage.kind === "sequence") return this.paintRows(g, box, scene, shape, atlas);
    const grid = gridOf(stage, shape, box);
    const signal = isSignal(stage, shape);
    for (let i = 0; i < grid.shown; i++) {
      const cell = grid.at(i);
      if (signal) paintSignal(g, cell, values, i, shape[shape.length - 1], scene);
      else atlas.draw(g, i, cell);
      g.strokeStyle = css(theme.line);
      g.lineWidth = 1;
      g.strokeRect(cell.x - 0.5, cell.y - 0.5, cell.w + 1, cell.h + 1);
    }
    if (grid.more > 0) this.more(g, box, grid.bottom, stage.shape[0] - grid.shown, theme);
    return boundsOf(grid, grid.shown);
  }

  more(g, box, y, count, theme) {
    g.font = `10px ${theme.font}`;
    g.fillStyle = css(theme.muted);
    g.textAlign = "center";
    g.textBaseline = "top";
    g.fillText(`+${count.toLocaleString("en")} more`, box.x + box.w / 2, y);
  }

  paintVector(g, box, { theme }, values) {
    const grid = cellGrid(box, values.length);
    const gap = grid.cell > 7 ? 1 : grid.cell > 4 ? 0.5 : 0;
    for (let i = 0; i < values.length; i++) {
      const { x, y, w, h } = grid.at(i);
      g.fillStyle = tableColour(theme.lut, values[i]);
      if (grid.lying) g.fillRect(x, y, w - gap, h);
      else g.fillRect(x, y, w, h - gap);
    }
    return boundsOf(grid, values.length);
  }

  paintRows(g, box, { theme }, shape, atlas) {
    const grid = rowGrid(box, shape[0]);
    const gap = grid.high > 10 ? 2 : grid.high > 6 ? 1 : 0;
    for (let t = 0; t < shape[0]; t++) {
      const { x, y, w, h } = grid.at(t);
      g.drawImage(atlas.canvas, 0, t, shape[1], 1, x, y, w, h - gap);
      g.strokeStyle = css(theme.line);
      g.lineWidth = 1;
      if (gap) g.strokeRect(x + 0.5, y + 0.5, w - 1, h - gap - 1);
    }
    return { ...boundsOf(grid, shape[0]), rows: shape[0] };
  }
}

export function tableColour(table, value) {
  const c = table[value + 128];
  return `rgb(${c & 255},${(c >> 8) & 255},${(c >> 16) & 255})`;
}

/** One channel of a signal as a curve over its middle, filled in the colours of its sign. */
export function paintSignal(g, { x, y, w, h }, values, channel, length, { theme }) {
  const middle = y + h / 2;
  const start = channel * length;
  g.fillStyle = css(theme.neutral);
  g.fillRect(x, y, w, h);
  const across = Math.max(1, Math.floor(w));
  for (const sign of [1, -1]) {
    g.beginPath();
    for (let px = 0; px < across; px++) {
      const from = start + Math.floor((px / across) * length);
      const to = Math.max(from + 1, start + Math.floor(((px + 1) / across) * length));
      let most = 0;
      for (let i = from; i < to; i++) if (values[i] * sign > most) most = values[i] * sign;
      if (most) g.rect(x + px, sign > 0 ? middle - (most / 127) * (h / 2) : middle, 1, (most / 127) * (h / 2));
    }
    g.fillStyle = css(sign > 0 ? theme.positive : theme.negative);
    g.fill();
  }
}

/** A grey or coloured picture, uint8 (h, w) or (h, w, 3), as a canvas. */
export function photoCanvas(values, h, w, canvas = document.createElement("canvas")) {
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext("2d");
  const image = new ImageData(w, h);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = values.length === 3 * h * w;
  for (let i = 0; i < h * w; i++) {
    const [r, gr, b] = colours ? [values[3 * i], values[3 * i + 1], values[3 * i + 2]] : [values[i], values[i], values[i]];
    pixels[i] = (255 << 24) | (b << 16) | (gr << 8) | r;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
