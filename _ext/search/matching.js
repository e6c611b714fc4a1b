// 一つの言葉が、どの場所に、どれだけ強く当たるか。題、用語、太字、文のどこに、何回現れるかで決める。

// 文の中に、言葉が何回あるかを数えるもの。英単語は始まりから、数は全体で合うときだけ数える。
const makeCounter = (word) => {
  const [latin, digits, last] = [/^[a-z]/.test(word), /^\d/.test(word), /\d$/.test(word)];
  const fitsLatin = (before, after) => !/[a-z]/.test(before) && !(word.length < 3 && /[a-z]/.test(after));
  const fitsDigits = (before, after) => !/[\d.]/.test(before) && !(last && /\d/.test(after));
  const fits = latin ? fitsLatin : digits ? fitsDigits : () => true;
  return (text) => {
    let found = 0;
    for (let at = text.indexOf(word); at >= 0 && found < 20; at = text.indexOf(word, at + word.length)) {
      if (fits(text[at - 1] || "", text[at + word.length] || "")) found += 1;
    }
    return found;
  };
};

const makeMatcher = (places, { waysOf }) => {
  const [MEAN, OTHER, KEPT] = [400, 0.9, 300];
  // 名前のうち、言葉が占める割合の、いちばん大きなもの。
  const share = (word, names) => {
    let best = 0;
    for (const name of names) if (name.includes(word)) best = Math.max(best, word.length / name.length);
    return best;
  };
  const named = (place, word, count) => {
    if (place.kind === "記号") return place.exact.includes(word) ? 6 : 0;
    const name = place.names_.includes(word) ? share(word, place.exact) : 0;
    if (place.kind === "用語") return 6 * name ** 0.7;
    const whole = count(place.title_) ? word.length / place.title_.length : 0;
    const title = Math.max(whole, share(word, place.parts));
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
  const inFormula = (word) => (place) =>
    place.formula_.includes(word) ? 6 * (word.length / place.formula_.length) ** 0.3 : 0;
  const inWords = (word) => {
    const [count, letter] = [makeCounter(word), isLetter(word)];
    return (place) => {
      const headOnly = letter && !place.symbols;
      if (!(headOnly ? place.head_ : place.all_).includes(word)) return 0;
      const trail = count(place.trail_) ? 1.2 : 0;
      return named(place, word, count) + trail + (headOnly ? 0 : written(place, count));
    };
  };
  const search = (word) => {
    const found = new Map();
    waysOf(word).forEach((way, n) => {
      const strength = (isFormula(way) ? inFormula : inWords)(way);
      places.forEach((place, number) => {
        const value = strength(place) * (n ? OTHER : 1);
        if (value > (found.get(number) || 0)) found.set(number, value);
      });
    });
    return found;
  };
  // 打っていくあいだ、同じ言葉を何度も探す。
  const remembered = new Map();
  return (word) => {
    if (remembered.size > KEPT) remembered.clear();
    if (!remembered.has(word)) remembered.set(word, search(word));
    return remembered.get(word);
  };
};

// 打ちまちがいかもしれない言葉に、いちばん近い用語を探すもの。続く二字の組が、どれだけ同じかで比べる。
const makeGuesser = ({ vocabulary }) => {
  const ENOUGH = 0.55;
  const known = new Map();
  const makePairs = (word) => new Set(Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2)));
  const pairs = (word) => known.get(word) || known.set(word, makePairs(word)).get(word);
  const likeness = (own, its) => {
    let common = 0;
    for (const pair of own) if (its.has(pair)) common += 1;
    return (2 * common) / (own.size + its.size);
  };
  return (word) => {
    let [best, closest] = [ENOUGH, ""];
    for (const name of word.length > 2 ? vocabulary : []) {
      const value = likeness(pairs(word), pairs(name));
      if (value > best) [best, closest] = [value, name];
    }
    return closest;
  };
};
