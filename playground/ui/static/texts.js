/** Every sentence and number around the picture. Nothing is written that stands there already, so nothing moves. */
import { lossText, metricText } from "./controls.js";
import { byFinger } from "./fingers.js";
import { escape } from "./html.js";
import { formulaHtml, neuronName } from "./formula.js";
import { legendHtml, probeHtml, signed, tipHtml } from "./words.js";

const START =
  "Press Play and watch it learn. Hover a neuron to see what it has learned, click a link to change its weight.";
const START_BY_FINGER =
  "Press Play and watch it learn. Tap a neuron to see what it has learned, tap a link to change its weight.";
const PAINT = "Drag over the plane to paint points. With two colours or more the network learns to tell them apart.";

export class Texts {
  constructor(stage) {
    this.stage = stage;
    this.find = stage.find;
    this.said = null; // a sentence of our own: {sentence, kind}
    this.error = null; // what the server answered instead of a frame
  }

  say(sentence, kind = "hint") {
    this.said = sentence ? { sentence, kind } : null;
    this.status();
  }

  fail(sentence) {
    if (this.error === sentence) return;
    this.error = sentence;
    this.status();
  }

  status() {
    const { stage } = this;
    const header = stage.frame?.header ?? stage.lastHeader;
    const [sentence, kind] = this.mostUrgent(header);
    stage.controls.message(sentence, kind);
  }

  /** What is said now: what went wrong, then what was just done, then what one could do. */
  mostUrgent(header) {
    const { stage } = this;
    const wrong = this.error ?? header?.message ?? header?.notice;
    if (wrong) return [wrong, "warn"];
    if (this.said) return [this.said.sentence, this.said.kind];
    if (stage.highlight) return [`${stage.hands.highlighted()?.length ?? 0} points are shown. Escape shows all again.`];
    if (header?.speed === "phases") return [stage.controls.phaseSentence()];
    if (stage.painter.active) return [PAINT];
    if (header && !header.playing && !header.step) return [byFinger() ? START_BY_FINGER : START];
    if (header?.edited) return ["Some weights were changed by hand. Reset starts again without the changes."];
    return [stage.selected ? "This neuron stays in the large picture. Escape lets it go." : ""];
  }

  tip(found, x, y) {
    const { stage } = this;
    const node = this.find(".tip");
    const html = found && stage.weights && stage.popover.owner !== "weight" ? tipHtml(stage, found) : "";
    if (node.hidden !== !html) node.hidden = !html;
    if (!html) return;
    if (node.innerHTML !== html) node.innerHTML = html;
    this.placeTip(x, y);
  }

  placeTip(x, y) {
    const { stage } = this;
    const node = this.find(".tip");
    const { offsetWidth: w, offsetHeight: h } = node;
    const left = x + 16 + w > stage.geometry.width ? x - w - 14 : x + 16;
    const top = Math.min(y + 14, stage.geometry.height - h);
    node.style.transform = `translate(${Math.round(Math.max(0, left))}px, ${Math.round(Math.max(0, top))}px)`;
  }

  showProbe() {
    const { stage } = this;
    const found = stage.frame?.header.probe;
    if (!stage.probe || !found) return;
    const node = this.find(".tip");
    const html = probeHtml(stage, found);
    if (node.innerHTML !== html) node.innerHTML = html;
    node.hidden = false;
    this.placeTip(...stage.probeAt);
  }

  showCard(focus) {
    const { stage } = this;
    const node = this.find(".card");
    if (node.hidden === Boolean(focus)) node.hidden = !focus;
    if (!focus || !stage.weights) return;
    const kept = stage.selected && stage.selected.column === focus.column && stage.selected.unit === focus.unit;
    const chosen = stage.frame?.header.selected;
    const range = chosen?.min != null ? `from ${signed(chosen.min, 2)} to ${signed(chosen.max, 2)}` : "";
    const name = neuronName(stage.structure, focus.column, focus.unit);
    const formula = formulaHtml(stage, focus.column, focus.unit);
    const hint = kept ? "Escape lets it go" : "Click to keep it here";
    const html = `<h3>${escape(name)}<small>${range}</small></h3><p>${formula}</p><small>${hint}</small>`;
    if (this.cardHtml !== html) this.find(".card").innerHTML = this.cardHtml = html;
  }

  describe() {
    const { stage } = this;
    const header = stage.frame?.header;
    if (!header) return;
    const layers =
      stage.structure.layers.map(({ units, activation }) => `${units} ${activation}`).join(", ") || "no hidden layer";
    const metric = header.metric === "r2" ? "test R²" : "test accuracy";
    const text =
      `Network with ${stage.structure.inputs.length} inputs and hidden layers: ${layers}. Epoch ${header.epoch}, ` +
      `test loss ${lossText(header.test_loss)}, ${metric} ${metricText(header.metric, header.test_metric)}.`;
    if (stage.picture.canvas.getAttribute("aria-label") !== text) stage.picture.canvas.setAttribute("aria-label", text);
  }

  /** The HTML around the picture; nothing is written that is there already. */
  update(focus) {
    const { stage } = this;
    const { frame, structure, picture } = stage;
    const header = frame?.header ?? (stage.lastHeader?.run === stage.data.run ? stage.lastHeader : null);
    if (header) {
      stage.controls.show(header);
      if (stage.root.dataset.epoch !== String(header.epoch)) stage.root.dataset.epoch = header.epoch;
    }
    this.showCard(focus);
    this.showProbe();
    this.status();
    const title = focus ? neuronName(structure, focus.column, focus.unit) : "Output";
    if (this.titleShown !== title) this.find(".heading b").textContent = this.titleShown = title;
    const surface = focus && picture.surfaceOf === `${focus.column},${focus.unit}` ? picture.output.surfaceReach : null;
    const key = JSON.stringify([
      structure.task,
      structure.classNames,
      surface && surface.toPrecision(2),
      picture.theme.key,
    ]);
    if (key !== this.legendKey) {
      this.legendKey = key;
      this.find(".legend").innerHTML = legendHtml(structure, surface);
    }
    const parameters = header?.parameters || stage.linears.reduce((sum, { from, to }) => sum + (from + 1) * to, 0);
    const foot = `${parameters.toLocaleString("en")} parameter${parameters === 1 ? "" : "s"}`;
    if (this.footShown !== foot) {
      const node = this.find(".foot");
      node.textContent = this.footShown = foot;
      node.title = "Numbers that the training may change: all weights and biases";
    }
    const y = `${stage.geometry.diagram.h - 16}px`;
    if (this.find(".foot").style.top !== y) this.find(".foot").style.top = y;
  }
}
