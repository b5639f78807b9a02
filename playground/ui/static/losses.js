/** The small live chart of the training and test loss. */
import { css } from "./theme.js";
import { ticks } from "./axes.js";

let top = 1; // eased from frame to frame, so that the axis glides instead of jumping

/** under: how much of the top belongs to something else now. */
export function paintLosses(g, { geometry, theme, frame, under = 0 }) {
  const { x, w } = geometry.loss;
  const [y, h] = [geometry.loss.y + under, geometry.loss.h - under];
  if (h < 40) return;
  const left = x + 26;
  const [x0, x1, y0, y1] = [left, x + w - 46, y + 6, y + h - 16];
  const losses = frame?.arrays.losses;
  const count = losses ? losses.length / 3 : 0;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    for (const v of [losses[3 * i + 1], losses[3 * i + 2]]) if (Number.isFinite(v) && v > largest) largest = v;
  }
  const aim = largest > 0 ? largest * 1.06 : 1;
  top = Math.abs(aim - top) < aim * 0.02 || aim > top ? aim : top + (aim - top) * 0.25;
  const last = count ? Math.max(losses[3 * (count - 1)], 1) : 1;
  const first = count ? losses[0] : 0;
  const px = (epoch) => x0 + ((epoch - first) / Math.max(1e-9, last - first)) * (x1 - x0);
  const py = (v) => y1 - (Math.min(v, top * 1.02) / top) * (y1 - y0);

  g.font = `10.5px ${theme.font}`;
  g.fillStyle = css(theme.muted);
  g.strokeStyle = css(theme.line);
  g.lineWidth = 1;
  g.textAlign = "right";
  g.textBaseline = "middle";
  g.beginPath();
  for (const v of ticks(0, top, 3)) {
    if (v > top) continue;
    g.moveTo(x0, Math.round(py(v)) + 0.5);
    g.lineTo(x1, Math.round(py(v)) + 0.5);
    g.fillText(short(v), x0 - 5, py(v));
  }
  g.stroke();
  g.textBaseline = "alphabetic";
  g.textAlign = "center";
  g.fillText("loss by epoch", (x0 + x1) / 2, y + h - 3);
  if (count > 1) {
    g.textAlign = "left";
    g.fillText(Math.round(first).toLocaleString("en"), x0, y + h - 3);
    g.textAlign = "right";
    g.fillText(Math.round(last).toLocaleString("en"), x1, y + h - 3);
  }
  if (!count) return;

  const line = (column, colour, width, dash) => {
    g.beginPath();
    let end = null;
    for (let i = 0; i < count; i++) {
      const v = losses[3 * i + column];
      if (!Number.isFinite(v)) continue;
      end = [px(losses[3 * i]), py(v)];
      g.lineTo(...end);
    }
    g.setLineDash(dash);
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.lineJoin = "round";
    g.stroke();
    g.setLineDash([]);
    return end;
  };
  const testColour = css(theme.primary);
  const trainColour = css(theme.text);
  const test = line(2, testColour, 2, [5, 3]);
  const train = line(1, trainColour, 2, []);
  // the names stand at the ends of their lines and never on each other
  const names = [
    train && { y: train[1], x: train[0], text: "train", colour: trainColour },
    test && { y: test[1], x: test[0], text: "test", colour: testColour },
  ];
  const placed = names.filter(Boolean).sort((a, b) => a.y - b.y);
  for (const { x: ex, y: ey, colour } of placed) {
    g.beginPath();
    g.arc(ex, ey, 2.6, 0, 6.2832);
    g.fillStyle = colour;
    g.fill();
  }
  if (placed.length === 2 && placed[1].y - placed[0].y < 12) {
    const middle = Math.max(y0 + 7, Math.min(y1 - 7, (placed[0].y + placed[1].y) / 2));
    placed[0].y = middle - 6;
    placed[1].y = middle + 6;
  }
  g.textAlign = "left";
  g.textBaseline = "middle";
  g.font = `600 11px ${theme.font}`;
  for (const { y: ey, text, colour } of placed) {
    g.fillStyle = colour;
    g.fillText(text, x1 + 7, ey);
  }
}

const short = (v) => (v === 0 ? "0" : v >= 1000 ? v.toExponential(0).replace("+", "") : String(+v.toPrecision(2)));
