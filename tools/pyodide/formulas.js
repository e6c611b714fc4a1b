// 読者の書いた式を、ブラウザの中の Python で判定する。はじめの呼び出しで、この隣の python フォルダのものだけを読む。
// file: でも働くように、どのファイルも、base64 の文字を持つスクリプトである。Worker も、読んだものから作る。
(() => {
  "use strict";
  const PARTS = {};
  const SIZE = "";
  const STOPPED = "15 秒で終わらなかったので、判定を止めました。式を短くして、もう一度試してください。";
  const LOST = "判定の途中で Python が止まりました。もう一度試してください。";
  const BROKEN = "このブラウザでは、式の判定を始められませんでした。ノートブックで判定できます。";
  const home = new URL("../python/", document.currentScript.src);
  const files = {};
  const waiting = new Map();
  let worker, started, asked = 0, turn = 0;

  const script = (name, stamp) => new Promise((done, fail) => {
    const element = document.createElement("script");
    element.src = new URL(`${name}?v=${stamp}`, home);
    element.onload = () => (element.remove(), done());
    element.onerror = () => (element.remove(), fail(new Error(name)));
    document.head.append(element);
  });

  async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
  }

  // 届いたファイルが呼ぶ。
  const arrived = {};
  window.backpropPart = (name, text) => { arrived[name] = text; };

  async function load(tell) {
    const total = Object.values(PARTS).reduce((sum, part) => sum + part.size, 0);
    let loaded = 0;
    await Promise.all(Object.entries(PARTS).map(async ([name, { stamp, size }]) => {
      if (!(name in files)) {
        await script(`${name}.js`, stamp);
        files[name] = name in arrived ? await unpacked(arrived[name]) : null;
        delete arrived[name];
      }
      tell((loaded += size) / total);
    }));
  }

  const ask = (message, limit) => new Promise((done, fail) => {
    const id = (asked += 1);
    const clock = limit && setTimeout(() => end(new Error(STOPPED)), limit);
    waiting.set(id, { done, fail, clock });
    worker.postMessage({ id, ...message });
  });

  function settle(id, { value, error }) {
    const { done, fail, clock } = waiting.get(id) ?? {};
    clearTimeout(clock);
    waiting.delete(id);
    if (done && error) fail(new Error(error));
    else if (done) done(value);
  }

  function end(reason) {
    worker?.terminate();
    worker = started = undefined;
    turn += 1;
    for (const id of [...waiting.keys()]) settle(id, { error: reason.message });
  }

  async function begin(tell) {
    const mine = turn;
    try {
      await load(tell);
      if (mine !== turn) throw new Error(LOST);
      const address = URL.createObjectURL(new Blob([files.engine], { type: "text/javascript" }));
      worker = new Worker(address);
      URL.revokeObjectURL(address);
      worker.onmessage = ({ data }) => (data.error ? end(new Error(LOST), console.error(data.error)) : settle(data.id, data));
      worker.onerror = () => end(new Error(BROKEN));
      const { engine, temml: apart, ...given } = files;
      return await ask({ files: given });
    } catch (error) {
      console.error(error);
      end(error);
      throw new Error(BROKEN);
    }
  }

  const start = (tell = () => {}) => (started ??= begin(tell));

  async function answer(...question) {
    await start();
    return ask({ question }, api.limit);
  }

  // temml は「1,2」を桁区切りのある一つの数と読む。
  const typeset = (latex) =>
    temml.renderToString(latex.replace(/(\d),(?=\d)/g, "$1, "), { displayMode: true, throwOnError: true });

  const api = {
    size: SIZE,
    limit: 15000,
    start,
    stop: () => end(new Error("止めました。")),
    judge: (label, text) =>
      answer("judge", label, text).catch(({ message }) => ({ passed: false, line: message, named: "" })),
    async preview(label, text) {
      try {
        const { latex, error, place } = await answer("preview", label, text);
        return { mathml: latex && typeset(latex), error, place };
      } catch ({ message }) {
        return { mathml: "", error: message, place: null };
      }
    },
    trial: (label) => answer("trial", label),
  };
  window.backpropFormulas = api;
})();
