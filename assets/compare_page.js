// The page of several runs: the address says which, and everything is drawn here.
(drd => {
  const MOST = 8; // runs
  const NONE = "Choose two to eight runs: other seeds, layers, l2 or networks. Add the first one here, or mark boxes on the cards of Results.";
  const FEW = "One run is chosen. A comparison needs two to eight: add another one.";
  let on = null; // { glyphs, selection, about, told, ... } of the page on screen
  let offered = null; // promise of the runs that can be added
  let kept = null;
  const answers = { get: (...asked) => (kept ??= drd.keep(120)).get(...asked) };
  const part = name => document.querySelector(`.compare-page${name && ` ${name}`}`);
  const panelOf = name => document.getElementById(`${name}-panel`);

  drd.compareAddress = (name, more = {}) => {
    const { runs, by, regime, found } = on.selection, asked = { runs: runs.join(), by: by === "auto" ? null : by, regime, found: found === "important" ? null : found, ...more };
    const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== null && value !== undefined));
    return `/data/compare/${name}?${query.toString().replaceAll("%2C", ",")}`;
  };
  const json = (name, more) => answers.get(drd.compareAddress(name, more), got => got.json());
  const ofClass = (name, more = {}) => json(name, { class: on.targets.map(target => target ?? "-").join(), ...more });

  drd.openCompare = glyphs => {
    on = { glyphs };
    offered = drd.fetch("/data/compare/offered.json").then(got => (got.ok ? got.json() : []), () => []);
    drd.showCompare();
  };
  // the address as it is now; false when it is another page
  drd.showCompare = () => {
    const selection = drd.read();
    if (selection.page !== "compare" || !on || !part("")?.isConnected) return false;
    on.selection = selection;
    for (const control of document.querySelectorAll(".compare-page [data-key]")) {
      const value = String(selection[control.dataset.key]);
      for (const button of control.querySelectorAll("[data-value]")) button.setAttribute("aria-pressed", button.dataset.value === value);
    }
    show();
    return true;
  };
  drd.compareNow = () => on;
  // what a figure for print is asked for by; the last three are of the combined table
  drd.comparedQuery = () => {
    const { two, find, least, sort } = on.selection, listed = { find: find || null, least: least || null, sort: sort || null };
    return { run: "compare", query: new URL(drd.compareAddress("", { class: asked(on.targets), two: two.join(), ...listed }), location.origin).searchParams };
  };

  const show = async () => {
    const page = on, { selection } = page, wanted = drd.compareAddress("about.json", { regime: null, found: null });
    const still = () => on === page && page.selection === selection;
    if (page.wanted !== wanted) Object.assign(page, { about: null, wanted });
    const choices = await offered;
    if (!still()) return;
    if (selection.runs.length < 2) return refuse(choices, selection.runs.length ? FEW : NONE);
    try {
      page.about = await answers.get(wanted, got => got.json());
    } catch (error) {
      if (still()) refuse(choices, error.message);
      return;
    }
    if (!still()) return;
    document.title = `${page.about.runs.map(run => run.name).join(", ")} compared · DeepResolve Dash`;
    page.targets = targetsOf(page.about, selection.class);
    page.row = rowOf(page.about, selection.mark);
    page.heights = await Promise.all(page.about.runs.map(run => drd.heights(run, "bits").catch(() => null)));
    if (!still()) return;
    choosers(page);
    drd.drawComparedRuns(page, part(".compare-runs"), choices);
    try {
      page.told = await ofClass("class.json");
      if (!still()) return;
      for (const panel of document.querySelectorAll(".compare-grid > .panel")) panel.hidden = false;
      const byNumber = page.about.rows.how === "index";
      for (const name of ["paired", "families"]) panelOf(name).hidden = byNumber;
      const say = (name, words) => { document.getElementById(`${name}-regime`).textContent = words; };
      say("combined", [...new Set(page.told.regimes.flat())].join(" and "));
      say("agree", [...new Set(page.told.regimes.map(([ofiv]) => ofiv))].join(", "));
      drd.drawCombined(page, part(".compare-combined"), part(".table-files"));
      page.pair = await ofClass("pair.json", { two: selection.two.join() });
      if (!still()) return;
      drd.drawAgree(page, part(".compare-agree"));
      page.strip = await ofClass("strip.json");
      if (!still()) return;
      say("strip", page.strip.regime ?? "");
      drd.drawStrip(page, part(".compare-strip"));
      if (!byNumber) {
        drd.drawPaired(page, part(".compare-paired"));
        const families = await ofClass("families.json");
        if (!still()) return;
        drd.drawFamilies(page, part(".compare-families"), families);
      }
      const difference = await json("similarity.json", { two: selection.two.join(), found: null });
      if (!still()) return;
      drd.drawDifference(page, part(".compare-difference"), difference);
      const recurring = await drd.fetch(drd.compareAddress("interactions.json", { class: page.targets.map(target => target ?? "-").join() })).then(async got => (got.ok ? got.json() : Promise.reject(new Error(await got.text()))));
      if (!still()) return;
      drd.drawRecurring(page, part(".compare-recurring"), recurring);
      mark();
      drd.notice(null);
    } catch (error) {
      if (still()) drd.notice(`These runs cannot be compared. ${error.message}`);
    }
  };
  const refuse = (choices, why) => {
    for (const panel of document.querySelectorAll(".compare-grid > .panel")) panel.hidden = panel.id !== "runs-panel";
    part(".compare-class").replaceChildren();
    part(".compare-regime").replaceChildren();
    drd.drawComparedRuns(on, part(".compare-runs"), choices, why);
  };

  // the class in each run: as the address says, else the class of the first run, else the first that most have
  const targetsOf = (about, text) => {
    const said = (text ?? "").split(",").map(part => (/^\d+$/.test(part) ? Number(part) : null));
    const known = said.length === about.runs.length && said.every((target, at) => target === null || about.names[at].some(([id]) => id === target));
    if (text && known && said.some(target => target !== null)) return said;
    return about.classes.find(({ targets }) => targets[0] !== null && targets[0] === said[0])?.targets ?? about.first;
  };
  const rowOf = (about, text) => {
    const [at, channel] = (text ?? "").split(",").map(Number);
    const found = text ? about.rows.channel.findIndex(row => row[at] === channel) : -1;
    return found < 0 ? null : found;
  };
  const asked = targets => targets.map(target => target ?? "-").join();

  // above all panels: class and regime
  const choosers = ({ about, targets, selection }) => {
    const place = part(".compare-class"), list = about.classes.findIndex(one => asked(one.targets) === asked(targets));
    const options = about.classes.map((one, i) => {
      const n = one.targets.filter(target => target !== null).length, less = n < about.runs.length ? `, in ${n} of ${about.runs.length}` : "";
      return drd.made("option", { value: asked(one.targets), textContent: `${one.targets.find(target => target !== null)}  ${one.name}${less}`, selected: i === list });
    });
    const hand = list < 0 || on.byHand;
    const select = drd.made("select", {}, ...options, drd.made("option", { value: "", textContent: about.classes.length ? "another class in each run …" : "no class of the same name", selected: hand }));
    select.onchange = () => { on.byHand = !select.value; select.value ? drd.go({ class: select.value }) : choosers(on); };
    const button = (words, by, title) => {
      const made = drd.made("button", { className: "button", textContent: words, title, disabled: list < 0 || !about.classes[list + by] });
      made.onclick = () => drd.stepCompared(by);
      return made;
    };
    const each = !hand ? [] : about.runs.map((run, at) => {
      const own = drd.made("select", {}, drd.made("option", { value: "-", textContent: "none" }), ...about.names[at].map(([id, name]) => drd.made("option", { value: id, textContent: `${id}  ${name}`, selected: id === targets[at] })));
      own.onchange = () => drd.go({ class: targets.map((target, i) => (i === at ? own.value : target ?? "-")).join() });
      return drd.made("label", { className: "chooser-line" }, `in ${run.letter}`, own);
    });
    place.replaceChildren(drd.made("label", { className: "chooser-line" }, "class", select), button("‹", -1, "Previous class ([)"), button("›", 1, "Next class (])"), ...each);
    const regime = drd.made("select", {}, ...["", ...about.regimes].map(name => drd.made("option", { value: name, textContent: name || "headline", selected: name === (selection.regime ?? "") })));
    regime.onchange = () => drd.go({ regime: regime.value || null });
    regime.title = "headline: OFIV from importance, IL and kinds from modes, where a run has both";
    part(".compare-regime").replaceChildren(drd.made("label", { className: "chooser-line" }, "regime", regime));
  };
  drd.stepCompared = by => {
    const at = on?.about ? on.about.classes.findIndex(one => asked(one.targets) === asked(on.targets)) : -1, next = on?.about?.classes[at + by];
    if (at >= 0 && next) drd.go({ class: asked(next.targets) });
  };
  // other runs: the class of those that stay is kept
  drd.changeCompared = runs => {
    const kept = on.targets && on.about ? runs.map(id => on.targets[on.about.runs.findIndex(run => run.id === id)]) : [];
    const known = kept.length && kept.every(target => target !== undefined);
    drd.go({ runs: runs.slice(0, MOST), class: known ? asked(kept) : kept[0] !== undefined && kept[0] !== null ? String(kept[0]) : null, two: [0, 1], mark: null });
  };

  // what a row is called, and what its channels see
  drd.rowWords = (row, { about } = on) => {
    const { how, channel, named } = about.rows, at = channel[row].findIndex(one => one !== null), name = named.map(one => one[row]).find(Boolean);
    const mine = channel[row].map((one, i) => (one === null ? null : `${about.runs[i].letter}${one}`)).filter(Boolean);
    const number = how === "index" ? `ch ${channel[row][at]}` : mine.length > 2 ? `${mine[0]} +${mine.length - 1}` : mine.join(" ");
    return name ? `${number} (${name})` : number;
  };
  drd.rowLogo = (row, size, only = null) => {
    const { about, heights, glyphs } = on, at = only ?? about.rows.channel[row].findIndex((one, i) => one !== null && heights[i]);
    const channel = at < 0 ? null : about.rows.channel[row][at];
    return channel === null || !heights[at] ? "" : drd.logoCore(heights[at], about.runs[at], channel, "bits", glyphs, size);
  };
  drd.runBadge = at => `<span class="run-badge" style="--shade: var(--shade-${at})">${"ABCDEFGH"[at]}</span>`;

  // the row under the pointer, and the one that is marked, in every panel
  const mark = () => {
    for (const one of document.querySelectorAll(".compare-page [data-row]")) one.classList.toggle("chosen", Number(one.dataset.row) === on?.row);
  };
  drd.markCompared = mark;
  let near = null;
  document.addEventListener("pointerover", event => {
    const row = event.target.closest?.(".compare-page [data-row]")?.dataset.row ?? null;
    if (row === near) return;
    near = row;
    for (const one of document.querySelectorAll(".compare-page .near")) one.classList.remove("near");
    if (row !== null) for (const one of document.querySelectorAll(`.compare-page [data-row="${row}"]`)) one.classList.add("near");
  });
  document.addEventListener("click", event => {
    const row = event.target.closest?.(".compare-page [data-row]")?.dataset.row;
    if (row === undefined || event.target.closest("a") || !on?.about) return;
    const at = on.about.rows.channel[row].findIndex(one => one !== null), text = `${at},${on.about.rows.channel[row][at]}`;
    drd.go({ mark: text === on.selection.mark ? null : text }, { replace: true });
  });
  window.addEventListener("drd-page", () => { if (!part("")) on = null; });
  for (const name of ["popstate", "_dashprivate_pushstate"]) window.addEventListener(name, () => drd.showCompare());
})((window.dash_clientside ??= {}).deepresolve ??= {});
