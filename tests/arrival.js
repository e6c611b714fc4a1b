// つながりの先に着いたか。動きが止まるのを待ち、先の要素の上端と、あるべき高さとの差（px）を返す。
// 名の並びを渡されたら、そのそれぞれに移っての差。
const [names = []] = arguments;
const root = document.documentElement;
const px = (text) => parseFloat(text) || 0;
const named = (name) => document.getElementById(decodeURIComponent(name));
const off = (target) => {
  if (!target) return Infinity;
  const wanted = px(getComputedStyle(root).scrollPaddingTop) + px(getComputedStyle(target).scrollMarginTop);
  const { top } = target.getBoundingClientRect();
  const start = scrollY <= 1 && top <= wanted;
  const end = scrollY + innerHeight >= root.scrollHeight - 2 && top >= wanted && top < innerHeight;
  return start || end ? 0 : Math.round(top - wanted);
};
const waiting = () => document.querySelector(".interactive:not(.live)") !== null;
const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
await document.fonts.ready;
const target = location.hash ? named(location.hash.slice(1)) : null;
const look = () => [scrollY, root.scrollHeight, target?.getBoundingClientRect().top].join();
for (let still = 0, before = look(), n = 0; still < 5 && n < 300; n += 1) {
  await frame();
  const now = look();
  still = now === before ? still + 1 : 0;
  before = now;
}
const arrived = location.hash ? { [location.hash.slice(1)]: off(target) } : {};
for (const name of names) {
  location.hash = `#${name}`;
  arrived[name] = off(named(name));
  // 移った先は、着いてから組まれ（reading.css）、近くの図も、着いてから始まる。それを待った高さが、読む人の見るものである。
  for (let n = 0; n < 4 && (arrived[name] || waiting()); n += 1) {
    await frame();
    arrived[name] = off(named(name));
  }
}
const covered = px(getComputedStyle(root).scrollPaddingTop) < (document.querySelector(".bd-header-article")?.offsetHeight ?? 0);
return { arrived, covered };
