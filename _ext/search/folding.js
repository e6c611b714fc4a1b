// 文字をそろえる: 全角と半角、大文字と小文字、片仮名と平仮名を区別しない。長音の記号と、組みの印は読みとばす。
const MARKS = { sub: "\u0001", sup: "\u0002", end: "\u0003", bold: "\u0004", thin: "\u0005" };
const { fold, bare } = (() => {
  const [DROPPED, SPACE] = [0xffff, 0x20];
  const DASHES = "–−‐—―";
  const isGreek = (code) => code >= 0x370 && code < 0x400; // δ と Δ は、別の記号
  const lettered = (code) => {
    const character = String.fromCharCode(code);
    if ("ー\u0302".includes(character) || character <= MARKS.thin) return DROPPED;
    if ("'’".includes(character)) return "′".charCodeAt(0);
    if (DASHES.includes(character)) return "-".charCodeAt(0);
    const plain = character.normalize("NFKC");
    const usual = isGreek(code) ? plain : plain.toLowerCase();
    const result = usual.length === 1 ? usual.charCodeAt(0) : code;
    return result >= 0x30a1 && result <= 0x30f6 ? result - 0x60 : result;
  };
  const table = new Uint16Array(0x10000);
  const folded = (code) => (table[code] ||= lettered(code));

  // 同じ言葉の、同じ長さの書き方。
  const SPELLINGS = [
    ["二乗", "2乗"], ["二値", "2値"], ["二階", "2階"], ["二次", "2次"], ["一次", "1次"],
    ["伝搬", "伝播"], ["連鎖率", "連鎖律"], ["疑似", "擬似"],
  ];
  // 和文と欧文のあいだの空きは、あってもなくてもよい。
  const isBeside = (text, at) => text.charCodeAt(at - 1) >= 0x3040 || text.charCodeAt(at + 1) >= 0x3040;
  const buffer = new Uint16Array(0x8000);
  // `origins` を渡せば、そろえた文字のそれぞれが、もとの何番めの文字かを入れる。
  const fold = (text, origins) => {
    let [out, size] = ["", 0];
    for (let i = 0; i < text.length; i += 1) {
      const code = folded(text.charCodeAt(i));
      if (code === DROPPED || (code === SPACE && isBeside(text, i))) continue;
      origins?.push(i);
      buffer[size++] = code;
      if (size === buffer.length) [out, size] = [out + String.fromCharCode(...buffer), 0];
    }
    out += String.fromCharCode(...buffer.subarray(0, size));
    for (const [other, ours] of SPELLINGS) out = out.replaceAll(other, ours);
    return out;
  };
  const bare = (text) => fold(text).replace(/[\s\-・]/g, "");
  return { fold, bare };
})();

// 一字の英字や数字は、どの文にもある。題と、式と、記号の中だけで探す。
const isLetter = (word) => /^[a-z0-9]$/.test(word);
const isFormula = (word) => /[∂=]|′\(/.test(word) && word.length > 2;
