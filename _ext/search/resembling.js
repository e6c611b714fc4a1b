// 打たれた文の全体が、節の題や添えられた言葉と、どれだけ似ているか。続く二字の組で比べるので、
// 語尾や送り仮名や切り方が違っても、同じことを尋ねる文は近くなる。多くの名前にある組ほど、軽く見る。
const makeResemblance = (places) => {
  const pairsOf = (text) =>
    new Set(Array.from({ length: Math.max(text.length - 1, 0) }, (_, i) => text.slice(i, i + 2)));
  const [owners, names] = [new Map(), []];
  places.forEach(({ kind, title, parts, exact }, number) => {
    if (!"節式".includes(kind)) return;
    for (const name of new Set([bare(title), ...parts, ...exact])) {
      const pairs = pairsOf(name);
      for (const pair of pairs) owners.get(pair)?.push(names.length) ?? owners.set(pair, [names.length]);
      names.push({ number, pairs });
    }
  });
  const weigh = (pair) => Math.log(1 + names.length / owners.get(pair).length) ** 2;
  const weight = (pairs) => pairs.reduce((sum, pair) => sum + weigh(pair), 0);
  for (const name of names) name.weight = weight([...name.pairs]);
  return (text) => {
    const pairs = [...pairsOf(text)].filter((pair) => owners.has(pair));
    const [all, common, found] = [weight(pairs), new Map(), new Map()];
    for (const pair of pairs) {
      for (const owner of owners.get(pair)) common.set(owner, (common.get(owner) || 0) + weigh(pair));
    }
    for (const [owner, value] of common) {
      const { number, weight } = names[owner];
      const alike = value / Math.sqrt(all * weight);
      if (alike > (found.get(number) || 0)) found.set(number, alike);
    }
    return found;
  };
};
