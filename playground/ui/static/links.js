/** Paints the links: as wide as their weights are strong, in the colour of their sign, and what runs along them. */
import { ease, linkSpan } from "./layout.js";
import { css } from "./theme.js";

const VECTOR_LINKS = 700; // beyond that many, links are drawn pixel column by pixel column: a tenth of the time

export class LinkPainter {
  paint(g, scene) {
    const { geometry, theme, weights, linears } = scene;
    const total = linears.reduce((sum, { from, to }) => sum + from * to, 0);
    if (!weights) return this.faintLinks(g, scene);
    if (total > VECTOR_LINKS) this.linkRows(g, scene);
    else this.linkCurves(g, scene);
    const { phase } = scene;
    if (phase && scene.gradients && (phase === "backward" || phase === "step")) this.gradientGlow(g, scene, total);
    if (phase && scene.flow !== null && total <= VECTOR_LINKS) this.pulses(g, scene);
    for (const marked of [scene.hover, scene.editing]) {
      if (marked?.kind !== "link" || !geometry.columns[marked.column]?.nodes[marked.unit]) continue;
      const path = new Path2D();
      this.curve(path, geometry, marked.column, marked.from, marked.unit);
      g.lineCap = "round";
      g.strokeStyle = css(theme.background);
      g.lineWidth = 9;
      g.stroke(path);
      const linear = linears[marked.column - 1];
      const w = weights[linear.weight + marked.unit * linear.from + marked.from];
      g.strokeStyle = css(w < 0 ? theme.negative : theme.positive);
      g.lineWidth = Math.max(4, this.linkWidth(w, geometry, marked.column));
      g.stroke(path);
    }
  }

  /** Before the first numbers: the links are there, but say nothing yet. */
  faintLinks(g, { geometry, theme, linears }) {
    const path = new Path2D();
    linears.forEach(({ from, to }, k) => {
      if (from * to > VECTOR_LINKS / 4) return;
      for (let o = 0; o < to; o++) for (let i = 0; i < from; i++) this.curve(path, geometry, k + 1, i, o);
    });
    g.strokeStyle = css(theme.line);
    g.lineWidth = 1;
    g.stroke(path);
  }

  curve(path, geometry, column, from, to) {
    const [x0, x1] = linkSpan(geometry, column);
    const a = geometry.columns[column - 1].nodes[from];
    const b = geometry.columns[column].nodes[to];
    const third = (x1 - x0) / 3; // control points at thirds make the curve y = ease(t) over x: picking can compute it
    path.moveTo(x0, a.y);
    path.bezierCurveTo(x0 + third, a.y, x1 - third, b.y, x1, b.y);
  }

  linkWidth(w, geometry, column) {
    const room = Math.min(geometry.columns[column].size, geometry.columns[column - 1].size);
    return Math.max(0.5, Math.min(Math.abs(w) * 3, Math.max(1.5, room * 0.22)));
  }

  linkCurves(g, scene) {
    const { geometry, theme, weights, linears, selected, hover } = scene;
    const focus = selected ?? (hover?.kind === "neuron" ? { column: hover.column, unit: hover.unit } : null);
    const buckets = new Map();
    linears.forEach(({ from, to, weight }, k) => {
      const column = k + 1;
      for (let o = 0; o < to; o++) {
        for (let i = 0; i < from; i++) {
          const w = weights[weight + o * from + i];
          const width = this.linkWidth(w, geometry, column);
          const strength = Math.min(1, Math.abs(w) / 1.2);
          const dim = focus && !(focus.column === column && focus.unit === o) ? 1 : 0;
          const key = ((Math.round(width * 1.5) * 2 + (w < 0 ? 1 : 0)) * 2 + dim) * 8 + Math.round(strength * 7);
          let bucket = buckets.get(key);
          if (!bucket) buckets.set(key, (bucket = { path: new Path2D(), width, strength, negative: w < 0, dim }));
          this.curve(bucket.path, geometry, column, i, o);
        }
      }
    });
    g.lineCap = "butt";
    const ordered = [...buckets.values()].sort((a, b) => b.dim - a.dim || a.width - b.width);
    for (const { path, width, strength, negative, dim } of ordered) {
      const alpha = (0.22 + 0.73 * strength) * (dim ? 0.22 : 1);
      g.strokeStyle = css(negative ? theme.negative : theme.positive, alpha);
      g.lineWidth = width;
      g.stroke(path);
    }
  }

  /**
   * Thousands of links: walk each along x and blend one pixel a column. Strong ones are drawn last.
   * In real pixels of the diagram, onto the background colour, then one putImageData.
   */
  linkRows(g, scene) {
    const { geometry, theme, weights, linears } = scene;
    const scale = 1; // one CSS pixel: at this density finer lines could not be told apart
    const [w, h] = [Math.ceil(geometry.diagram.w * scale), Math.ceil(geometry.diagram.h * scale)];
    if (!this.rows || this.rows.width !== w || this.rows.height !== h) {
      this.rows = document.createElement("canvas");
      this.rows.width = w;
      this.rows.height = h;
      this.rowImage = new ImageData(w, h);
      this.rowPixels = this.rowImage.data;
    }
    new Uint32Array(this.rowPixels.buffer).fill(
      (255 << 24) | (theme.background[2] << 16) | (theme.background[1] << 8) | theme.background[0],
    );
    for (let k = 0; k < linears.length; k++) this.blendLinks(scene, k, w, h);
    this.rows.getContext("2d").putImageData(this.rowImage, 0, 0);
    g.drawImage(this.rows, geometry.diagram.x, geometry.diagram.y, w / scale, h / scale);
  }

  blendLinks({ geometry, theme, weights, linears }, k, w, h) {
    const { from, to, weight } = linears[k];
    const [x0, x1] = linkSpan(geometry, k + 1).map((x) => Math.round(x - geometry.diagram.x));
    const steps = x1 - x0;
    if (steps < 1) return;
    const bends = new Float32Array(steps + 1);
    for (let s = 0; s <= steps; s++) bends[s] = ease(s / steps);
    const [above, here] = [geometry.columns[k].nodes, geometry.columns[k + 1].nodes];
    const strengths = new Float32Array(from * to);
    let sum = 0;
    for (let i = 0; i < strengths.length; i++) sum += strengths[i] = Math.abs(weights[weight + i]);
    const mean = Math.max(sum / strengths.length, 0.02);
    // In a crowd only what stands out is drawn strongly; below the mean it is a haze that hides the rest.
    for (const strong of [false, true]) {
      for (let o = 0; o < to; o++) {
        for (let i = 0; i < from; i++) {
          const at = o * from + i;
          const share = strengths[at] / mean;
          if (share < 0.9 || share > 2 !== strong) continue;
          const alpha = Math.min(0.95, 0.085 * share * share);
          const colour = weights[weight + at] < 0 ? theme.negative : theme.positive;
          walkLink(this.rowPixels, w, h, x0, bends, above[i].y, here[o].y, colour, alpha);
        }
      }
    }
  }

  /** Slow motion, backward: the larger a link's gradient, the stronger it glows. */
  gradientGlow(g, scene, total) {
    const { geometry, theme, gradients, linears, phase } = scene;
    const glow = Array.from({ length: 6 }, () => new Path2D());
    linears.forEach(({ from, to, weight }, k) => {
      let largest = 1e-12;
      for (let i = 0; i < from * to; i++) largest = Math.max(largest, Math.abs(gradients[weight + i]));
      for (let o = 0; o < to; o++) {
        for (let i = 0; i < from; i++) {
          const share = Math.abs(gradients[weight + o * from + i]) / largest;
          if (share < (total > VECTOR_LINKS ? 0.6 : 0.12)) continue;
          this.curve(glow[Math.min(5, Math.floor(share * 6))], geometry, k + 1, i, o);
        }
      }
    });
    const fade = phase === "step" ? 0.45 : 1;
    g.lineCap = "round";
    glow.forEach((path, i) => {
      g.strokeStyle = css(theme.gradient, fade * (0.25 + 0.13 * i));
      g.lineWidth = 1.2 + i * 0.55;
      g.stroke(path);
    });
  }

  /** Slow motion: something runs along the links, forward with the numbers or backward with the error. */
  pulses(g, { geometry, theme, linears, phase, flow, weights }) {
    const forward = phase === "predict";
    if (!forward && phase !== "backward") return;
    g.save();
    g.lineCap = "round";
    g.setLineDash([0.1, 27.9]);
    linears.forEach(({ from, to, weight }, k) => {
      // the wave passes one column of links after the other
      const stage = forward ? k : linears.length - 1 - k;
      const near = flow * (linears.length + 0.6) - stage;
      const bright = Math.max(0, 1 - Math.abs(near - 0.5) * 1.1);
      if (bright <= 0.03) return;
      const path = new Path2D();
      for (let o = 0; o < to; o++) {
        for (let i = 0; i < from; i++) {
          if (from * to > 60 && Math.abs(weights[weight + o * from + i]) < 0.15) continue;
          this.curve(path, geometry, k + 1, i, o);
        }
      }
      g.lineDashOffset = (forward ? -1 : 1) * flow * 220;
      g.strokeStyle = css(forward ? theme.text : theme.gradient, bright);
      g.lineWidth = 4.4;
      g.stroke(path);
    });
    g.restore();
  }
}

/** Blend one link of a pixel's width: in each pixel column the run of rows that it crosses there. */
function walkLink(pixels, w, h, x0, bends, ya, yb, [r, g, b], alpha) {
  const dy = yb - ya;
  const last = bends.length - 1;
  for (let s = 0; s < last; s++) {
    let low = ya + dy * bends[s];
    let high = ya + dy * bends[s + 1];
    if (low > high) [low, high] = [high, low];
    if (high - low < 1) {
      const middle = (low + high) / 2;
      low = middle - 0.5;
      high = middle + 0.5;
    }
    const bottom = Math.min(h - 1, Math.ceil(high) - 1);
    for (let row = Math.max(0, low | 0); row <= bottom; row++) {
      const a = alpha * (Math.min(row + 1, high) - Math.max(row, low));
      const at = (row * w + x0 + s) << 2;
      pixels[at] += (r - pixels[at]) * a;
      pixels[at + 1] += (g - pixels[at + 1]) * a;
      pixels[at + 2] += (b - pixels[at + 2]) * a;
    }
  }
}
