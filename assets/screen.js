// The class page on screen. What the address says is drawn here and now: a round through the
// callbacks of Dash, one for each view, would take longer than the drawing.
(drd => {
  let on = null; // { run, glyphs, selection, rows } of the page on screen
  const shown = {}; // view -> { wanted, told }: where its data come from, and the data once they are here

  const byId = id => document.getElementById(id);
  const say = (id, text) => { const element = byId(id); if (element) element.textContent = text ?? ""; };

  // what each view asks for, what it shows of the answer, and what it marks at every change
  const VIEWS = {
    class: {
      address: ({ selection }) => drd.place("class", selection),
      failed: "This class cannot be shown.",
      put: told => {
        on.rows = told.rows;
        drd.noteChips("head", told.head);
        drd.showLight(told.light);
        if (told.warning) byId("head-notes").prepend(warning(told.warning));
        drd.noteChips("fiv", told.fiv.notes);
        say("fiv-regime", told.fiv.regime);
        say("pair", told.pair);
        drd.notice(null);
        drd.prefetchNeighbours(on.selection, on.run);
      },
      mark: ({ fiv }, { selection, rows, run, glyphs }) => {
        drd.drawFiv(fiv.spec, selection, rows); // before the charts, which take longer
        drd.askAgain(selection, run);
        drd.drawChannels(rows, selection, run, glyphs);
        drd.drawMore(selection, rows, run, glyphs);
        for (const other of ["levels", "ofiv", "similarity"]) mark(other); // those that came before the rows
      },
    },
    levels: {
      address: ({ selection }) => drd.place("levels", selection),
      failed: "The inconsistency levels cannot be shown.",
      put: told => chart("il", told),
      mark: (_, { selection, rows }) => drd.markChart("il", selection, rows),
    },
    ofiv: {
      address: ({ selection }) => drd.place("ofiv", selection),
      failed: "The ranking cannot be shown.",
      put: told => {
        chart("ofiv", told);
        drd.showAgain();
      },
      mark: (_, { selection, rows }) => drd.markChart("ofiv", selection, rows),
    },
    similarity: {
      address: ({ selection, run }) => {
        if (!run.matrices.length) return null;
        const query = new URLSearchParams({ target: run.targets[0], second: drd.second(selection, run) });
        if (selection.regime) query.set("regime", selection.regime);
        return `/data/${run.id}/classes.json?${query}`;
      },
      failed: "Classes cannot be compared.",
      put: ({ regime }) => say("similarity-regime", regime),
      mark: ({ left, right }, { selection }) => drd.drawSimilarity(left, right, selection),
    },
  };

  const mark = name => {
    const { told } = shown[name] ?? {};
    if (told && on?.rows) VIEWS[name].mark(told, on);
  };
  const refresh = async name => {
    const view = VIEWS[name], wanted = view.address(on);
    if (!wanted) return;
    if (shown[name]?.wanted === wanted) return mark(name);
    const page = (shown[name] = { wanted });
    if (name === "class") on.rows = null; // the rows of another class
    try {
      const told = await drd.loadAt(wanted);
      if (shown[name] !== page || on?.run !== drd.run) return; // another page is on screen
      page.told = told;
      view.put(told);
      mark(name);
    } catch (error) {
      if (shown[name] !== page || on.run !== drd.run) return;
      delete shown[name];
      drd.notice(`${view.failed} ${error.message}`);
    }
  };
  const warning = ({ text, why, jump }) => {
    const button = drd.made("button", { className: "chip warn jump", title: why, textContent: text });
    button.dataset.jump = jump;
    return button;
  };
  const chart = (id, { figure, notes, regime }) => {
    drd.noteChips(id, notes);
    say(`${id}-regime`, regime);
    drd.plot(id, figure);
  };

  // a run is on screen, with more classes than before
  drd.opened = run => {
    for (const name of Object.keys(shown)) delete shown[name];
    drd.run = run;
    on = { run, glyphs: drd.glyphs };
    drd.show();
  };
  // the address as it is now; false when it is no class of the run on screen
  drd.show = () => {
    const selection = drd.read();
    const { run } = on ?? {}, at = run && run === drd.run && selection.page === "class" && selection.run === run.id ? run.targets.indexOf(selection.target) : -1;
    if (at < 0) return false;
    on.selection = selection;
    document.title = `${run.names[at]} · ${run.name} · DeepResolve Dash`;
    drd.showSwitches(selection, run);
    document.querySelector("[data-link=channels]")?.setAttribute("href", drd.channelsHref({ run: run.id, class: selection.target, regime: selection.regime, channel: selection.channel }));
    document.querySelector("[data-link=probe]")?.setAttribute("href", drd.probeHref({ run: run.id, class: selection.target, regime: selection.regime }));
    say("class-select", `${selection.target}  ${run.names[at]}`);
    drd.fetchFiv(selection);
    for (const name of Object.keys(VIEWS)) refresh(name);
    return true;
  };
  const follow = () => { drd.show(); };
  for (const name of ["popstate", "_dashprivate_pushstate"]) window.addEventListener(name, follow);
})((window.dash_clientside ??= {}).deepresolve ??= {});
