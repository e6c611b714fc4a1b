// 同じ数（部分）を指すものを、絵、式、プログラムのどこにあっても、一緒に灯す。
// 部分の名前は data-part に、空白で区切って並べる。指したものと一つでも重なれば灯る。

const names = element => element.dataset.part.split(" ");

export class Lights {
  // pin: 灯したままにしたとき（押した、触れた）に呼ぶ。
  constructor(root, pin) {
    this.root = root;
    this.pinned = this.pointed = this.focused = null;
    root.addEventListener("pointerover", event => {
      if (event.pointerType !== "touch") this.change({ pointed: this.found(event.target) });
    });
    root.addEventListener("pointerleave", () => this.change({ pointed: null }));
    root.addEventListener("focusin", event => {
      const seen = event.target.matches(":focus-visible");
      this.change({ focused: seen ? this.found(event.target) : null });
    });
    root.addEventListener("focusout", () => this.change({ focused: null }));
    root.addEventListener("click", event => this.toggle(this.found(event.target), pin));
  }

  found(target) {
    const element = target.closest("[data-part]");
    return element && this.root.contains(element) ? names(element) : null;
  }

  toggle(parts, pin) {
    if (!parts) return;
    const again = this.pinned && this.pinned.join() === parts.join();
    this.change({ pinned: again ? null : parts });
    if (!again) pin(parts);
  }

  change(state) {
    Object.assign(this, state);
    this.show();
  }

  show() {
    const lit = new Set(this.pointed || this.focused || this.pinned || []);
    for (const element of this.root.querySelectorAll("[data-part]")) {
      element.classList.toggle("lit", names(element).some(name => lit.has(name)));
    }
  }
}

// 一つの組の中を矢印キーで移る。組の中で Tab の止まる所は一つ。
export function rove(group, query) {
  const all = () => [...group.querySelectorAll(query)];
  const stop = chosen => all().forEach(element => element.setAttribute("tabindex", element === chosen ? 0 : -1));
  const ways = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  group.addEventListener("focusin", event => { const one = event.target.closest(query); if (one) stop(one); });
  group.addEventListener("keydown", event => {
    const elements = all();
    const at = elements.indexOf(event.target.closest(query));
    const way = ways[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? elements.length - 1 : way && at + way;
    if (at < 0 || to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    elements[Math.min(Math.max(to, 0), elements.length - 1)].focus();
  });
  return () => { if (!all().some(element => element.getAttribute("tabindex") === "0")) stop(all()[0]); };
}
