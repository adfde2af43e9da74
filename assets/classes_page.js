// The page of all classes on screen: the address says what is shown, and everything is drawn here.
(drd => {
  let on = null; // { run, glyphs, selection, told, address } of the page on screen

  const address = ({ run, selection }) => {
    const query = new URLSearchParams({ of: run.stamp });
    if (selection.regime) query.set("regime", selection.regime);
    return `/data/${run.id}/classes/all.json?${query}`;
  };

  drd.openCohort = (run, glyphs) => {
    drd.cohort = run;
    on = { run, glyphs, parts: {} };
    drd.showCohort();
  };
  // the address as it is now; false when it is not the run on screen
  drd.showCohort = () => {
    const selection = drd.read(), run = on?.run;
    if (selection.page !== "classes" || !run || run !== drd.cohort || selection.run !== run.id) return false;
    on.selection = selection;
    document.title = `Classes · ${run.name} · DeepResolve Dash`;
    if (run.matrices.length) show(on);
    // for what stands below: panels of this page that have scripts of their own
    window.dispatchEvent(new CustomEvent("drd-cohort", { detail: { selection, run, glyphs: on.glyphs } }));
    return true;
  };
  const show = async page => {
    drd.showSwitches(page.selection, page.run);
  };
  for (const name of ["popstate", "_dashprivate_pushstate"]) window.addEventListener(name, () => drd.showCohort());
})((window.dash_clientside ??= {}).deepresolve ??= {});
