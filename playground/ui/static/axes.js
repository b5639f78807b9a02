/** Axes of the output plane, with round numbers. */
import { css } from "./theme.js";

export function paintAxes(g, { geometry, theme, domain, structure }) {
  const { x, y, s } = geometry.plane;
  g.font = `11px ${theme.font}`;
  g.fillStyle = css(theme.muted);
  g.strokeStyle = css(theme.faint);
  g.lineWidth = 1;
  g.textBaseline = "top";
  g.textAlign = "center";
  g.beginPath();
  for (const v of ticks(domain[0], domain[1])) {
    const px = x + ((v - domain[0]) / (domain[1] - domain[0])) * s;
    g.moveTo(px, y + s);
    g.lineTo(px, y + s + 4);
    if (px < x + s - 22) g.fillText(number(v), px, y + s + 6);
  }
  g.textBaseline = "middle";
  g.textAlign = "right";
  for (const v of ticks(domain[2], domain[3])) {
    const py = y + ((domain[3] - v) / (domain[3] - domain[2])) * s;
    g.moveTo(x, py);
    g.lineTo(x - 4, py);
    if (py > y + 18) g.fillText(number(v), x - 6, py);
  }
  g.stroke();
  g.fillStyle = css(theme.text);
  g.font = `600 12px ${theme.font}`;
  g.textAlign = "right";
  g.textBaseline = "top";
  g.fillText(structure.dims === 1 ? "x" : "x₁", x + s, y + s + 5);
  g.fillText(structure.dims === 1 ? "y" : "x₂", x - 6, y + 2);
}

/** Round numbers for an axis, about five of them. */
export function ticks(from, to, about = 4) {
  const raw = (to - from) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 3, 5, 10].map((k) => k * power).find((k) => k >= raw * 0.999) ?? power * 10;
  const list = [];
  for (let v = Math.ceil(from / step - 1e-6) * step; v <= to + step * 1e-6; v += step)
    list.push(Math.abs(v) < step * 1e-6 ? 0 : v);
  return list;
}

const number = (v) => String(+v.toPrecision(3)).replace("-", "−");
