// The page of all classes on screen: the address says what is shown, and everything is drawn here.
(drd => {
  let on = null; // { run, glyphs, selection, told, ... } of the page on screen
  const part = name => document.querySelector(`.classes-page ${name}`);
  let answers = null;
  drd.cohortAnswers = () => (answers ??= drd.keep(200));
  drd.cohortAddress = (name, more = {}) => {
    const { run, selection } = on;
    return addressOf(run.id, name, { ...more, of: run.stamp === "whole" ? null : run.stamp, regime: selection.regime });
  };
  const addressOf = (id, name, more) => {
    const query = new URLSearchParams(Object.entries(more).filter(([, value]) => value !== null && value !== undefined)).toString();
    return `/data/${id}/classes/${name}${query && `?${query}`}`;
  };
  const levels = address => drd.cohortAnswers().get(address, async got => { // a byte for each pair of classes, the diagonal too
    const half = new Uint8Array(await got.arrayBuffer());
    return { half, whole: drd.wholeMatrix(half, Math.round((Math.sqrt(8 * half.length + 1) - 1) / 2)) };
  });
  const json = address => drd.cohortAnswers().get(address, got => got.json());
  // asked for at once, while Dash is still on its way
  const ahead = async () => {
    const { page, run, regime, second } = drd.read();
    if (page !== "classes" || !/^[0-9a-f]+$/.test(run)) return;
    const told = json(addressOf(run, "all.json", { regime }));
    levels(addressOf(run, "similarity.u8", { regime })).catch(() => null);
    const matrices = Object.keys((await told.catch(() => null))?.matrices ?? {}).filter(name => !name.startsWith("difference-"));
    if (matrices.length) levels(addressOf(run, `${drd.second({ second }, { matrices })}.u8`, { regime })).catch(() => null);
  };
  queueMicrotask(ahead); // the scripts after this one are read by then

  drd.openCohort = (run, glyphs) => {
    drd.cohort = run;
    on = { run, glyphs };
    if (run.matrices.length) {
      drd.cohortTools(part(".classes-search"), part(".classes-tools"));
      drd.labelsLine(part(".labels-line"), run);
    }
    drd.showCohort();
  };
  // the address as it is now; false when it is not the run on screen
  drd.showCohort = () => {
    const selection = drd.read(), run = on?.run;
    if (selection.page !== "classes" || !run || run !== drd.cohort || selection.run !== run.id) return false;
    on.selection = selection;
    document.title = `Classes · ${run.name} · DeepResolve Dash`;
    drd.showSwitches(selection, run);
    const { glyphs } = on;
    // for what stands below, once the first screen is drawn: panels that have scripts of their own
    const below = () => selection === on?.selection && window.dispatchEvent(new CustomEvent("drd-cohort", { detail: { selection, run, glyphs } }));
    if (run.matrices.length) show().then(below);
    else below();
    return true;
  };

  const show = async () => {
    const page = on, wanted = drd.cohortAddress("all.json"), second = drd.second(on.selection, on.run);
    const right = `${on.selection.as === "difference" ? "difference-" : ""}${second}`;
    page.wanted = [wanted, second, right].join();
    try {
      const [told, ...sent] = await Promise.all([
        json(wanted), ...["similarity", second, right].map(name => levels(drd.cohortAddress(`${name}.u8`))),
      ]);
      if (page !== on || page.wanted !== [wanted, second, right].join()) return;
      if (page.told !== told) Object.assign(page, arranged(page.run, told));
      if (page.sent?.some((one, i) => one !== sent[i]) ?? true) Object.assign(page, { sent, levels: { similarity: sent[0], second: sent[1], right: sent[2] } });
      Object.assign(page, { second, right });
      document.getElementById("matrices-regime").textContent = told.regime;
      drd.notice(null);
      drd.drawCohort();
    } catch (error) {
      if (page === on) drd.notice(`Classes cannot be compared. ${error.message}`);
    }
  };
  // what depends on the run and the regime alone, in the order of the tree
  const arranged = (run, told) => {
    const pick = values => told.order.map(i => values[i]), ids = pick(run.targets), names = pick(run.names);
    const words = ids.map((id, i) => ` ${[id, names[i], ...told.fields.map(({ said, of }) => said[of[i]] ?? "")].join(" ").toLowerCase()} `);
    return { told, ids, names, words, branches: drd.branches(told), cut: null };
  };

  // everything again from what is here; the cut may be one that is not in the address yet
  drd.drawCohort = (cut = on.selection.cut) => {
    const { selection, ids, words, told } = on, n = ids.length;
    if (on.cut !== cut) Object.assign(on, { cut, clusters: drd.clustersAt(on.branches, told.leaves, cut) });
    const [from, to] = selection.zoom?.[0] < selection.zoom?.[1] && selection.zoom[1] < n ? selection.zoom : [0, n - 1];
    const asked = (selection.find ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const found = asked.length ? ids.map((_, i) => i).filter(i => asked.every(word => words[i].includes(word))) : [];
    const pair = selection.pair?.map(id => ids.indexOf(id)) ?? null;
    Object.assign(on, { from, to, asked, found: new Set(found), pair: pair?.includes(-1) ? null : pair });
    drd.sayTools(on);
    drd.drawMatrices(on, part(".matrices-plot"));
    drd.drawPairs(on, part(".pairs-plot"), part(".pairs-found"));
    drd.drawPair(on, part(".pair-body"));
  };
  drd.redrawMatrices = () => { if (on?.levels && part(".matrices-plot")) drd.drawMatrices(on, part(".matrices-plot")); };
  drd.redrawPairs = () => { if (on?.levels && part(".pairs-plot")) drd.drawPairs(on, part(".pairs-plot"), part(".pairs-found")); };

  // what a place in the matrix opens
  drd.openCell = (row, column) => drd.go(row === column ? { target: on.ids[row] } : { pair: [on.ids[row], on.ids[column]] });
  drd.zoomTo = (from, to) => {
    const all = from <= 0 && to >= on.ids.length - 1;
    if (to > from) drd.go({ zoom: all ? null : [from, to] });
  };
  // the cluster of a place, else the smallest branch with two
  drd.zoomAround = (row, column = row) => {
    const inside = ({ first, last }) => first <= Math.min(row, column) && last >= Math.max(row, column) && last > first;
    const smaller = on.clusters.find(inside) ?? on.branches.find(inside); // branches grow
    if (smaller) drd.zoomTo(smaller.first, smaller.last);
  };
  drd.cohortNow = () => on;

  document.addEventListener("keydown", event => {
    if (event.key !== "Escape" || event.defaultPrevented || drd.read().page !== "classes" || drd.presented() || document.querySelector("dialog[open]")) return;
    const { zoom, brush } = drd.read();
    if (event.target.closest?.("input") || !(zoom || brush)) return;
    event.preventDefault();
    drd.go(zoom ? { zoom: null } : { brush: null });
  }, true);
  window.addEventListener("drd-page", () => {
    document.getElementById("pointer").hidden = true; // it was over another page
    if (!document.querySelector(".classes-page")) on = null;
  });
  for (const name of ["popstate", "_dashprivate_pushstate"]) window.addEventListener(name, () => drd.showCohort());
  new MutationObserver(() => drd.cohort && on?.levels && part(".matrices-plot") && drd.drawCohort()) // in other colours
    .observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });
})((window.dash_clientside ??= {}).deepresolve ??= {});
