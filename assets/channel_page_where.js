// Where a channel fires, the classes it speaks for and against, and its relatives.
(drd => {
  const ENDS = 10; // classes listed at either end

  drd.drawWhere = ({ told, seen, selection }) => {
    const body = document.querySelector(".where-body");
    if (!seen) return body.replaceChildren(drd.made("p", { className: "empty", textContent: "Not known before a look at the channels." }));
    const most = Math.max(1, ...seen.counts), wide = Math.max(260, body.clientWidth - 4), tall = 96, left = 36, each = (wide - left - 8) / seen.counts.length;
    const bars = seen.counts.map((n, i) => `<rect x="${(left + i * each + 0.5).toFixed(1)}" y="${(8 + (tall - 34) * (1 - n / most)).toFixed(1)}" width="${(each - 1).toFixed(1)}" height="${((tall - 34) * (n / most)).toFixed(1)}" fill="var(--accent)" opacity="0.7"><title>${Math.round(seen.edges[i])} to ${Math.round(seen.edges[i + 1])} bp: ${n} fragments</title></rect>`).join("");
    const last = seen.edges.at(-1), ticks = [0, last / 2, last].map((bp, i) => `<text x="${left + (wide - left - 8) * (i / 2)}" y="${tall - 12}" text-anchor="${["start", "middle", "end"][i]}">${Math.round(bp)}</text>`).join("");
    const histogram = `<svg class="where-plot" width="${wide}" height="${tall + 8}" role="img" aria-label="Places of the fragments along the sequences">${bars}<path d="M${left} 8V${tall - 26}H${wide - 8}" fill="none" stroke="var(--muted)"/><text x="${left - 5}" y="14" text-anchor="end">${most}</text><text x="${left - 5}" y="${tall - 24}" text-anchor="end">0</text>${ticks}<text x="${wide / 2}" y="${tall + 4}" text-anchor="middle">middle of the fragment along the sequence (bp)</text></svg>`;
    const facets = new Set(seen.pile.map(one => one.facet)).size > 1;
    const spell = letters => [...(selection.turned ? turned(letters) : letters)].map(letter => `<span class="letter-${letter}">${letter}</span>`).join("");
    const rows = seen.pile.map(one => `<tr><td class="fragment">${spell(one.letters)}</td><td class="value">${drd.number(one.value)}</td>${facets ? `<td class="value">${one.facet + 1}</td>` : ""}<td class="muted name" title="${drd.escape(one.name)}">${drd.escape(one.name)}</td><td class="value muted">${one.start}${one.strand < 0 ? " −" : ""}</td></tr>`).join("");
    const head = `<thead><tr><th>strongest fragments</th><th class="value">activation</th>${facets ? '<th class="value">facet</th>' : ""}<th>sequence</th><th class="value">start (bp)</th></tr></thead>`;
    body.innerHTML = `<p>Largest activation <strong>${drd.number(seen.largest)}</strong>, mean of the maxima ${drd.number(seen.mean)}; in dinucleotide-shuffled sequences at most ${drd.number(seen.background)}.</p>${histogram}<div class="pile" tabindex="0" role="region" aria-label="Strongest fragments"><table class="table small">${head}<tbody>${rows}</tbody></table></div>`;
    document.getElementById("where-regime").textContent = `threshold ${drd.number(seen.threshold)}, ${seen.n_sites.toLocaleString("en")} fragments`;
  };
  const turned = letters => [...letters].reverse().map(letter => ({ A: "T", C: "G", G: "C", T: "A" })[letter] ?? letter).join("");

  drd.drawSpeaks = ({ told, run, selection }) => {
    const body = document.querySelector(".speaks-body"), order = told.ofiv.map((_, i) => i).filter(i => told.ofiv[i] !== null).sort((a, b) => told.ofiv[b] - told.ofiv[a]);
    document.getElementById("speaks-regime").textContent = `${told.regime} · ${told.ofiv.filter(value => value > 0).length} for, ${told.ofiv.filter(value => value < 0).length} against`;
    const most = Math.max(...order.map(i => Math.abs(told.ofiv[i])), 1e-12), wide = Math.max(260, body.clientWidth - 4), tall = 64;
    const up = order.filter(i => told.ofiv[i] > 0), down = order.filter(i => told.ofiv[i] < 0), highest = Math.max(0, told.ofiv[order[0]] ?? 0), lowest = Math.max(0, -(told.ofiv[order.at(-1)] ?? 0)), unit = tall / (highest + lowest || 1), zero = highest * unit;
    const bars = order.map((i, k) => `<rect data-target="${run.targets[i]}" x="${((k * wide) / order.length).toFixed(2)}" width="${Math.max(0.6, wide / order.length - (order.length < 200 ? 1 : 0)).toFixed(2)}" y="${(zero - Math.max(0, told.ofiv[i]) * unit).toFixed(2)}" height="${Math.max(0.5, Math.abs(told.ofiv[i]) * unit).toFixed(2)}" fill="var(--${told.ofiv[i] > 0 ? "pos" : "neg"})" ${run.targets[i] === selection.target ? 'stroke="var(--text)" stroke-width="1.5"' : ""}><title>${drd.escape(run.names[i])}: OFIV ${drd.signed(told.ofiv[i])}, rank ${told.ranks[i]}</title></rect>`).join("");
    const line = i => `<tr data-target="${run.targets[i]}" class="${run.targets[i] === selection.target ? "chosen" : ""}"><th scope="row"><a href="${drd.href({ run: run.id, target: run.targets[i], channel: told.channel, regime: selection.regime })}" data-visit title="The page of this class">${drd.escape(run.names[i])}</a></th><td class="value">${drd.signed(told.ofiv[i])}</td><td><span class="signed-bar"><i style="${told.ofiv[i] > 0 ? "left:50%" : `right:50%`};width:${(50 * Math.abs(told.ofiv[i]) / most).toFixed(1)}%;background:var(--${told.ofiv[i] > 0 ? "pos" : "neg"})"></i></span></td><td class="value muted">${told.ranks[i]}</td></tr>`;
    const table = (title, list) => `<table class="table small"><thead><tr><th>${title}</th><th class="value">OFIV</th><th></th><th class="value" title="of ${run.channels.length} channels in that class">rank</th></tr></thead><tbody>${list.map(line).join("")}</tbody></table>`;
    body.innerHTML = `<svg class="all-classes" width="${wide}" height="${tall}" role="img" aria-label="OFIV of the channel in all ${order.length} classes">${bars}<path d="M0 ${zero.toFixed(2)}H${wide}" stroke="var(--muted)"/></svg><p class="muted small-print">All ${order.length} ${order.length === 1 ? "class" : "classes"}, from the one it speaks for most; OFIV in feature-map units, up to ${drd.number(most)}.</p><div class="ends">${up.length ? table("for", up.slice(0, ENDS)) : ""}${down.length ? table("against", down.slice(-ENDS).reverse()) : ""}</div>`;
    body.onclick = event => {
      const target = event.target.closest?.("a") ? null : event.target.closest?.("[data-target]")?.dataset.target;
      if (target) drd.go({ target: Number(target) });
    };
  };

  const shifted = ({ matrix, shift, strand }, low, width) => {
    const rows = strand < 0 ? [...matrix].reverse().map(row => [...row].reverse()) : matrix, blank = [0.25, 0.25, 0.25, 0.25];
    return Array.from({ length: width }, (_, i) => rows[i + low - shift] ?? blank);
  };
  drd.drawKin = ({ told, selection, run }) => {
    const body = document.querySelector(".kin-body"), kin = told.relatives;
    if (!kin) return body.replaceChildren(drd.made("p", { className: "empty", textContent: "Not known before a look at the channels." }));
    document.getElementById("kin-regime").textContent = `${kin.members.length} ${kin.members.length === 1 ? "channel" : "channels"}, OFIV ${drd.signed(kin.ofiv)} together`;
    if (kin.members.length === 1) return body.replaceChildren(drd.made("p", { className: "empty", textContent: "No other channel sees the same motif." }));
    const low = Math.min(...kin.members.map(one => one.shift)), high = Math.max(...kin.members.map(one => one.shift + one.matrix.length));
    const each = Math.min(14, Math.max(5, (body.clientWidth - 336) / (high - low)));
    body.replaceChildren(...kin.members.map(one => {
      const row = drd.made("div", { className: `kin-row${one.channel === told.channel ? " chosen" : ""}` });
      const link = drd.made("a", { className: "name", href: drd.channelHref({ ...selection, run: run.id, channel: one.channel, facet: 0, threshold: null }), textContent: `ch ${one.channel}${one.called ? ` (${one.called})` : ""}` });
      link.dataset.visit = "";
      row.append(link, drd.made("span", { className: "muted", textContent: one.relation === "head" ? "the clearest" : one.relation }), drd.made("span", { className: "value", textContent: drd.signed(one.ofiv) }), drd.pictureLogo({ matrix: shifted(one, low, high - low) }, {}, { width: each * (high - low), height: 40 }));
      return row;
    }), drd.made("p", { className: "muted small-print", textContent: `Logos of the ${kin.face}, each laid on that of the clearest channel.` }));
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
