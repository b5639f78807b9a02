/** Colours of both themes, the 256-entry lookup tables of the diverging pair, and the marks of the classes. */
import { tag } from "./html.js";

export const NEGATIVE = [245, 147, 34];
export const POSITIVE = [8, 119, 189];
export const CLASSES = [
  { colour: [8, 119, 189], shape: "circle" },
  { colour: [245, 147, 34], shape: "triangle" },
  { colour: [0, 158, 115], shape: "square" },
  { colour: [204, 121, 167], shape: "diamond" },
  { colour: [230, 194, 41], shape: "cross" },
];

/** With two classes, 0 is the negative colour and 1 the positive: as the boundary is drawn. */
export function classMark(task, index) {
  return CLASSES[task === "binary" ? 1 - Math.min(index, 1) : index % CLASSES.length];
}

const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Any CSS colour as [r, g, b, a]. */
function rgb(css, fallback) {
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = fallback;
  probe.fillStyle = css;
  probe.fillRect(0, 0, 1, 1);
  return [...probe.getImageData(0, 0, 1, 1).data];
}

export const mix = (a, b, t) => [0, 1, 2].map((i) => Math.round(a[i] + (b[i] - a[i]) * t));
export const css = (c, alpha = 1) =>
  alpha >= 1 ? `rgb(${c[0]},${c[1]},${c[2]})` : `rgba(${c[0]},${c[1]},${c[2]},${alpha})`;
const pack = (c) => (255 << 24) | (c[2] << 16) | (c[1] << 8) | c[0];

/** The theme as Streamlit hands it down in CSS variables; read again whenever it may have changed. */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const get = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const background = rgb(get("--st-background-color", "#ffffff"), "#ffffff");
  const text = rgb(get("--st-text-color", "#1f2328"), "#1f2328");
  const dark = background[0] * 0.3 + background[1] * 0.59 + background[2] * 0.11 < 128;
  const surface = rgb(get("--st-secondary-background-color", dark ? "#1b202b" : "#f4f5f8"), "#f4f5f8");
  const primary = rgb(get("--st-primary-color", "#4f46e5"), "#4f46e5");
  const neutral = dark ? mix(background, [255, 255, 255], 0.11) : mix(background, [30, 40, 70], 0.065);
  const negative = dark ? mix(NEGATIVE, [255, 255, 255], 0.04) : NEGATIVE;
  const positive = dark ? mix(POSITIVE, [120, 200, 255], 0.28) : POSITIVE;
  const theme = {
    key: [background, text, surface, primary, get("--st-font", "")].join("|"),
    dark,
    background,
    text,
    surface,
    primary,
    neutral,
    negative,
    positive,
    muted: mix(text, background, 0.42),
    faint: mix(text, background, 0.72),
    line: mix(text, background, 0.86),
    gradient: dark ? [214, 126, 255] : [158, 47, 222],
    font: get("--st-font", "system-ui, sans-serif"),
  };
  theme.lut = divergingTable(theme, 1);
  theme.plane = divergingTable(theme, dark ? 0.7 : 0.64);
  theme.steps = stepTable(theme, dark ? 0.55 : 0.5);
  theme.classes = CLASSES.map(({ colour }) => classTable(theme, dark ? mix(colour, [255, 255, 255], 0.05) : colour));
  return theme;
}

/** Table over int8 + 128: negative colour, neutral in the middle, positive colour. */
function divergingTable(theme, strength) {
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const v = Math.max(-1, (i - 128) / 127);
    // a slight curve makes small values visible and keeps the strong ones apart
    const t = Math.abs(v) ** 0.85 * strength;
    table[i] = pack(mix(theme.neutral, v < 0 ? theme.negative : theme.positive, t));
  }
  return table;
}

function stepTable(theme, strength) {
  const table = new Uint32Array(256);
  const low = pack(mix(theme.background, theme.negative, strength));
  const high = pack(mix(theme.background, theme.positive, strength));
  for (let i = 0; i < 256; i++) table[i] = i < 128 ? low : high;
  return table;
}

/** Table over the confidence 0..255 of one class: pale where the network is unsure. */
function classTable(theme, colour) {
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i++)
    table[i] = pack(mix(theme.neutral, colour, 0.05 + 0.6 * Math.max(0, (i / 255 - 0.2) / 0.8) ** 0.9));
  return table;
}

/** Add the outline of a class mark around (x, y) to a path. */
export function markPath(path, shape, x, y, r) {
  if (shape === "circle") {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, 6.2832);
  } else if (shape === "square") {
    path.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
  } else if (shape === "triangle") {
    path.moveTo(x, y - r * 1.2);
    path.lineTo(x + r * 1.1, y + r * 0.8);
    path.lineTo(x - r * 1.1, y + r * 0.8);
    path.closePath();
  } else if (shape === "diamond") {
    path.moveTo(x, y - r * 1.3);
    path.lineTo(x + r * 1.15, y);
    path.lineTo(x, y + r * 1.3);
    path.lineTo(x - r * 1.15, y);
    path.closePath();
  } else {
    const [a, b] = [r * 0.45, r * 1.2];
    const corners = [
      [-a, -b],
      [a, -b],
      [a, -a],
      [b, -a],
      [b, a],
      [a, a],
      [a, b],
      [-a, b],
      [-a, a],
      [-b, a],
      [-b, -a],
      [-a, -a],
    ];
    corners.forEach(([dx, dy], i) => (i ? path.lineTo(x + dx, y + dy) : path.moveTo(x + dx, y + dy)));
    path.closePath();
  }
}

/** A small inline picture of a class mark, for buttons and legends. */
export function markSvg(task, index, size = 14) {
  const { colour, shape } = classMark(task, index);
  const r = 5;
  const shapes = {
    circle: `<circle cx="8" cy="8" r="${r}"/>`,
    square: `<rect x="3.6" y="3.6" width="8.8" height="8.8" rx="1"/>`,
    triangle: `<path d="M8 2.4 13.4 12.2H2.6Z"/>`,
    diamond: `<path d="M8 1.6 13.8 8 8 14.4 2.2 8Z"/>`,
    cross: `<path d="M5.8 2h4.4v3.8H14v4.4h-3.8V14H5.8v-3.8H2V5.8h3.8Z"/>`,
  };
  const look = { viewBox: "0 0 16 16", width: size, height: size, fill: css(colour), "aria-hidden": "true" };
  return tag("svg", look, shapes[shape]);
}
