/** Paints the end of the journey: logits, probabilities, values of a regression, and the tensor at its beginning. */
import { rowGrid } from "./journey_layout.js";
import { tableColour } from "./journey_maps.js";
import { visible } from "./journey_raw.js";
import { classMark, css, mix } from "./theme.js";

const MOST_ROWS = 14; // more classes are shown by their probability

/** Which classes have a row: all, or the most probable ones. */
export function shownClasses({ sample }) {
  const count = sample.probabilities.length || sample.logits.length;
  const all = Array.from({ length: count }, (_, k) => k);
  if (count <= MOST_ROWS) return all;
  return all.sort((a, b) => (sample.probabilities[b] ?? 0) - (sample.probabilities[a] ?? 0)).slice(0, MOST_ROWS);
}

export const outputGrid = (box, rows) => rowGrid(box, rows, 36);

/** The largest logit so far, eased, so that the bars glide instead of jumping. */
export function reachOf(before, logits) {
  const most = Math.max(1, ...logits.map((z) => Math.abs(z ?? 0)));
  return before && most < before ? before + (most - before) * 0.1 : most;
}

export function paintLogits(g, box, scene) {
  const { sample, theme, names, reach, task } = scene;
  if (task === "regression") return paintValues(g, box, scene);
  // one logit stands for two classes: above 0 speaks for the second
  const classes = sample.logits.length === 1 ? [0] : shownClasses(scene);
  const grid = outputGrid(box, classes.length);
  const label = Math.min(scene.label + 6, box.w * 0.5);
  const zero = box.x + label + (box.w - label) / 2;
  const half = (box.w - label) / 2 - 26; // room for the number beside the bar
  const size = Math.max(8.5, Math.min(12, grid.high * 0.6));
  g.textBaseline = "middle";
  const bottom = grid.top + grid.high * classes.length;
  classes.forEach((k, i) => {
    const { y, h } = grid.at(i);
    const z = sample.logits[k] ?? 0;
    const thick = Math.min(18, h - 3);
    const length = (z / reach) * half;
    const best = sample.logits.length > 1 && k === sample.best;
    g.fillStyle = css(theme.text, best ? 1 : 0.78);
    g.font = `${best ? 700 : 500} ${size}px ${theme.font}`;
    g.textAlign = "right";
    const name = sample.logits.length === 1 ? `for ${names[1] ?? "1"}` : visible(names[k] ?? `${k}`);
    g.fillText(name, box.x + label - 6, y + h / 2, label - 8);
    g.fillStyle = css(z < 0 ? theme.negative : theme.positive, best || z < 0 ? 1 : 0.8);
    g.fillRect(Math.min(zero, zero + length), y + (h - thick) / 2, Math.max(1, Math.abs(length)), thick);
    const inside = Math.abs(length) > 34 && thick > 9;
    g.font = `500 ${Math.min(10, size)}px ${theme.font}`;
    g.fillStyle = inside ? onColour(z < 0 ? theme.negative : theme.positive) : css(theme.muted);
    g.textAlign = inside === z < 0 ? "left" : "right";
    const edge = zero + length;
    const off = z < 0 ? (inside ? 4 : -4) : inside ? -4 : 4;
    g.textAlign = z < 0 === inside ? "left" : "right";
    if (!inside) g.textAlign = z < 0 ? "right" : "left";
    if (thick > 7) g.fillText(tenths(z), edge + off, y + h / 2 + 0.5);
  });
  g.strokeStyle = css(theme.faint);
  g.lineWidth = 1;
  g.beginPath();
  g.moveTo(Math.round(zero) + 0.5, grid.top);
  g.lineTo(Math.round(zero) + 0.5, bottom);
  g.stroke();
  return { ...box, y: grid.top, h: bottom - grid.top, rows: classes.length };
}

/** With one decimal, and never a zero with a minus. */
export const tenths = (z) => (Math.abs(z) < 0.05 ? "0.0" : z.toFixed(1).replace("-", "−"));

const onColour = (c) => (c[0] * 0.3 + c[1] * 0.59 + c[2] * 0.11 > 140 ? "#14161c" : "#ffffff");

export function paintProbabilities(g, box, scene) {
  const { sample, theme } = scene;
  const classes = shownClasses(scene);
  const grid = outputGrid(box, classes.length);
  const size = Math.max(8.5, Math.min(12, grid.high * 0.6));
  const { narrow } = scene.geometry;
  const label = narrow ? Math.min(scene.label + 6, box.w * 0.4) : 0; // elsewhere the names stand beside the logits
  g.textBaseline = "middle";
  classes.forEach((k, i) => {
    const { y, h, ...row } = grid.at(i);
    const [x, w] = [row.x + label, row.w - label];
    const p = sample.probabilities[k] ?? 0;
    const thick = Math.min(18, h - 3);
    const top = y + (h - thick) / 2;
    const bar = w - 46;
    g.fillStyle = css(theme.neutral);
    g.beginPath();
    g.roundRect(x, top, bar, thick, Math.min(5, thick / 2));
    g.fill();
    const best = k === sample.best;
    g.save();
    g.clip();
    g.fillStyle = css(barColour(scene, k), best ? 1 : 0.7);
    g.fillRect(x, top, Math.max(p > 0.001 ? 1.5 : 0, bar * p), thick);
    g.restore();
    if (sample.label === k) {
      g.strokeStyle = css(theme.text);
      g.lineWidth = 1.6;
      g.beginPath();
      g.roundRect(x - 1.5, top - 1.5, bar + 3, thick + 3, Math.min(6, thick / 2 + 1));
      g.stroke();
    }
    g.font = `${best ? 700 : 500} ${size}px ${theme.font}`;
    g.fillStyle = css(theme.text, best ? 1 : 0.72);
    if (narrow) {
      g.textAlign = "right";
      g.fillText(visible(scene.names[k] ?? `${k}`), x - 6, y + h / 2, label - 8);
    } else if (sample.probabilities.length === 2 && h > 26) {
      g.textAlign = "left";
      g.fillText(scene.names[k] ?? "", x, top - 9, bar);
    }
    g.textAlign = "right";
    g.fillText(percent(p), x + w, y + h / 2 + 0.5);
  });
  return { ...box, y: grid.top, h: grid.high * classes.length, rows: sample.logits.length > 1 ? classes.length : 0 };
}

/** Few classes keep their own colours; with many, the answer is in the page's colour and the others step back. */
export function barColour({ sample, theme, task, names }, k) {
  if (names.length <= 5) return classMark(task === "binary" ? "binary" : "multiclass", k).colour;
  return k === sample.best ? theme.primary : mix(theme.primary, theme.muted, 0.55);
}

export const percent = (p) => (p > 0.9995 ? "100 %" : p < 0.0005 ? "0 %" : `${(100 * p).toFixed(p > 0.0995 ? 1 : 1)} %`);

function paintValues(g, box, scene) {
  const { sample, theme, photo, range } = scene;
  if (photo) return paintColour(g, box, scene);
  const low = range?.[0] ?? -2;
  const high = range?.[1] ?? 2;
  const value = sample.value ?? sample.logits[0] ?? 0;
  if (scene.geometry.narrow) return paintScale(g, box, scene, [low, high], value);
  const x = box.x + box.w * 0.62;
  const [top, bottom] = [box.y + 12, box.y + box.h - 12];
  const py = (v) => bottom - ((Math.max(low, Math.min(high, v)) - low) / Math.max(1e-9, high - low)) * (bottom - top);
  g.fillStyle = css(theme.neutral);
  g.beginPath();
  g.roundRect(x - 5, top, 10, bottom - top, 5);
  g.fill();
  g.font = `10.5px ${theme.font}`;
  g.fillStyle = css(theme.muted);
  g.textAlign = "right";
  g.textBaseline = "middle";
  g.fillText(short(high), x - 10, top + 4);
  g.fillText(short(low), x - 10, bottom - 4);
  if (sample.aim !== null && sample.aim !== undefined) {
    g.strokeStyle = css(theme.text);
    g.lineWidth = 2;
    g.beginPath();
    g.moveTo(x - 9, py(sample.aim));
    g.lineTo(x + 9, py(sample.aim));
    g.stroke();
    g.fillStyle = css(theme.muted);
    g.textAlign = "left";
    g.fillText("target", x + 12, py(sample.aim));
  }
  g.fillStyle = css(theme.primary);
  g.beginPath();
  g.arc(x, py(value), 7, 0, 6.2832);
  g.fill();
  g.fillStyle = css(theme.text);
  g.textAlign = "right";
  g.font = `650 12px ${theme.font}`;
  const near = Math.abs(py(value) - top) < 12 || Math.abs(py(value) - bottom) < 12;
  if (!near) g.fillText(short(value), x - 12, py(value));
  return { x: box.x, y: Math.max(top, py(value) - 24), w: box.w, h: 48 };
}

/** The same on a phone, lying. */
function paintScale(g, box, { sample, theme }, [low, high], value) {
  const [left, right, y] = [box.x + 8, box.x + box.w - 8, box.y + 32];
  const px = (v) => left + ((Math.max(low, Math.min(high, v)) - low) / Math.max(1e-9, high - low)) * (right - left);
  g.fillStyle = css(theme.neutral);
  g.beginPath();
  g.roundRect(left, y - 5, right - left, 10, 5);
  g.fill();
  g.font = `10.5px ${theme.font}`;
  g.fillStyle = css(theme.muted);
  g.textBaseline = "middle";
  g.textAlign = "left";
  g.fillText(short(low), left, y + 18);
  g.textAlign = "right";
  g.fillText(short(high), right, y + 18);
  g.textAlign = "center";
  if (sample.aim !== null && sample.aim !== undefined) {
    g.fillText("target", px(sample.aim), y + 18);
    g.fillStyle = css(theme.text);
    g.fillRect(px(sample.aim) - 1, y - 9, 2, 18);
  }
  g.fillStyle = css(theme.primary);
  g.beginPath();
  g.arc(px(value), y, 7, 0, 6.2832);
  g.fill();
  g.fillStyle = css(theme.text);
  g.font = `650 12px ${theme.font}`;
  g.fillText(short(value), Math.max(left + 14, Math.min(right - 14, px(value))), y - 18);
  return { ...box, y: y - 24, h: 50 };
}

const short = (v) => (Math.abs(v) >= 100 ? v.toFixed(0) : v.toPrecision(3)).replace("-", "−");

/** Red, green and blue as three bars, and the colour that they make. */
function paintColour(g, box, { sample, theme, geometry }) {
  const names = ["red", "green", "blue"];
  const colours = [[210, 52, 52], [34, 150, 74], [46, 98, 214]];
  const rgb = sample.logits.map((v) => Math.round(255 * Math.max(0, Math.min(1, v ?? 0))));
  const area = geometry.narrow ? { ...box, w: box.w - 74 } : { ...box, h: Math.min(box.h, 150), y: box.y + box.h / 2 - 110 };
  const grid = rowGrid(area, 3, 50);
  names.forEach((name, k) => {
    const { x, y, w, h } = grid.at(k);
    g.fillStyle = css(theme.muted);
    g.font = `10.5px ${theme.font}`;
    g.textAlign = "left";
    g.textBaseline = "middle";
    g.fillText(name, x, y + 7);
    g.textAlign = "right";
    g.fillText(rgb[k], x + w, y + 7);
    g.fillStyle = css(theme.neutral);
    g.fillRect(x, y + 14, w, Math.max(4, h - 20));
    g.fillStyle = css(colours[k]);
    g.fillRect(x, y + 14, (w * rgb[k]) / 255, Math.max(4, h - 20));
  });
  g.fillStyle = css(rgb);
  const side = Math.min(64, box.w);
  const swatch = geometry.narrow
    ? { x: box.x + box.w - 60, y: box.y, w: 60, h: Math.min(60, box.h) }
    : { x: box.x + (box.w - side) / 2, y: area.y + area.h + 12, w: side, h: side };
  g.beginPath();
  g.roundRect(swatch.x, swatch.y, swatch.w, swatch.h, 8);
  g.fill();
  g.strokeStyle = css(theme.line);
  g.stroke();
  return { ...box, y: area.y, h: geometry.narrow ? box.h : area.h + side + 12 };
}

// ---- the tensor ----

/** The input tensor: sheets over each other, a strip of ids, or the standardised values with their names. */
export function paintTensor(g, box, scene) {
  const { frame, theme, maps, kind } = scene;
  const stage = frame.header.stages[0];
  const shape = frame.shapes[stage.array];
  const values = frame.arrays[stage.array];
  if (!values) return box;
  if (kind === "text") return paintIds(g, box, scene);
  if (kind === "tables") return paintFeatures(g, box, scene, values, stage);
  if (stage.kind !== "maps") {
    return maps.paint(g, box, scene);
  }
  const [channels, rows, columns] = shape.length === 3 ? shape : [shape[0], 1, shape[1]];
  if (rows === 1) {
    return maps.paint(g, box, scene);
  }
  const sheets = Math.min(3, channels);
  const off = sheets > 1 ? 9 : 0;
  const room = { w: box.w - off * (sheets - 1), h: box.h - off * (sheets - 1) };
  const size = Math.min(room.w, (room.h * columns) / rows);
  const [w, h] = [size, (size * rows) / columns];
  const left = box.x + (room.w - w) / 2;
  const top = box.y + (box.h - h - off * (sheets - 1)) / 2;
  g.imageSmoothingEnabled = false;
  for (let k = sheets - 1; k >= 0; k--) {
    const at = { x: left + k * off, y: top + (sheets - 1 - k) * off, w, h };
    maps.atlases.get(0)?.draw(g, k, at);
    g.strokeStyle = css(theme.faint);
    g.lineWidth = 1;
    g.strokeRect(at.x - 0.5, at.y - 0.5, w + 1, h + 1);
  }
  if (kind === "sound" && scene.explanation) {
    g.imageSmoothingEnabled = true;
    g.drawImage(scene.explanation, left, top, w, h);
    g.imageSmoothingEnabled = false;
  }
  return { x: left, y: top, w: w + off * (sheets - 1), h: h + off * (sheets - 1) };
}

function paintIds(g, box, { sample, theme, geometry, hover }) {
  const tokens = sample.tokens ?? [];
  const lying = geometry.narrow;
  const wide = lying ? box.w / Math.max(1, tokens.length) : box.w;
  const grid = rowGrid(box, lying ? 1 : tokens.length);
  tokens.forEach(({ id }, i) => {
    const cell = lying ? { x: box.x + i * wide, y: box.y, w: wide, h: 30 } : grid.at(i);
    g.strokeStyle = hover?.kind === "token" && hover.index === i ? css(theme.primary) : css(theme.faint);
    g.lineWidth = hover?.kind === "token" && hover.index === i ? 2 : 1;
    g.strokeRect(cell.x + 0.5, cell.y + 0.5, cell.w - 1, cell.h - 2);
    g.fillStyle = css(theme.text);
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.font = `500 ${Math.max(8, Math.min(13, cell.h * 0.55, cell.w * 0.45))}px ${theme.font}`;
    g.fillText(id, cell.x + cell.w / 2, cell.y + cell.h / 2, cell.w - 3);
  });
  if (lying) return { ...box, h: 30 };
  return { ...box, y: grid.top, h: grid.high * tokens.length, rows: tokens.length };
}

/** Every number with the name of its column; a category has one number for each of its values. */
function paintFeatures(g, box, { theme, inputs, frame, hover }, values, stage) {
  const count = values.length;
  const { high, top } = rowGrid(box, count, 30);
  const explain = frame.arrays.explain;
  for (let i = 0; i < count; i++) {
    const y = top + i * high;
    g.fillStyle = tableColour(theme.lut, values[i]);
    g.fillRect(box.x, y, box.w, high - (high > 6 ? 1.5 : 0));
    if (explain && explain.length === count) {
      g.fillStyle = tableColour(theme.lut, explain[i]);
      g.fillRect(box.x - 7, y, 5, high - 1.5);
    }
    if (hover?.kind === "unit" && hover.stage === 0 && hover.index === i) {
      g.strokeStyle = css(theme.text);
      g.lineWidth = 1.5;
      g.strokeRect(box.x, y, box.w, high - 1.5);
    }
    if (high < 8) continue;
    const strong = Math.abs(values[i]) > 90;
    g.fillStyle = strong && !theme.dark && values[i] > 0 ? "#fff" : css(theme.text);
    g.textBaseline = "middle";
    g.font = `${Math.min(11, high * 0.66)}px ${theme.font}`;
    g.textAlign = "left";
    g.fillText(inputs[i] ?? `input ${i + 1}`, box.x + 5, y + high / 2, box.w - 46);
    g.textAlign = "right";
    g.fillText(((values[i] / 127) * stage.scale).toFixed(2).replace("-", "−"), box.x + box.w - 5, y + high / 2);
  }
  return { ...box, y: top, h: high * count, features: true };
}
