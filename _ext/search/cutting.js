// 打たれた言葉を切る。切り方は、この本の用語と、題と、添えられた言葉から決める。
const makeLexicon = (places, synonyms) => {
  const vocabulary = new Set();
  for (const { kind, parts, exact, title_ } of places) {
    for (const name of [...parts, ...(kind === "記号" ? [] : exact)]) vocabulary.add(name);
    if (kind === "節") for (const [word] of title_.matchAll(/[一-鿿々]{2,}/g)) vocabulary.add(word);
  }
  const others = new Map(synonyms.map(([other, ours]) => [bare(other), ours.map(bare)]));
  // 用語の英語の名前は、日本語の名前と同じもの。
  for (const { kind, title, exact } of places) {
    if (kind !== "用語") continue;
    for (const name of exact) if (/^[a-z]{4,}$/.test(name) && !others.has(name)) others.set(name, [bare(title)]);
  }
  for (const other of others.keys()) vocabulary.add(other);
  // 題と、用語と、その読みと、添えられた言葉のすべて。
  const told = places.map(({ title_, exact }) => [title_, ...exact].join("\n")).join("\n");
  const formulas = places.map(({ formula_ }) => formula_).join("\n");
  return { vocabulary, told, formulas, waysOf: (word) => [word, ...(others.get(word) || [])] };
};

const makeCutter = ({ vocabulary, told, formulas }) => {
  const KANA = /^[ぁ-ゖ]+$/;
  const KANJI = /[一-鿿々]/;
  const UNIT = /^(?:[a-z_]+\d*|\d+(?:[-.]\d+)*[回層次個列行階値乗章]?|\p{Script=Greek}′?|[ぁ-ゖ]+|.)/u;
  const LONGEST = 24;
  // 助詞や語尾と、尋ねる言葉。
  const ASKING = new RegExp(
    "^(?:なぜ|とは|どう|どれ|どの|どち|どっ|いつ|する|した|ない|から|まで|です|ます|こと|もの|の[かにで]|" +
      "には|では|にも|られ)",
  );
  const PARTICLE = /(?:[のをにはがでとへも]|だけ|から|まで|より)$/;
  const isTold = (kana) => kana.length > 1 && !ASKING.test(kana) && told.includes(kana);

  // 知っている言葉のうち、いちばん長いもの。英単語の途中では切らない。
  const longest = (text, start) => {
    for (let end = Math.min(text.length, start + LONGEST); end > start + 1; end -= 1) {
      const broken = /[a-z]/.test(text[end - 1]) && /[a-z]/.test(text[end] || "");
      if (!broken && vocabulary.has(text.slice(start, end))) return text.slice(start, end);
    }
    return "";
  };
  // 送り仮名まで（「重ねる」「曲げて」の「重ねる」「曲げ」）。
  const inflected = (stem, rest) => {
    const [kana] = rest.match(/^[ぁ-ゖ]{0,3}/);
    for (let size = kana.length; size > 0; size -= 1) {
      const word = stem + kana.slice(0, size);
      if (!PARTICLE.test(word) && told.includes(word)) return word;
    }
    return stem;
  };
  const unit = (text, start) => {
    let [found] = text.slice(start).match(UNIT);
    if (!KANJI.test(found)) return found;
    while (KANJI.test(text[start + found.length] || "") && !longest(text, start + found.length)) {
      found += text[start + found.length];
    }
    return inflected(found, text.slice(start + found.length));
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
  const wordsIn = (chunk) => {
    if (isFormula(chunk) && formulas.includes(chunk)) return [chunk];
    return KANA.test(chunk) ? [chunk] : chunk.split(/[()=/]+/).flatMap(cut); // 仮名だけなら、読みとみて切らない
  };
  return (query) => {
    const joined = query.normalize("NFKC").replace(/\s+(?=[のをにはがでと])/g, "");
    const chunks = joined.split(/[\s、。,・?!「」]+/).map((chunk) => fold(chunk)).filter(Boolean);
    const words = chunks.flatMap(wordsIn);
    return [...new Set(words.length ? words : chunks)];
  };
};
