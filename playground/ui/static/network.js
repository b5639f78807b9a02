/** Paints the diagram: tiles with what each neuron has learned, links as wide and coloured as their weights, biases. */
import { biasBox } from "./layout.js";
import { LinkPainter } from "./links.js";
import { classMark, css, markPath, mix } from "./theme.js";

/** The seven inputs as functions of the plane: the server sends the tiles of those in use, the others are drawn from here. */
const PREVIEW = {
  x1: (x) => x / 6,
  x2: (_, y) => y / 6,
  x1sq: (x) => (x * x) / 18 - 1,
  x2sq: (_, y) => (y * y) / 18 - 1,
  x1x2: (x, y) => (x * y) / 18,
  sinx1: (x) => Math.sin(x),
  sinx2: (_, y) => Math.sin(y),
};

export class NetworkPainter {
  constructor() {
    this.atlas = document.createElement("canvas");
    this.previews = new Map();
    this.links = new LinkPainter();
  }

  /** Bring all thumbnails of a frame into one picture, one upload for the lot. */
  loadThumbs(thumbs, shape, theme) {
    const [count, height, width] = shape;
    const across = Math.max(1, Math.ceil(Math.sqrt(count)));
    const down = Math.ceil(count / across);
    if (!this.image || this.image.width !== across * width || this.image.height !== down * height) {
      this.atlas.width = across * width;
      this.atlas.height = Math.max(1, down * height);
      this.atlasContext = this.atlas.getContext("2d");
      this.image = new ImageData(this.atlas.width, this.atlas.height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    const { pixels } = this;
    const stride = across * width;
    const table = theme.lut;
    for (let i = 0, from = 0; i < count; i++) {
      let to = Math.floor(i / across) * height * stride + (i % across) * width;
      for (let row = 0; row < height; row++, to += stride) {
        for (let column = 0; column < width; column++) pixels[to + column] = table[thumbs[from++] + 128];
      }
    }
    this.atlasContext.putImageData(this.image, 0, 0);
    this.thumb = { count, height, width, across, values: thumbs };
  }

  forgetThumbs() {
    this.thumb = null;
  }

  /** Thumbnail of an input: from the server's numbers, or from its formula while it is not in use. */
  inputPicture(name, theme, values, shape) {
    const key = `${name}|${theme.key}`;
    const kept = this.previews.get(key);
    if (kept && (kept.values === values || !values)) return kept;
    const [height, width] = shape ?? [24, 24];
    const formula = PREVIEW[name];
    if (!values && !formula) return null;
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let row = 0, i = 0; row < height; row++) {
      for (let column = 0; column < width; column++, i++) {
        const v = values
          ? values[i]
          : Math.round(127 * formula(-6 + ((column + 0.5) * 12) / width, 6 - ((row + 0.5) * 12) / height));
        pixels[i] = theme.lut[v + 128];
      }
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    const picture = { canvas, values: values ?? null, width, height };
    this.previews.set(key, picture);
    return picture;
  }

  /** Everything in the diagram. `scene` is what stage.js knows: geometry, frame, theme, hover, selected, time. */
  paint(g, scene) {
    this.links.paint(g, scene);
    this.inputs(g, scene);
    this.neurons(g, scene);
    this.outputs(g, scene);
    this.captions(g, scene);
  }

  inputs(g, scene) {
    const { geometry, theme, hover } = scene;
    const sent = scene.statics?.inputTiles;
    for (const input of geometry.inputs) {
      const tile = sent?.get(input.name);
      const values = tile?.values ?? null;
      g.globalAlpha = input.active ? 1 : 0.34;
      this.tile(
        g,
        scene,
        input,
        input.size,
        () => {
          if (scene.structure.dims === 1)
            return this.lineTile(g, input, input.size, theme, values ?? previewLine(input.name));
          const picture = this.inputPicture(input.name, theme, values, tile?.shape);
          if (!picture) return false;
          g.drawImage(picture.canvas, input.x - input.size / 2, input.y - input.size / 2, input.size, input.size);
          return true;
        },
        hover?.kind === "input" && hover.name === input.name,
      );
      g.fillStyle = css(theme.text, input.active ? 1 : 0.9);
      g.font = `${input.active ? 600 : 400} ${geometry.narrow ? 12 : 13}px ${theme.font}`;
      g.textAlign = "right";
      g.textBaseline = "middle";
      g.fillText(input.title, input.x - input.size / 2 - 7, input.y);
      g.globalAlpha = 1;
    }
  }

  neurons(g, scene) {
    const { geometry, theme, hover, selected } = scene;
    let index = 0;
    geometry.layers.forEach(({ size, nodes }, l) => {
      nodes.forEach((node, u) => {
        const at = index++;
        const lit =
          (hover && hover.kind !== "link" && hover.column === l + 1 && hover.unit === u) ||
          (selected && selected.column === l + 1 && selected.unit === u);
        this.tile(g, scene, node, size, () => this.drawThumb(g, scene, at, node, size), lit);
        this.bias(g, scene, l + 1, u, node, size);
      });
    });
  }

  drawThumb(g, { theme, structure }, index, node, size) {
    const { thumb } = this;
    if (!thumb || index >= thumb.count) return false;
    if (structure.dims === 1) {
      return this.lineTile(g, node, size, theme, thumb.values.subarray(index * thumb.width, (index + 1) * thumb.width));
    }
    const sx = (index % thumb.across) * thumb.width;
    const sy = Math.floor(index / thumb.across) * thumb.height;
    // half a pixel inside, so that smoothing does not mix in the neighbour's edge
    g.drawImage(
      this.atlas,
      sx + 0.5,
      sy + 0.5,
      thumb.width - 1,
      thumb.height - 1,
      node.x - size / 2,
      node.y - size / 2,
      size,
      size,
    );
    return true;
  }

  /** A neuron over one input is a curve, not a map. */
  lineTile(g, node, size, theme, values) {
    if (!values) return false;
    const half = size / 2;
    g.fillStyle = css(theme.surface);
    g.fillRect(node.x - half, node.y - half, size, size);
    g.beginPath();
    for (let i = 0; i < values.length; i++) {
      g.lineTo(node.x - half + ((i + 0.5) / values.length) * size, node.y - (values[i] / 127) * half * 0.86);
    }
    g.strokeStyle = css(theme.positive);
    g.lineWidth = Math.max(1.2, size / 26);
    g.stroke();
    return true;
  }

  /** A rounded box with its picture; a neutral one while there is none. */
  tile(g, { theme, plain }, node, size, draw, lit) {
    const half = size / 2;
    const [x, y] = [node.x - half, node.y - half];
    const radius = Math.min(8, size * 0.17);
    if (plain || size < 16) {
      if (!draw()) {
        g.fillStyle = css(theme.neutral);
        g.fillRect(x, y, size, size);
      }
    } else {
      g.save();
      g.beginPath();
      g.roundRect(x, y, size, size, radius);
      g.clip();
      if (!draw()) {
        g.fillStyle = css(theme.neutral);
        g.fillRect(x, y, size, size);
      }
      g.restore();
    }
    g.beginPath();
    if (lit) {
      g.roundRect(x - 1.5, y - 1.5, size + 3, size + 3, radius + 1.5);
      g.strokeStyle = css(theme.primary);
      g.lineWidth = size < 20 ? 2 : 3;
    } else if (plain || size < 16) {
      g.rect(x, y, size, size);
      g.strokeStyle = css(theme.text, 0.4);
      g.lineWidth = 0.8;
    } else {
      g.roundRect(x, y, size, size, radius);
      g.strokeStyle = css(theme.text, theme.dark ? 0.42 : 0.3);
      g.lineWidth = 1.2;
    }
    g.stroke();
  }

  bias(g, { theme, weights, linears, hover, editing }, column, unit, node, size) {
    if (!weights || size < 9) return;
    const value = weights[linears[column - 1].bias + unit];
    const { x, y, s } = biasBox(node, size);
    const lit = [hover, editing].some((mark) => mark?.kind === "bias" && mark.column === column && mark.unit === unit);
    const strength = Math.min(1, Math.abs(value) / 1.2);
    const half = lit ? s * 0.85 : s / 2;
    g.beginPath();
    g.roundRect(x - half, y - half, half * 2, half * 2, Math.min(2, half * 0.5));
    g.fillStyle = css(mix(theme.neutral, value < 0 ? theme.negative : theme.positive, 0.25 + 0.75 * strength));
    g.fill();
    g.lineWidth = size < 16 ? 0.8 : 1.6;
    g.strokeStyle = css(theme.background);
    g.stroke();
  }

  outputs(g, scene) {
    const { geometry, theme, structure, hover, selected } = scene;
    const { size, nodes } = geometry.outputs;
    nodes.forEach((node, u) => {
      const lit = [hover, selected].some(
        (mark) => mark && mark.kind !== "link" && mark.column === geometry.columns.length - 1 && mark.unit === u,
      );
      if (structure.outputs === 1) {
        this.tile(
          g,
          scene,
          node,
          size,
          () => scene.outputPicture?.(g, node.x - size / 2, node.y - size / 2, size),
          lit,
        );
      } else {
        this.classNode(g, scene, node, size, u, lit);
      }
      this.bias(g, scene, geometry.columns.length - 1, u, node, size);
    });
  }

  classNode(g, { theme, structure }, node, size, unit, lit) {
    const { colour, shape } = classMark(structure.task, unit);
    g.beginPath();
    g.arc(node.x, node.y, size / 2, 0, 6.2832);
    g.fillStyle = css(mix(theme.background, colour, theme.dark ? 0.28 : 0.16));
    g.fill();
    g.strokeStyle = css(lit ? theme.primary : colour);
    g.lineWidth = lit ? 3 : 2;
    g.stroke();
    const path = new Path2D();
    markPath(path, shape, node.x, node.y, Math.max(3, size * 0.2));
    g.fillStyle = css(colour);
    g.fill(path);
  }

  /** The tensor's shape after each column, in the column's own place. */
  captions(g, { geometry, theme, structure, edited }) {
    if (geometry.gap < 44) return;
    g.font = `500 ${geometry.gap < 70 ? 10 : 11.5}px ${theme.font}`;
    g.textAlign = "center";
    g.textBaseline = "alphabetic";
    g.fillStyle = css(theme.muted);
    const units = [structure.inputs.length, ...structure.layers.map((layer) => layer.units), structure.outputs];
    units.forEach((n, c) => {
      const x = geometry.columns[c].x;
      g.fillText(`(N, ${n})`, x, geometry.footY);
      const layer = structure.layers[c - 1];
      if (!layer || geometry.gap < 70) return;
      const extra = [
        layer.norm && layer.norm !== "none" ? `${layer.norm} norm` : "",
        layer.dropout ? `dropout ${layer.dropout}` : "",
      ].filter(Boolean);
      if (extra.length) g.fillText(extra.join(", "), x, geometry.footY + 14);
    });
    g.strokeStyle = css(theme.faint);
    g.lineWidth = 1;
    g.beginPath();
    for (let c = 1; c < units.length; c++) {
      const [a, b] = [geometry.columns[c - 1].x + 26, geometry.columns[c].x - 26];
      if (b - a < 12) continue;
      const [end, y] = [Math.min(b, (a + b) / 2 + 14), geometry.footY - 4];
      const start = Math.max(a, (a + b) / 2 - 14);
      g.moveTo(start, y);
      g.lineTo(end, y);
      g.moveTo(end - 4, y - 3);
      g.lineTo(end, y);
      g.lineTo(end - 4, y + 3);
    }
    g.stroke();
  }
}

function previewLine(name) {
  const formula = PREVIEW[name];
  if (!formula) return null;
  return Float32Array.from({ length: 32 }, (_, i) => 127 * formula(-6 + ((i + 0.5) * 12) / 32, 0));
}
