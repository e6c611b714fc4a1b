// 動かして見る図の、つまみ、選ぶボタン、読みとり、表。
import { make, unique, write } from "./dom.js";

// つまみ。書き直すときは set を呼ぶ。
export function range({ label, low, high, step }, moved) {
  const id = unique("range");
  const input = make("input", { type: "range", id, min: low, max: high, step });
  const output = make("output", { for: id, "aria-live": "off" });
  const track = make("div", { class: "sliders-track" }, input);
  const box = make("div", { class: "sliders-control" }, make("label", { for: id }, label, output), track);
  input.addEventListener("input", () => moved(Number(input.value)));
  const set = (value, text, say) => {
    input.value = value;
    write(output, text);
    input.setAttribute("aria-valuetext", `${text}。${say}`);
  };
  return { box, input, track, set };
}

// 一つを選ぶボタン。
export function choice({ label, values }, picked) {
  const name = unique("choice");
  const box = make("fieldset", {}, make("legend", {}, label));
  const radios = values.map((text, place) => {
    const input = make("input", { type: "radio", name, value: place });
    input.addEventListener("change", () => picked(place));
    box.append(make("label", {}, input, text));
    return input;
  });
  return { box, set: at => radios.forEach((radio, place) => { radio.checked = place === at; }) };
}

export function button(text, pressed, attributes = {}) {
  const made = make("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", pressed);
  return made;
}

// 名前と値の並び。いちばん長い値の高さをはじめから空けて、動かしても図の高さが変わらないようにする。
export function readouts(names, longest = []) {
  const pairs = names.map((name, n) => [make("dt", {}, name), make("dd", { "data-longest": longest[n] ?? "" }, make("span"))]);
  const list = make("dl", { class: "sliders-readouts simple" }, ...pairs.map(pair => make("div", {}, ...pair)));
  return { list, set: values => pairs.forEach(([, value], n) => write(value.firstChild, values[n])) };
}

// 表を開くボタン。開いたときに opened を呼ぶ。
export function unfolding(root, opened = () => {}) {
  const table = root.querySelector(".interactive-table");
  const toggle = button("表で見る", () => {
    const open = table.classList.toggle("open");
    toggle.setAttribute("aria-expanded", open);
    if (open) opened();
  }, { "aria-expanded": false });
  return toggle;
}

// 表を開くボタンのついた、図の下の並び。
export function bar(root, ...buttons) {
  return make("div", { class: "interactive-bar" }, ...buttons, unfolding(root));
}

// 表の中身を、いま見えている値にする。
export function tabulate(root, rows) {
  const body = root.querySelector(".interactive-table tbody");
  body.replaceChildren(...rows.map(([first, ...rest]) =>
    make("tr", {}, make("th", { scope: "row" }, first), ...rest.map(cell => make("td", {}, cell)))));
}

export function mount(root, label, ...parts) {
  root.prepend(make("div", { class: "interactive-live", role: "group", "aria-label": label }, ...parts));
  root.classList.add("live");
}

// 見張っている場所の幅。字や絵を替えたあとに測ると、そのたびに組みなおしになるので、変わったときにだけ測る。
const widths = new WeakMap();
export const across = element => widths.get(element) ?? 0;

// いまの幅ですぐに描き、幅が変われば描きなおす。あとから伸びると、この図より下へのつながりが、行き先からずれる。
export function watch(draw, ...places) {
  const changed = () => places.filter(place => across(place) !== place.clientWidth && widths.set(place, place.clientWidth)).length;
  changed();
  draw();
  const watching = new ResizeObserver(() => { if (changed()) draw(); });
  places.forEach(place => watching.observe(place));
}

// 読み上げのための、見えない一行。字は、大きさの決まった箱に入れ、替えてもページを組みなおさせない（.steady）。
export function voice() {
  const words = make("span", { class: "steady" });
  return { box: make("p", { class: "interactive-hidden", "aria-live": "polite" }, words), tell: text => write(words, text) };
}

// 続けて動かすあいだは、最後の一つだけを言う。
export function spoken() {
  const { box, tell } = voice();
  let timer = 0;
  const say = text => {
    clearTimeout(timer);
    timer = setTimeout(tell, 300, text);
  };
  return { box, say };
}
