// The table of channels on screen: the address says what is shown, and everything is drawn here.
(drd => {
  let on = null; // { run, glyphs, selection, key, told, rows, logos } of the page on screen
  let answers = null;
  const part = name => document.querySelector(`.layer-page ${name}`);
  drd.layerAnswers = () => (answers ??= drd.keep(60));
  const json = address => drd.layerAnswers().get(address, got => got.json());
  drd.layerNow = () => on;
  drd.layerTarget = (selection, run) => (run.targets.includes(selection.target) ? selection.target : run.targets[0]);
  const ofRun = ({ run, key }, more = {}) => ({ ...more, of: run.stamp === "whole" ? null : run.stamp, seen: key });

  // pages of channels: name -> what draws them, given what is on screen
  drd.layerPages ??= {};
  const pageOf = () => drd.layerPages[on.page] ?? drd.layerPages.channels;

  drd.openLayer = (run, glyphs) => {
    drd.layer = run;
    on = { run, glyphs, page: drd.read().page };
    pageOf().open(on);
    drd.showLayer();
  };
  // the address as it is now; false when it is not the run on screen
  drd.showLayer = () => {
    const selection = drd.read(), run = on?.run;
    if (!run || run !== drd.layer || selection.page !== on.page || selection.run !== run.id || !part("")) return false;
    const before = on.selection, target = drd.layerTarget(selection, run), name = run.names[run.targets.indexOf(target)];
    on.selection = { ...selection, target };
    document.documentElement.dataset.logoColours = selection.colours;
    drd.showSwitches(on.selection, run);
    part("#class-select").textContent = `${target}  ${name}`;
    part("[data-link=class]").href = drd.href({ run: run.id, target, regime: selection.regime, channel: selection.channel });
    part("[data-link=probe]").href = drd.probeHref({ run: run.id, class: target, regime: selection.regime });
    for (const one of document.querySelectorAll(".layer-page [data-choice]")) one.value = selection[one.dataset.choice] ?? "";
    for (const one of document.querySelectorAll(".layer-page [data-flag]")) one.setAttribute("aria-pressed", Boolean(selection[one.dataset.flag]));
    for (const one of document.querySelectorAll(".layer-page [data-export]")) one.href = `/data/${run.id}/motifs/${one.dataset.export}${drd.lookQuery(selection, { face: selection.face === "best" ? null : selection.face })}`;
    const source = part("[data-choice=source]");
    if (source) source.firstChild.disabled = !run.own;
    if (source && !run.own && selection.source === "own") source.value = "random";
    if (before?.source !== selection.source || before?.database !== selection.database) {
      on.key = selection.source === "own" && !selection.database ? run.seen : null;
      drd.followLook(run, selection, ({ key }) => { if (on?.run === run && on.key !== key) { on.key = key; drd.drawLayer(); } });
    }
    drd.drawLayer();
    return true;
  };
  drd.drawLayer = () => { if (on?.key) pageOf().draw(on); };

  drd.loadChannelTable = ({ run, selection, key }) => json(`/data/${run.id}/channels/table.json${drd.lookQuery(selection, ofRun({ run, key }, { target: selection.target, regime: selection.regime, face: selection.face === "best" ? null : selection.face }))}`);
  // heights in bits of all channels of a face: Float32Array (channel, offset, base)
  drd.loadFaces = ({ run, selection, key }, face) => drd.layerAnswers().get(`/data/${run.id}/channels/logos-${face}.u8${drd.lookQuery(selection, ofRun({ run, key }))}`, async got => {
    const told = new Uint8Array(await got.arrayBuffer()), heights = new Float32Array(told.length);
    for (let at = 0; at < told.length; at += 4) {
      const bits = drd.bitsAt(told[at] / 255, told[at + 1] / 255, told[at + 2] / 255, told[at + 3] / 255);
      for (let base = 0; base < 4; base++) {
        const tall = (told[at + base] / 255) * bits;
        heights[at + base] = tall < 0.015 ? 0 : tall; // what no screen shows
      }
    }
    return { heights, offsets: told.length / 4 / run.channels.length };
  });
  drd.bitsAt = (...shares) => Math.max(0, shares.reduce((sum, p) => sum + (p > 0 ? p * Math.log2(p) : 0), 2));

  document.addEventListener("change", event => {
    const { choice } = event.target.dataset ?? {};
    if (on && choice && event.target.closest?.(".layer-page")) drd.go({ [choice]: event.target.value || null });
  });
  document.addEventListener("click", event => {
    const flag = on && event.target.closest?.(".layer-page [data-flag]")?.dataset.flag;
    if (flag) drd.go({ [flag]: drd.read()[flag] ? 0 : 1 });
  });
  const { stepChannel } = drd;
  drd.stepChannel = by => (drd.layer ? on && pageOf().step(by) : stepChannel(by));
  window.addEventListener("drd-page", () => {
    if (document.querySelector(".layer-page")) return;
    on = null;
    delete document.documentElement.dataset.logoColours;
    drd.leaveLook();
  });
  for (const name of ["popstate", "_dashprivate_pushstate"]) window.addEventListener(name, () => drd.showLayer());
})((window.dash_clientside ??= {}).deepresolve ??= {});
