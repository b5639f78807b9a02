/** The controls that stand over the diagram: one head a layer, "+ layer" between them, and the popover of a layer. */
import { escape } from "./words.js";

export const options = (choices, value) =>
  choices.map(({ name, title, help }) => `<option value="${name}" title="${escape(help ?? "")}"${name === value ? " selected" : ""}>${escape(title)}</option>`).join("");

export class LayerHeads {
  /**
   * host: the element over the canvas. popover: shared with the other editors.
   * change(layers): the stack of hidden layers that is wanted now. choices(): {activations, norms, limits, features}.
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
    const key = JSON.stringify([structure.layers, structure.inputs, structure.outputs, geometry.width, geometry.height, geometry.inputs.map(({ name }) => name)]);
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

  html(structure, geometry) {
    const { limits } = this.choices();
    const { columns, gap, compact, narrow } = geometry;
    const full = structure.layers.length >= limits.layers;
    const width = Math.min(116, gap - 10);
    const parts = [`<div class="title" style="left:${columns[0].x}px"><b>Inputs</b></div>`];
    for (const input of geometry.inputs) {
      const s = Math.max(input.size, 30);
      parts.push(
        `<button type="button" class="input" data-key="input-${input.name}" data-input="${input.name}" aria-pressed="${input.active}" aria-label="Input ${escape(input.title)}" ` +
          `title="${escape(input.title)}: ${input.active ? "the network sees it; click to take it away" : "click to let the network see it"}. Training starts again." ` +
          `style="left:${input.x - geometry.label - input.size / 2 + 2}px;top:${input.y - s / 2}px;width:${input.size + geometry.label}px;height:${s}px"></button>`,
      );
    }
    structure.layers.forEach((layer, l) => parts.push(compact ? this.smallHead(layer, l, columns[l + 1].x, gap) : this.head(layer, l, columns[l + 1].x, width)));
    for (let c = 1; c < columns.length; c++) {
      const last = c === columns.length - 1;
      const x = last && !narrow && gap > 76 ? columns[c].x - Math.min(gap * 0.42, 56) : (columns[c - 1].x + columns[c].x) / 2;
      const wordy = last && gap > 104;
      if (!wordy && (gap < 60 || (!last && gap < 60))) continue;
      const label = c === 1 && !last ? "Add a layer of neurons before this one" : "Add a layer of neurons here";
      parts.push(
        `<button type="button" class="add ${wordy ? "wordy" : ""}" data-key="add-${c}" data-add="${c - 1}" style="left:${wordy ? (columns[c - 1].x + columns[c].x) / 2 + (structure.layers.length ? 24 : 0) : (columns[c - 1].x + columns[c].x) / 2}px" ` +
          `${full ? "disabled" : ""} aria-label="${label}" title="${full ? `At most ${limits.layers} hidden layers fit here` : `${label}: more layers can bend the boundary more. Training starts again.`}">${wordy ? "+ layer" : "+"}</button>`,
      );
    }
    if (gap < 60) {
      parts.push(`<button type="button" class="add wordy edge" data-key="add-end" data-add="${structure.layers.length}" ${full ? "disabled" : ""} style="left:${columns[columns.length - 1].x}px" aria-label="Add a layer at the end" title="Add a layer at the end. Training starts again.">+</button>`);
    }
    return parts.join("");
  }

  head(layer, l, x, width) {
    const { activations, limits } = this.choices();
    const extra = layer.norm !== "none" || layer.dropout ? " set" : "";
    return `
      <div class="head" style="left:${x}px;width:${width}px" role="group" aria-label="Layer ${l + 1}">
        <div class="name"><b>Layer ${l + 1}</b><button type="button" class="more${extra}" data-key="more-${l}" data-more="${l}" aria-haspopup="dialog" aria-label="More about layer ${l + 1}: norm, dropout, remove" title="Norm, dropout, remove this layer">⋯</button></div>
        <div class="stepper">
          <button type="button" data-key="less-${l}" data-units="${l}:-1" ${layer.units <= 1 ? "disabled" : ""} aria-label="One neuron less in layer ${l + 1}" title="One neuron less: the layer can tell fewer things apart. Training starts again.">−</button>
          <span title="${layer.units} neurons">${layer.units}</span>
          <button type="button" data-key="plus-${l}" data-units="${l}:1" ${layer.units >= limits.width ? "disabled" : ""} aria-label="One neuron more in layer ${l + 1}" title="One neuron more: the layer can draw one more line. Training starts again.">+</button>
        </div>
        <select data-key="activation-${l}" data-activation="${l}" aria-label="Activation of layer ${l + 1}" title="How each neuron of this layer bends its sum. Training starts again.">${options(activations, layer.activation)}</select>
      </div>`;
  }

  smallHead(layer, l, x, gap) {
    const title = this.choices().activations.find(({ name }) => name === layer.activation)?.title ?? layer.activation;
    const extra = layer.norm !== "none" || layer.dropout ? " set" : "";
    return `
      <div class="head small" style="left:${x}px;width:${Math.max(24, Math.min(64, gap - 6))}px">
        <button type="button" class="brief${extra}" data-key="more-${l}" data-more="${l}" aria-haspopup="dialog" aria-label="Layer ${l + 1}: ${layer.units} neurons, ${title}. Change it" title="Layer ${l + 1}: ${layer.units} neurons, ${title}">
          <b>${layer.units}</b>${gap >= 46 ? `<span>${escape(title)}</span>` : ""}
        </button>
      </div>`;
  }

  listen(node) {
    const { dataset } = node;
    if (dataset.input) node.addEventListener("click", () => this.toggleInput(dataset.input));
    if (dataset.add) node.addEventListener("click", () => this.add(+dataset.add));
    if (dataset.more) node.addEventListener("click", () => this.toggle(+dataset.more));
    if (dataset.activation) node.addEventListener("change", () => this.set(+dataset.activation, { activation: node.value }));
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
    const { activations, norms, limits } = this.choices();
    const full = this.structure.layers.length >= limits.layers;
    const node = this.popover.open(
      "layer",
      { x: geometry.columns[l + 1].x, y: geometry.compact ? geometry.top - 4 : 26 },
      `<h3>Layer ${l + 1}</h3>
       <label><span>Neurons</span><input type="number" name="units" min="1" max="${limits.width}" step="1" value="${layer.units}" /></label>
       <label title="How each neuron bends its sum"><span>Activation</span><select name="activation">${options(activations, layer.activation)}</select></label>
       <label title="Keeps the values of the layer in a steady range, which often makes deep networks learn faster"><span>Norm</span><select name="norm">${options(norms, layer.norm)}</select></label>
       <label title="Share of neurons that are switched off at random in each training step, against learning by heart"><span>Dropout</span><input type="range" name="dropout" min="0" max="0.9" step="0.05" value="${layer.dropout}" /><output>${layer.dropout}</output></label>
       <div class="row"><button type="button" name="remove" class="danger">Remove layer</button><button type="button" name="after" ${full ? "disabled" : ""}>Add one after</button></div>
       <p>A change here starts the training again.</p>`,
      `Layer ${l + 1}`,
    );
    this.popover.layer = l;
    const field = (name) => node.querySelector(`[name="${name}"]`);
    field("units").addEventListener("change", (event) => this.set(l, { units: +event.target.value }));
    field("activation").addEventListener("change", (event) => this.set(l, { activation: event.target.value }));
    field("norm").addEventListener("change", (event) => this.set(l, { norm: event.target.value }));
    field("dropout").addEventListener("input", (event) => (node.querySelector("output").textContent = event.target.value));
    field("dropout").addEventListener("change", (event) => this.set(l, { dropout: +event.target.value }));
    field("remove").addEventListener("click", () => this.remove(l));
    field("after").addEventListener("click", () => this.add(l + 1));
  }
}

/** One small window for all editors of the stage; Escape or a click elsewhere closes it. */
export class Popover {
  constructor(node, host) {
    this.node = node;
    this.host = host;
    this.owner = null;
    this.onOutside = (event) => {
      const path = event.composedPath();
      if (this.owner && !path.includes(node) && !path.some((part) => part.dataset?.more !== undefined) && !path.some((part) => part.tagName === "CANVAS")) this.close();
    };
    document.addEventListener("pointerdown", this.onOutside, true);
    node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.close();
      }
    });
  }

  open(owner, { x, y }, html, label) {
    const again = this.owner === owner;
    const focus = again ? this.node.getRootNode().activeElement?.getAttribute("name") : null;
    if (!again) this.before = this.node.getRootNode().activeElement;
    this.owner = owner;
    this.node.innerHTML = html;
    this.node.hidden = false;
    this.node.setAttribute("aria-label", label);
    const width = this.node.offsetWidth;
    const height = this.node.offsetHeight;
    this.node.style.left = `${Math.max(4, Math.min(x - width / 2, this.host.clientWidth - width - 4))}px`;
    this.node.style.top = `${Math.max(0, Math.min(y, this.host.clientHeight - height - 4))}px`;
    const first = (focus && this.node.querySelector(`[name="${focus}"]`)) || this.node.querySelector("input,select,button");
    if (first && matchMedia("(pointer: fine)").matches) first.focus({ preventScroll: true });
    return this.node;
  }

  close() {
    if (!this.owner) return;
    this.owner = null;
    this.node.hidden = true;
    this.node.textContent = "";
    this.onClose?.();
    // back to the button that opened it; a canvas that was clicked needs no frame around it
    if (this.before?.isConnected && this.before.tagName === "BUTTON") this.before.focus({ preventScroll: true });
  }

  destroy() {
    document.removeEventListener("pointerdown", this.onOutside, true);
  }
}

/** The editor of one weight or bias: a slider to feel it, a number to say it. */
export function openWeight(popover, { x, y, title, value, apply }) {
  const reach = Math.max(3, Math.ceil(Math.abs(value) * 1.5));
  const node = popover.open(
    "weight",
    { x: x + 132, y },
    `<h3>${title}</h3>
     <label><input type="range" name="slide" min="${-reach}" max="${reach}" step="0.01" value="${value}" aria-label="${title}" /></label>
     <label><span>Value</span><input type="number" name="value" step="0.01" value="${+value.toFixed(4)}" /></label>
     <div class="row"><button type="button" name="zero">Set to 0</button><button type="button" name="done" class="primary">Done</button></div>`,
    title,
  );
  const [slide, number] = [node.querySelector('[name="slide"]'), node.querySelector('[name="value"]')];
  const take = (v) => Number.isFinite(v) && apply(v);
  slide.addEventListener("input", () => {
    number.value = slide.value;
    take(+slide.value);
  });
  number.addEventListener("change", () => {
    slide.value = number.value;
    take(number.valueAsNumber);
  });
  number.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    take(number.valueAsNumber);
    popover.close();
  });
  node.querySelector('[name="zero"]').addEventListener("click", () => {
    number.value = slide.value = 0;
    take(0);
  });
  node.querySelector('[name="done"]').addEventListener("click", () => {
    if (number.value !== "" && +number.value !== +slide.value) take(number.valueAsNumber);
    popover.close();
  });
  number.focus({ preventScroll: true });
  number.select();
}
