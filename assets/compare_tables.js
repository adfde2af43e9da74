// The combined table of several runs, and what stands below it.
(drd => {
  const { escape } = drd, LETTERS = "ABCDEFGH", KINDS = [["●", "additive"], ["◆", "non-additive, consistent"], ["▲", "non-additive, inconsistent"]];
  const SHOWN = 40; // rows at first
  let shown = SHOWN, before = "";

  drd.timesBadge = (times, of, word = "runs") => (of ? `<span class="times ${times === of ? "all" : times ? "some" : "no"}" title="Found in ${times} of ${of} ${word}">${times ? `${times} of ${of}` : "–"}</span>` : "");

  const sorted = ({ told, about, selection }) => {
    const rows = told.times.map((_, row) => row), best = row => Math.min(...about.runs.map((_, at) => told.rank[at][row] ?? Infinity));
    const last = value => value ?? -Infinity, sort = selection.sort ?? "", name = sort.replace("-", ""), at = LETTERS.toLowerCase().indexOf(name.at(-1));
    const size = row => Math.max(...about.runs.map((_, i) => Math.abs(told.ofiv[i][row] ?? 0)));
    const by = { number: row => -row, times: row => told.times[row], spread: row => last(told.spread[row]) }[name]
      ?? (name.startsWith("ofiv") ? row => last(told.ofiv[at]?.[row]) : name.startsWith("rank") ? row => -(told.rank[at]?.[row] ?? Infinity) : name.startsWith("il") ? row => last(told.level[at]?.[row]) : null);
    if (!by) return rows.sort((i, j) => told.times[j] - told.times[i] || size(j) - size(i));
    return rows.sort((i, j) => (sort.startsWith("-") ? 1 : -1) * (by(i) - by(j) || 0) || best(i) - best(j));
  };

  drd.drawCombined = (now, place, files) => {
    const { told, about, selection, targets } = now, of = told.of, key = `${about.runs.map(run => run.id)} ${targets}`;
    if (key !== before) shown = SHOWN;
    before = key;
    const words = (selection.find ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const rows = sorted(now).filter(row => told.times[row] >= selection.least && words.every(word => ` ${drd.rowWords(row).toLowerCase()}`.includes(word)));
    const head = (name, label, title) => `<th scope="col" aria-sort="${selection.sort === name ? "descending" : selection.sort === `-${name}` ? "ascending" : "none"}"><button class="link" data-sort="${name}" title="${escape(title)}. Sorts by it.">${escape(label)}${selection.sort === name ? " ↓" : selection.sort === `-${name}` ? " ↑" : ""}</button></th>`;
    const most = about.runs.map((_, at) => Math.max(...told.ofiv[at].map(value => Math.abs(value ?? 0)), 1e-300));
    const motif = about.rows.how === "motif";
    const cells = (at, row) => {
      const value = told.ofiv[at][row], kind = told.kind[at][row], low = told.low[at][row], high = told.high[at][row];
      if (value === null) return `<td class="of-run muted" colspan="${motif ? 5 : 4}">${about.rows.channel[row][at] === null ? "no such channel" : "no result"}</td>`;
      return `${motif ? `<td class="of-run">${about.rows.channel[row][at]}</td>` : ""}<td class="value ${motif ? "" : "of-run"}${told.found[at][row] ? " told" : ""}" title="${drd.signed(value)} [${drd.number(low)}, ${drd.number(high)}]${told.found[at][row] ? ", found" : ""}"><span class="signed-bar"><i class="${value < 0 ? "minus" : "plus"}" style="${value < 0 ? "right" : "left"}:50%;width:${((50 * Math.abs(value)) / most[at]).toFixed(1)}%"></i></span>${drd.signed(value)}</td><td class="value">${told.rank[at][row] ?? "–"}</td><td class="value">${drd.number(told.level[at][row], 2)}</td><td class="kind-${kind}" title="${kind === null ? "" : KINDS[kind][1]}">${kind === null ? "–" : KINDS[kind][0]}</td>`;
    };
    const body = rows.slice(0, shown).map(row => `<tr data-row="${row}"><th scope="row"><button class="link">${escape(drd.rowWords(row))}</button></th><td class="logo">${drd.rowLogo(row, { width: 84, height: 22 })}</td><td>${drd.timesBadge(told.times[row], of)}</td><td class="value">${told.spread[row] ?? "–"}</td>${about.runs.map((_, at) => cells(at, row)).join("")}</tr>`);
    const over = about.runs.map((run, at) => `<th scope="colgroup" class="of-run" colspan="${motif ? 5 : 4}">${drd.runBadge(at)}${escape(run.name)}</th>`).join("");
    const heads = about.runs.map(({ letter }) => `${motif ? '<th scope="col" class="of-run">channel</th>' : ""}${head(`ofiv${letter.toLowerCase()}`, "OFIV", `OFIV in ${letter}, feature-map units`)}${head(`rank${letter.toLowerCase()}`, "rank", `Rank by falling OFIV in ${letter}`)}${head(`il${letter.toLowerCase()}`, "IL", `Inconsistency level in ${letter}, squared map units`)}<th scope="col">kind</th>`).join("");
    const least = Array.from({ length: about.runs.length + 1 }, (_, n) => `<option value="${n}"${n === selection.least ? " selected" : ""}>${n ? `${n} or more` : "any number"}</option>`).join("");
    place.innerHTML = `<div class="table-tools"><input class="line find" type="search" placeholder="Find a channel or motif" aria-label="Find a channel or motif" value="${escape(selection.find ?? "")}"><label class="chooser-line">found in<select data-least>${least}</select>runs</label><span class="muted">${rows.length.toLocaleString("en")} of ${told.times.length.toLocaleString("en")} rows</span></div>
      <div class="scroll" tabindex="0" role="region" aria-label="All channels in all runs"><table class="table small combined-table"><thead><tr><th colspan="4"></th>${over}</tr><tr>${head("number", "channel", "Channel")}<th scope="col">sees</th>${head("times", "found", "Runs in which it is found, with one sign")}${head("spread", "spread", "Largest less smallest rank over the runs")}${heads}</tr></thead><tbody>${body.join("")}</tbody></table></div>
      ${rows.length > shown ? `<button class="button show-more" data-more-rows>Show ${Math.min(200, rows.length - shown)} more of ${rows.length - shown}</button>` : ""}${rows.length ? "" : '<p class="empty">No channel fits: clear the search, or ask for fewer runs.</p>'}`;
    const all = drd.at(drd.compareAddress("table.tsv"));
    files.innerHTML = `<a class="button" href="${all}" download title="The table of all classes, tab-separated">TSV, all classes</a>`;
    const input = place.querySelector("input");
    input.onchange = () => drd.go({ find: input.value || null }, { replace: true });
    place.querySelector("[data-least]").onchange = event => drd.go({ least: Number(event.target.value) }, { replace: true });
    drd.markCompared();
  };
  document.addEventListener("click", event => {
    const sort = event.target.closest?.(".compare-combined [data-sort]")?.dataset.sort, now = drd.compareNow();
    if (sort) drd.go({ sort: now.selection.sort === sort ? `-${sort}` : now.selection.sort === `-${sort}` ? null : sort }, { replace: true });
    if (event.target.closest?.("[data-more-rows]")) {
      shown += 200;
      drd.drawCombined(now, document.querySelector(".compare-combined"), document.querySelector(".table-files"));
    }
  });

  const scroll = (label, table) => `<div class="scroll" tabindex="0" role="region" aria-label="${label}">${table}</div>`;
  drd.drawPaired = ({ about }, place) => {
    const { channel, distance, turned, named, n, says } = about.rows, rows = channel.map((_, row) => row).filter(row => channel[row].filter(one => one !== null).length > 1);
    const furthest = row => Math.max(...distance[row].map(value => value ?? 0));
    rows.sort((i, j) => furthest(i) - furthest(j));
    const cell = (row, at) => {
      const one = channel[row][at];
      if (one === null) return '<td class="muted">none alike</td>';
      const name = named[at][row], own = channel[row].findIndex(other => other !== null) === at;
      return `<td><span class="pair-cell"><span>${one}${name ? ` (${escape(name)})` : ""}</span><span class="logo">${drd.rowLogo(row, { width: 84, height: 22 }, at)}</span><span class="muted">${own ? "" : drd.number(distance[row][at], 2)}${!own && turned[row][at] ? " reverse complement" : ""}</span></span></td>`;
    };
    const alone = about.runs.map((run, at) => [run, channel.filter(row => row[at] !== null && row.filter(one => one !== null).length === 1).map(row => row[at])]);
    place.innerHTML = `<p class="muted">Distance is 1 − similarity of the best alignment on either strand to the row's first channel; pairs above ${drd.number(about.rows.least, 2)} are not made.</p>
      ${rows.length ? scroll("Paired channels", `<table class="table small"><thead><tr>${about.runs.map((run, at) => `<th scope="col">${drd.runBadge(at)}${escape(run.name)}<br><span class="muted">${escape(says[at])}</span></th>`).join("")}</tr></thead><tbody>${rows.map(row => `<tr data-row="${row}">${about.runs.map((_, at) => cell(row, at)).join("")}</tr>`).join("")}</tbody></table>`) : '<p class="empty">No channel of one run sees what a channel of another run sees.</p>'}
      ${alone.filter(([, list]) => list.length).map(([run, list]) => `<p><strong>Alone in ${run.letter}</strong> (${list.length} of ${n[about.runs.indexOf(run)]}): <span class="muted">${list.join(", ")}</span></p>`).join("")}`;
  };

  drd.drawFamilies = ({ about }, place, { families, n }) => {
    const cell = (family, at) => {
      const mine = family.members.filter(([run]) => run === at);
      if (!mine.length) return '<td class="muted">none</td>';
      return `<td><span class="family-sum">${drd.signed(family.sum[at])}</span><div class="ingredients">${mine.slice(0, 6).map(([, channel, value, row]) => `<button class="ingredient" ${row === null ? "" : `data-row="${row}"`} title="OFIV ${drd.signed(value)}"><span>${channel}</span><span class="logo">${row === null ? "" : drd.rowLogo(row, { width: 70, height: 20 }, at)}</span></button>`).join("")}${mine.length > 6 ? `<span class="muted">and ${mine.length - 6} more</span>` : ""}</div></td>`;
    };
    const rows = families.slice(0, 60).map(family => `<tr><td>${drd.timesBadge(family.sum.filter(sum => sum !== null).length, n)}</td>${about.runs.map((_, at) => cell(family, at)).join("")}</tr>`);
    place.innerHTML = rows.length ? `<p class="muted">Important channels of this class; above each cell the sum of their OFIV, feature-map units.</p>${scroll("Families of motifs", `<table class="table small families-table"><thead><tr><th scope="col">in runs</th>${about.runs.map((run, at) => `<th scope="col">${drd.runBadge(at)}${escape(run.name)}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`)}` : drd.emptyLine("No run has an important channel for this class whose motif is known.");
  };

  drd.drawDifference = ({ about, selection, targets }, place, told) => {
    if (told.empty) return (place.innerHTML = drd.emptyLine(told.empty));
    const [a, b] = selection.two.map(at => LETTERS[at]), high = Math.min(620, Math.max(240, 110 + 13 * told.n));
    place.innerHTML = `<div class="difference-parts"><div><div id="similarity-difference" class="matrix" tabindex="0" role="application" aria-label="Similarity in ${a} minus similarity in ${b}, classes by classes. Arrow keys move, Enter chooses the class." style="height:${high}px"></div><p class="scale muted">Blue: more alike in ${b} · no colour: the same · orange: more alike in ${a}.</p></div>
      <div><h3>Largest differences of A</h3>${told.gaps.length ? `<table class="table small"><tbody>${told.gaps.map(([i, j, gap]) => `<tr><td>${escape(i)}</td><td>${escape(j)}</td><td class="value">${drd.signed(gap)}</td></tr>`).join("")}</tbody></table>` : '<p class="muted">None: all similarities are the same.</p>'}</div></div>`;
    const at = selection.two[0], mine = targets[at];
    drd.matrix("similarity-difference", told.spec, { marks: mine === null ? [] : [{ row: mine }, { column: mine }], choose: row => {
      const found = about.classes.find(one => one.targets[at] === row);
      if (found) drd.go({ class: found.targets.map(target => target ?? "-").join() });
    } });
  };

  drd.drawRecurring = ({ about, targets }, place, { tested, tests, pairs }) => {
    const untested = about.runs.filter((run, at) => !tested.includes(run.letter) && targets[at] !== null);
    const links = untested.map(run => `<a href="${run.href.replace(/\/class\/.*$/, `/class/${targets[about.runs.indexOf(run)]}`)}" data-visit>${run.letter} ${escape(run.name)}</a>`);
    const way = links.length ? `<p class="muted">Not tested for this class: ${links.join(", ")}. Open one and press “Test interactions” there.</p>` : "";
    const shared = tests < tested.length ? `<p class="muted">${tested.join(", ")} have ${tests === 1 ? "one test" : `${tests} tests`} between them: it asks the network, and runs that differ in l2 alone ask it the same.</p>` : "";
    const groups = told => (told ? `<td><strong>${escape(told.name)}</strong> <span class="muted">${escape(told.a.join(", "))} × ${escape(told.b.join(", "))}</span><br>I ${drd.signed(told.interaction)} logits</td>` : '<td class="muted">not called</td>');
    const rows = pairs.map(pair => `<tr><td>${drd.timesBadge(pair.times, tests, "tests")}</td>${about.runs.map((run, at) => (tested.includes(run.letter) ? groups(pair.runs[at]) : '<td class="muted">not tested</td>')).join("")}</tr>`);
    place.innerHTML = (rows.length ? scroll("Interactions that recur", `<table class="table small"><thead><tr><th scope="col">called in</th>${about.runs.map((run, at) => `<th scope="col">${drd.runBadge(at)}${escape(run.name)}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`) : drd.emptyLine(tested.length ? `No interaction is called for this class in ${tested.join(", ")}.` : "No interactions have been tested for this class yet.")) + shared + way;
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
