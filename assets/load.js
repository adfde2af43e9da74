// What the browser lacks of a class, asked for once; neighbours are fetched while nobody waits.
(drd => {
  const known = new Map(); // address -> promise of JSON, the last few
  let shown = null, compared = null; // addresses on screen

  drd.forget = () => known.clear(); // the run has more classes now

  const load = address => {
    if (!known.has(address)) {
      const answer = fetch(address).then(async got => {
        if (got.ok) return got.json();
        throw new Error(await got.text());
      });
      known.set(address, answer);
      answer.catch(() => known.delete(address));
      if (known.size > 24) known.delete(known.keys().next().value);
    }
    return known.get(address);
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
  const notice = text => window.dash_clientside.set_props("notice", { children: text });

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
