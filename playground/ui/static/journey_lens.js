/** One layer large: what it does in words, all its maps or values, and one map with its numbers. */
import { escape } from "./html.js";
import { gridOf, isSignal, paintSignal, sizeOf, tableColour } from "./journey_maps.js";
import { shapeText } from "./journey_plan.js";
import { inStage } from "./journey_pointer.js";
import { visible } from "./journey_raw.js";
import { moduleSentence, signed, tipHtml } from "./journey_words.js";
import { css } from "./theme.js";

const ROLES = { linear: "linear", norm: "norm", bend: "non-linear", pool: "non-linear", rest: "", tensor: "input", frozen: "frozen" };

export class Lens {
  constructor(node, journey) {
    this.node = node;
    this.journey = journey;
    node.innerHTML = '<div class="lens-text"></div><div class="lens-box"><canvas role="img" aria-label="The chosen layer"></canvas></div>';
    this.text = node.querySelector(".lens-text");
    this.canvas = node.querySelector("canvas");
    this.g = this.canvas.getContext("2d");
    this.map = { stage: null, map: 0 };
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    this.canvas.addEventListener("pointerleave", () => this.move(null));
    this.canvas.addEventListener("click", (event) => this.pick(event));
  }

  get column() {
    const { way, chosen } = this.journey;
    return way.geometry?.columns.find(({ key }) => key === chosen) ?? null;
  }

  paint() {
    const { node, journey, column } = this;
    if (node.hidden || !journey.frame) return;
    if (!column) {
      this.write('<p class="empty">Click a layer of the journey above: here it is shown large, with its kernels and numbers.</p>');
      this.canvas.hidden = true;
      return;
    }
    this.canvas.hidden = false;
    const { stages } = journey.frame.header;
    this.write(this.words(column, stages));
    this.draw(column, stages);
  }

  write(html) {
    if (html === this.html) return;
    this.html = html;
    this.text.innerHTML = html;
  }

  words(column, stages) {
    const parts = column.parts.map(({ stage, role }) => {
      const found = stages[stage];
      const kind = ROLES[role] ? `<em class="${role}">${ROLES[role]}</em>` : "";
      const weights = found.parameters ? `, ${found.parameters.toLocaleString("en")} parameters` : "";
      const does = stage === 0 ? "is what the network reads: the sample as numbers" : moduleSentence(found);
      return `<dt>${kind}<code>${escape(found.module)}</code></dt><dd>It ${escape(does)}. <span>${shapeText(found.shape)}${weights}</span></dd>`;
    });
    const title = column.number ? `Layer ${column.number}: ${column.title}` : column.title;
    return `<h3>${escape(title)}</h3><dl>${parts.join("")}</dl>`;
  }

  /** Where each part stands, and where the large map. */
  boxes(column, stages) {
    const { clientWidth: w, clientHeight: h } = this.canvas.parentElement;
    const parts = column.parts.filter(({ role }) => role !== "rest");
    const last = stages[parts[parts.length - 1].stage];
    const large = last.kind === "maps" ? Math.min(h, w * 0.4) : 0;
    const filters = parts.map(({ stage }) => stages[stage]).find((stage) => stage.filters) ?? null;
    const kernels = large && filters && w > 480 ? 96 : 0;
    const room = w - (large ? large + 18 : 0) - (kernels ? kernels + 18 : 0);
    const each = h / parts.length;
    const boxes = parts.map((part, i) => ({ ...part, x: 0, y: i * each + 14, w: room, h: each - 20 }));
    const beside = kernels ? { x: room + 18, y: 0, w: kernels, h, filters } : null;
    return { w, h, boxes, kernels: beside, large: large ? { x: w - large, y: 0, w: large, h: large } : null };
  }

  draw(column, stages) {
    const { journey, canvas, g } = this;
    const { ratio, theme } = journey.way;
    const laid = this.boxes(column, stages);
    this.laid = laid;
    const [w, h] = [Math.round(laid.w * ratio), Math.round(laid.h * ratio)];
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, laid.w, laid.h);
    const scene = journey.way.scene();
    if (!laid.boxes.some(({ stage }) => stage === this.map.stage)) this.map = { stage: laid.boxes[laid.boxes.length - 1].stage, map: 0 };
    for (const box of laid.boxes) {
      g.font = `10px ${theme.code}`;
      g.fillStyle = css(theme.muted);
      g.textAlign = "left";
      g.textBaseline = "alphabetic";
      g.fillText(`${stages[box.stage].module.replace(/^nn\./, "").replace(/\(.*/s, "")}  ±${stages[box.stage].scale.toPrecision(2)}`, box.x, box.y - 4);
      if (stages[box.stage].kind === "vector") this.bars(box, scene);
      else if (stages[box.stage].kind === "sequence") this.rows(box, scene);
      else {
        scene.maps.paint(g, box, scene);
        this.frameMap(box, scene);
      }
    }
    if (laid.large) this.largeMap(laid.large, scene);
    if (laid.kernels) this.kernels(laid.kernels, scene);
  }

  frameMap(box, scene) {
    if (box.stage !== this.map.stage) return;
    const stage = scene.frame.header.stages[box.stage];
    const grid = gridOf(stage, scene.frame.shapes[stage.array], box);
    if (this.map.map >= grid.shown) return;
    const { x, y, w, h } = grid.at(this.map.map);
    this.g.strokeStyle = css(scene.theme.primary);
    this.g.lineWidth = 2;
    this.g.strokeRect(x - 1, y - 1, w + 2, h + 2);
  }

  /** A vector as bars around zero: longer and darker is further from it. */
  bars(box, { frame, theme }) {
    const { g } = this;
    const stage = frame.header.stages[box.stage];
    const values = frame.arrays[stage.array];
    const each = Math.min(26, box.w / values.length);
    const middle = box.y + box.h / 2;
    for (let i = 0; i < values.length; i++) {
      const length = (values[i] / 127) * (box.h / 2 - 2);
      g.fillStyle = css(theme.neutral);
      g.fillRect(box.x + i * each, box.y, Math.max(1, each - 1), box.h);
      g.fillStyle = css(values[i] < 0 ? theme.negative : theme.positive);
      g.fillRect(box.x + i * each, Math.min(middle, middle - length), Math.max(1, each - 1), Math.abs(length));
    }
    g.fillStyle = css(theme.faint);
    g.fillRect(box.x, middle - 0.5, each * values.length, 1);
  }

  rows(box, scene) {
    const { g } = this;
    const label = 44;
    const stage = scene.frame.header.stages[box.stage];
    const inner = { ...box, x: box.x + label, w: box.w - label };
    scene.maps.paint(g, inner, scene);
    const grid = gridOf(stage, scene.frame.shapes[stage.array], inner);
    g.font = `600 ${Math.min(12, grid.high * 0.7)}px ${scene.theme.font}`;
    g.fillStyle = css(scene.theme.text);
    g.textAlign = "right";
    g.textBaseline = "middle";
    scene.sample.tokens?.forEach(({ token }, i) => g.fillText(visible(token), box.x + label - 6, grid.at(i).y + grid.high / 2, label - 6));
  }

  /** The kernels that make the chosen map: one for each map that they read. */
  kernels({ x, y, w, h, filters }, { frame, theme }) {
    const { g } = this;
    const [outs, inputs, high, wide] = frame.shapes[filters.filters];
    const { map } = this.map;
    g.font = `10px ${theme.font}`;
    g.fillStyle = css(theme.muted);
    g.textAlign = "left";
    g.textBaseline = "alphabetic";
    g.fillText(map < outs ? `kernel${inputs > 1 ? "s" : ""} of map ${map + 1}` : "", x, y + 10);
    if (map >= outs) return;
    const values = frame.arrays[filters.filters];
    const across = inputs > 2 ? 2 : 1;
    const down = Math.ceil(inputs / across);
    const cell = Math.min((w - (across - 1) * 6) / across / wide, (h - 16 - (down - 1) * 6) / down / high, 26);
    for (let i = 0; i < inputs; i++) {
      const left = x + (i % across) * (wide * cell + 6);
      const top = y + 16 + Math.floor(i / across) * (high * cell + 6);
      for (let k = 0; k < high * wide; k++) {
        const v = values[(map * inputs + i) * high * wide + k];
        const [cx, cy] = [left + (k % wide) * cell, top + Math.floor(k / wide) * cell];
        g.fillStyle = tableColour(theme.lut, v);
        g.fillRect(cx, cy, cell - 0.5, cell - 0.5);
        if (cell < 17) continue;
        g.fillStyle = v > 80 && !theme.dark ? "#fff" : css(theme.text);
        g.font = `${Math.min(9.5, cell * 0.4)}px ${theme.font}`;
        g.textAlign = "center";
        g.textBaseline = "middle";
        g.fillText(signed((v / 127) * filters.filter_scale, 1), cx + cell / 2, cy + cell / 2);
      }
    }
  }

  /** One map large, with numbers as soon as its cells are large enough for them. */
  largeMap(area, scene) {
    const { g } = this;
    const { frame, theme } = scene;
    const stage = frame.header.stages[this.map.stage];
    const shape = frame.shapes[stage.array];
    const values = frame.arrays[stage.array];
    const [count, rows, columns] = sizeOf(stage, shape);
    const map = Math.min(this.map.map, count - 1);
    if (isSignal(stage, shape)) return paintSignal(g, { ...area, y: area.h / 4, h: area.h / 2 }, values, map, columns, scene);
    const at = (r, c) => (map * rows + (scene.kind === "sound" ? rows - 1 - r : r)) * columns + c;
    const cell = Math.min(area.w / columns, (area.h - 14) / rows);
    const [left, top] = [area.x + (area.w - cell * columns) / 2, 14];
    g.font = `10px ${theme.font}`;
    g.fillStyle = css(theme.muted);
    g.textAlign = "left";
    g.textBaseline = "alphabetic";
    g.fillText(`${stage.name === "input" ? "input" : `map ${map + 1} of ${stage.shape[0]}`}, ${rows} × ${columns}`, left, 10);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const v = values[at(r, c)];
        g.fillStyle = tableColour(theme.lut, v);
        g.fillRect(left + c * cell, top + r * cell, cell + 0.4, cell + 0.4);
      }
    if (cell < 19) return undefined;
    g.font = `${Math.min(12, cell * 0.36)}px ${theme.font}`;
    g.textAlign = "center";
    g.textBaseline = "middle";
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const v = values[at(r, c)];
        g.fillStyle = v > 75 && !theme.dark ? "#fff" : css(theme.text);
        const number = signed((v / 127) * stage.scale, 1);
        g.fillText(number, left + (c + 0.5) * cell, top + (r + 0.5) * cell);
      }
    return undefined;
  }

  find(event) {
    if (!this.laid || !this.column) return null;
    const { left, top } = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const box = this.laid.boxes.find((one) => x >= one.x && x < one.x + one.w && y >= one.y && y < one.y + one.h);
    if (!box) return null;
    const stage = this.journey.frame.header.stages[box.stage];
    if (stage.kind === "vector") {
      const index = Math.floor((x - box.x) / Math.min(26, box.w / stage.shape[0]));
      return index < stage.shape[0] ? { kind: "unit", stage: box.stage, index } : null;
    }
    const inner = stage.kind === "sequence" ? { ...box, x: box.x + 44, w: box.w - 44 } : box;
    return inStage(this.journey.way.scene(), inner, x, y);
  }

  move(event) {
    const found = event && this.find(event);
    const html = found ? tipHtml(found, this.journey.way.scene()) : "";
    this.journey.tip(html, event?.clientX, event?.clientY);
  }

  pick(event) {
    const found = this.find(event);
    if (found?.kind !== "map") return;
    this.map = { stage: found.stage, map: found.map };
    this.paint();
  }
}
