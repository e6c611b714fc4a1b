// 本の中を探す。索引は本の文そのもの。文は単語に切らず、打たれた言葉がそのまま現れるところを数える。
const bookFinder = ({ pages, places: rows, words: synonyms }) => {
  const places = readPlaces(rows);
  const shown = makeShower(places, pages);
  let [prepared, rank] = [0, null];
  // 打つ手を待たせないように、少しずつ用意する。残りがなくなれば true。
  const ready = (milliseconds = Infinity) => {
    const until = performance.now() + milliseconds;
    while (prepared < places.length && performance.now() < until) preparePlace(places[prepared++]);
    if (prepared === places.length) rank ??= makeRanker(places, makeLexicon(places, synonyms));
    return rank !== null;
  };
  const find = (query, limit = 10) => {
    ready();
    if (!query.trim()) return { total: 0, results: [] };
    const { words, places: found } = rank(query);
    return { total: found.length, results: found.slice(0, limit).map((place) => shown(place, words)) };
  };
  return { find, ready };
};
