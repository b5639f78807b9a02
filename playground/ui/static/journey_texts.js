/** Every sentence and number around the journey. Nothing is written that stands there already, so nothing moves. */
import { lossText, metricText } from "./controls.js";
import { byFinger } from "./fingers.js";
import { escape } from "./html.js";
import { verdict } from "./journey_heads.js";
import { percent } from "./journey_output.js";
import { visible } from "./journey_raw.js";
import { paintLosses } from "./losses.js";

const START = "Press Play. Hover to see a value, click a layer to see it large."; // what a line holds
const START_BY_FINGER = "Press Play. Tap a value to read it, tap a layer's name to see it large.";

export class JourneyTexts {
  constructor(journey) {
    this.journey = journey;
    this.find = journey.find;
    this.error = null;
  }

  fail(sentence) {
    if (this.error === sentence) return;
    this.error = sentence;
    this.status();
  }

  /** What can be done with this kind of data. */
  offer({ kind, photo, writes, own = true }) {
    const set = (selector, on) => (this.find(selector).hidden = !on);
    const plain = !photo && !writes;
    set(".tools .draw", kind === "images" && plain && own);
    set(".type", kind === "text" && own);
    set(".listen", kind === "sound");
    this.silent = kind !== "sound";
    set(".look", plain);
    set('[data-tab="wall"]', plain);
    set('[data-tab="draw"]', kind === "images" && plain && own);
    set('[data-tab="paint"]', photo);
    set('[data-tab="write"]', writes);
    this.find('[data-tab="wall"]').textContent = { tables: "Test rows", sound: "Test sounds", text: "Test texts" }[kind] ?? "Test pictures";
  }

  status() {
    const { journey } = this;
    const header = journey.frame?.header ?? journey.lastHeader;
    const wrong = this.error ?? header?.message ?? header?.notice;
    if (wrong) return journey.controls.message(wrong, "warn");
    if (header?.speed === "phases") return journey.controls.message(journey.controls.phaseSentence());
    if (header && !header.playing && !header.step) return journey.controls.message(byFinger() ? START_BY_FINGER : START);
    return journey.controls.message(LOOKED[journey.explain]?.[header?.stages?.[1]?.frozen ? "frozen" : header?.kind] ?? LOOKED[journey.explain]?.any ?? "");
  }

  update() {
    const { journey } = this;
    const { frame, root } = journey;
    const header = frame?.header ?? (journey.lastHeader?.run === journey.data.run ? journey.lastHeader : null);
    this.status();
    if (!header) return;
    journey.controls.show(header);
    if (root.dataset.epoch !== String(header.epoch)) root.dataset.epoch = header.epoch;
    if (frame && !frame.header.sample) this.nothing();
    if (!frame?.header.sample) return;
    const { sample, class_names: names, task, kind } = frame.header;
    const silent = kind === "sound" && !frame.header.sample_rate;
    if (kind === "sound" && silent !== this.silent) this.find(".listen").hidden = this.silent = silent;
    this.which(sample, frame.header);
    journey.heads.answer(sample, { names, task, photo: Boolean(journey.statics.photo), written: journey.data.writes });
    journey.heads.mark(journey.chosen);
    journey.heads.painting?.(frame);
    journey.wall.choosing(sample.source === "test" ? sample.index : null);
    if (root.dataset.answer !== sample.answer) root.dataset.answer = sample.answer;
    if (root.dataset.source !== sample.source) root.dataset.source = sample.source;
    this.mini(sample, names, task);
    this.padAnswer(sample, names);
    this.curves();
  }

  /** There are no data yet: nothing of the run before may stay. */
  nothing() {
    this.curves();
    this.whichText = this.miniText = "";
    for (const name of [".which", ".mini"]) this.find(name).textContent = "";
    const field = this.find('[name="own"]');
    if (field.getRootNode().activeElement !== field) field.value = "";
    delete this.journey.root.dataset.answer;
  }

  /** Which sample it is, and the text in the field if nobody types there. */
  which(sample, { kind, test_count: tests, train_count: trains }) {
    const count = sample.source === "train" ? trains : tests;
    const what = this.journey.statics.photo ? "pixel" : { images: "picture", text: "text", sound: "sound", tables: "row" }[kind] ?? "sample";
    const place = sample.index === null || sample.index === undefined ? "" : (sample.index + 1).toLocaleString("en");
    const text =
      sample.source === "own" ? `Your own ${what}` : `${sample.source === "train" ? "Train" : "Test"} ${what} ${place} of ${(count ?? 0).toLocaleString("en")}`;
    if (this.whichText !== text) this.find(".which").textContent = this.whichText = text;
    const field = this.find('[name="own"]');
    const typing = field.getRootNode().activeElement === field;
    if (kind === "text" && !typing && sample.source !== "own" && field.value !== (sample.text ?? "")) field.value = sample.text ?? "";
  }

  /** On a phone the answer is far down: it stands at the top too. */
  mini(sample, names, task) {
    if (!this.journey.root.classList.contains("narrow")) return;
    const right = verdict(sample, task);
    const sure = sample.best === null || sample.best === undefined ? null : sample.probabilities[sample.best];
    const words = sure === null ? sample.answer : `${visible(names[sample.best] ?? "")} · ${percent(sure)}`;
    const text = `→ ${words}${right === null ? "" : right ? " ✓" : " ✗"}`;
    if (this.miniText !== text) this.find(".mini").textContent = this.miniText = text;
  }

  padAnswer(sample, names) {
    if (this.find(".draw.panel").hidden) return;
    if (sample.source !== "own") return this.journey.pad.answer("");
    const order = sample.probabilities.map((p, k) => [p, k]).sort((a, b) => b[0] - a[0]).slice(0, 3);
    const rows = order.map(([p, k]) => `<i>${escape(visible(names[k] ?? ""))}</i><u><s style="width:${100 * p}%"></s></u><em>${percent(p)}</em>`);
    this.journey.pad.answer(rows.join(""));
    return undefined;
  }

  curves() {
    const { journey } = this;
    const { way, frame } = journey;
    const canvas = this.find(".curves canvas");
    const { clientWidth: w, clientHeight: h } = canvas.parentElement;
    if (!w || !h) return;
    const [width, height] = [Math.round(w * way.ratio), Math.round(h * way.ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const g = canvas.getContext("2d");
    g.setTransform(way.ratio, 0, 0, way.ratio, 0, 0);
    g.clearRect(0, 0, w, h);
    paintLosses(g, { geometry: { loss: { x: 0, y: 0, w, h } }, theme: way.theme, frame });
  }

  describe() {
    const { frame, way } = this.journey;
    const header = frame?.header;
    if (!header?.sample) return;
    const { sample } = header;
    const right = verdict(sample, header.task);
    const layers = header.stages.map((stage) => stage.title).join(", ");
    const text =
      `The journey of one sample through ${layers}. Answer: ${sample.answer}` +
      `${right === null ? "" : right ? ", which is right" : `, which is wrong: it is ${sample.target}`}. Epoch ${header.epoch}, ` +
      `test loss ${lossText(header.test_loss)}, ${header.metric} ${metricText(header.metric, header.test_metric)}.`;
    if (way.canvas.getAttribute("aria-label") !== text) way.canvas.setAttribute("aria-label", text);
    const curves = this.find(".curves canvas");
    const losses = `Loss curves: train ${lossText(header.train_loss)}, test ${lossText(header.test_loss)}.`;
    if (curves.getAttribute("aria-label") !== losses) curves.setAttribute("aria-label", losses);
  }
}

const LOOKED = {
  gradient: {
    images: "Blue pixels make the network surer of its answer when they get brighter, orange ones less sure.",
    frozen: "Blue places of the photo speak for the answer, orange ones against it.",
    text: "Blue tokens speak for the answer, orange ones against it.",
    any: "Blue speaks for the answer, orange against it: what would change it most if it changed a little.",
  },
  occlusion: {
    frozen: "Every place of the last maps is emptied in turn. Blue: without it the network is less sure. Orange: surer.",
    any: "Every part is covered in turn. Blue: without it the network is less sure of its answer. Orange: it is surer.",
  },
};
