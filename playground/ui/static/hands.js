/** What people do to the network: choices on the picture, and choices made elsewhere. */
import { formatLayers, parameterName } from "./frame.js";
import { neuronName, sourceNames } from "./formula.js";
import { openWeight } from "./popover.js";

const BELIEVE_MS = 2500; // so long a change made here is shown although the server still sends the former network

export class Hands {
  constructor(stage) {
    this.stage = stage;
  }

  escape() {
    const { stage } = this;
    if (stage.popover.owner) return stage.popover.close();
    if (stage.highlight) return stage.set({ highlight: null });
    return this.letGo();
  }

  /** Another network is wanted: show it at once, and tell the page. */
  change(fields) {
    const { stage } = this;
    const structure = { ...stage.structure, ...fields };
    stage.believeUntil = performance.now() + BELIEVE_MS;
    stage.setStructure(structure);
    const change = {};
    if (fields.layers) change.layers = formatLayers(fields.layers);
    // inputs that this data set cannot use stay chosen for the next one
    if (fields.inputs) change.inputs = stage.chosen.join("_") || "none";
    stage.emit({ change });
  }

  usable(name) {
    const { stage } = this;
    return (stage.data.features.find((feature) => feature.name === name)?.dims ?? 9) <= stage.structure.dims;
  }

  toggleInput(name) {
    const { stage } = this;
    if (stage.data.hidden?.includes("network")) return;
    const order = stage.data.features.map((feature) => feature.name);
    const on = !stage.structure.inputs.includes(name);
    stage.chosen = order.filter((other) => (other === name ? on : stage.chosen.includes(other)));
    this.change({ inputs: stage.chosen.filter((other) => this.usable(other)) });
  }

  setHover(found, x, y) {
    const { stage } = this;
    const before = JSON.stringify(stage.hover && { ...stage.hover, x: 0, y: 0 });
    stage.hover = found;
    stage.texts.tip(found, x, y);
    if (before === JSON.stringify(found && { ...found, x: 0, y: 0 })) return;
    stage.loop?.kick();
    stage.repaint();
  }

  keep(found) {
    const { stage } = this;
    const again = stage.selected && stage.selected.column === found.column && stage.selected.unit === found.unit;
    this.select(again ? null : found);
  }

  select(found) {
    const { stage } = this;
    stage.selected = found;
    stage.loop?.kick();
    stage.repaint();
  }

  letGo() {
    const { stage } = this;
    if (stage.selected) this.select(null);
  }

  edit(found, x, y) {
    const { stage } = this;
    if (!stage.weights) return;
    stage.editing = found;
    const linear = stage.linears[found.column - 1];
    const bias = found.kind === "bias";
    const at = bias ? linear.bias + found.unit : linear.weight + found.unit * linear.from + found.from;
    const to = neuronName(stage.structure, found.column, found.unit);
    const from = bias ? "" : sourceNames(stage.structure, stage.data.features, found.column)[found.from];
    stage.texts.tip(null);
    openWeight(stage.popover, {
      x,
      y: y + 12,
      title: bias ? `Bias of ${to.toLowerCase()}` : `Weight of ${from} in ${to.toLowerCase()}`,
      value: stage.weights[at],
      apply: (value) => {
        const parameter = parameterName(found.column - 1, stage.linears.length, bias ? "bias" : "weight");
        if (stage.weights) stage.weights[at] = value; // seen at once; the next frame says the same
        stage.loop?.command({ name: "edit", parameter, index: bias ? [found.unit] : [found.unit, found.from], value });
        stage.repaint();
      },
    });
    stage.editing = found;
    stage.repaint();
  }

  setDomain(domain) {
    const { stage } = this;
    stage.zoomed = domain;
    stage.loop?.kick();
    stage.repaint();
  }

  setProbe(probe, x, y) {
    const { stage } = this;
    if (probe === null && stage.probe === null) return;
    stage.probe = probe;
    if (probe === null) stage.texts.tip(null);
    else stage.probeAt = [x, y];
    stage.loop?.kick();
  }

  moveProbe(x, y) {
    const { stage } = this;
    stage.probeAt = [x, y];
    const shown = stage.find(".tip");
    if (!shown.hidden) stage.texts.placeTip(x, y);
  }

  togglePaint() {
    const { stage } = this;
    const { painter } = stage;
    if (painter.active) painter.stop();
    else
      painter.start(
        stage.structure.dims === 2 && stage.statics ? { ...stage.statics, task: stage.structure.task } : {},
      );
    const on = painter.active;
    const node = stage.find(".paint");
    node.setAttribute("aria-pressed", on);
    node.textContent = on ? "Done" : "Paint";
    stage.find(".bar").hidden = !on;
    stage.find(".legend").hidden = on;
    stage.picture.canvas.style.touchAction = on ? "none" : "";
    stage.zoomed = null;
    stage.selected = null;
    stage.texts.say(null);
    stage.repaint();
  }

  /** Points that another picture of the page has chosen: by index, or by a cell of the confusion matrix. */
  selectPoints(detail) {
    const { stage } = this;
    if (!detail || (!detail.points && !detail.cell)) return stage.set({ highlight: null });
    stage.highlight = detail;
    if (detail.split !== "train") stage.find('[name="test"]').checked = stage.showTest = true;
    stage.repaint();
  }

  highlighted() {
    const { stage } = this;
    const { highlight, statics, frame } = stage;
    if (!highlight || !statics) return null;
    if (highlight.points) return highlight.points;
    const predicted = frame?.arrays.predicted;
    if (!predicted || stage.structure.task === "regression") return null;
    const [truth, answer] = highlight.cell;
    const [first, last] =
      highlight.split === "train"
        ? [0, statics.trainCount]
        : highlight.split === "test"
          ? [statics.trainCount, statics.count]
          : [0, statics.count];
    const found = [];
    for (let i = first; i < last; i++) if (statics.labels[i] === truth && predicted[i] === answer) found.push(i);
    return found;
  }
}
