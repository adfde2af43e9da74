// The probe on screen: what is pasted goes to the worker, what comes back is drawn as it comes.
(drd => {
  const LINK = 2000; // letters that an address can hold, of both sequences
  const POLLS = [60, 60, 80, 100, 150, 200, 300]; // ms between looks at an answer, then the last
  const SAID = 1000; // ms after which progress is shown
  let on = null; // { of, glyphs, selection, held, asked, told, data, tracks, original }
  const part = name => document.querySelector(`.probe-page ${name}`);
  const box = name => document.getElementById(`probe-${name}`);
  const answers = drd.keep(80);

  drd.probeNow = () => on;
  const subject = () => (on.of.run ? { run: on.of.run } : { model: on.of.id, layer: on.of.layer ?? "" });
  // the address of something known about a sequence: scores.json, track.svg ...
  drd.probePlace = (id, name, more = {}) => {
    const given = Object.entries({ ...subject(), ...more }).filter(([, value]) => value !== null && value !== undefined && value !== "");
    return `/data/probe/${id}/${name}?${new URLSearchParams(given)}`;
  };
  const json = (id, name, more) => answers.get(drd.probePlace(id, name, more), got => got.json());
  drd.probeTarget = ({ target }, of) => (of.targets.includes(target) ? target : of.first);

  drd.openProbe = (of, glyphs) => {
    const same = on?.of.id === of.id ? on.held : null; // a long sequence outlives another choice of layer
    drd.probe = of;
    on = { of, glyphs, held: same, data: {}, told: null, cropped: new Map(), started: performance.now() };
    const layer = document.getElementById("probe-layer");
    if (layer) { layer.value = of.layer; layer.onchange = () => drd.go({ layer: layer.value }); }
    wire();
    drd.showProbe();
    if (drd.can("change")) drd.send("/act/probe/ready"); // a worker takes some seconds to start
  };
  // the address as it is now; false when it is not the one on screen
  drd.showProbe = () => {
    const selection = drd.read();
    if (!on || drd.probe !== on.of || selection.page !== "probe" || (selection.run ?? selection.model) !== on.of.id || !part("")) return false;
    if (!on.of.run && selection.layer && selection.layer !== on.of.layer) return false;
    const { of } = on, target = drd.probeTarget(selection, of), name = of.names[target];
    on.selection = { ...selection, target };
    document.title = `Probe: ${name} · ${of.name} · DeepResolve Dash`;
    box("class").textContent = `${target}  ${name}`;
    const inRun = of.ofRun.includes(target), keep = { run: of.run, target, class: target, regime: selection.regime };
    part("[data-link=class]")?.setAttribute("href", inRun ? drd.href(keep) : `/runs/${of.run}`);
    part("[data-link=channels]")?.setAttribute("href", drd.channelsHref({ ...keep, class: inRun ? target : null }));
    drd.showSwitches(on.selection, of);
    if (selection.sequence) on.held = null;
    const texts = drd.probeTexts();
    for (const name of ["first", "second"]) if (box(name) !== document.activeElement || !box(name).value) fill(name, texts[name]);
    if (texts.second) show("second", true);
    const wanted = JSON.stringify([texts, selection.edits, target]);
    if (wanted !== on.wanted) ask(wanted, texts);
    else draw();
    return true;
  };
  const fill = (name, text) => { if (letters(box(name).value) !== text) box(name).value = text; };
  const letters = text => (text.trimStart().startsWith(">") ? null : text.replace(/\s+/g, ""));
  // sequences as they were pasted: from the address, or held here when they are too long for it
  drd.probeTexts = () => ({ first: on.selection.sequence ?? on.held?.first ?? "", second: on.selection.second ?? on.held?.second ?? "" });

  const say = text => {
    const line = part(".refused");
    line.textContent = text ?? "";
    line.hidden = !text;
    if (!text || !on.selection.edits) return;
    const drop = drd.made("button", { className: "link", textContent: "Take the edits back" });
    drop.onclick = () => drd.go({ edits: null });
    line.append(" ", drop);
  };
  const ask = async (wanted, { first, second }) => {
    const { selection } = on, mine = on;
    Object.assign(on, { wanted, started: performance.now() });
    if (!first) {
      Object.assign(on, { told: null, data: {}, tracks: null, original: "" });
      leave({});
      say(null);
      return draw();
    }
    const told = await drd.send("/act/probe", { ...subject(), class: String(selection.target), sequence: first, second, edits: selection.edits ?? "" });
    if (on !== mine || on.wanted !== wanted || !part("")) return;
    say(told.refused);
    if (told.refused) {
      leave({});
      Object.assign(on, { told: null, data: {}, tracks: null, original: "" });
      return draw();
    }
    leave(told);
    shorten(told);
    const data = {};
    for (const key of Object.keys(told)) data[key] = Object.values(on.data).find(one => one.id === told[key].id) ?? { id: told[key].id, stage: null };
    Object.assign(on, { told, data, original: (told.before ?? told.first).letters });
    await Promise.all(Object.keys(told).map(key => follow(mine, on.wanted, data[key])));
  };
  // the letters of a FASTA, or what the network reads of a long sequence, fit into a link
  const shorten = ({ first, second, before }) => {
    if (!on.held) return;
    const short = one => (one.text.length > LINK / 2 ? one.letters : one.text);
    const texts = { first: short(before ?? first), second: second ? short(second) : "" };
    if (texts.first.length + texts.second.length > LINK) return;
    for (const one of [first, second]) if (one?.said) on.cropped.set(short(one), one.said);
    on.held = null;
    on.wanted = JSON.stringify([texts, on.selection.edits, on.selection.target]);
    drd.go({ sequence: texts.first, second: texts.second || null }, { replace: true });
  };
  // what is not waited for any more need not be computed
  const leave = told => {
    const wanted = Object.values(told).map(({ id }) => id);
    for (const { id, stage } of Object.values(on.data)) if (!wanted.includes(id) && stage?.stage === "busy") drd.send(`/act/runs/${id}/cancel`);
  };
  const follow = async (mine, wanted, one) => {
    const here = () => on === mine && on.wanted === wanted && part("");
    for (let n = 0; here(); n++) {
      const got = await drd.fetch(`/data/probe/${one.id}/stage.json`).catch(() => null), told = got?.ok ? await got.json() : null;
      if (!here()) return;
      if (got && !told) { drd.notice(`The answer cannot be shown. ${got.status < 500 ? await got.text() : "The server's log says why."}`); return; }
      if (told) {
        one.stage = told;
        try {
          if (told.scores && !one.scores) [one.scores] = await Promise.all([json(one.id, "scores.json"), loadTracks(mine, wanted, told.scores && one.id)]);
          if (told.bases && !one.bases) one.bases = await json(one.id, "bases.json");
        } catch (error) {
          if (here()) drd.notice(`The answer cannot be shown. ${error.message}`);
          return;
        }
        if (!here()) return;
        time();
        draw();
        if (told.stage !== "busy") return;
      }
      await new Promise(next => setTimeout(next, POLLS[Math.min(n, POLLS.length - 1)]));
    }
  };
  const time = () => { // how long the answer took, for those who measure
    const all = Object.values(on.data), page = part(""), took = Math.round(performance.now() - on.started);
    for (const name of ["scores", "bases"]) if (all.every(one => one[name]) && on.timed?.[name] !== on.wanted) {
      (on.timed ??= {})[name] = on.wanted;
      document.querySelector(".probe-page").dataset[`${name}Ms`] = took;
    }
    return page;
  };

  // the sequence beside the first: the second, or the first before it was edited
  drd.probeOther = () => (on.told?.second ? "second" : on.told?.before ? "before" : null);
  const loadTracks = async (mine, wanted) => drd.loadProbeTracks().catch(() => null);
  drd.loadProbeTracks = async () => {
    if (!on.told || on.of.layer === null) return;
    const other = drd.probeOther(), { order, more, regime } = on.selection, first = on.told.first.id, second = other && on.told[other].id;
    const key = JSON.stringify([first, second, order, more, regime]);
    if (on.tracks?.key === key) return;
    const known = name => on.data[name]?.stage?.scores;
    if (!known("first") || (other && !known(other))) return;
    const got = await json(first, "channels.json", { other: second, order, n: more, regime });
    on.tracks = { key, ...got };
  };

  const draw = () => {
    progress();
    files();
    notes();
    drd.drawScores(on);
    drd.drawBases(on);
    drd.drawTracks(on);
    if (on.told && on.data.first.scores) drd.loadProbeTracks().then(() => part("") && drd.drawTracks(on), error => drd.notice(error.message));
  };
  const notes = () => {
    const place = part(".probe-said"), told = on.told ?? {};
    const said = key => told[key] && (told[key].said || on.cropped.get(told[key].text));
    const lines = ["first", "second"].filter(said).map(key => `${told.second ? `${told[key].name}: ` : ""}${said(key)}`);
    if (on.held && on.told) lines.push("Too long for a link: it stays on this page alone.");
    const text = lines.join(" ");
    if (place.textContent !== text) place.textContent = text;
  };
  const files = () => {
    const { told, data, selection, of } = on, other = drd.probeOther();
    for (const link of document.querySelectorAll(".probe-page [data-probefile]")) {
      const name = link.dataset.probefile, needs = { "scores.tsv": "scores", "channels.tsv": "scores" }[name] ?? "bases";
      link.hidden = !told || !data.first?.[needs] || (name === "channels.tsv" && of.layer === null);
      const beside = { "scores.tsv": "scores", "track.svg": "bases" }[name]; // files that hold both sequences
      if (!link.hidden) link.href = drd.probePlace(told.first.id, name, { other: other && beside && data[other]?.[beside] ? told[other].id : null, order: name === "track.svg" ? selection.order : null });
    }
  };
  let later = null;
  const progress = () => {
    const place = part(".probe-busy"), busy = Object.values(on.data).filter(({ stage }) => stage?.stage === "busy"), lost = Object.values(on.data).find(({ stage }) => stage?.stage === "empty");
    clearTimeout(later);
    if (lost) {
      const again = drd.made("button", { className: "button", textContent: "Ask again" });
      again.onclick = () => { on.wanted = null; drd.showProbe(); };
      place.hidden = false;
      place.replaceChildren(drd.made("span", { className: "refused", role: "alert", textContent: lost.stage.why }), ...(lost.stage.failed && lost.scores ? [] : [again]));
      return;
    }
    const young = performance.now() - on.started < SAID;
    place.hidden = !busy.length || young;
    if (busy.length && young) later = setTimeout(progress, SAID);
    if (place.hidden) return;
    const { stage } = busy[0], bar = drd.made("div", { className: "progress", role: "progressbar" }, drd.made("div", { className: "bar" }));
    bar.setAttribute("aria-label", "Probe");
    bar.classList.toggle("endless", stage.share === null);
    if (stage.share !== null) { bar.firstChild.style.width = drd.percent(stage.share); bar.setAttribute("aria-valuenow", Math.round(100 * stage.share)); }
    const stop = drd.made("button", { className: "button", textContent: "Cancel", disabled: stage.cancelling });
    stop.onclick = () => { for (const { stage: { id } } of busy) drd.send(`/act/runs/${id}/cancel`); };
    const words = { scores: "scores", bases: "changing every base", waiting: "waiting" }[stage.says] ?? stage.says;
    place.replaceChildren(drd.made("span", { className: "state", textContent: words }), bar, drd.made("span", { className: "muted", textContent: stage.left }), stop);
  };

  // ---- what the user does
  const show = (name, open) => {
    if (name !== "second") return;
    document.getElementById("probe-beside").hidden = !open;
    box("second").closest(".probe-page").classList.toggle("beside", open);
    document.querySelector("button#probe-second-open").hidden = open;
  };
  const take = (more = {}) => { // what is in the boxes, into the address
    const text = name => letters(box(name).value) ?? box(name).value;
    put({ first: text("first"), second: document.getElementById("probe-beside").hidden ? "" : text("second"), ...more });
  };
  const put = ({ first, second }) => {
    const upper = text => text.toUpperCase().replaceAll("U", "T"), plain = [first, second].every(text => !text || /^[ACGTNU]+$/i.test(text));
    const edits = on.selection.sequence === upper(first) ? on.selection.edits : null;
    if (plain && first.length + second.length <= LINK) {
      on.held = null;
      on.wanted = null;
      return go({ sequence: upper(first) || null, second: upper(second) || null, edits });
    }
    on.held = { first, second };
    on.wanted = null;
    go({ sequence: null, second: null, edits: null });
  };
  const go = change => {
    const before = location.href;
    drd.go(change);
    if (location.href === before) drd.showProbe();
  };
  const example = async kind => {
    on.shown ??= {};
    const key = `${kind} ${on.selection.target}`, n = on.shown[key] ?? 0, into = document.activeElement?.dataset.into ?? "first";
    const query = new URLSearchParams({ ...subject(), class: on.selection.target, kind, n });
    const got = await drd.fetch(`/data/probe/example.json?${query}`).catch(() => null);
    if (!got?.ok) return say(got ? await got.text() : "The server cannot be reached.");
    on.shown[key] = n + 1;
    const { letters: found } = await got.json(), second = document.getElementById("probe-beside");
    if (!second.hidden && box("first").value && !box("second").value) { box("second").value = found; return take(); }
    box(into).value = found;
    take();
  };
  const wire = () => {
    for (const name of ["first", "second"]) {
      const one = box(name);
      one.onpaste = () => setTimeout(() => take(), 0);
      one.onkeydown = event => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); take(); } };
    }
    document.getElementById("probe-go").onclick = () => take();
    document.getElementById("probe-second-open").onclick = () => { show("second", true); box("second").focus(); };
    document.getElementById("probe-second-close").onclick = () => { box("second").value = ""; show("second", false); take(); };
    document.getElementById("probe-clear").onclick = () => { for (const name of ["first", "second"]) box(name).value = ""; show("second", false); on.held = null; go({ sequence: null, second: null, edits: null }); box("first").focus(); };
    for (const button of document.querySelectorAll(".probe-page [data-example]")) button.onclick = () => example(button.dataset.example);
    box("class").onclick = () => part(".score-find")?.focus();
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (entry.target.isConnected && Math.abs(entry.contentRect.width - width) > 4 && on?.selection) { drd.drawBases(on); drd.drawTracks(on); }
      width = entry.contentRect.width;
    }).observe(part(".bases-body"));
  };
  window.addEventListener("drd-page", () => { // another page: what still computes is not waited for
    if (!on || part("")) return;
    leave({});
    on.wanted = null;
  });
  for (const name of ["popstate", "_dashprivate_pushstate"]) window.addEventListener(name, () => drd.showProbe());
})((window.dash_clientside ??= {}).deepresolve ??= {});
