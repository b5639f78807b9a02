/** The small windows of the stage. */
import { button, escape, tag } from "./html.js";

/** One small window for all editors of the stage; Escape or a click elsewhere closes it. */
export class Popover {
  constructor(node, host) {
    this.node = node;
    this.host = host;
    this.owner = null;
    this.onOutside = (event) => {
      const path = event.composedPath();
      if (
        this.owner &&
        !path.includes(node) &&
        !path.some((part) => part.dataset?.more !== undefined) &&
        !path.some((part) => part.tagName === "CANVAS")
      )
        this.close();
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
    const first =
      (focus && this.node.querySelector(`[name="${focus}"]`)) || this.node.querySelector("input,select,button");
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
  const number = { type: "number", name: "value", step: "any", "aria-label": title };
  const reach = Math.max(3, Math.ceil(Math.abs(value) * 1.5));
  const node = popover.open(
    "weight",
    { x: x + 132, y },
    [
      `<h3>${escape(title)}</h3>`,
      tag(
        "label",
        {},
        tag("input", { type: "range", name: "slide", min: -reach, max: reach, step: 0.01, value, "aria-label": title }),
      ),
      `<label><span>Value</span>${tag("input", { ...number, value: +value.toFixed(4) })}</label>`,
      `<div class="row">${button({ name: "zero" }, "Set to 0")}${button({ name: "done", class: "primary" }, "Done")}</div>`,
    ].join(""),
    title,
  );
  const [slide, field] = [node.querySelector('[name="slide"]'), node.querySelector('[name="value"]')];
  const take = (v) => Number.isFinite(v) && apply(v);
  slide.addEventListener("input", () => {
    field.value = slide.value;
    take(+slide.value);
  });
  field.addEventListener("change", () => {
    slide.value = field.value;
    take(field.valueAsNumber);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    take(field.valueAsNumber);
    popover.close();
  });
  node.querySelector('[name="zero"]').addEventListener("click", () => {
    field.value = slide.value = 0;
    take(0);
  });
  node.querySelector('[name="done"]').addEventListener("click", () => {
    if (field.value !== "" && +field.value !== +slide.value) take(field.valueAsNumber);
    popover.close();
  });
  field.focus({ preventScroll: true });
  field.select();
}
