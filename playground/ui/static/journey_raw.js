/** Paints the raw sample, and its numbers under it: a lens on the pixels, the samples of a sound, ids, standardised values. */
import { rowGrid } from "./journey_layout.js";
import { tableColour } from "./journey_maps.js";
import { frameOf, paintWave, rawParts } from "./journey_wave.js";
import { css } from "./theme.js";

const SPAN = 6; // pixels a side under the lens

/** The pixels under the lens: {row, column, span}, inside the picture, and where people look first: at an edge. */
export function lensOf(scene) {
  const { raw, lens } = scene;
  const span = Math.min(lens?.span ?? SPAN, raw.h, raw.w);
  const centre = lens ?? raw.edge;
  const clamp = (v, most) => Math.max(0, Math.min(most, Math.round(v)));
  return {
    row: clamp(centre.row - span / 2 + 0.5, raw.h - span),
    column: clamp(centre.column - span / 2 + 0.5, raw.w - span),
    span,
  };
}

/** Where a picture changes most: the place for the lens before anybody has moved it. */
export function edgeOf({ values, h, w, depth }) {
  let best = { row: h / 2, column: w / 2 };
  let most = -1;
  for (let r = 2; r < h - 3; r++) {
    for (let c = 2; c < w - 3; c++) {
      let [low, high, sum] = [255, 0, 0];
      for (let dr = -2; dr <= 3; dr++)
        for (let dc = -2; dc <= 3; dc++) {
          const v = values[((r + dr) * w + c + dc) * depth];
          low = Math.min(low, v);
          high = Math.max(high, v);
          sum += v;
        }
      const score = (high - low) * 20 + Math.min(sum, 36 * 255 - sum) / 36;
      if (score > most) [most, best] = [score, { row: r, column: c }];
    }
  }
  return best;
}

export function paintRaw(g, box, scene) {
  const { kind, raw } = scene;
  if (kind === "text") return paintTokens(g, box, scene);
  if (kind === "tables") return paintRow(g, box, scene);
  if (kind === "sound") return scene.wave ? paintWave(g, box, scene) : box;
  if (!raw) return box;
  const { picture, numbers } = rawParts(box, scene.geometry.narrow, raw.w / raw.h);
  g.imageSmoothingEnabled = raw.w > 120;
  g.drawImage(raw.canvas, picture.x, picture.y, picture.w, picture.h);
  if (scene.photo) paintPlace(g, picture, scene);
  paintExplanation(g, picture, scene);
  frameOf(g, picture, scene.theme);
  const lens = lensOf(scene);
  if (scene.photo) paintCoordinates(g, numbers, scene);
  else {
    paintLensLines(g, picture, numbers, lens, scene);
    paintPixels(g, numbers, lens, scene);
  }
  return { x: box.x, y: picture.y, w: box.w, h: numbers.y + numbers.h - picture.y };
}

/** What spoke for the answer and what against it, over the picture. */
export function paintExplanation(g, picture, { explanation }) {
  if (!explanation) return;
  g.imageSmoothingEnabled = true;
  g.drawImage(explanation, picture.x, picture.y, picture.w, picture.h);
  g.imageSmoothingEnabled = false;
}

function paintLensLines(g, picture, numbers, { row, column, span }, { raw, theme, geometry }) {
  const [px, py] = [picture.w / raw.w, picture.h / raw.h];
  const frame = { x: picture.x + column * px, y: picture.y + row * py, w: span * px, h: span * py };
  g.strokeStyle = css(theme.primary, 0.6);
  g.lineWidth = 1;
  g.beginPath();
  if (geometry.narrow) {
    g.moveTo(frame.x + frame.w, frame.y);
    g.lineTo(numbers.x, numbers.y);
    g.moveTo(frame.x + frame.w, frame.y + frame.h);
    g.lineTo(numbers.x, numbers.y + numbers.h);
  } else {
    g.moveTo(frame.x, frame.y + frame.h);
    g.lineTo(numbers.x, numbers.y);
    g.moveTo(frame.x + frame.w, frame.y + frame.h);
    g.lineTo(numbers.x + numbers.w, numbers.y);
  }
  g.stroke();
  frameOf(g, frame, theme, 2);
}

/** The pixels under the lens with their numbers. */
function paintPixels(g, box, lens, { raw, theme, hover }) {
  const cell = box.w / lens.span;
  g.textAlign = "center";
  g.textBaseline = "middle";
  const digits = Math.max(7, Math.min(13, cell * 0.4));
  g.font = `${digits}px ${theme.font}`;
  for (let r = 0; r < lens.span; r++)
    for (let c = 0; c < lens.span; c++) {
      const at = ((lens.row + r) * raw.w + lens.column + c) * raw.depth;
      const colour = raw.depth === 3 ? [0, 1, 2].map((k) => raw.values[at + k]) : [0, 0, 0].fill(raw.values[at]);
      const [x, y] = [box.x + c * cell, box.y + r * cell];
      g.fillStyle = css(colour);
      g.fillRect(x, y, cell - 1, cell - 1);
      const bright = colour[0] * 0.3 + colour[1] * 0.59 + colour[2] * 0.11;
      g.fillStyle = bright > 120 ? "#111" : "#eee";
      if (raw.depth === 1) g.fillText(colour[0], x + cell / 2 - 0.5, y + cell / 2);
      else if (cell > 26) {
        g.font = `${Math.min(9, cell / 4)}px ${theme.font}`;
        colour.forEach((v, k) => g.fillText(v, x + cell / 2, y + (cell * (k + 0.7)) / 3.4));
      }
    }
  const here = hover?.kind === "pixel" ? hover : null;
  if (here && here.row >= lens.row && here.row < lens.row + lens.span && here.col >= lens.column && here.col < lens.column + lens.span)
    frameOf(g, { x: box.x + (here.col - lens.column) * cell, y: box.y + (here.row - lens.row) * cell, w: cell - 1, h: cell - 1 }, theme, 2);
  frameOf(g, { ...box, w: box.w - 1, h: box.h - 1 }, theme);
}

/** The pixel of a photo whose colour is asked for. */
function paintPlace(g, picture, { place, raw }) {
  if (!place) return;
  const x = picture.x + ((place.column + 0.5) / raw.w) * picture.w;
  const y = picture.y + ((place.row + 0.5) / raw.h) * picture.h;
  for (const [colour, width] of [["#000", 3], ["#fff", 1.4]]) {
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.beginPath();
    g.moveTo(picture.x, y);
    g.lineTo(x - 5, y);
    g.moveTo(x + 5, y);
    g.lineTo(picture.x + picture.w, y);
    g.moveTo(x, picture.y);
    g.lineTo(x, y - 5);
    g.moveTo(x, y + 5);
    g.lineTo(x, picture.y + picture.h);
    g.globalAlpha = width > 2 ? 0.25 : 0.55;
    g.stroke();
    g.globalAlpha = 1;
    g.strokeRect(x - 4, y - 4, 8, 8);
  }
}

/** All that the network is told of a pixel: how far right and how far down it lies, from -1 to 1. */
function paintCoordinates(g, box, { place, raw, theme }) {
  if (!place) return;
  const values = [
    ["x", ((place.column + 0.5) / raw.w) * 2 - 1],
    ["y", ((place.row + 0.5) / raw.h) * 2 - 1],
  ];
  values.forEach(([name, value], i) => {
    const y = box.y + box.h * (0.2 + 0.42 * i);
    g.textBaseline = "middle";
    g.textAlign = "left";
    g.fillStyle = css(theme.muted);
    g.font = `italic 15px ${theme.font}`;
    g.fillText(name, box.x, y);
    g.textAlign = "right";
    g.fillStyle = css(theme.text);
    g.font = `650 20px ${theme.font}`;
    g.fillText(value.toFixed(2).replace("-", "−"), box.x + box.w, y);
    g.fillStyle = css(theme.neutral);
    g.fillRect(box.x, y + 16, box.w, 6);
    const zero = box.x + box.w / 2;
    g.fillStyle = css(value < 0 ? theme.negative : theme.positive);
    g.fillRect(Math.min(zero, zero + (value * box.w) / 2), y + 16, Math.abs((value * box.w) / 2), 6);
  });
}

// ---- text ----

/** Tokens under each other, in the rows of everything that follows; on a phone beside each other. */
export function tokenBoxes(box, count, narrow) {
  if (!narrow) {
    const grid = rowGrid(box, count);
    return Array.from({ length: count }, (_, i) => ({ ...grid.at(i), h: grid.high }));
  }
  const across = Math.min(count, Math.max(6, Math.ceil(count / 3)));
  const w = box.w / across;
  return Array.from({ length: count }, (_, i) => ({
    x: box.x + (i % across) * w,
    y: box.y + Math.floor(i / across) * 32,
    w,
    h: 30,
  }));
}

function paintTokens(g, box, scene) {
  const { sample, theme, frame, geometry, hover, attention } = scene;
  const tokens = sample.tokens ?? [];
  const boxes = tokenBoxes(box, tokens.length, geometry.narrow);
  const explain = frame.arrays.explain;
  const arcs = attention && !geometry.narrow ? 38 : 0;
  tokens.forEach(({ token }, i) => {
    const cell = boxes[i];
    if (!cell) return;
    const { x, y, w, h } = { ...cell, x: cell.x + arcs, w: cell.w - arcs };
    const value = explain ? explain[i] : 0;
    g.fillStyle = explain ? tableColour(theme.lut, Math.round(value * 0.8)) : css(theme.neutral);
    g.beginPath();
    g.roundRect(x + 1, y + 1, w - 2, Math.max(3, h - 3), Math.min(6, h / 4));
    g.fill();
    if (hover?.kind === "token" && hover.index === i) {
      g.strokeStyle = css(theme.primary);
      g.lineWidth = 2;
      g.stroke();
    }
    g.fillStyle = css(theme.text);
    g.textBaseline = "middle";
    g.textAlign = "center";
    g.font = `600 ${Math.max(9, Math.min(17, h * 0.58))}px ${theme.font}`;
    const middle = explain && w > 80 ? x + w / 2 - 18 : x + w / 2;
    g.fillText(visible(token), middle, y + h / 2, explain && w > 80 ? w - 44 : w - 6);
    if (explain && w > 80) {
      g.textAlign = "right";
      g.font = `500 ${Math.min(11, h * 0.5)}px ${theme.font}`;
      g.fillText(signedTenths(value / 127, frame.header.explain_scale), x + w - 7, y + h / 2);
    }
  });
  if (arcs) paintArcs(g, boxes, arcs, scene);
  const last = boxes[boxes.length - 1];
  if (!last) return box;
  return { ...box, y: boxes[0].y, h: last.y + last.h - boxes[0].y, rows: geometry.narrow ? 0 : tokens.length };
}

const signedTenths = (share, scale) => {
  const v = share * (scale ?? 1);
  return `${v < 0 ? "−" : "+"}${Math.abs(v) < 9.95 ? Math.abs(v).toFixed(1) : Math.abs(v).toFixed(0)}`;
};

/** A blank is a token too. */
export const visible = (token) => (token === " " ? "␣" : token);

/** Who looks at whom: arcs from each token to those that it takes from; of one token alone while it is hovered. */
function paintArcs(g, boxes, room, { attention, attends, theme, hover }) {
  const n = boxes.length;
  const one = hover?.kind === "token" ? hover.index : null;
  for (let i = 0; i < n; i++) {
    if (one !== null && i !== one) continue;
    for (let j = 0; j < n; j++) {
      const weight = attention[i * attends + j] / 255;
      if (weight < (one === null ? 0.12 : 0.03) || i === j) continue;
      const [ya, yb] = [boxes[i].y + boxes[i].h / 2, boxes[j].y + boxes[j].h / 2];
      const x = boxes[i].x + room;
      const reach = Math.min(room - 3, 8 + Math.abs(ya - yb) * 0.32);
      g.beginPath();
      g.moveTo(x, ya);
      g.bezierCurveTo(x - reach * 1.3, ya, x - reach * 1.3, yb, x, yb);
      g.strokeStyle = css(theme.primary, Math.min(1, 0.15 + weight));
      g.lineWidth = 0.6 + 3.4 * weight;
      g.stroke();
    }
  }
}

// ---- tables ----

function paintRow(g, box, { sample, theme, geometry }) {
  const entries = Object.entries(sample.words ?? {});
  if (!entries.length) return box;
  const across = geometry.narrow ? 2 : 1;
  const high = Math.min(38, box.h / Math.ceil(entries.length / across));
  const wide = box.w / across;
  const large = high > 27;
  const used = high * Math.ceil(entries.length / across);
  const top = box.y + (geometry.narrow ? 0 : Math.max(0, (box.h - used) / 2));
  entries.forEach(([name, value], i) => {
    const x = box.x + (i % across) * wide;
    const y = top + Math.floor(i / across) * high;
    g.fillStyle = css(theme.surface);
    g.beginPath();
    g.roundRect(x, y + 1, wide - (across > 1 ? 4 : 0), high - 3, 5);
    g.fill();
    g.textBaseline = "middle";
    g.textAlign = "left";
    g.fillStyle = css(theme.muted);
    g.font = `${large ? 10 : Math.min(10.5, high * 0.6)}px ${theme.font}`;
    const room = wide - 12;
    if (large) g.fillText(name, x + 6, y + high * 0.31, room);
    else g.fillText(name, x + 6, y + high / 2, room * 0.52);
    g.fillStyle = css(theme.text);
    g.font = `600 ${large ? 13 : Math.min(11.5, high * 0.66)}px ${theme.font}`;
    g.textAlign = large ? "left" : "right";
    g.fillText(value, large ? x + 6 : x + wide - 10, y + high * (large ? 0.68 : 0.5), large ? room : room * 0.46);
  });
  return { ...box, y: top, h: used, entries: entries.map(([name], i) => ({ name, y: top + i * high, h: high - 3 })) };
}
