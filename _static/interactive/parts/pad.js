// 絵の上の点を、マウス、指、矢印キーで動かす。指は、点をつまんだときだけ引け、ほかのところではページを送れる。
import { make } from "./dom.js";

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const FAST = 5;

// moved(値の組) は指した場所、nudged(横, 縦) は矢印キーの歩。
export function pad(label, moved, nudged) {
  const face = make("div", { class: "pad-face" });
  const handle = make("div", { class: "pad-handle", "aria-hidden": "true" });
  const box = make("div", { class: "pad", tabindex: 0, role: "group", "aria-label": label }, face, handle);
  let sheet = null;
  const point = event => {
    const frame = face.firstChild.getBoundingClientRect();
    const scale = Number(face.firstChild.viewBox.baseVal.width) / frame.width;
    moved(sheet.value((event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale));
  };
  box.addEventListener("pointerdown", event => {
    if (event.pointerType !== "mouse" && event.target !== handle) return;
    box.setPointerCapture(event.pointerId);
    if (event.target !== handle) point(event);
  });
  box.addEventListener("pointermove", event => { if (box.hasPointerCapture(event.pointerId)) point(event); });
  box.addEventListener("click", event => { if (event.target !== handle) point(event); });
  box.addEventListener("keydown", event => {
    const step = KEYS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    nudged(...step.map(v => v * (event.shiftKey ? FAST : 1)));
  });
  const show = (made, x, y) => {
    sheet = made;
    if (face.firstChild !== made.svg) face.replaceChildren(made.svg);
    handle.style.left = `${made.x(x)}px`;
    handle.style.top = `${made.y(y)}px`;
  };
  return { box, face, show };
}
