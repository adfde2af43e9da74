// What the browser lacks of a class, asked for once; neighbours are fetched while nobody waits.
(drd => {
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
    const got = await drd.fetch(address).catch(() => null);
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
    levels: ({ levels }) => ({ form: levels }),
    ofiv: ({ pair, bars }) => ({ pair, bars }),
    orders: () => ({}),
  };
  drd.place = (view, selection) => {
    const { run, target, regime } = selection, query = new URLSearchParams({ target });
    for (const [key, value] of Object.entries({ regime, ...needs[view](selection) })) if (value) query.set(key, value);
    return `/data/${run}/${view}.json?${query}`;
  };
  drd.loadAt = load;
  drd.load = (view, selection) => load(drd.place(view, selection));
  drd.loadStrongest = ({ regime }, run) => load(`/data/${run.id}/strongest.json?${new URLSearchParams({ of: run.stamp, ...(regime && { regime }) })}`);
  drd.loadMap = ({ run, target, regime }, channel) => load(`/data/${run}/fim-${channel}.json?${new URLSearchParams({ target, ...(regime && { regime }) })}`);

  drd.prefetch = async selection => {
    drd.fetchFiv(selection);
    for (const view of ["class", "levels", "ofiv"]) await drd.load(view, selection).catch(() => null);
  };
  let waiting = null;
  drd.prefetchNeighbours = (selection, { targets }) => { // one after the other, once the reader rests
    clearTimeout(waiting);
    const at = targets.indexOf(selection.target);
    waiting = setTimeout(async () => {
      for (const target of [targets[at + 1], targets[at - 1]]) {
        if (target !== undefined) await drd.prefetch({ ...selection, target, pair: null });
      }
    }, 150);
  };
  drd.notice = text => window.dash_clientside.set_props("notice", { children: text });

  // the comparison beside the similarity: the chosen one, where the run has it
  drd.second = ({ second }, run) => {
    const others = run.matrices.filter(name => name !== "similarity");
    return others.includes(second) ? second : others[0];
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
