// Clusters as a table beside the heat map of their mean OFIV.
(drd => {
  const FEW = 5, MOST = 200; // members before "and more", rows before "show more"
  const { escape } = drd, open = new Set(); // clusters whose members are all listed
  let most = MOST, set = null;

  const small = value => (value === null ? "–" : value < 1e-3 ? value.toExponential(1).replace("e-", "e−") : value.toPrecision(2));
  const feature = one => `<button class="chip-button" data-channel="${one.channel}" title="${escape(`${drd.spoken(one.channel)} ${one.sign > 0 ? "speaks for" : "speaks against"} ${one.n} of these classes; mean OFIV ${(100 * one.mean).toFixed(0)}% of the largest`)}"><span class="sign ${one.sign > 0 ? "plus" : "minus"}">${one.sign > 0 ? "+" : "−"}</span> ${escape(drd.spoken(one.channel))}</button>`;
  const value = one => `<li class="${one.q <= 0.05 ? "" : "muted"}" title="${escape(`${one.n} of ${one.size} here, ${one.total} of ${one.universe} in all; p ${small(one.p)}, ${one.fold.toFixed(1)} times as often`)}">${escape(one.column)} <b>${escape(one.value)}</b> ${one.n}/${one.size} <span class="muted">q ${small(one.q)}${one.q <= 0.05 ? "" : ", not significant"}</span></li>`;
  const members = one => {
    const all = open.has(one.number) || one.n <= FEW + 1, shown = all ? one.members : one.members.slice(0, FEW), more = one.n - shown.length;
    return shown.map(drd.classLink).join(", ") + (more > 0 && !all && one.members.length > FEW ? ` <button class="link more-members" data-open="${one.number}">and ${more} more</button>` : more > 0 ? ` <span class="muted">and ${more} more</span>` : "");
  };
  const tone = value => (value === undefined || value === null ? "" : value >= 0.75 ? "good" : value < 0.5 ? "warn" : "");
  const row = (one, steady, untold) => {
    const jaccard = steady?.jaccard[one.number];
    return `<tr><th scope="row"><button class="link" data-zoom="${one.places.join(",")}" title="Zoom the matrices to this cluster">${one.number}</button></th>
      <td class="value">${one.n}</td><td class="members">${members(one)}</td>
      <td><div class="chips">${one.features.map(feature).join("") || '<span class="muted">none in most members</span>'}${one.nFeatures > one.features.length ? `<span class="muted">and ${one.nFeatures - one.features.length} more</span>` : ""}</div></td>
      ${untold ? "" : `<td>${one.enriched.length ? `<ul class="plain">${one.enriched.map(value).join("")}</ul>` : '<span class="muted">–</span>'}</td>`}
      <td class="value ${tone(jaccard)}">${jaccard === undefined || jaccard === null ? (steady ? "–" : "…") : jaccard.toFixed(2)}</td></tr>`;
  };
  const draw = (body, told, now) => {
    body.steady = null;
    most = MOST;
    const heat = told.empty ? "" : `<figure><div id="cluster-heat" class="matrix" tabindex="0" role="application" aria-label="Mean OFIV, clusters by channels. Arrow keys move, Enter selects the channel." style="height:${Math.min(560, Math.max(170, 72 + 20 * told.clusters.length))}px"></div><figcaption class="muted">Mean over the members of the OFIV, each class in units of its largest |OFIV|.</figcaption></figure>`;
    body.innerHTML = told.empty ? `${drd.emptyLine(told.empty)}${drd.leftOut(told.leftOut)}` : `<div class="clusters-parts"><div class="scroll" tabindex="0" role="region" aria-label="Clusters"><table class="table small"><thead><tr><th>cluster</th><th class="value">classes</th><th>members</th><th title="|OFIV| of at least 20% of the largest in more than half of the members, with one sign">features of most members</th>${told.untold ? "" : '<th title="Hypergeometric, upper tail; q by Benjamini-Hochberg over all clusters and values of this cut">metadata more often<br>than by chance</th>'}<th class="value" title="Mean Jaccard index with the best-fitting cluster when the trials of each class are drawn again">over<br>trials</th></tr></thead><tbody></tbody></table><button class="button show-more" hidden></button></div>${heat}</div>
      ${told.untold ? `<p class="muted">${escape(told.untold)}${told.card ? ` <a href="${escape(told.card)}">Card of the model</a>` : ""}</p>` : ""}
      ${told.singles.length ? `<details class="muted"><summary>Classes alone (${told.nSingles}), each with a number of its own that the table leaves out</summary><p>${told.singles.map(drd.classLink).join(", ")}${told.nSingles > told.singles.length ? ` and ${told.nSingles - told.singles.length} more` : ""}</p></details>` : ""}${drd.leftOut(told.leftOut)}`;
    body.onclick = event => {
      const { open: opened, zoom } = event.target.closest("[data-open], [data-zoom]")?.dataset ?? {};
      if (opened) { open.add(Number(opened)); fill(body, told); }
      if (zoom) { drd.go({ zoom: zoom.split(",").map(Number) }); drd.jump("matrices"); }
      if (event.target.matches(".show-more")) { most += MOST; fill(body, told); }
    };
    fill(body, told);
    if (!told.empty) steadiness(body, told, now);
  };
  const fill = (body, told) => {
    const rows = body.querySelector("tbody");
    if (!rows) return;
    rows.innerHTML = told.clusters.slice(0, most).map(one => row(one, body.steady, told.untold)).join("");
    const left = told.clusters.length - most, more = body.querySelector(".show-more");
    more.hidden = left <= 0;
    more.textContent = `Show more (${left} not shown)`;
  };
  const steadiness = async (body, told, now) => { // takes longer the first time
    const steady = await drd.loadAt(drd.belowAddress("stability", now, { cut: told.cut })).catch(() => ({ jaccard: {}, notes: [] }));
    if (body.told !== told || !body.isConnected) return;
    body.steady = steady;
    drd.noteChips("clusters", [...told.notes, ...steady.notes]);
    fill(body, told);
    drd.markChannel(body, drd.read().channel);
  };
  const controls = (told, now) => {
    const place = drd.controls("clusters", `<label class="slide">cut at 1 − A = <input type="range" min="0" step="0.01" data-slide="cut"><output></output></label>`);
    if (set?.place !== place) set = { place, to: drd.slider(place, "cut", { says: value => value.toFixed(2) }) };
    place.querySelector("input").max = drd.cutEnd(drd.cohortNow().branches ?? []);
    set.to(now.selection.cut);
  };
  const mark = (body, told, now) => {
    controls(told, now);
    drd.markChannel(body, now.selection.channel);
    if (told.empty) return;
    drd.matrix("cluster-heat", (told.named ??= drd.calledColumns(told.heat)), { marks: now.selection.channel === null ? [] : [{ column: now.selection.channel }], choose: (_, channel) => drd.go({ channel }) });
  };
  drd.addBelow("clusters", {
    address: now => drd.belowAddress("clusters", now, { cut: now.selection.cut }),
    draw, mark,
    file: () => drd.matrixFile("cluster-heat"),
    tsv: (told, now) => {
      const { jaccard = {} } = document.querySelector('[data-below="clusters"]').steady ?? {};
      return [["cluster", "classes", "members", "features of most members (mean OFIV, share of the largest)", "metadata (n/size, total/universe, p, q)", "jaccard over trials"],
        ...told.clusters.map(one => [one.number, one.n, one.members.map(({ name }) => name).join(", ") + (one.n > one.members.length ? `, and ${one.n - one.members.length} more` : ""),
          one.features.map(({ channel, mean }) => `${drd.spoken(channel)} ${mean.toFixed(3)}`).join(", "),
          one.enriched.map(({ column, value: said, n, size, total, universe, p, q }) => `${column}=${said} (${n}/${size}, ${total}/${universe}, ${p.toExponential(2)}, ${q.toExponential(2)})`).join(", "),
          jaccard[one.number]?.toFixed(3) ?? ""])];
    },
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
