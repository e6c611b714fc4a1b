// 見つけた場所を、題と、そこまでの道と、抜き書きにする。言葉には印をつけ、上つきと下つきを組む。
const escaped = (text) => text.replace(/[&<>]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[letter]);

// 言葉の現れるところ: もとの文の中での始めと終わりと、何番めの言葉か。
const spotsIn = (text, words) => {
  const origins = [];
  const plain = fold(text, origins);
  const found = [];
  words.forEach((word, which) => {
    if (isLetter(word)) return;
    for (let at = plain.indexOf(word); at >= 0; at = plain.indexOf(word, at + word.length)) {
      if (/^[a-z]/.test(word) && /[a-z]/.test(plain[at - 1] || "")) continue;
      let end = origins[at + word.length - 1] + 1;
      while (text[end] === "ー") end += 1;
      found.push([origins[at], end, which]);
    }
  });
  found.sort((one, other) => one[0] - other[0] || other[1] - one[1]);
  let reached = 0;
  return found.filter(([start, end]) => start >= reached && (reached = end));
};

const marked = (text, words) => {
  const spots = spotsIn(text, words);
  const [starts, ends] = [new Set(spots.map(([start]) => start)), new Set(spots.map(([, end]) => end))];
  const open = [];
  let [html, inside] = ["", false];
  // 印の中で上つきや下つきが始まり、終わるときは、印をいったん閉じる。
  const tag = (text) => (html += inside ? `</mark>${text}<mark>` : text);
  for (let i = 0; i <= text.length; i += 1) {
    if (inside && ends.has(i)) [html, inside] = [`${html}</mark>`, false];
    if (i === text.length) break;
    if (starts.has(i)) [html, inside] = [`${html}<mark>`, true];
    const letter = text[i];
    if (letter === MARKS.sub || letter === MARKS.sup) {
      open.push(letter === MARKS.sub ? "sub" : "sup");
      tag(`<${open.at(-1)}>`);
    } else if (letter === MARKS.end && open.length) tag(`</${open.pop()}>`);
    else if (letter > MARKS.thin) html += escaped(letter);
  }
  return html + open.reverse().map((name) => `</${name}>`).join("");
};

const excerpt = (() => {
  const WIDTH = 110;
  // いろいろな言葉が、いちばんたくさん入るところ。
  const densest = (spots) => {
    let [most, place] = [0, 0];
    spots.forEach(([from], first) => {
      const near = new Set();
      for (let n = first; n < spots.length && spots[n][0] < from + WIDTH; n += 1) near.add(spots[n][2]);
      if (near.size > most) [most, place] = [near.size, from];
    });
    return place;
  };
  return (text, words) => {
    if (text.length <= WIDTH * 1.5) return marked(text, words);
    const start = densest(spotsIn(text, words));
    const sentence = Math.max(text.lastIndexOf("。", start) + 1, start - WIDTH / 2);
    const from = start < WIDTH / 2 ? 0 : sentence;
    const stop = text.indexOf("。", from + WIDTH) + 1;
    const to = stop && stop < from + WIDTH * 1.6 ? stop : from + WIDTH;
    const lead = from > 0 && text[from - 1] !== "。" ? "…" : "";
    return `${lead}${marked(text.slice(from, to).trim(), words)}${to < text.length ? "…" : ""}`;
  };
})();

const makeShower = (places, pages) => {
  const address = ({ page, anchor }) => pages[page] + (anchor ? `#${anchor}` : "");
  const heading = ({ number, title }, words) => [number, marked(title, words)].filter(Boolean).join(" ");
  // 文のない節は、中の節の題を見せる。
  const about = (section) => {
    const inside = places.filter((place) => place.kind === "節" && places[place.parent] === section);
    return section.text || inside.map(({ title }) => title).join("、");
  };
  // 題にも文にも見えない言葉で見つけたときは、その言葉を添える。
  const hidden = (place, words, seen) => {
    const fits = (name) => words.some((word) => !isLetter(word) && bare(name).includes(word));
    const other = !seen.includes("<mark>") && place.names.find(fits);
    return other ? `（${marked(other, words)}）` : "";
  };
  return (place, words) => {
    const section = place.kind === "節" ? place : places[place.parent];
    const number = place.number || (place.title ? "" : section.number);
    const title = heading({ number, title: place.title || section.title }, words);
    const text = place.math ? "" : excerpt(place.text || about(section), words);
    return {
      kind: place.kind,
      url: address(place),
      title: title + hidden(place, words, title + text),
      trail: (place.title ? place : section).trail.map((above) => heading(above, [])),
      excerpt: text,
      math: place.math,
      section: address(section),
    };
  };
};
