/** What a network makes by itself: the picture that it paints beside the photo, and the names that it writes. */
import { metricText } from "./controls.js";
import { escape, tag } from "./html.js";
import { photoCanvas } from "./journey_maps.js";

/** The photo and the painting side by side, with how near they are. */
export class Painting {
  constructor(node) {
    this.node = node;
    node.innerHTML = `
      <figure><figcaption>The photo</figcaption><canvas class="photo"></canvas></figure>
      <figure><figcaption>What the network paints now<b></b></figcaption><canvas class="painted"></canvas></figure>
      <figure class="off"><figcaption>What is still wrong</figcaption><canvas class="difference"></canvas></figure>`;
    this.find = (selector) => node.querySelector(selector);
  }

  load({ values, h, w }) {
    this.photo = { values, h, w };
    photoCanvas(values, h, w, this.find(".photo"));
  }

  update({ arrays, shapes, header }) {
    const { picture } = arrays;
    if (!picture || !this.photo) return;
    const [h, w] = shapes.picture;
    photoCanvas(picture, h, w, this.find(".painted"));
    const off = new Uint8Array(h * w);
    for (let i = 0; i < h * w; i++) {
      let most = 0;
      for (let k = 0; k < 3; k++) most = Math.max(most, Math.abs(picture[3 * i + k] - this.photo.values[3 * i + k]));
      off[i] = Math.min(255, most * 2);
    }
    photoCanvas(off, h, w, this.find(".difference"));
    const near = `${metricText(header.metric, header.test_metric)}`;
    const node = this.find("figcaption b");
    if (node.textContent !== near) node.textContent = near;
  }
}

/** The names that a generator writes now, and how daring it is. */
export class Writing {
  constructor(node, heat) {
    this.node = node;
    node.innerHTML = `
      <div class="heat"><label title="Low: always the most probable letter. High: also improbable ones.">
        <span>Temperature</span>${tag("input", { type: "range", name: "heat", min: 0.1, max: 2, step: 0.05, value: 0.8, "aria-label": "Temperature" })}
        <output>0.80</output></label><p>Below 1 it stays with what is probable, above 1 it dares more.</p></div>
      <ol class="written" aria-label="What the network writes now"></ol>`;
    this.range = node.querySelector("input");
    this.range.addEventListener("input", () => {
      node.querySelector("output").textContent = (+this.range.value).toFixed(2);
      heat(+this.range.value);
    });
  }

  update({ header }) {
    const { written } = header;
    if (!written) return;
    const html = written.map((name) => `<li>${escape(name) || "<i>(nothing)</i>"}</li>`).join("");
    if (html === this.html) return;
    this.html = html;
    this.node.querySelector(".written").innerHTML = html;
  }
}
