/** Grids of answers become pictures: interpolated to finer pixels where edges would look like stairs. */
export const FINER = 3; // pixels a cell, where classes meet

/** Write a square picture of packed pixels into a canvas. */
export function drawGrid(canvas, side, write) {
  if (canvas.width !== side) {
    canvas.width = canvas.height = side;
    canvas.image = new ImageData(side, side);
    canvas.pixels = new Uint32Array(canvas.image.data.buffer);
    canvas.context = canvas.getContext("2d");
  }
  write(canvas.pixels);
  canvas.context.putImageData(canvas.image, 0, 0);
}

/** Bilinear interpolation of an int8 grid, then one of two colours with a short ramp between them. */
export function interpolateSteps(values, grid, pixels, side, table) {
  const low = table[0];
  const high = table[255];
  const step = grid / side;
  for (let row = 0, at = 0; row < side; row++) {
    const v = Math.max(0, Math.min(grid - 1.001, (row + 0.5) * step - 0.5));
    const r = v | 0;
    const fy = v - r;
    const [a, b] = [r * grid, Math.min(grid - 1, r + 1) * grid];
    for (let column = 0; column < side; column++, at++) {
      const u = Math.max(0, Math.min(grid - 1.001, (column + 0.5) * step - 0.5));
      const c = u | 0;
      const fx = u - c;
      const top = values[a + c] + (values[a + c + 1] - values[a + c]) * fx;
      const bottom = values[b + c] + (values[b + c + 1] - values[b + c]) * fx;
      pixels[at] = top + (bottom - top) * fy < 0 ? low : high;
    }
  }
}

const lead = (confidence) => (confidence > 132 ? 2 * confidence - 255 : 4 + confidence / 64);

/** boundary: (grid, grid, 2) class and confidence. Where four neighbours disagree, the surest answer nearby wins. */
export function interpolateClasses(boundary, grid, pixels, tables, discrete) {
  const side = FINER * grid;
  const votes = new Float32Array(8);
  for (let row = 0, at = 0; row < side; row++) {
    const v = Math.max(0, Math.min(grid - 1.001, (row + 0.5) / FINER - 0.5));
    const r = v | 0;
    const fy = v - r;
    const below = Math.min(grid - 1, r + 1);
    for (let column = 0; column < side; column++, at++) {
      const u = Math.max(0, Math.min(grid - 1.001, (column + 0.5) / FINER - 0.5));
      const c = u | 0;
      const fx = u - c;
      const [a, b] = [2 * (r * grid + c), 2 * (below * grid + c)];
      const [ka, kb, kc, kd] = [boundary[a], boundary[a + 2], boundary[b], boundary[b + 2]];
      const [wa, wb, wc, wd] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
      const sure = wa * boundary[a + 1] + wb * boundary[a + 3] + wc * boundary[b + 1] + wd * boundary[b + 3];
      let k = ka;
      if (ka !== kb || ka !== kc || ka !== kd) {
        votes.fill(0);
        // a vote is the lead over all other classes, which falls to nothing where they meet: that is the edge
        votes[ka] += wa * lead(boundary[a + 1]);
        votes[kb] += wb * lead(boundary[a + 3]);
        votes[kc] += wc * lead(boundary[b + 1]);
        votes[kd] += wd * lead(boundary[b + 3]);
        for (let i = 0; i < 8; i++) if (votes[i] > votes[k]) k = i;
      }
      pixels[at] = tables[k % tables.length][discrete ? 205 : sure | 0];
    }
  }
}

/** int8 answers in flat regions are steps; smoothed a little, their contour is a line again. */
export function smoothed(values, grid) {
  const across = new Float32Array(values.length);
  const down = new Float32Array(values.length);
  for (let r = 0, i = 0; r < grid; r++) {
    for (let c = 0; c < grid; c++, i++)
      across[i] = (values[c ? i - 1 : i] + 2 * values[i] + values[c < grid - 1 ? i + 1 : i]) / 4;
  }
  for (let r = 0, i = 0; r < grid; r++) {
    for (let c = 0; c < grid; c++, i++)
      down[i] = (across[r ? i - grid : i] + 2 * across[i] + across[r < grid - 1 ? i + grid : i]) / 4;
  }
  return down;
}

/** Marching squares at zero, in grid coordinates with cells' values at their centres. */
export function contourLines(values, grid) {
  const path = new Path2D();
  for (let r = 0; r < grid - 1; r++) {
    for (let c = 0; c < grid - 1; c++) {
      const i = r * grid + c;
      const [a, b, d, e] = [values[i], values[i + 1], values[i + grid], values[i + grid + 1]];
      const code = (a >= 0 ? 1 : 0) | (b >= 0 ? 2 : 0) | (d >= 0 ? 4 : 0) | (e >= 0 ? 8 : 0);
      if (code === 0 || code === 15) continue;
      const [x, y] = [c + 0.5, r + 0.5];
      const cut = [];
      if (a >= 0 !== b >= 0) cut.push(x + a / (a - b), y);
      if (b >= 0 !== e >= 0) cut.push(x + 1, y + b / (b - e));
      if (d >= 0 !== e >= 0) cut.push(x + d / (d - e), y + 1);
      if (a >= 0 !== d >= 0) cut.push(x, y + a / (a - d));
      for (let k = 0; k + 3 < cut.length; k += 4) {
        path.moveTo(cut[k], cut[k + 1]);
        path.lineTo(cut[k + 2], cut[k + 3]);
      }
    }
  }
  return path;
}
