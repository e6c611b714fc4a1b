// いくつもの言葉の当たりを合わせて、場所を並べる。現れにくい言葉ほど重く見る（BM25 と同じ考え）。
const makeRanker = (places, lexicon) => {
  const { told, waysOf } = lexicon;
  const [wordsOf, matches, guess] = [makeCutter(lexicon), makeMatcher(places, lexicon), makeGuesser(lexicon)];
  const [TERM, NAME] = [3, 1.3];
  const resemblance = makeResemblance(places);
  const MOST = 1;  // まったく同じ文の似かた
  // 打たれた言葉のうち、いちばん多くを含む場所に比べて、これより少ししか含まない場所は出さない。
  const ENOUGH = 0.35;
  const AGAIN = { 節: 0.2, 用語: 0.2 };

  // どの題にも用語にもない言葉と、尋ねる言葉は、添えられたものとみて、軽くする。
  const ASIDE = 0.4;
  const ASKED = new RegExp(
    "^(?:なぜ|理由|必要|意味|方法|仕組み?|しくみ|役割|求め方|やり方|使い方|書き方|書く|計算方法|計算する|計算|" +
      "導出|公式|式|説明|解説|違い|比較|関係|具体例|例|場合|目安|問題|対策|大きさ|数|何か?|変わる|なる)$",
  );
  const isTopic = (word) =>
    isFormula(word) || (!ASKED.test(word) && waysOf(word).some((name) => told.includes(name)));
  const rarity = (word, count) =>
    Math.log(1 + (places.length - count + 0.5) / (count + 0.5)) ** 0.4 * (isTopic(word) ? 1 : ASIDE);

  const foundFor = (typed) => {
    const word = matches(typed).size ? typed : guess(typed);
    return { word, hits: word ? matches(word) : new Map() };
  };
  // 場所ごとの、当たりの合計と、そこに現れた言葉の重みの合計。
  const total = (found) => {
    const totals = new Map();
    for (const { word, hits } of found) {
      const weight = rarity(word, hits.size);
      for (const [number, value] of hits) {
        const [sum, covered] = totals.get(number) || [0, 0];
        totals.set(number, [sum + weight * value, covered + weight]);
      }
    }
    return totals;
  };
  // 打たれた言葉が、そっくり用語か、題か、ラベルなら、前に出す。
  const boost = (place, whole) => {
    if (place.label_ && bare(place.label_) === whole[0]) return TERM;
    if (whole.some((name) => place.exact.includes(name))) return place.kind === "用語" ? TERM : NAME;
    return whole.some((name) => place.parts.includes(name)) ? NAME : 1;
  };
  // 同じ場所は、いちばん強く当たったものを見せる。ほかのものも当たったなら、その分だけ前に出す。
  const merge = (scored) => {
    const best = new Map();
    for (const [place, score] of scored) {
      const address = `${place.page}#${place.anchor}`;
      const known = best.get(address);
      if (known) known.score += (AGAIN[place.kind] || 0) * score;
      else best.set(address, { place, score });
    }
    return [...best.values()].sort((one, other) => other.score - one.score).map(({ place }) => place);
  };

  return (query) => {
    const found = wordsOf(query).map(foundFor).filter(({ hits }) => hits.size);
    const words = found.map(({ word }) => word);
    const whole = [bare(query.normalize("NFKC")), words.join("")].flatMap(waysOf);
    const totals = total(found);
    const likeness = resemblance(bare(query.normalize("NFKC")));
    const covers = [...totals.values()].map(([, covered]) => covered);
    const [all, enough] = [
      found.reduce((sum, { word, hits }) => sum + rarity(word, hits.size), 0),
      covers.reduce((most, covered) => Math.max(most, covered), 0) * ENOUGH,
    ];
    const scored = [...totals]
      .filter(([, [, covered]]) => covered >= enough)
      .map(([number, [sum, covered]]) => {
        const place = places[number];
        const front = boost(place, whole);
        const alike = front === TERM ? MOST : likeness.get(number) || 0;
        return [place, sum * (covered / all) * place.weight * front * (1 + alike)];
      })
      .sort((one, other) => other[1] - one[1]);
    return { words: words.flatMap(waysOf), places: merge(scored) };
  };
};
