// 64段階の升目を、なめらかに引き伸ばした絵と、0.5 の境目にする。
import { make } from "./dom.js";
import { contour } from "./plot.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function raster({ inside, box }, { code, span }, side, colours) {
  const level = [...code].map(letter => span[0] + ((span[1] - span[0]) * ALPHABET.indexOf(letter)) / 63);
  const cell = (box.right - box.left) / (side - 1);
  const point = (i, j) => [box.left + j * cell, box.bottom - i * cell];
  inside.append(make("image", {
    href: painted(level, side, colours), x: box.left - cell / 2, y: box.top - cell / 2,
    width: cell * side, height: cell * side, preserveAspectRatio: "none",
  }), make("path", { class: "contour", d: contour(span[1] - span[0] < 0.4 ? blurred(level, side) : level, side, side, 0.5, point) }));
}

function painted(level, side, colours) {
  const canvas = make("canvas", { width: side, height: side });
  const paint = canvas.getContext("2d");
  const picture = paint.createImageData(side, side);
  const channels = colours.map(colour => [1, 3, 5].map(from => parseInt(colour.slice(from, from + 2), 16)));
  level.forEach((value, n) => {
    const place = Math.min(value * (colours.length - 1), colours.length - 1.001);
    const [low, part] = [Math.floor(place), place - Math.floor(place)];
    const at = 4 * ((side - 1 - Math.floor(n / side)) * side + (n % side));
    for (const c of [0, 1, 2]) picture.data[at + c] = channels[low][c] * (1 - part) + channels[low + 1][c] * part;
    picture.data[at + 3] = 255;
  });
  paint.putImageData(picture, 0, 0);
  return canvas.toDataURL();
}

// ゆるやかな斜面では、64段階の段差が境目をぎざぎざにするので、となりとならす。
function blurred(level, side) {
  const clamp = v => Math.min(Math.max(v, 0), side - 1);
  return level.map((_, n) => {
    const [i, j] = [Math.floor(n / side), n % side];
    let sum = 0;
    for (const di of [-1, 0, 1]) for (const dj of [-1, 0, 1]) sum += (2 - Math.abs(di)) * (2 - Math.abs(dj)) * level[clamp(i + di) * side + clamp(j + dj)];
    return sum / 16;
  });
}
