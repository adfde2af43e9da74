// What the browser lacks of a class, asked for once; neighbours are fetched while nobody waits.
(drd => {
  let shown = null, compared = null; // addresses on screen
  let missed = false; // something on screen could not be loaded

  // the last few answers by address; what failed is asked for again
  drd.keep = most => {
    const known = new Map(); // address -> promise
    const get = (address, read) => {
      if (!known.has(address)) {
        const answer = ask(address, read);
        known.set(address, answer);
        answer.catch(() => { if (known.get(address) === answer) known.delete(address); });
        if (known.size > most) known.delete(known.keys().next().value);
      }
      return known.get(address);
    };
    return { get, clear: () => known.clear() };
  };
  const ask = async (address, read) => {
    const got = await fetch(address).catch(() => null);
    if (got?.ok) return read(got);
    missed = true;
    throw new Error(!got ? "The server cannot be reached." : got.status < 500 ? await got.text() : "The server's log says why.");
  };
  const answers = drd.keep(24);
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
  const place = (selection, theme, target, pair) => {
    const query = new URLSearchParams({ target, theme });
    if (selection.regime) query.set("regime", selection.regime);
    if (pair) query.set("pair", pair);
    return `/data/${selection.run}/class.json?${query}`;
  };
  const address = (selection, theme) => place(selection, theme, selection.target, selection.pair);
  drd.ahead = async selection => { // ask, and show the ensemble, before Dash has gone round
    const theme = document.documentElement.getAttribute("data-mantine-color-scheme");
    drd.fetchFiv(selection);
    const views = await load(address(selection, theme)).catch(() => null);
    const now = drd.read();
    if (views && now.page === "class" && address(now, theme) === address(selection, theme)) drd.drawFiv(views[1], now, views[10], theme);
  };
  let waiting = null;
  const neighbours = (selection, theme, run, at) => { // one after the other, once the reader rests
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      for (const target of [run.targets[at + 1], run.targets[at - 1]]) {
        if (target === undefined) continue;
        await load(place(selection, theme, target)).catch(() => null);
        drd.fetchFiv({ ...selection, target });
      }
    }, 400);
  };
  const nothing = n => Array(n).fill(window.dash_clientside.no_update);
  const notice = drd.notice = text => window.dash_clientside.set_props("notice", { children: text });

  drd.showClass = async (selection, theme, run) => {
    drd.run = run ?? null;
    const n = window.dash_clientside.callback_context.outputs_list.length;
    const at = run && selection?.run === run.id ? run.targets.indexOf(selection.target) : -1;
    if (at < 0 || !theme) return nothing(n);
    document.title = `${run.names[at]} · ${run.name} · DeepResolve Dash`;
    const wanted = address(selection, theme);
    if (wanted === shown?.address && shown.run === run) return nothing(n);
    shown = { address: wanted, run };
    drd.fetchFiv(selection);
    try {
      const views = await load(wanted);
      if (shown.address !== wanted) return nothing(n);
      drd.drawFiv(views[1], selection, views[10], theme); // before the charts, which take longer
      notice(null);
      neighbours(selection, theme, run, at);
      return views;
    } catch (error) {
      shown = null;
      notice(`This class cannot be shown. ${error.message}`);
      return nothing(n);
    }
  };

  drd.showSimilarity = async (selection, second, run) => {
    if (!run?.matrices.length || selection?.run !== run.id) return nothing(3);
    const query = new URLSearchParams({ target: run.targets[0], second });
    if (selection.regime) query.set("regime", selection.regime);
    const address = `/data/${run.id}/classes.json?${query}`;
    if (address === compared?.address && compared.run === run) return nothing(3);
    compared = { address, run };
    try {
      const views = await load(address);
      return compared.address === address ? views : nothing(3);
    } catch (error) {
      compared = null;
      notice(`Classes cannot be compared. ${error.message}`);
      return nothing(3);
    }
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
