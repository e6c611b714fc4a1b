// 練習問題の答えの欄。言葉も、比べる値も、ページをつくるときに Python の審判が言ったもので、ここでは選ぶだけ。
(() => {
  "use strict";
  const solved = window.solvedExercises;
  const NOWHERE = "このブラウザは記録を覚えません。このページを閉じるまでのことです。";

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const press = (words, attributes, act) => {
    const button = make("button", { type: "button", ...attributes }, words);
    if (act) button.addEventListener("click", act);
    return button;
  };

  // 3、-7/4、−1.75、1e-3、全角。2² や ½ のように、読みかえると別の数になる字は受けとらない。
  const CHANGED = /[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209f\u2150-\u218b]/;
  const NUMBER = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?";
  const FRACTION = new RegExp(`^(${NUMBER})(?:/(${NUMBER}))?$`);
  const number = (text) => {
    if (CHANGED.test(text)) return NaN;
    const plain = text.normalize("NFKC").replace(/\s/g, "").replace(/[\u2010-\u2015\u2212\u30fc]/g, "-");
    const found = plain.match(FRACTION);
    const value = found ? Number(found[1]) / Number(found[2] ?? 1) + 0 : NaN;
    return Number.isFinite(value) ? value : NaN;
  };

  // Python の書式 g。
  const general = (value) => {
    const [digits, power] = value.toExponential(5).split("e").map(Number);
    if (value && (power < -4 || power > 5)) {
      return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
    }
    return String(Number(value.toPrecision(6)));
  };

  class Field {
    constructor(box) {
      this.box = box;
      ({ label: this.label, page: this.page } = box.dataset);
      this.data = JSON.parse(box.querySelector("script")?.textContent ?? "{}");
      this.lines = [...box.querySelector("template")?.content.children ?? []];
      this.title = box.closest("section").querySelector("h2").textContent.replace(/^[\d.\s]+|#$/g, "");
      this.verdict = make("p", { class: "answer-verdict", role: "status" });
      this.seal = make("p", { class: "answer-seal" });
      this.build();
      box.hidden = false;
      this.show();
      addEventListener("exercises-shown", () => this.show());
    }

    build() {
      this.button = press("判定する", { type: "submit", class: "answer-judge" });
      const bar = make("div", { class: "answer-bar" }, this.button, this.seal);
      const form = make("form", { "aria-label": `答えの欄: ${this.title}`, novalidate: "" }, ...this.fields(), bar, this.verdict);
      form.addEventListener("submit", (event) => { event.preventDefault(); this.judge(); });
      this.box.append(form);
    }

    words(n) { return this.lines[n].cloneNode(true).childNodes; }
    text(n) { return this.lines[n].textContent; }

    say(passed, ...words) {
      this.verdict.replaceChildren(...words);
      this.verdict.className = `answer-verdict ${passed ? "passed" : "refused"}`;
      if (passed && !solved.get(this.label)) solved.add(this.label, this.page, "審判");
      if (passed && !solved.kept()) this.verdict.append(make("small", {}, NOWHERE));
    }

    show() {
      const seal = solved.get(this.label);
      this.box.classList.toggle("solved", Boolean(seal));
      this.seal.textContent = seal ? `✓ ${seal.on.replace(/^0*(\d+)-0?(\d+)-0?(\d+)$/, "$1年$2月$3日")}` : "";
    }
  }

  class Values extends Field {
    fields() {
      const { shape } = this.data;
      const [rows, columns] = shape.length === 2 ? shape : [1, shape[0] ?? 1];
      const name = (n) => {
        if (!shape.length) return "答え";
        return shape.length === 1 ? `${n + 1} 番め` : `${Math.floor(n / columns) + 1} 行 ${(n % columns) + 1} 列`;
      };
      this.inputs = this.data.right.map((_, n) => make("input", {
        type: "text", "aria-label": name(n), autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "done",
      }));
      const grid = make("div", { class: `answer-grid${shape.length ? " bracketed" : ""}` }, ...this.inputs);
      grid.style.setProperty("--columns", columns);
      const how = make("p", { class: "answer-how" }, "-7/4、0.25、1e-3 のように書きます。");
      return [make("fieldset", {}, make("legend", {}, rows * columns === 1 ? "答え" : "答え（順に）"), grid), how];
    }

    judge() {
      const { right, passed, wrong, unknown, empty, strange } = this.data;
      const values = this.inputs.map((input) => number(input.value));
      const bad = this.inputs.filter((input, n) => Number.isNaN(values[n]));
      for (const input of this.inputs) input.setAttribute("aria-invalid", bad.includes(input));
      if (bad.length) {
        const blank = bad.find((input) => !input.value.trim());
        (blank ?? bad[0]).focus();
        return this.say(false, ...this.words(blank ? empty : strange));
      }
      if (this.same(values, right)) return this.say(true, ...this.words(passed));
      const named = wrong.find(([value]) => this.same(values, value));
      if (named) return this.say(false, ...this.words(named[1]));
      const place = values.findIndex((value, n) => !this.near(value, right[n], right));
      const words = [...this.words(unknown[place])];
      for (const word of words) if (word.data) word.data = word.data.replace("{}", general(values[place]));
      return this.say(false, ...words);
    }

    same(one, other) { return one.every((value, n) => this.near(value, other[n], other)); }

    near(one, other, all) {
      const { absolute, relative } = this.data.near;
      return Math.abs(one - other) <= (absolute ?? relative * Math.max(1, ...all.map(Math.abs)));
    }
  }

  class Choice extends Field {
    fields() {
      this.radios = this.data.options.map((_, n) => make("input", { type: "radio", name: this.label, value: n }));
      const labels = this.radios.map((radio, n) => make("label", {}, radio, make("span", {}, ...this.words(this.data.options[n][0]))));
      return [make("fieldset", { class: "answer-choices" }, make("legend", {}, "一つ選ぶ"), ...labels)];
    }

    judge() {
      const chosen = this.radios.findIndex((radio) => radio.checked);
      if (chosen < 0) return this.say(false, ...this.words(this.data.empty));
      const [, line, passed] = this.data.options[chosen];
      return this.say(passed, ...this.words(line));
    }
  }

  class Order extends Field {
    fields() {
      this.list = make("ol", { class: "answer-order" }, ...this.data.items.map((line) => this.item(line)));
      const how = make("p", { class: "answer-how" }, "上下のボタンで動かすか、左の印をつまんで動かします。");
      this.moved = make("p", { class: "visually-hidden", role: "status" });
      return [make("fieldset", {}, make("legend", {}, "上から順に並べる"), this.list), how, this.moved];
    }

    item(line) {
      const text = this.text(line);
      const code = !/[ぁ-んァ-ヶ一-龠]/.test(text) && !this.lines[line].childElementCount;
      const words = make(code ? "code" : "span", {}, ...this.words(line));
      const item = make("li", {}, make("span", { class: "answer-handle", "aria-hidden": "true" }, "⠿"), words);
      item.line = line;
      item.append(...[["↑", -1, "上へ"], ["↓", 1, "下へ"]].map(([mark, step, way]) =>
        press(mark, { "aria-label": `「${text}」を${way}` }, () => this.move(item, step))));
      this.drag(item);
      return item;
    }

    move(item, step) {
      const place = [...this.list.children].indexOf(item) + step;
      const there = this.list.children[place];
      if (!there) return;
      item[step < 0 ? "after" : "before"](there); // つまんでいるほうを動かすと、指が離れたことになる
      this.moved.textContent = `${place + 1} 番めです。`;
    }

    drag(item) {
      const handle = item.firstElementChild;
      handle.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        handle.setPointerCapture(event.pointerId);
        item.classList.add("moving");
      });
      handle.addEventListener("pointermove", (event) => {
        if (!item.matches(".moving")) return;
        const middle = (other) => { const box = other?.getBoundingClientRect(); return box && box.top + box.height / 2; };
        while (event.clientY < middle(item.previousElementSibling)) this.move(item, -1);
        while (event.clientY > middle(item.nextElementSibling)) this.move(item, 1);
      });
      for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
        handle.addEventListener(end, () => item.classList.remove("moving"));
      }
    }

    judge() {
      const { orders, because, passed, unknown } = this.data;
      const given = [...this.list.children].map((item) => item.line);
      if (orders.some((order) => order.every((line, n) => line === given[n]))) return this.say(true, ...this.words(passed));
      const broken = because.find(([first, second]) => given.indexOf(first) > given.indexOf(second));
      return this.say(false, ...this.words(broken ? broken[2] : unknown));
    }
  }

  class Tiles extends Field {
    fields() {
      const { tiles, left } = this.data;
      const group = (name, ...inside) => make("div", { class: "answer-tiles", role: "group", "aria-label": name }, ...inside);
      this.tiles = tiles.map(([name, line], n) => {
        const tile = press(make("span", {}, ...this.words(line)), { name }, () => this.put(tile));
        return Object.assign(tile, { n });
      });
      this.row = group("式", make("span", {}, ...this.words(left)));
      this.row.classList.add("answer-row");
      this.stock = group("札", ...this.tiles);
      this.moved = make("p", { class: "visually-hidden", role: "status" });
      this.row.addEventListener("focusin", ({ target }) => this.choose(target));
      this.row.addEventListener("keydown", ({ key }) => this.move({ ArrowLeft: -1, ArrowRight: 1 }[key]));
      this.steps = [["←", -1], ["→", 1]].map(([mark, step]) => press(mark, {}, () => this.move(step)));
      const how = make("p", { class: "answer-how" }, "札を押すと、式の終わりに並び、もう一度押すと戻ります。← と → は、太い枠の札を動かします。");
      this.choose();
      return [make("fieldset", {}, make("legend", {}, "要る札を並べる"), this.row, this.stock, group("動かす", ...this.steps)), how, this.moved];
    }

    given() { return [...this.row.querySelectorAll("button")]; }

    put(tile) {
      const next = tile.nextElementSibling ?? tile.previousElementSibling;
      const placed = this.stock.contains(tile);
      if (placed) this.row.append(tile);
      else this.stock.insertBefore(tile, [...this.stock.children].find(({ n }) => n > tile.n) ?? null);
      this.choose(placed ? tile : undefined);
      (next?.name ? next : tile).focus(); // 動かした札からは、焦点が離れている
      this.tell();
    }

    move(step) {
      const there = this.given()[this.given().indexOf(this.chosen) + step];
      if (!this.chosen || !there) return;
      this.chosen[step < 0 ? "after" : "before"](there);
      this.tell();
    }

    choose(chosen) {
      this.chosen = chosen;
      for (const [n, way] of ["左へ", "右へ"].entries()) this.steps[n].setAttribute("aria-label", chosen ? `「${chosen.name}」を${way}` : way);
      for (const tile of this.tiles) {
        tile.classList.toggle("moving", tile === chosen);
        tile.setAttribute("aria-label", `「${tile.name}」を${this.row.contains(tile) ? "戻す" : "並べる"}`);
      }
    }

    tell() { this.moved.textContent = this.given().map(({ name }) => name).join(" ") || "式は空です。"; }

    judge() {
      const { rows, needless, passed, empty, unknown } = this.data;
      const given = this.given().map(({ n }) => n);
      const known = rows[given] ?? given.map((n) => needless[n]).find(Boolean) ?? unknown;
      return this.say(known === passed, ...this.words(given.length ? known : empty));
    }
  }

  // 式の審判。使う人だけが読みこむ。
  let judging;
  const formulas = () => (judging ??= new Promise((done, fail) => {
    const source = document.querySelector('script[src*="exercises/answers.js"]').src.replace(/answers\.js.*/, "formulas.js");
    const script = make("script", { src: source });
    script.addEventListener("load", () => done(window.backpropFormulas));
    script.addEventListener("error", () => { judging = undefined; fail(); });
    document.head.append(script);
  }));

  class Formula extends Field {
    fields() {
      this.input = make("textarea", { rows: 2, "aria-label": "答えの式", autocapitalize: "off", autocomplete: "off", spellcheck: "false" });
      this.preview = make("div", { class: "answer-preview", "aria-hidden": "true" });
      this.how = make("p", { class: "answer-how" }, `使える名前: ${this.data.names.join("、")}。Python の書き方で書きます。`);
      this.cost = make("p", { class: "answer-how" }, "判定は、このブラウザの中で行います。はじめに、式の審判（11 MB）を読みこみます。");
      this.input.addEventListener("focus", () => this.weigh(), { once: true });
      this.input.addEventListener("input", () => {
        clearTimeout(this.waiting);
        if (Formula.started) this.waiting = setTimeout(() => this.typeset(), 300);
      });
      this.input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.judge(); }
      });
      return [make("fieldset", {}, make("legend", {}, "答えの式"), this.input, this.preview), this.how, this.cost];
    }

    async weigh() {
      const judge = await formulas().catch(() => null);
      if (judge?.size) this.cost.textContent = `判定は、このブラウザの中で行います。はじめに、式の審判（${judge.size}）を読みこみます。`;
    }

    async typeset() {
      const text = this.input.value;
      if (!text.trim()) return this.preview.replaceChildren();
      const { mathml, error, place } = await (await formulas()).preview(this.label, text);
      if (text !== this.input.value) return undefined;
      if (mathml) this.preview.innerHTML = mathml;
      else this.preview.replaceChildren(...this.pointed(text, place), ` ${error ?? ""}`);
      return undefined;
    }

    // 読めなくなった字に印をつけた式。
    pointed(text, place) {
      if (!Number.isInteger(place)) return [];
      return [make("code", {}, text.slice(0, place), make("mark", {}, text[place] ?? " "), text.slice(place + 1))];
    }

    async judge() {
      const text = this.input.value;
      if (!text.trim()) { this.input.focus(); return this.say(false, ...this.words(this.data.empty)); }
      if (this.button.getAttribute("aria-disabled") === "true") return undefined;
      this.button.setAttribute("aria-disabled", "true");
      this.verdict.className = "answer-verdict";
      this.verdict.textContent = Formula.started ? "判定しています…" : "式の審判を読みこんでいます…";
      try {
        const judge = await formulas();
        await judge.start?.((part) => { this.preview.textContent = `${Math.round(part * 100)} %`; });
        const { passed, line } = await judge.judge(this.label, text);
        Formula.started = true;
        this.cost.hidden = true;
        this.typeset();
        this.say(passed, this.data.marks[Number(passed)] + line);
      } catch (trouble) {
        this.preview.replaceChildren();
        this.say(false, trouble?.message ?? "式の審判を読みこめませんでした。ノートブックで判定できます。");
      }
      this.button.removeAttribute("aria-disabled");
      return undefined;
    }
  }

  // 自分で確かめる問い。「含まれているべきこと」があれば、一つずつ印をつける。
  class Own extends Field {
    build() {
      const notebook = this.box.dataset.kind === "notebook";
      this.checks = notebook ? [] : this.listed();
      this.word = notebook ? "ノートブックで合格した" : "書けた";
      this.button = press(this.word, { class: "answer-judge" }, () => this.judge());
      this.box.append(make("div", { class: "answer-bar" }, this.button, this.seal), this.verdict);
    }

    listed() {
      const list = this.box.previousElementSibling;
      if (!list?.matches("ul")) return [];
      list.classList.add("answer-list");
      return [...list.children].map((item) => {
        const check = make("input", { type: "checkbox" });
        item.replaceChildren(make("label", {}, check, make("span", {}, ...item.childNodes)));
        return check;
      });
    }

    judge() {
      this.verdict.className = "answer-verdict";
      this.verdict.textContent = "";
      if (solved.get(this.label)) return solved.drop(this.label);
      const left = this.checks.filter((check) => !check.checked);
      if (left.length) {
        left[0].focus();
        this.verdict.classList.add("refused");
        this.verdict.textContent = `書いたものに含まれていれば、印をつけてください。あと ${left.length} つです。`;
        return undefined;
      }
      solved.add(this.label, this.page, "自分");
      if (!solved.kept()) this.verdict.textContent = NOWHERE;
      return undefined;
    }

    show() {
      super.show();
      const done = Boolean(solved.get(this.label));
      this.button.textContent = done ? "取り消す" : this.word;
      this.button.setAttribute("aria-label", `${this.title}: ${this.button.textContent}`);
    }
  }

  const KINDS = { values: Values, choice: Choice, order: Order, tiles: Tiles, formula: Formula, self: Own, notebook: Own };
  for (const box of document.querySelectorAll(".answer")) new KINDS[box.dataset.kind](box);
})();
