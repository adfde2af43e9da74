// The rows of the table of channels; only those on screen exist.
(drd => {
  const ROW = 38, LOGO = { width: 148, height: 34 }; // px
  const FLAGS = { dead: "never active, or the same everywhere", uniform: "its logo says nothing", artefact: "important for the class, quiet in its positives, like no known motif" };
  let now = null, places = [], reveal = false, search = null, waiting = null;
  const list = () => document.getElementById("seen-rows");
  const at = (column, i) => now.told[column]?.[i] ?? null;
  const flagsOf = i => Object.keys(FLAGS).filter(name => at(name, i));
  const weak = i => !(at("q_value", i) <= now.told.q);
  const shownMatch = i => (at("match", i) && (!weak(i) || now.selection.weak) ? at("match", i) : null);

  // what a column is sorted by; smaller comes first
  const SORTS = {
    channel: i => now.told.channel[i],
    match: i => (shownMatch(i) ? at("q_value", i) : Infinity),
    ofiv: i => -(at("ofiv", i) ?? -Infinity),
    rank: i => at("rank", i),
    il: i => -(at("level", i) ?? -Infinity),
    kind: i => -at("kind", i),
    max: i => -(at("maximum", i) ?? -Infinity),
    family: i => at("family", i) ?? Infinity,
    flags: i => -flagsOf(i).length,
  };
  const wordsOf = i => [`ch ${now.told.channel[i]}`, shownMatch(i)?.join(" "), at("called", i), now.run.kinds[at("kind", i)], ...flagsOf(i), at("members", i) > 1 ? `family ${at("family", i)} ${at("relation", i)}` : "", drd.starsOf("channel", now.told.channel[i]).length ? "starred" : ""].join(" ").toLowerCase();
  const arrange = () => {
    const { sort, find } = now.selection, [key, turned] = [sort.replace("-", ""), sort.startsWith("-")], by = SORTS[key] ?? SORTS.rank;
    const asked = (find ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const kept = now.told.channel.map((_, i) => i).filter(i => asked.every(word => wordsOf(i).includes(word)));
    const order = (a, b) => (a === b ? 0 : a < b ? -1 : 1) * (turned ? -1 : 1);
    places = kept.map(i => [by(i), at("rank", i), i]).sort((a, b) => order(a[0], b[0]) || a[1] - b[1]).map(([, , i]) => i);
  };

  const row = (i, top, chosen) => {
    const channel = now.told.channel[i], kind = at("kind", i), match = shownMatch(i), members = at("members", i);
    const logo = now.logos ? drd.logoCore(now.logos.heights, { offsets: now.logos.offsets }, i, "bits", now.glyphs, LOGO) : "";
    const name = match ? `<span class="motif${weak(i) ? " weak" : ""}" title="${drd.escape(`${match[0]}, ${match[1]}, q = ${drd.number(at("q_value", i))}`)}">${drd.escape(match[0])}</span><small>q ${drd.number(at("q_value", i), 2)}</small>` : '<span class="muted">–</span>';
    return `<div id="seen-${channel}" class="row seen${chosen ? " chosen" : ""}" role="row" aria-selected="${chosen}" data-row="${channel}" style="top:${top}px">
      <span role="gridcell"><a class="name" href="${drd.channelHref({ ...now.selection, channel })}" data-open="${channel}" tabindex="-1">ch ${channel}</a>${drd.starMark("channel", channel)}</span>
      <span role="gridcell" class="logo">${logo || '<span class="none">no logo</span>'}</span><span role="gridcell" class="match">${name}</span>
      <span role="gridcell" class="value">${drd.signed(at("ofiv", i))}</span><span role="gridcell" class="value muted">${at("rank", i)}</span><span role="gridcell" class="value">${drd.number(at("level", i))}</span>
      <span role="gridcell" class="kind kind-${kind}" title="${now.run.kinds[kind]}">${now.run.marks[kind]}</span><span role="gridcell" class="value">${drd.number(at("maximum", i))}</span>
      <span role="gridcell" class="family">${members > 1 ? `<button class="link" data-find="family ${at("family", i)}" tabindex="-1" title="${members} channels; this one: ${at("relation", i)}">ch ${at("family", i)} <small>×${members}</small></button>` : '<span class="muted">–</span>'}</span>
      <span role="gridcell" class="flags">${flagsOf(i).map(flag => `<span class="chip warn" title="${FLAGS[flag]}">${flag}</span>`).join("")}</span></div>`;
  };
  const kept = new Map(); // place in the order -> row that exists
  const fill = (fresh = false) => {
    const place = list();
    if (!place?.firstChild || !now?.told) return;
    if (fresh) { kept.clear(); place.firstChild.textContent = ""; }
    const first = Math.max(0, Math.floor(place.scrollTop / ROW) - 3), last = Math.min(places.length, Math.ceil((place.scrollTop + place.clientHeight) / ROW) + 3);
    for (const [k, one] of kept) if (k < first || k >= last) { one.remove(); kept.delete(k); }
    for (let k = first; k < last; k++) {
      if (kept.has(k)) continue;
      place.firstChild.insertAdjacentHTML("beforeend", row(places[k], k * ROW, now.told.channel[places[k]] === now.chosen));
      kept.set(k, place.firstChild.lastElementChild);
    }
    if (!places.length) place.firstChild.innerHTML = drd.emptyLine(`No channel fits “${now.selection.find}”${now.selection.weak ? "" : ": matches with q above 0.05 are not looked through unless weak matches are shown"}.`);
    place.setAttribute("aria-activedescendant", `seen-${now.chosen}`);
  };
  const choose = channel => drd.go({ channel }, { replace: true });
  const step = by => {
    const k = places.findIndex(i => now.told.channel[i] === now.chosen), next = places[Math.max(0, Math.min(places.length - 1, k + by))];
    if (next !== undefined) choose(now.told.channel[next]);
  };
  const openChosen = () => drd.visit(drd.channelHref({ ...now.selection, channel: now.chosen }));
  const PRESSED = { ArrowDown: () => step(1), ArrowUp: () => step(-1), PageDown: () => step(10), PageUp: () => step(-10), Home: () => step(-places.length), End: () => step(places.length), Enter: openChosen };
  const onKey = event => {
    if (!PRESSED[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    PRESSED[event.key]();
  };

  const open = page => {
    search = drd.made("input", { className: "line find", type: "search", placeholder: "Find: GATA, ch 12, starred …", spellcheck: false });
    search.setAttribute("aria-label", "Find channels by motif, number or flag");
    search.oninput = () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => drd.go({ find: search.value.trim() || null }, { replace: true }), 120);
    };
    search.onkeydown = event => { if (["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) { clearTimeout(waiting); onKey(event); } };
    document.querySelector(".channels-search").replaceChildren(search, drd.made("span", { className: "found-count muted", role: "status" }));
    const place = list();
    place.innerHTML = '<div class="spacer" role="rowgroup"></div>';
    place.addEventListener("scroll", () => requestAnimationFrame(() => fill()));
    place.addEventListener("keydown", onKey);
    place.addEventListener("click", event => {
      const link = event.target.closest("[data-open]"), family = event.target.closest("[data-find]"), one = event.target.closest("[data-row]");
      if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) return; // a tab of its own
      if (link) { event.preventDefault(); drd.visit(link.getAttribute("href")); }
      else if (family) drd.go({ find: family.dataset.find });
      else if (one) choose(Number(one.dataset.row));
    });
    place.addEventListener("dblclick", event => { if (event.target.closest("[data-row]")) openChosen(); });
    new ResizeObserver(() => fill()).observe(place);
    document.querySelector(".seen-heads").addEventListener("click", event => {
      const key = event.target.closest("[data-sort]")?.dataset.sort, { sort } = drd.read();
      if (key) drd.go({ sort: sort === key ? `-${key}` : key }, { replace: true });
    });
    [now, reveal] = [page, true];
  };

  const draw = async page => {
    const wanted = [page.selection.target, page.selection.regime, page.selection.face, page.key].join();
    page.wanted = wanted;
    document.title = `Channels · ${page.run.name} · DeepResolve Dash`;
    try {
      const told = await drd.loadChannelTable(page);
      const logos = told.face ? await drd.loadFaces(page, told.face) : null;
      if (page !== drd.layerNow() || page.wanted !== wanted || !list()) return;
      Object.assign(page, { told, logos });
      now = page;
      show();
      drd.notice(null);
    } catch (error) {
      if (page === drd.layerNow() && page.wanted === wanted) drd.notice(`The channels cannot be shown. ${error.message}`);
    }
  };
  const show = () => {
    const { selection, told } = now, view = [selection.sort, selection.find, selection.weak, told].join();
    arrange();
    const chosen = told.channel.includes(selection.channel) ? selection.channel : told.channel[places[0] ?? 0];
    reveal ||= now.chosen !== chosen;
    if (now.view !== view && !reveal) list().scrollTop = 0;
    Object.assign(now, { chosen, view });
    if (document.activeElement !== search) search.value = selection.find ?? "";
    document.querySelector(".channels-search .found-count").textContent = selection.find ? `${places.length} of ${told.channel.length}` : `${told.channel.length} channels`;
    document.getElementById("channel-table-regime").textContent = [told.regimes.ofiv, told.database, told.source && drd.readsOf(now.selection, now.run)].filter(Boolean).join(" · ");
    for (const button of document.querySelectorAll("[data-key=face] [data-value]")) {
      button.hidden = !told.faces.includes(button.dataset.value);
      button.setAttribute("aria-pressed", button.dataset.value === told.face);
    }
    for (const head of document.querySelectorAll("[data-sort]")) {
      const mine = selection.sort.replace("-", "") === head.dataset.sort;
      head.dataset.sorted = mine ? (selection.sort.startsWith("-") ? "up" : "down") : "";
      head.setAttribute("aria-pressed", mine);
    }
    const place = list(), top = places.findIndex(i => told.channel[i] === chosen) * ROW;
    place.firstChild.style.height = `${Math.max(2, places.length) * ROW}px`;
    if (reveal && top >= 0 && (top < place.scrollTop || top + ROW > place.scrollTop + place.clientHeight)) place.scrollTop = Math.max(0, top - place.clientHeight / 2);
    reveal = false;
    fill(true);
    drd.drawChosen(now);
    drd.drawArtefacts(now);
  };
  window.addEventListener("drd-notes", () => { if (now?.told && now === drd.layerNow() && list()) show(); });
  drd.layerPages.channels = { open, draw, step };
})((window.dash_clientside ??= {}).deepresolve ??= {});
