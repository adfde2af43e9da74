// Pairs of classes that two comparisons judge differently, with known interactions marked.
(drd => {
  const PART = 200, KEPT = "drd-known-interactions", WAIT = 250; // rows, place in the browser, ms after a letter
  const { escape, number, signed } = drd;
  let most = PART, waiting = null;

  // known interactions: two names on a line; kept in this browser and never sent
  const kept = () => { try { return localStorage.getItem(KEPT) ?? ""; } catch { return ""; } };
  const plain = text => text.trim().toLowerCase();
  const read = text => new Set(text.split(/\r?\n/).map(line => line.split(/\t|,|;/).map(plain).filter(Boolean)).filter(names => names.length >= 2).map(([a, b]) => JSON.stringify([a, b].sort())));
  const names = one => [...new Set([plain(one.name), plain(one.factor)])].filter(Boolean);
  const isKnown = (known, a, b) => known.size > 0 && names(a).some(x => names(b).some(y => known.has(JSON.stringify([x, y].sort()))));

  const rows = (body, told, now) => {
    const known = read(kept());
    return told.gap.map((_, i) => i).map(i => ({ i, a: told.classes[told.first[i]], b: told.classes[told.second[i]] }))
      .map(one => ({ ...one, known: isKnown(known, one.a, one.b) }))
      .filter(one => !now.selection.known || one.known);
  };
  const share = value => `${(100 * value).toFixed(1)}%`;
  const gapOf = value => (Math.abs(value) < 5e-4 ? share(0) : `${value > 0 ? "+" : "−"}${share(Math.abs(value))}`);
  const row = ({ i, a, b, known }, told, pair) => {
    const chosen = pair && pair.includes(a.target) && pair.includes(b.target);
    const both = told.columns.map((_, k) => (a.told[k] === b.told[k] ? escape(a.told[k]) : `${escape(a.told[k] || "–")} · ${escape(b.told[k] || "–")}`));
    return `<tr data-pair="${a.target},${b.target}" class="${chosen ? "chosen" : ""}"><td class="value">${told.place[i] + 1}</td>
      <th scope="row"><button class="link" data-pair="${a.target},${b.target}" title="See why these two are similar">${escape(a.name)} – ${escape(b.name)}</button>${known ? ' <span class="known" title="On your list of known interactions">★ known</span>' : ""}</th>
      <td class="value">${signed(told.a[i])}</td><td class="value muted">${share(told.rank[i])}</td><td class="value">${signed(told.b[i])}</td><td class="value muted">${share(told.otherRank[i])}</td><td class="value">${gapOf(told.gap[i])}</td>${both.map(words => `<td>${words}</td>`).join("")}</tr>`;
  };
  const draw = (body, told, now) => {
    most = PART;
    if (told.empty) return (body.innerHTML = `${drd.emptyLine(told.empty)}${drd.leftOut(told.leftOut)}`);
    const other = escape(told.value);
    body.innerHTML = `<div class="pairs-tools"><input class="line" type="search" placeholder="Find a name or a cell" aria-label="Pairs that hold these words" value="${escape(now.selection.pairs ?? "")}">
        <details class="known-list"><summary>Known interactions <span class="muted n-known"></span></summary>
          <p>Two names on a line, set apart by a tab or a comma: of classes, or of targets. The list stays in this browser and is sent nowhere.</p>
          <textarea rows="6" aria-label="Known interactions, two names on a line" placeholder="FOS&#9;JUND" spellcheck="false"></textarea>
          <div class="actions"><label class="button">Read a file<input type="file" class="unseen" accept=".tsv,.csv,.txt,text/*"></label><button class="button" data-clear-known>Clear</button></div></details>
        <label><input type="checkbox" class="only-known"> known ones alone</label><span class="muted found" role="status"></span></div>
      <div class="scroll" tabindex="0" role="region" aria-label="Pairs"><table class="table small"><thead><tr><th class="value">rank</th><th>classes</th><th class="value">A</th><th class="value" title="Place among all pairs, from the least alike">A, rank</th><th class="value">${other}</th><th class="value">${other}, rank</th><th class="value" title="Rank in A minus rank in the other, in percent of all pairs">gap</th>${told.columns.map(name => `<th>${escape(name)}</th>`).join("")}</tr></thead><tbody></tbody></table><button class="button show-more" hidden></button></div>${drd.leftOut(told.leftOut)}`;
    const area = body.querySelector("textarea"), find = body.querySelector("[type=search]");
    area.value = kept();
    const keep = text => {
      try { localStorage.setItem(KEPT, text); } catch { drd.toast({ text: "The browser keeps nothing here; the list is lost with this page.", tone: "bad" }); }
      area.value = text;
      fill(body, told, { selection: drd.read() });
    };
    area.oninput = () => keep(area.value);
    body.querySelector("[type=file]").onchange = async event => { if (event.target.files[0]) keep(await event.target.files[0].text()); event.target.value = ""; };
    body.querySelector("[data-clear-known]").onclick = () => keep("");
    body.querySelector(".only-known").onchange = event => drd.go({ known: event.target.checked ? 1 : 0 }, { replace: true });
    find.oninput = () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => drd.go({ pairs: find.value.trim() || null }, { replace: true }), WAIT);
    };
    body.onclick = event => {
      const pair = event.target.closest("[data-pair]")?.dataset.pair;
      if (pair) { drd.go({ pair: pair.split(",").map(Number) }); drd.jump("why"); }
      if (event.target.matches(".show-more")) { most += PART; fill(body, told, { selection: drd.read() }); }
    };
    fill(body, told, now);
    if (body.typing) { find.focus({ preventScroll: true }); find.setSelectionRange(find.value.length, find.value.length); }
  };
  const fill = (body, told, now) => {
    const list = rows(body, told, now), n = told.n.toLocaleString("en"), known = read(kept()).size;
    body.querySelector(".only-known").checked = Boolean(now.selection.known);
    body.querySelector(".n-known").textContent = known ? `(${known})` : "";
    const sent = told.gap.length, found = told.found.toLocaleString("en");
    body.querySelector(".found").textContent = `${now.selection.known ? `${list.length} known among ` : ""}${sent < told.found ? `the first ${sent.toLocaleString("en")} of ` : ""}${found} pair${told.found === 1 ? "" : "s"}${told.found < told.n ? ` found among ${n}` : ""}`;
    body.querySelector("tbody").innerHTML = list.slice(0, most).map(one => row(one, told, now.selection.pair)).join("") || `<tr><td colspan="${7 + told.columns.length}" class="muted">${now.selection.known ? "None of these pairs is on your list of known interactions." : "No pair holds all of these words."}</td></tr>`;
    const left = list.length - most, more = body.querySelector(".show-more");
    more.hidden = left <= 0;
    more.textContent = `Show more (${left} not shown)`;
  };
  const mark = (body, told, now) => {
    const place = drd.controls("disagreement", "");
    const words = { label_correlation: "labels", last_layer: "last-layer weights" };
    place.innerHTML = told.others.length ? `${drd.chooserOf("held against", "against", told.others.map(name => [name, words[name]]), told.against)}${drd.chooserOf("first", "end", [["alike", "alike in features, not there"], ["apart", "alike there, not in features"]], told.end)}` : "";
    if (told.empty) return;
    const state = JSON.stringify([now.selection.pair, now.selection.known]);
    if (body.state === state && body.drawn === told) return;
    Object.assign(body, { state, drawn: told });
    fill(body, told, now);
  };
  drd.addBelow("disagreement", {
    address: now => drd.belowAddress("disagreement", now, { against: now.selection.against, end: now.selection.end, find: now.selection.pairs }),
    draw: (body, told, now) => {
      body.typing = document.activeElement?.matches?.(".pairs-tools [type=search]") && body.contains(document.activeElement);
      draw(body, told, now);
    },
    mark,
    tsv: (told, now) => told.empty ? [] : [["rank", "class 1", "class 2", "A", "A rank", told.value, `${told.value} rank`, "gap", "known", ...told.columns.flatMap(name => [`${name} 1`, `${name} 2`])],
      ...rows(null, told, { selection: drd.read() }).map(({ i, a, b, known }) => [told.place[i] + 1, a.name, b.name, told.a[i], told.rank[i], told.b[i], told.otherRank[i], told.gap[i], known ? "yes" : "", ...told.columns.flatMap((_, k) => [a.told[k], b.told[k]])])],
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
