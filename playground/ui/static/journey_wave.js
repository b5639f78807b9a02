/** Where the raw sample and its numbers stand; and a sound: its wave, and some of its samples as numbers. */
import { tableColour } from "./journey_maps.js";
import { css, mix } from "./theme.js";

/** Where the picture and the numbers lie in the column of the raw sample. ratio: width to height of the picture. */
export function rawParts(box, narrow, ratio = 1) {
  const gap = 24;
  if (narrow) {
    const w = (box.w - gap) / 2;
    const h = Math.min(box.h, w / ratio);
    const side = Math.min(w, box.h);
    return {
      picture: { x: box.x, y: box.y, w: h * ratio, h },
      numbers: { x: box.x + box.w - side, y: box.y, w: side, h: side },
    };
  }
  const each = (box.h - gap) / 2;
  const h = Math.min(each, box.w / ratio);
  const side = Math.min(box.w, each);
  const used = h + gap + side;
  const y = box.y + (box.h - used) / 2;
  return {
    picture: { x: box.x + (box.w - h * ratio) / 2, y, w: h * ratio, h },
    numbers: { x: box.x + (box.w - side) / 2, y: y + h + gap, w: side, h: side },
  };
}

export function frameOf(g, { x, y, w, h }, theme, width = 1) {
  g.strokeStyle = css(width > 1 ? theme.primary : theme.faint);
  g.lineWidth = width;
  g.strokeRect(x - 0.5, y - 0.5, w + 1, h + 1);
}

export function paintWave(g, box, scene) {
  const { wave, theme, geometry, heard, frame } = scene;
  const { picture, numbers } = rawParts(box, geometry.narrow, box.w / Math.max(60, box.h * 0.34));
  const area = geometry.narrow ? { ...picture, h: box.h - 8 } : picture;
  g.fillStyle = css(theme.surface);
  g.fillRect(area.x, area.y, area.w, area.h);
  const middle = area.y + area.h / 2;
  const across = Math.max(1, Math.floor(area.w));
  const reach = scene.waveReach || 1;
  const explain = frame.arrays.explain;
  const along = explain && frame.shapes.explain.length === 1 ? explain : null;
  for (let px = 0; px < across; px++) {
    const from = Math.floor((px / across) * wave.length);
    const to = Math.max(from + 1, Math.floor(((px + 1) / across) * wave.length));
    let [low, high] = [0, 0];
    for (let i = from; i < to; i++) {
      low = Math.min(low, wave[i]);
      high = Math.max(high, wave[i]);
    }
    const share = along ? along[Math.floor((px / across) * along.length)] : 0;
    g.fillStyle = along ? tableColour(theme.lut, share) : css(mix(theme.primary, theme.text, 0.15));
    const [top, bottom] = [middle - (high / reach) * (area.h / 2 - 2), middle - (low / reach) * (area.h / 2 - 2)];
    g.fillRect(area.x + px, top, 1, Math.max(1, bottom - top));
  }
  if (heard !== null) {
    g.fillStyle = css(theme.text);
    g.fillRect(area.x + heard * area.w, area.y, 1.5, area.h);
  }
  frameOf(g, area, theme);
  paintSamples(g, numbers, area, scene);
  return { ...box, y: area.y, h: Math.max(area.h, numbers.y + numbers.h - area.y) };
}

export const SAMPLES = 10; // numbers of a sound that are shown

/** The first of the samples under the lens. */
export function waveLens({ wave, lens, waveReach }) {
  let at = lens?.sample;
  if (at === undefined) {
    at = 0;
    while (at < wave.length - 1 && Math.abs(wave[at]) < waveReach * 0.4) at += 1;
  }
  return Math.max(0, Math.min(wave.length - SAMPLES, Math.round(at - SAMPLES / 2)));
}

function paintSamples(g, box, area, scene) {
  const { wave, theme, waveReach, geometry } = scene;
  const first = waveLens(scene);
  const x = area.x + (first / wave.length) * area.w;
  const w = Math.max(3, (SAMPLES / wave.length) * area.w);
  frameOf(g, { x, y: area.y, w, h: area.h }, theme, 2);
  g.strokeStyle = css(theme.primary, 0.6);
  g.lineWidth = 1;
  g.beginPath();
  if (geometry.narrow) {
    g.moveTo(x + w, area.y);
    g.lineTo(box.x, box.y);
    g.moveTo(x + w, area.y + area.h);
    g.lineTo(box.x, box.y + box.h);
  } else {
    g.moveTo(x, area.y + area.h);
    g.lineTo(box.x, box.y);
    g.moveTo(x + w, area.y + area.h);
    g.lineTo(box.x + box.w, box.y);
  }
  g.stroke();
  const high = box.h / SAMPLES;
  g.textBaseline = "middle";
  g.font = `${Math.min(11, high * 0.75)}px ${theme.font}`;
  const half = (box.w - 108) / 2;
  const zero = box.x + 54 + half;
  for (let i = 0; i < SAMPLES; i++) {
    const y = box.y + i * high;
    const v = wave[first + i];
    g.fillStyle = css(theme.surface);
    g.fillRect(box.x, y, box.w, high - 1);
    g.fillStyle = css(theme.muted);
    g.textAlign = "left";
    g.fillText((first + i).toLocaleString("en"), box.x + 5, y + high / 2);
    const length = (v / (waveReach || 1)) * half;
    g.fillStyle = css(v < 0 ? theme.negative : theme.positive);
    g.fillRect(Math.min(zero, zero + length), y + 2, Math.abs(length), high - 5);
    g.fillStyle = css(theme.text);
    g.textAlign = "right";
    g.fillText(v.toFixed(3).replace("-", "−"), box.x + box.w - 5, y + high / 2);
  }
}
