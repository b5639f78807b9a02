/** The wall: every test sample as a small button, the wrong ones marked, sorted by how wrong or how unsure. */
import { button, escape } from "./html.js";
import { visible } from "./journey_raw.js";

const ORDER_MS = 1800; // so often the wall is sorted anew while the network trains: people must be able to aim
const MARK_MS = 250;
const ACROSS = 20; // pictures beside each other in the sheet

export const WALL = `
  <div class="wall-head">
    <label><span>Sort</span><select name="order">
      <option value="wrong">most wrong first</option>
      <option value="unsure">least sure first</option>
      <option value="index">in order</option>
    </select></label>
    <label class="only"><input type="checkbox" name="only" /> only wrong</label>
    <span class="count" role="status"></span>
  </div>
  <div class="tiles" role="group" aria-label="Test samples"></div>`;

export class Wall {
  constructor(node, choose) {
    this.node = node;
    this.choose = choose;
    node.innerHTML = WALL;
    this.tiles = node.querySelector(".tiles");
    this.order = "wrong";
    this.items = [];
    this.states = [];
    this.tiles.addEventListener("click", (event) => {
      const found = event.target.closest("[data-i]");
      if (found) choose(+found.dataset.i);
    });
    this.tiles.addEventListener("keydown", (event) => this.key(event));
    node.querySelector('[name="order"]').addEventListener("change", (event) => {
      this.order = event.target.value;
      this.arrange();
    });
    node.querySelector('[name="only"]').addEventListener("change", (event) => {
      this.only = event.target.checked;
      this.showOnly();
    });
  }

  /** Other data: build all tiles anew. */
  load({ samples, shape, texts, count, kind }) {
    this.kind = kind;
    const pictures = samples && shape;
    this.tiles.className = `tiles ${pictures ? "pictures" : "chips"}`;
    this.showOnly();
    const many = pictures ? shape[0] : texts ? texts.length : count;
    if (pictures) this.sheet(samples, shape);
    const tile = (i) => {
      const style = pictures
        ? `background-position:-${(i % ACROSS) * this.size[0]}px -${Math.floor(i / ACROSS) * this.size[1]}px`
        : null;
      const content = pictures ? "<s></s>" : `${escape(texts?.[i] ?? `${kind === "sound" ? "♪" : "#"} ${i + 1}`)}<s></s>`;
      return button({ class: "tile", "data-i": i, style }, content);
    };
    this.tiles.innerHTML = Array.from({ length: many }, (_, i) => tile(i)).join("");
    this.items = [...this.tiles.children];
    this.states = new Array(many).fill("");
    this.ordered = 0;
    this.last = 0;
    this.chosen = this.predicted = this.sortedKey = null;
    this.node.querySelector(".count").textContent = ""; // of the former samples
  }

  /** All pictures in one sheet, so that a tile is only a piece of a background. */
  sheet(samples, [count, h, w]) {
    const depth = samples.length === count * h * w ? 1 : 3;
    const scale = Math.max(1, Math.round(34 / Math.max(h, w))); // whole pixels stay sharp
    this.size = [w * scale, h * scale];
    const canvas = document.createElement("canvas");
    canvas.width = ACROSS * w;
    canvas.height = Math.ceil(count / ACROSS) * h;
    const context = canvas.getContext("2d");
    const image = new ImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0, at = 0; i < count; i++) {
      const corner = Math.floor(i / ACROSS) * h * canvas.width + (i % ACROSS) * w;
      for (let p = 0; p < h * w; p++, at += depth) {
        const [red, green, blue] = [samples[at], samples[at + (depth > 1)], samples[at + (depth > 1) * 2]];
        pixels[corner + Math.floor(p / w) * canvas.width + (p % w)] = (255 << 24) | (blue << 16) | (green << 8) | red;
      }
    }
    context.putImageData(image, 0, 0);
    const style = this.tiles.style;
    style.setProperty("--sheet", `url(${canvas.toDataURL()})`);
    style.setProperty("--sheet-size", `${ACROSS * this.size[0]}px ${(canvas.height / h) * this.size[1]}px`);
    style.setProperty("--tile-w", `${this.size[0]}px`);
    style.setProperty("--tile-h", `${this.size[1]}px`);
  }

  /** A new frame: mark what is wrong, and sort at a calm pace. */
  update({ header, arrays }, playing) {
    this.header = header;
    const { predicted, target, confidence } = arrays;
    if (!predicted || !this.items.length) return;
    const now = performance.now();
    if (playing && now - this.last < MARK_MS) return;
    this.last = now;
    Object.assign(this, { predicted, target, confidence });
    this.name(header.task === "regression");
    let wrong = 0;
    const many = Math.min(predicted.length, this.items.length);
    for (let i = 0; i < many; i++) {
      const bad = !this.regression && predicted[i] !== target[i];
      wrong += bad;
      const sure = confidence ? Math.round((confidence[i] / 255) * 20) : 0;
      const state = this.regression ? `${short(target[i])}|${short(predicted[i])}` : `${bad}|${predicted[i]}|${sure}`;
      if (state === this.states[i]) continue;
      this.states[i] = state;
      this.mark(i, bad);
    }
    const first = header.test_count > many ? "the first " : ""; // a wall has no room for thousands
    const count = this.regression ? "target → answer" : `${wrong} of ${first}${many} wrong`;
    const node = this.node.querySelector(".count");
    if (node.textContent !== count) node.textContent = count;
    if (!playing || now - this.ordered > ORDER_MS) this.arrange();
  }

  /** A value is not wrong or unsure, but near its target or far from it. */
  name(regression) {
    if (this.regression === regression) return;
    this.regression = regression;
    const names = regression ? ["largest error first", "smallest error first"] : ["most wrong first", "least sure first"];
    this.node.querySelectorAll('[name="order"] option').forEach((option, i) => (option.textContent = names[i] ?? option.textContent));
    this.node.querySelector("label.only").hidden = regression;
    this.showOnly();
  }

  showOnly() {
    this.tiles.classList.toggle("only", Boolean(this.only && !this.regression));
  }

  mark(i, bad) {
    const item = this.items[i];
    const names = this.header.class_names;
    item.classList.toggle("wrong", bad);
    const word = this.regression
      ? `${short(this.target[i])} → ${short(this.predicted[i])}`
      : bad
        ? visible(names[this.predicted[i]] ?? "")
        : this.kind === "images"
          ? ""
          : (names[this.target[i]] ?? "");
    item.lastElementChild.textContent = bad && !this.regression ? `✗ ${word}` : word;
    const sure = this.confidence ? Math.round((this.confidence[i] / 255) * 100) : null;
    if (sure !== null && !this.regression) item.style.setProperty("--sure", `${sure}%`);
    item.title = this.regression
      ? `Target ${short(this.target[i])}, answer ${short(this.predicted[i])}`
      : `Test sample ${i + 1}: it is ${names[this.target[i]]}, the answer is ${names[this.predicted[i]]}, ${sure} % sure`;
    item.setAttribute("aria-label", item.title);
  }

  /** Sort the tiles: wrong and sure first, or the least sure, or as they come. */
  arrange() {
    this.ordered = performance.now();
    if (!this.predicted) return;
    const { predicted, target, confidence } = this;
    const score = (i) => {
      if (this.order === "index") return i;
      if (this.regression) {
        const error = Math.abs(predicted[i] - target[i]);
        return this.order === "wrong" ? -error : error;
      }
      const sure = confidence?.[i] ?? 0;
      if (this.order === "unsure") return sure;
      return predicted[i] === target[i] ? 1000 - (255 - sure) / 255 : -sure;
    };
    const sorted = Array.from(predicted.subarray(0, this.items.length), (_, i) => i).sort((a, b) => score(a) - score(b) || a - b);
    const key = sorted.join();
    if (key === this.sortedKey) return;
    this.sortedKey = key;
    const focused = this.node.getRootNode().activeElement;
    this.tiles.append(...sorted.map((i) => this.items[i]));
    if (focused?.dataset?.i !== undefined && this.tiles.contains(focused)) focused.focus({ preventScroll: true });
  }

  /** Frame the chosen sample. */
  choosing(index) {
    if (this.chosen === index) return;
    this.items[this.chosen]?.removeAttribute("aria-current");
    this.items[index]?.setAttribute("aria-current", "true");
    this.chosen = index;
  }

  /** The neighbour of a sample on the wall as it is sorted now, also while another tab covers the wall. */
  beside(index, step) {
    const only = this.tiles.classList.contains("only");
    const shown = [...this.tiles.children].filter((item) => !only || item.classList.contains("wrong"));
    const at = shown.indexOf(this.items[index]);
    const next = shown[(at + step + shown.length) % shown.length];
    return next ? +next.dataset.i : index;
  }

  key(event) {
    const here = event.target.closest("[data-i]");
    if (!here) return;
    const rows = { ArrowDown: 1, ArrowUp: -1 };
    let next = null;
    if (event.key === "ArrowRight") next = here.nextElementSibling;
    else if (event.key === "ArrowLeft") next = here.previousElementSibling;
    else if (event.key in rows) next = this.rowNeighbour(here, rows[event.key]);
    if (!next) return;
    event.preventDefault();
    next.focus();
    this.choose(+next.dataset.i);
  }

  rowNeighbour(here, step) {
    const { left, top } = here.getBoundingClientRect();
    let best = null;
    for (const item of this.items) {
      const box = item.getBoundingClientRect();
      if (!box.width || Math.sign(Math.round(box.top - top)) !== step) continue;
      const far = Math.abs(box.top - top) * 10 + Math.abs(box.left - left);
      if (!best || far < best.far) best = { far, item };
    }
    return best?.item ?? null;
  }

  /** The values that the targets of a regression have: [lowest, highest]; null where there are classes. */
  range() {
    if (!this.regression || !this.target?.length) return null;
    let [low, high] = [Infinity, -Infinity];
    for (const v of this.target) [low, high] = [Math.min(low, v), Math.max(high, v)];
    return [low, high];
  }
}

const short = (v) => (Math.abs(v) >= 1000 ? v.toFixed(0) : String(+Number(v).toPrecision(3))).replace("-", "−");
