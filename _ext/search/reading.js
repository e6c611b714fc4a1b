// 索引を読み、探しやすい形にする。名前の終わりに _ のあるものは、そろえた文字。
const readPlaces = (rows) => {
  const KINDS = ["節", "用語", "記号", "式", "図", "表", "コード", "定理", "文献"];
  const places = rows.map((row) => {
    const [kind, page, parent, anchor = "", number = "", title = "", text = "", names = []] = row;
    const [, , , , , , , , weight = 100, math = ""] = row;
    return { kind: KINDS[kind], page, parent, anchor, number, title, text, names, weight: weight / 100, math };
  });
  for (const place of places) {
    const parent = places[place.parent];
    place.trail = parent ? [...parent.trail, parent] : [];
  }
  return places;
};

// 題の一区切り（「二つの重み ― 細長い谷」の「細長い谷」など）。
const partsOf = (title) => title.split(/ ― |[、。:：]/).map(bare).filter((part) => part.length > 1);

const preparePlace = (place) => {
  const { kind, title, text, names, anchor, math } = place;
  const label = anchor.replace("equation-", "");
  place.title_ = fold(title);
  place.parts = kind === "節" ? partsOf(title) : [];
  place.trail_ = fold(place.trail.map((above) => above.title).join(" "));
  place.text_ = fold(text);
  place.bold_ = fold((text.match(/\u0004[^\u0005]*/g) || []).join(" "));
  place.label_ = "節式図定理".includes(kind) && /^[a-z]+-/.test(label) ? label : "";
  place.exact = ("節記号".includes(kind) ? names : [title, ...names]).filter(Boolean).map(bare);
  place.names_ = place.exact.join("\n");
  place.formula_ = math ? bare(text.replace(/[\u0001\u0002][^\u0001-\u0003]*\u0003/g, "")) : "";
  place.symbols = "記号式".includes(kind);
  place.head_ = [place.title_, place.trail_, place.label_, place.names_, ...place.parts].join("\n");
  place.all_ = `${place.head_}\n${place.text_}`;
};
