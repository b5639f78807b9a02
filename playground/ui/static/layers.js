/** The controls that stand over the diagram: one head a layer, "+ layer" between them, and the popover of a layer. */
import { button, escape, options, tag } from "./html.js";

const AGAIN = "Training starts again.";
const WIDE_GAP = 104; // pixels between columns from which "+ layer" fits as a word
const ROOM_FOR_PLUS = 60;

export class LayerHeads {
  /**
   * host: the element over the canvas. popover: shared with the other editors.
   * change(layers): the stack of hidden layers that is wanted now.
   * choices(): {activations, norms, limits, features, hidden}; where `hidden` names the network, nothing changes it.
   */
  constructor(host, popover, { change, toggleInput, choices }) {
    this.host = host;
    this.popover = popover;
    this.change = change;
    this.toggleInput = toggleInput;
    this.choices = choices;
    this.key = "";
  }

  /** Build the heads anew where the structure or its place has changed; else leave the DOM alone. */
  render(structure, geometry) {
    const key = JSON.stringify([
      structure.layers,
      structure.inputs,
      structure.outputs,
      this.fixed,
      geometry.width,
      geometry.height,
      geometry.inputs.map(({ name }) => name),
    ]);
    if (key === this.key) return;
    this.key = key;
    this.structure = structure;
    const focused = this.host.getRootNode().activeElement?.dataset?.key;
    this.host.innerHTML = this.html(structure, geometry);
    this.host.querySelectorAll("[data-key]").forEach((node) => this.listen(node));
    if (focused) this.host.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
    if (this.popover.owner === "layer") this.openLayer(this.popover.layer, geometry);
    this.geometry = geometry;
  }

  get fixed() {
    return Boolean(this.choices().hidden?.includes("network"));
  }

  html(structure, geometry) {
    const { columns, gap, compact } = geometry;
    const head = compact ? this.smallHead : this.fixed ? this.fixedHead : this.head;
    const title = tag("div", { class: "title", style: `left:${columns[0].x}px` }, "<b>Inputs</b>");
    const heads = structure.layers.map((layer, l) => head.call(this, layer, l, columns[l + 1].x, gap));
    if (this.fixed) return [title, ...heads].join("");
    return [
      title,
      ...geometry.inputs.map((input) => this.inputButton(input, geometry.label)),
      ...heads,
      ...this.addButtons(structure.layers, geometry),
    ].join("");
  }

  /** Lies unseen over the tile that the canvas paints, for those who use a keyboard or listen. */
  inputButton({ name, title, x, y, size, active }, label) {
    const height = Math.max(size, 30);
    const place = [x - label - size / 2 + 2, y - height / 2, size + label, height];
    const does = active ? "the network sees it; click to take it away" : "click to let the network see it";
    return button({
      class: "input",
      label: `Input ${title}`,
      tip: `${title}: ${does}. ${AGAIN}`,
      style: ["left", "top", "width", "height"].map((side, i) => `${side}:${place[i]}px`).join(";"),
      "aria-pressed": String(active),
      "data-key": `input-${name}`,
      "data-input": name,
    });
  }

  /** A plus between all columns where there is room, with a word at the end; else one plus at the end alone. */
  addButtons(layers, { columns, gap }) {
    const { limits } = this.choices();
    const full = layers.length >= limits.layers;
    const add = (place, left, wordy) => {
      const label = `Add a layer of neurons here, ${place < layers.length ? `before layer ${place + 1}` : "at the end"}`;
      return button(
        {
          class: wordy ? "add wordy" : "add",
          label,
          tip: full
            ? `At most ${limits.layers} hidden layers fit here.`
            : `${label}. More layers can bend the boundary more. ${AGAIN}`,
          style: `left:${left}px`,
          disabled: full,
          "data-key": `add-${place}`,
          "data-add": place,
        },
        wordy ? "+ layer" : "+",
      );
    };
    const end = columns.length - 2;
    if (gap < ROOM_FOR_PLUS) return [add(end, columns[end + 1].x, false)];
    return columns.slice(1).map(({ x }, place) => {
      const wordy = place === end && gap > WIDE_GAP;
      return add(place, (columns[place].x + x) / 2 + (wordy && layers.length ? 24 : 0), wordy);
    });
  }

  head(layer, l, x, gap) {
    const { activations, limits } = this.choices();
    const name = `layer ${l + 1}`;
    const more = button(
      {
        class: `more${isSpecial(layer)}`,
        label: `More about ${name}: norm, dropout, remove`,
        tip: "Norm, dropout, remove this layer",
        "aria-haspopup": "dialog",
        "data-key": `more-${l}`,
        "data-more": l,
      },
      "⋯",
    );
    const less = {
      label: `One neuron less in ${name}`,
      tip: `One neuron less: the layer can tell fewer things apart. ${AGAIN}`,
      disabled: layer.units <= 1,
      "data-key": `less-${l}`,
      "data-units": `${l}:-1`,
    };
    const plus = {
      label: `One neuron more in ${name}`,
      tip: `One neuron more: the layer can draw one more line. ${AGAIN}`,
      disabled: layer.units >= limits.width,
      "data-key": `plus-${l}`,
      "data-units": `${l}:1`,
    };
    const activation = {
      "aria-label": `Activation of ${name}`,
      title: `How each neuron of this layer bends its sum. ${AGAIN}`,
      "data-key": `activation-${l}`,
      "data-activation": l,
    };
    const count = tag("span", { title: `${layer.units} neurons` }, layer.units);
    return tag(
      "div",
      {
        class: "head",
        role: "group",
        "aria-label": `Layer ${l + 1}`,
        style: `left:${x}px;width:${Math.min(116, gap - 10)}px`,
      },
      `<div class="name"><b>Layer ${l + 1}</b>${more}</div>
       <div class="stepper">${button(less, "−")}${count}${button(plus, "+")}</div>
       ${tag("select", activation, options(activations, layer.activation))}`,
    );
  }

  activationTitle({ activation }) {
    return this.choices().activations.find(({ name }) => name === activation)?.title ?? activation;
  }

  /** What a layer is, where the page's link leaves out all that changes it; its norm and dropout stand below it. */
  fixedHead(layer, l, x, gap) {
    const count = `${layer.units} ${layer.units === 1 ? "neuron" : "neurons"}`;
    const content = `<b>Layer ${l + 1}</b><span>${count}</span><span>${escape(this.activationTitle(layer))}</span>`;
    return tag("div", { class: "head fixed", style: `left:${x}px;width:${Math.min(116, gap - 10)}px` }, content);
  }

  /** Where columns stand close together: one button that opens everything. */
  smallHead(layer, l, x, gap) {
    const title = this.activationTitle(layer);
    const says = `Layer ${l + 1}: ${layer.units} neurons, ${title}`;
    const open = {
      class: `brief${isSpecial(layer)}`,
      label: `${says}. Change it`,
      tip: says,
      "aria-haspopup": "dialog",
      "data-key": `more-${l}`,
      "data-more": l,
    };
    const width = Math.max(24, Math.min(64, gap - 6));
    const content = `<b>${layer.units}</b>${gap >= 46 ? `<span>${escape(title)}</span>` : ""}`;
    const inside = this.fixed ? tag("div", { class: "brief", title: says }, content) : button(open, content);
    return tag("div", { class: "head small", style: `left:${x}px;width:${width}px` }, inside);
  }

  listen(node) {
    const { dataset } = node;
    if (dataset.input) node.addEventListener("click", () => this.toggleInput(dataset.input));
    if (dataset.add) node.addEventListener("click", () => this.add(+dataset.add));
    if (dataset.more) node.addEventListener("click", () => this.toggle(+dataset.more));
    if (dataset.activation)
      node.addEventListener("change", () => this.set(+dataset.activation, { activation: node.value }));
    if (dataset.units) {
      const [l, by] = dataset.units.split(":").map(Number);
      node.addEventListener("click", () => this.set(l, { units: this.structure.layers[l].units + by }));
    }
  }

  set(l, fields) {
    const layers = this.structure.layers.map((layer, i) => (i === l ? { ...layer, ...fields } : layer));
    const { limits } = this.choices();
    layers[l].units = Math.max(1, Math.min(limits.width, Math.round(layers[l].units) || 1));
    this.change(layers);
  }

  /** A new layer is like its neighbour, so that one click gives something sensible. */
  add(place) {
    const { layers } = this.structure;
    const like = layers[place - 1] ?? layers[place] ?? { units: 4, activation: "tanh" };
    const layer = { units: Math.min(like.units, 8), activation: like.activation, norm: "none", dropout: 0 };
    this.popover.close();
    this.change([...layers.slice(0, place), layer, ...layers.slice(place)]);
  }

  remove(l) {
    this.popover.close();
    this.change(this.structure.layers.filter((_, i) => i !== l));
  }

  toggle(l) {
    if (this.popover.owner === "layer" && this.popover.layer === l) this.popover.close();
    else this.openLayer(l, this.geometry);
  }

  openLayer(l, geometry) {
    const layer = this.structure.layers[l];
    if (!layer) return this.popover.close();
    const { limits } = this.choices();
    const full = this.structure.layers.length >= limits.layers;
    const node = this.popover.open(
      "layer",
      { x: geometry.columns[l + 1].x, y: geometry.compact ? geometry.top - 4 : 26 },
      layerForm(layer, l, this.choices(), full),
      `Layer ${l + 1}`,
    );
    this.popover.layer = l;
    const field = (name) => node.querySelector(`[name="${name}"]`);
    field("units").addEventListener("change", (event) => this.set(l, { units: +event.target.value }));
    field("activation").addEventListener("change", (event) => this.set(l, { activation: event.target.value }));
    field("norm").addEventListener("change", (event) => this.set(l, { norm: event.target.value }));
    field("dropout").addEventListener(
      "input",
      (event) => (node.querySelector("output").textContent = event.target.value),
    );
    field("dropout").addEventListener("change", (event) => this.set(l, { dropout: +event.target.value }));
    field("remove").addEventListener("click", () => this.remove(l));
    field("after").addEventListener("click", () => this.add(l + 1));
  }
}

/** Marks a layer that has more than the plain parts. */
const isSpecial = ({ norm, dropout }) => (norm !== "none" || dropout ? " set" : "");

function layerForm({ units, activation, norm, dropout }, l, { activations, norms, limits }, full) {
  const row = (word, tip, field) => tag("label", { title: tip }, `<span>${word}</span>${field}`);
  const number = { type: "number", name: "units", min: 1, max: limits.width, step: 1, value: units };
  const share = { type: "range", name: "dropout", min: 0, max: 0.9, step: 0.05, value: dropout };
  return [
    `<h3>Layer ${l + 1}</h3>`,
    row("Neurons", "How many features the layer can tell apart", tag("input", number)),
    row(
      "Activation",
      "How each neuron bends its sum",
      tag("select", { name: "activation" }, options(activations, activation)),
    ),
    row(
      "Norm",
      "Keeps the values of the layer in a steady range, which often makes deep networks learn faster",
      tag("select", { name: "norm" }, options(norms, norm)),
    ),
    row(
      "Dropout",
      "Share of neurons that are switched off at random in each training step, against learning by heart",
      `${tag("input", share)}<output>${dropout}</output>`,
    ),
    '<div class="row">',
    button({ name: "remove", class: "danger" }, "Remove layer"),
    button({ name: "after", disabled: full }, "Add one after"),
    `</div><p>A change here starts the training again.</p>`,
  ].join("");
}
