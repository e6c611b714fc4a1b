// 線の上を動く印。順伝播は丸、逆伝播は菱形。止めれば、その場で消える。
import { make } from "./dom.js";

const TURN = 1100;
const shapes = {
  f: () => make("circle", { class: "pulse f", r: 6 }),
  b: () => make("polygon", { class: "pulse b", points: "0,-7 7,0 0,7 -7,0" }),
  u: () => make("circle", { class: "pulse u", r: 5 }),
};

export class Pulses {
  // done: 終わるか、止めたときに呼ぶ。
  run(place, moves, rounds, done) {
    this.stop();
    const turns = Math.max(...moves.map(move => move.turn)) + 1;
    const marks = moves.map(move => shapes[move.way]());
    place.replaceChildren(...marks);
    this.finish = () => { place.replaceChildren(); done(); };
    const begin = performance.now();
    const draw = now => {
      const t = (now - begin) / TURN;
      if (t >= turns * rounds) return this.stop();
      moves.forEach(({ from, to, turn }, n) => {
        const along = (t % turns) - turn;
        const eased = along * along * (3 - 2 * along);
        marks[n].setAttribute("visibility", along >= 0 && along < 1 ? "visible" : "hidden");
        marks[n].setAttribute("transform", `translate(${from[0] + eased * (to[0] - from[0])} ${from[1] + eased * (to[1] - from[1])})`);
      });
      this.frame = requestAnimationFrame(draw);
    };
    draw(begin);
  }

  get running() { return Boolean(this.finish); }

  stop() {
    cancelAnimationFrame(this.frame);
    const { finish } = this;
    this.finish = null;
    if (finish) finish();
  }
}
