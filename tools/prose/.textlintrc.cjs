// 本文の日本語の規則。preset-ja-technical-writing から変えたところには、理由を書く。
module.exports = {
  rules: {
    "preset-ja-technical-writing": {
      // 箇条書きも、続けて読める文で書く。「であること」のような名詞節は「である」調に数えない。
      "no-mix-dearu-desumasu": {
        preferInHeader: "",
        preferInBody: "ですます",
        preferInList: "ですます",
        strict: false,
      },
      // 「一つ」「二つめ」は数量ではなく言葉として、漢字で書く。計算する数は算用数字で書いている。
      "arabic-kanji-numbers": false,
      // 「行きも帰りも」「重みとバイアスと」のように、並べるための助詞は重ねてよい。
      "no-doubled-joshi": { allow: ["も", "にも", "でも", "と", "か", "や"], strict: false },
      // 訳語の決まった、漢字の続く術語。
      "max-kanji-continuous-len": { max: 6, allow: ["確率的勾配降下法"] },
      // 練習問題の星は、むずかしさの数だけ並べる。
      "ja-no-successive-word": { allow: ["★", "☆"] },
      // 図の代わりの文には、数式を使わずに j や l の文字を書く。
      "ja-unnatural-alphabet": false,
    },
  },
};
