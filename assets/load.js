// What the browser lacks of a class, asked for once; neighbours are fetched while nobody waits.
(drd => {
  const shown = {}; // of each view: the address and run on screen
  let missed = false; // something on screen could not be loaded

  // the last few answers by address; what failed is asked for again
  drd.keep = most => {
    const known = new Map(); // address -> promise
    const get = (address, read) => {
      const answer = known.get(address) ?? ask(address, read);
      if (!known.has(address)) answer.catch(() => { if (known.get(address) === answer) known.delete(address); });
      known.delete(address);
      known.set(address, answer); // the last one asked for
      if (known.size > most) known.delete(known.keys().next().value);
      return answer;
    };
    return { get, clear: () => known.clear() };
  };
  const ask = async (address, read) => {
    const got = await fetch(address).catch(() => null);
    if (got?.ok) return read(got);
    missed = true;
    throw new Error(!got ? "The server cannot be reached." : got.status < 500 ? await got.text() : "The server's log says why.");
  };
  const answers = drd.keep(60);
  const load = address => answers.get(address, got => got.json());

  drd.forget = () => answers.clear(); // the run has more classes now, or other names
  drd.anew = () => { // the class on screen, from the beginning
    if (drd.page?.page !== "class") return;
    drd.run = null;
    drd.refresh();
  };
  drd.back = () => { // the server answers again
    if (missed) drd.anew();
    missed = false;
  };
  // what each view depends on, beside run, class and regime
  const needs = {
    class: ({ pair }) => ({ pair }),
    levels: ({ levels }, theme) => ({ theme, form: levels }),
    ofiv: ({ pair, bars }, theme) => ({ pair, theme, bars }),
    orders: () => ({}),
  };
  const place = (view, selection, theme) => {
    const { run, target, regime } = selection, query = new URLSearchParams({ target });
    for (const [key, value] of Object.entries({ regime, ...needs[view](selection, theme) })) if (value) query.set(key, value);
    return `/data/${run}/${view}.json?${query}`;
  };
  drd.loadStrongest = ({ regime }, run) => load(`/data/${run.id}/strongest.json?${new URLSearchParams({ of: run.stamp, ...(regime && { regime }) })}`);
  drd.loadMap = ({ run, target, regime }, channel) => load(`/data/${run}/fim-${channel}.json?${new URLSearchParams({ target, ...(regime && { regime }) })}`);
  drd.load = (view, selection, theme) => load(place(view, selection, theme));

  drd.ahead = async selection => { // ask, and show the ensemble, before Dash has gone round
    const theme = document.documentElement.getAttribute("data-mantine-color-scheme");
    drd.fetchFiv(selection);
    for (const view of ["levels", "ofiv"]) drd.load(view, selection, theme).catch(() => null);
    const views = await drd.load("class", selection).catch(() => null);
    const now = drd.read();
    if (views && now.page === "class" && place("class", now) === place("class", selection)) drd.drawFiv(views[1], now, views[4], theme);
  };
  let waiting = null;
  const neighbours = (selection, theme, run, at) => { // one after the other, once the reader rests
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      for (const target of [run.targets[at + 1], run.targets[at - 1]]) {
        if (target === undefined) continue;
        const next = { ...selection, target, pair: null };
        for (const view of ["class", "levels", "ofiv"]) await drd.load(view, next, theme).catch(() => null);
        drd.fetchFiv(next);
      }
    }, 400);
  };
  const nothing = n => Array(n).fill(window.dash_clientside.no_update);
  const notice = drd.notice = text => window.dash_clientside.set_props("notice", { children: text });

  // what the server says of a view, or nothing when it is on screen already
  const show = async (view, wanted, run, failed) => {
    const n = window.dash_clientside.callback_context.outputs_list.length;
    if (!wanted || (wanted === shown[view]?.wanted && shown[view].run === run)) return nothing(n);
    shown[view] = { wanted, run };
    try {
      const views = await load(wanted);
      return shown[view]?.wanted === wanted ? views : nothing(n);
    } catch (error) {
      if (shown[view]?.wanted === wanted) shown[view] = null;
      notice(`${failed} ${error.message}`);
      return nothing(n);
    }
  };
  const among = (selection, run) => (run && selection?.run === run.id ? run.targets.indexOf(selection.target) : -1);

  drd.showClass = async (selection, theme, run) => {
    drd.run = run ?? null;
    const at = among(selection, run);
    if (at >= 0) document.title = `${run.names[at]} · ${run.name} · DeepResolve Dash`;
    if (at >= 0) drd.fetchFiv(selection);
    const views = await show("class", at < 0 ? null : place("class", selection), run, "This class cannot be shown.");
    if (!views[1]?.rows) return views;
    drd.drawFiv(views[1], selection, views[4], theme); // before the charts, which take longer
    notice(null);
    neighbours(selection, theme, run, at);
    return views;
  };
  const chart = (view, failed) => (selection, theme, run) =>
    show(view, theme && among(selection, run) >= 0 ? place(view, selection, theme) : null, run, failed);
  drd.showLevels = chart("levels", "The inconsistency levels cannot be shown.");
  drd.showOfiv = chart("ofiv", "The ranking cannot be shown.");

  drd.showSimilarity = (selection, run) => {
    const there = run?.matrices.length && selection?.run === run.id;
    const query = there && new URLSearchParams({ target: run.targets[0], second: drd.second(selection, run) });
    if (there && selection.regime) query.set("regime", selection.regime);
    return show("similarity", there ? `/data/${run.id}/classes.json?${query}` : null, run, "Classes cannot be compared.");
  };
  // the comparison beside the similarity: the chosen one, where the run has it
  drd.second = ({ second }, run) => {
    const others = run.matrices.filter(name => name !== "similarity");
    return others.includes(second) ? second : others[0];
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
