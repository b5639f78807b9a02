/** One's own sample: a pad to draw on with mouse, finger or pen, and what is drawn at the size of the data. */
import { button, tag } from "./html.js";

const SEND_MS = 60;
const FINE = 280; // pixels a side of what is drawn on

export const PAD = `
  <div class="pad-box"><canvas class="pad" width="${FINE}" height="${FINE}" role="img" tabindex="0"
    aria-label="Drawing pad: draw with the mouse, a finger or a pen"></canvas><span class="pad-hint">Draw here</span></div>
  <div class="pad-side">
    <label><span>Brush</span>${tag("input", { type: "range", name: "brush", min: 4, max: 44, value: 20, "aria-label": "Size of the brush" })}</label>
    <div class="row">${button({ class: "erase", "aria-pressed": "false", tip: "Take ink away with the brush" }, "Eraser")}
    ${button({ class: "clear", tip: "Empty the pad" }, "Clear")}</div>
    <p></p>
    <div class="pad-answer" aria-live="off"></div>
  </div>`;

export class Pad {
  /** send(pixels: Uint8Array, [h, w]): the drawing at the size of the data, also while it is drawn. */
  constructor(node, send) {
    this.node = node;
    this.send = send;
    node.innerHTML = PAD;
    this.canvas = node.querySelector(".pad");
    this.g = this.canvas.getContext("2d", { willReadFrequently: true });
    this.small = document.createElement("canvas");
    this.clear(false);
    this.canvas.addEventListener("pointerdown", (event) => this.down(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"])
      this.canvas.addEventListener(name, () => {
        this.last = null;
        this.soon(0);
      });
    node.querySelector(".clear").addEventListener("click", () => this.clear());
    node.querySelector(".erase").addEventListener("click", (event) => {
      this.erasing = !this.erasing;
      event.currentTarget.setAttribute("aria-pressed", this.erasing);
    });
  }

  /** size: [h, w] of the data; inkBox: a drawing is cut out, scaled to so many pixels and centred, as the data were. */
  prepare({ size: [h, w], inkBox }) {
    if (this.h === h && this.w === w && this.inkBox === inkBox) return;
    Object.assign(this, { h, w, inkBox });
    this.canvas.style.aspectRatio = `${w} / ${h}`;
    this.canvas.height = Math.round((FINE * h) / w);
    this.clear(false);
    const how = inkBox ? "centred and scaled as the training pictures were" : "scaled";
    this.node.querySelector("p").textContent = `Your drawing becomes ${w} × ${h} pixels, ${how}.`;
  }

  clear(tell = true) {
    this.g.fillStyle = "#000";
    this.g.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.node.classList.remove("drawn");
    this.empty = true;
    if (tell) this.soon(0);
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  down(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.last = this.at(event);
    this.stroke(this.last, this.last, event.pressure);
  }

  move(event) {
    if (!this.last) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) {
      const here = this.at(part);
      this.stroke(this.last, here, part.pressure);
      this.last = here;
    }
  }

  stroke(from, to, pressure) {
    const { g } = this;
    const pen = pressure > 0 && pressure !== 0.5 ? 0.5 + pressure : 1;
    g.lineWidth = +this.node.querySelector('[name="brush"]').value * pen;
    g.lineCap = g.lineJoin = "round";
    g.strokeStyle = this.erasing ? "#000" : "#fff";
    g.beginPath();
    g.moveTo(...from);
    g.lineTo(to[0] + 0.01, to[1]);
    g.stroke();
    this.empty = false;
    this.node.classList.add("drawn");
    this.soon(SEND_MS);
  }

  soon(wait) {
    if (wait === 0) clearTimeout(this.waiting);
    else if (this.waiting) return;
    this.waiting = setTimeout(() => {
      this.waiting = null;
      if (this.h) this.send(this.pixels(), [this.h, this.w], this.empty);
    }, wait);
  }

  /** The drawing at the data's size. */
  pixels() {
    const { canvas, h, w, inkBox } = this;
    const ink = grey(this.g.getImageData(0, 0, canvas.width, canvas.height));
    const bounds = inkBox && boundsOf(ink, canvas.width, canvas.height);
    if (!bounds) return shrink(ink, canvas.width, { x: 0, y: 0, w: canvas.width, h: canvas.height }, h, w);
    return placed(ink, canvas.width, bounds, { h, w, inkBox });
  }

  answer(html) {
    const node = this.node.querySelector(".pad-answer");
    if (node.innerHTML !== html) node.innerHTML = html;
  }
}

const grey = ({ data }) => Uint8Array.from({ length: data.length / 4 }, (_, i) => data[4 * i]);

function boundsOf(ink, width, height) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (ink[y * width + x] > 40) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = y;
      }
  return right < 0 ? null : { x: left, y: top, w: right - left + 1, h: bottom - top + 1 };
}

/** The mean of the pixels that fall into each cell of an (h, w) grid over a piece of the picture. */
export function shrink(ink, width, box, h, w) {
  const small = new Uint8Array(h * w);
  for (let r = 0; r < h; r++)
    for (let c = 0; c < w; c++) {
      const [y0, y1] = [box.y + (r * box.h) / h, box.y + ((r + 1) * box.h) / h];
      const [x0, x1] = [box.x + (c * box.w) / w, box.x + ((c + 1) * box.w) / w];
      let [sum, count] = [0, 0];
      for (let y = Math.floor(y0); y < Math.max(Math.floor(y0) + 1, Math.round(y1)); y++)
        for (let x = Math.floor(x0); x < Math.max(Math.floor(x0) + 1, Math.round(x1)); x++) {
          sum += ink[y * width + x] ?? 0;
          count += 1;
        }
      small[r * w + c] = Math.round(sum / Math.max(1, count));
    }
  return small;
}

/** As MNIST was made: the drawing is cut out, scaled into a box, and its centre of mass goes to the middle. */
export function placed(ink, width, bounds, { h, w, inkBox }) {
  const scale = inkBox / Math.max(bounds.w, bounds.h);
  const [ih, iw] = [Math.max(1, Math.round(bounds.h * scale)), Math.max(1, Math.round(bounds.w * scale))];
  const small = shrink(ink, width, bounds, ih, iw);
  const most = Math.max(1, ...small);
  let [mass, my, mx] = [0, 0, 0];
  for (let i = 0; i < small.length; i++) {
    small[i] = Math.round((small[i] * 255) / most); // a thin stroke has become pale
    mass += small[i];
    my += small[i] * (Math.floor(i / iw) + 0.5);
    mx += small[i] * ((i % iw) + 0.5);
  }
  const top = Math.max(0, Math.min(h - ih, Math.round(h / 2 - my / mass)));
  const left = Math.max(0, Math.min(w - iw, Math.round(w / 2 - mx / mass)));
  const pixels = new Uint8Array(h * w);
  for (let r = 0; r < ih; r++) for (let c = 0; c < iw; c++) pixels[(top + r) * w + left + c] = small[r * iw + c];
  return pixels;
}

/** Bytes as base64 text. */
export function toBase64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
