// 本の中を探す。索引は本の文そのもので、つくるときに、このファイルのうしろに添えられる（`_ext/searching.py`）。
//
// 文を単語に切らない。打たれた言葉が、題、用語、太字、文のどこに何回現れるかを数えて、現れにくい言葉ほど重く見る
// （BM25 と同じ考え）。切るのは打たれた言葉のほうで、切り方は、この本の用語と題から決める。
const bookFinder = (book) => {
  const [SUB, SUP, END, BOLD, THIN] = ["\u0001", "\u0002", "\u0003", "\u0004", "\u0005"];
  const DROPPED = 0xffff;

  // ── 文字をそろえる ──────────────────────────────────────────

  // 全角と半角、大文字と小文字、片仮名と平仮名を区別しない。長音の記号と、組みの印は読みとばす。
  const isGreek = (code) => code >= 0x370 && code < 0x400;
  const table = new Uint16Array(0x10000);
  const folded = (code) => {
    if (table[code]) return table[code];
    const character = String.fromCharCode(code);
    const plain = character.normalize("NFKC");
    const usual = isGreek(code) ? plain : plain.toLowerCase(); // δ と Δ は、別の記号
    let result = usual.length === 1 ? usual.charCodeAt(0) : code;
    if (result >= 0x30a1 && result <= 0x30f6) result -= 0x60;
    if ("ー\u0302".includes(character) || code < 6) result = DROPPED;
    if ("'’".includes(character)) result = "′".charCodeAt(0);
    if ("–−‐—―".includes(character)) result = "-".charCodeAt(0);
    return (table[code] = result);
  };

  // 同じ言葉の、同じ長さの書き方。
  const SPELLINGS = [
    ["二乗", "2乗"], ["二値", "2値"], ["二階", "2階"], ["二次", "2次"], ["一次", "1次"],
    ["伝搬", "伝播"], ["連鎖率", "連鎖律"], ["疑似", "擬似"],
  ];
  // 和文と欧文のあいだの空きは、あってもなくてもよい。
  const SPACE = 0x20;
  const isBeside = (text, at) => text.charCodeAt(at - 1) >= 0x3040 || text.charCodeAt(at + 1) >= 0x3040;
  const buffer = new Uint16Array(0x8000);
  const fold = (text, places) => {
    let [out, size] = ["", 0];
    for (let i = 0; i < text.length; i += 1) {
      const code = folded(text.charCodeAt(i));
      if (code === DROPPED || (code === SPACE && isBeside(text, i))) continue;
      places?.push(i);
      buffer[size++] = code;
      if (size === buffer.length) [out, size] = [out + String.fromCharCode(...buffer), 0];
    }
    out += String.fromCharCode(...buffer.subarray(0, size));
    for (const [other, ours] of SPELLINGS) out = out.replaceAll(other, ours);
    return out;
  };
  const bare = (text) => fold(text).replace(/[\s\-–・]/g, "");

  // ── 索引を読む ──────────────────────────────────────────────

  const KINDS = ["節", "用語", "記号", "式", "図", "表", "コード", "定理", "文献"];
  const places = book.places.map(
    ([kind, page, parent, anchor = "", number = "", title = "", text = "", names = [], weight = 100, math = ""]) => ({
      kind: KINDS[kind], page, parent, anchor, number, title, text, names, weight: weight / 100, math,
    }),
  );
  for (const place of places) {
    const parent = places[place.parent];
    place.trail = parent ? [...parent.trail, parent] : [];
  }
  // 題の一区切り（「二つの重み ― 細長い谷」の「細長い谷」など）。
  const parts = (title) => title.split(/ ― |[、。:：]/).map(bare).filter((part) => part.length > 1);
  const prepare = (place) => {
    place.title_ = fold(place.title);
    place.trail_ = fold(place.trail.map(({ title }) => title).join(" "));
    place.text_ = fold(place.text);
    place.bold_ = fold((place.text.match(/\u0004[^\u0005]*/g) || []).join(" "));
    const label = place.anchor.replace("equation-", "");
    place.label_ = "節式図定理".includes(place.kind) && /^[a-z]+-/.test(label) ? label : "";
    place.exact = ("節記号".includes(place.kind) ? place.names : [place.title, ...place.names]).filter(Boolean).map(bare);
    place.symbols = "記号式".includes(place.kind);
    place.names_ = place.exact.join("\n");
    place.parts = place.kind === "節" ? parts(place.title) : [];
    place.head_ = [place.title_, place.trail_, place.label_, place.names_, ...place.parts].join("\n");
    place.all_ = `${place.head_}\n${place.text_}`;
    place.formula_ = place.math ? bare(place.text.replace(/[\u0001\u0002][^\u0001-\u0003]*\u0003/g, "")) : "";
  };
  let prepared = 0;
  let told = ""; // 題と、用語と、その読みのすべて
  const vocabulary = new Set();
  const others = new Map();
  const finish = () => {
    for (const place of places) {
      for (const name of [...place.parts, ...(place.kind === "記号" ? [] : place.exact)]) vocabulary.add(name);
      if (place.kind === "節") for (const [word] of place.title_.matchAll(/[一-鿿々]{2,}/g)) vocabulary.add(word);
    }
    for (const [other, ours] of book.words) {
      others.set(bare(other), ours.map(bare));
      vocabulary.add(bare(other));
    }
    told = places.map(({ title_, exact }) => [title_, ...exact].join("\n")).join("\n");
  };
  // 打つ手を待たせないように、少しずつ用意する。残りがなくなれば true。
  const ready = (milliseconds = Infinity) => {
    const until = performance.now() + milliseconds;
    while (prepared < places.length && performance.now() < until) prepare(places[prepared++]);
    if (prepared === places.length && !vocabulary.size) finish();
    return prepared === places.length;
  };

  // ── 打たれた言葉を切る ──────────────────────────────────────

  const KANA = /^[ぁ-ゖ]+$/;
  const KANJI = /[一-鿿々]/;
  const UNIT = /^(?:[a-z_]+\d*|\d+(?:[-.]\d+)*[回層次個列行階値乗章]?|\p{Script=Greek}′?|[ぁ-ゖ]+|.)/u;
  // 助詞や語尾と、尋ねる言葉。
  const ASKING = /^(?:なぜ|とは|どう|どれ|どの|どち|どっ|いつ|する|した|ない|から|まで|です|ます|こと|もの|の[かにで]|には|では|にも|られ)/;
  const isTold = (kana) => kana.length > 1 && !ASKING.test(kana) && told.includes(kana);
  const longest = (text, start) => {
    for (let end = Math.min(text.length, start + 24); end > start + 1; end -= 1) {
      const broken = /[a-z]$/.test(text.slice(0, end)) && /[a-z]/.test(text[end] || "");
      if (!broken && vocabulary.has(text.slice(start, end))) return text.slice(start, end);
    }
    return "";
  };
  const unit = (text, start) => {
    let [found] = text.slice(start).match(UNIT);
    if (!KANJI.test(found)) return found;
    while (KANJI.test(text[start + found.length] || "") && !longest(text, start + found.length)) {
      found += text[start + found.length];
    }
    // 送り仮名まで（「重ねる」「曲げて」の「重ねる」「曲げ」）。
    const [kana] = text.slice(start + found.length).match(/^[ぁ-ゖ]{0,3}/);
    for (let size = kana.length; size > 0; size -= 1) {
      const word = found + kana.slice(0, size);
      if (!/(?:[のをにはがでとへも]|だけ|から|まで|より)$/.test(word) && told.includes(word)) return word;
    }
    return found;
  };
  const cut = (text) => {
    const words = [];
    for (let start = 0; start < text.length; ) {
      const known = longest(text, start);
      const word = known || unit(text, start);
      start += word.length;
      if (known || !KANA.test(word) || isTold(word)) words.push(word);
    }
    return words;
  };
  const isFormula = (chunk) => /[∂=]|′\(/.test(chunk) && chunk.length > 2;
  const wordsOf = (query) => {
    const joined = query.normalize("NFKC").replace(/\s+(?=[のをにはがでと])/g, "");
    const chunks = joined.split(/[\s、。,・?!「」]+/).map((chunk) => fold(chunk)).filter(Boolean);
    const words = chunks.flatMap((chunk) => {
      if (isFormula(chunk) && places.some((place) => place.formula_.includes(chunk))) return [chunk];
      return KANA.test(chunk) ? [chunk] : chunk.split(/[()=/]+/).flatMap(cut); // 仮名だけなら、読みとみて切らない
    });
    return [...new Set(words.length ? words : chunks)];
  };

  // ── 数える ──────────────────────────────────────────────────

  // 文の中に、言葉が何回あるか。英単語は始まりから、数は全体で合うときだけ数える。
  const counter = (word) => {
    const [latin, digits, last] = [/^[a-z]/.test(word), /^\d/.test(word), /\d$/.test(word)];
    const fits = (before, after) =>
      latin ? !/[a-z]/.test(before) && !(word.length < 3 && /[a-z]/.test(after))
        : !digits || !(/[\d.]/.test(before) || (last && /\d/.test(after)));
    return (text) => {
      let found = 0;
      for (let at = text.indexOf(word); at >= 0 && found < 20; at = text.indexOf(word, at + word.length)) {
        if (!(latin || digits) || fits(text[at - 1] || "", text[at + word.length] || "")) found += 1;
      }
      return found;
    };
  };
  const MEAN = 400;
  const share = (word, names) => {
    let best = 0;
    for (const name of names) if (name.includes(word)) best = Math.max(best, word.length / name.length);
    return best;
  };
  // 一字の英字や数字は、どの文にもある。式と記号の中だけで探す。
  const isLetter = (word) => /^[a-z0-9]$/.test(word);
  const named = (place, word, count) => {
    if (place.kind === "記号") return place.exact.includes(word) ? 6 : 0;
    const name = place.names_.includes(word) ? share(word, place.exact) : 0;
    if (place.kind === "用語") return 6 * name ** 0.7;
    const whole = count(place.title_) ? word.length / place.title_.length : 0;
    const title = Math.max(whole, place.parts.length ? share(word, place.parts) : 0);
    const label = count(place.label_) ? word.length / place.label_.length : 0;
    return Math.max(5 * title ** 0.4, 4 * label ** 0.5, 4 * name ** 0.5);
  };
  const written = (place, count) => {
    const text = count(place.text_);
    if (!text) return 0;
    const bold = count(place.bold_);
    const length = 0.3 + (0.7 * place.text_.length) / MEAN;
    return 1.5 * (bold / (bold + 0.5)) + 2.2 * (text / (text + 1.2 * length));
  };
  const inFormula = (place, word) =>
    place.formula_.includes(word) ? 6 * (word.length / place.formula_.length) ** 0.3 : 0;
  const remembered = new Map();
  const matches = (word) => {
    if (!remembered.has(word)) remembered.set(word, search(word));
    return remembered.get(word);
  };
  const search = (word) => {
    const found = new Map();
    const ways = [[word, 1], ...(others.get(word) || []).map((other) => [other, 0.9])];
    for (const [way, factor] of ways) {
      const [count, letter, formula] = [counter(way), isLetter(way), isFormula(way)];
      const strength = (place) =>
        formula ? inFormula(place, way)
          : named(place, way, count) + (count(place.trail_) ? 1.2 : 0) +
            (letter && !place.symbols ? 0 : written(place, count));
      for (let number = 0; number < places.length; number += 1) {
        const place = places[number];
        const where = letter && !place.symbols ? place.head_ : place.all_;
        if (!formula && !where.includes(way)) continue;
        const value = factor * strength(place);
        if (value > (found.get(number) || 0)) found.set(number, value);
      }
    }
    return found;
  };

  const known = new Map();
  const pairs = (word) => {
    if (!known.has(word)) known.set(word, new Set(Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2))));
    return known.get(word);
  };
  // 打ちまちがいかもしれない言葉に、いちばん近い用語。
  const nearest = (word) => {
    let [best, closest] = [0.55, ""];
    const own = pairs(word);
    for (const name of word.length > 2 ? vocabulary : []) {
      const its = pairs(name);
      let common = 0;
      for (const pair of own) if (its.has(pair)) common += 1;
      const likeness = (2 * common) / (own.size + its.size);
      if (likeness > best) [best, closest] = [likeness, name];
    }
    return closest;
  };

  // どの題にも用語にもない言葉と、尋ねる言葉は、添えられたものとみて、軽くする。
  const ASIDE = 0.4;
  const ASKED = /^(?:なぜ|理由|必要|意味|方法|仕組み?|しくみ|役割|求め方|やり方|使い方|計算方法|計算|導出|公式|式|説明|解説|違い|関係|具体例|例|場合|目安|問題|対策|大きさ|数)$/;
  const isTopic = (word) =>
    isFormula(word) || (!ASKED.test(word) && [word, ...(others.get(word) || [])].some((name) => told.includes(name)));
  const rank = (query) => {
    const found = wordsOf(query)
      .map((word) => {
        const hits = matches(word);
        return hits.size || !nearest(word) ? { word, hits } : { word: nearest(word), hits: matches(nearest(word)) };
      })
      .filter(({ hits }) => hits.size);
    const totals = new Map();
    let all = 0;
    for (const { word, hits } of found) {
      const rarity = Math.log(1 + (places.length - hits.size + 0.5) / (hits.size + 0.5)) ** 0.4 * (isTopic(word) ? 1 : ASIDE);
      all += rarity;
      for (const [number, value] of hits) {
        const total = totals.get(number) || [0, 0];
        totals.set(number, [total[0] + rarity * value, total[1] + rarity]);
      }
    }
    const words = found.map(({ word }) => word);
    const whole = [bare(query.normalize("NFKC")), words.join("")].flatMap((name) => [name, ...(others.get(name) || [])]);
    const enough = Math.max(...[...totals.values()].map(([, covered]) => covered)) / 2;
    const scored = [];
    for (const [number, [value, covered]] of totals) {
      const place = places[number];
      let score = value * place.weight * (covered / all);
      const named = whole.some((name) => place.exact.includes(name));
      if ((named && place.kind === "用語") || (place.label_ && bare(place.label_) === whole[0])) score *= 3;
      else if (named || whole.some((name) => place.parts.includes(name))) score *= 1.3;
      if (covered >= enough) scored.push([place, score]);
    }
    scored.sort((one, other) => other[1] - one[1]);
    return { words: words.flatMap((word) => [word, ...(others.get(word) || [])]), scored };
  };

  // ── 見せる ──────────────────────────────────────────────────

  const address = (place) => book.pages[place.page] + (place.anchor ? `#${place.anchor}` : "");
  const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  const escaped = (text) => text.replace(/[&<>]/g, (character) => ESCAPES[character]);

  // 言葉の現れるところ: もとの文の中での始めと終わりと、何番めの言葉か。
  const spots = (text, words) => {
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
  // 上つきと下つきを組み、言葉に印をつける。
  const marked = (text, words, found = spots(text, words)) => {
    const [starts, ends] = [new Set(found.map(([start]) => start)), new Set(found.map(([, end]) => end))];
    let html = "";
    const open = [];
    let inside = false;
    for (let i = 0; i <= text.length; i += 1) {
      if (ends.has(i)) [html, inside] = [`${html}</mark>`, false];
      if (i === text.length) break;
      if (starts.has(i)) [html, inside] = [`${html}<mark>`, true];
      const character = text[i];
      if (inside && character <= THIN) continue;
      if (character === SUB || character === SUP) {
        open.push(character === SUB ? "sub" : "sup");
        html += `<${open.at(-1)}>`;
      } else if (character === END) html += open.length ? `</${open.pop()}>` : "";
      else if (character > THIN) html += escaped(character);
    }
    return html + open.reverse().map((name) => `</${name}>`).join("");
  };
  const WIDTH = 110;
  // いろいろな言葉が、いちばんたくさん入るところから始める。
  const densest = (found) => {
    let [most, place] = [0, 0];
    found.forEach(([from], first) => {
      const near = new Set();
      for (let n = first; n < found.length && found[n][0] < from + WIDTH; n += 1) near.add(found[n][2]);
      if (near.size > most) [most, place] = [near.size, from];
    });
    return place;
  };
  const excerpt = (text, words) => {
    const found = spots(text, words);
    if (text.length <= WIDTH * 1.5) return marked(text, words, found);
    const start = densest(found);
    const sentence = Math.max(text.lastIndexOf("。", start) + 1, start - WIDTH / 2);
    const from = start < WIDTH / 2 ? 0 : sentence;
    const stop = text.indexOf("。", from + WIDTH) + 1;
    const to = stop && stop < from + WIDTH * 1.6 ? stop : from + WIDTH;
    const lead = from > 0 && text[from - 1] !== "。" ? "…" : "";
    return `${lead}${marked(text.slice(from, to).trim(), words)}${to < text.length ? "…" : ""}`;
  };
  // 文のない節は、中の節の題を見せる。
  const about = (section) =>
    section.text || places.filter((place) => places[place.parent] === section && place.kind === "節").map(({ title }) => title).join("、");
  const heading = ({ number, title }, words) => [number, marked(title, words)].filter(Boolean).join(" ");
  const shown = (place, words) => {
    const section = place.kind === "節" ? place : places[place.parent];
    const named = { number: place.number, title: place.title || section.title };
    if (!place.title && !place.number) named.number = section.number;
    const title = heading(named, words);
    const text = place.math ? "" : excerpt(place.text || about(section), words);
    // 題にも文にも見えない言葉で見つけたときは、その言葉を添える。
    const hidden = !`${title}${text}`.includes("<mark>");
    const other = hidden && place.names.find((name) => words.some((word) => bare(name).includes(word)));
    return {
      kind: place.kind,
      url: address(place),
      title: other ? `${title}（${marked(other, words)}）` : title,
      trail: (place.title ? place : section).trail.map((above) => heading(above, [])),
      excerpt: text,
      math: place.math,
      section: address(section),
    };
  };

  const AGAIN = { 節: 0.2, 用語: 0.2 };
  // 同じ場所は、いちばん強く当たったものを見せる。ほかのものも当たったなら、その分だけ前に出す。
  const merged = (scored) => {
    const best = new Map();
    for (const [place, score] of scored) {
      const known = best.get(address(place));
      if (known) known.score += (AGAIN[place.kind] || 0) * score;
      else best.set(address(place), { place, score });
    }
    return [...best.values()].sort((one, other) => other.score - one.score);
  };
  const find = (query, limit = 10) => {
    ready();
    if (!query.trim()) return { total: 0, results: [] };
    const { words, scored } = rank(query);
    const found = merged(scored);
    return { total: found.length, results: found.slice(0, limit).map(({ place }) => shown(place, words)) };
  };
  return { find, ready };
};
