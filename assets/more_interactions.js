// Interactions of a class: the button that asks, the test under way, groups and pairs as a network.
(drd => {
  const POLL = 1000; // ms between looks at a test under way
  const BOX = { width: 118, height: 54 }, WIDE = 620, RING = 290, LINE = 62; // px: a group, the drawing, groups that interact, a row of others
  const LOGO = { width: 102, height: 24 };
  const { escape, number, percent } = drd;
  const named = group => `ch ${group.channels.join(", ")}${[...new Set(group.channels.map(drd.calledOf).filter(Boolean))].map(name => ` (${drd.escape(name)})`).join("")}`;
  const short = pair => pair.name.replace("-like", "");
  const minus = value => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`; // logits
  const range = ([low, high]) => `${minus(low)} to ${minus(high)}`;
  const title = ({ name, acting }) => (acting ? `${name}, ${acting} ${{ veto: "vetoes", rescue: "rescues" }[name] ?? "alone"}` : name);

  // the state of the test, asked for anew
  const address = ({ selection, run }) => {
    const query = new URLSearchParams({ target: selection.target, of: run.stamp });
    if (selection.tested.length) query.set("tested", selection.tested.join());
    return `/data/${run.id}/interactions.json?${query}`;
  };
  const ask = async (body, now) => {
    const from = body.shown, at = address(now);
    body.asked = at;
    clearTimeout(body.timer);
    const got = await drd.fetch(at).catch(() => null), told = got?.ok ? await got.json() : null;
    if (!body.isConnected || body.shown !== from || body.asked !== at) return;
    if (told) {
      body.told = Object.assign(told, { at });
      drd.noteChips("interactions", told.notes);
      draw(body, told, now, true);
      mark(body, told, now);
    } else if (got) body.innerHTML = drd.emptyLine(`This cannot be shown. ${got.status < 500 ? await got.text() : "The server's log says why."}`);
    else body.timer = setTimeout(() => ask(body, now), POLL); // the server does not answer
  };
  const test = async (body, now) => {
    const { selection, run } = now;
    const answer = await drd.send(`/act/runs/${run.id}/interactions`, { target: selection.target, tested: selection.tested.join() });
    if (answer.refused) drd.toast({ text: answer.refused, tone: "bad" });
    drd.poll?.();
    return ask(body, now);
  };

  const drawEmpty = (body, { why, again, stage }) => {
    const button = stage === "impossible" ? (again ? `<a class="button" href="${again}" data-visit>Run again with sequences</a>` : "") : '<button class="button main" data-test>Test interactions</button>';
    body.innerHTML = `<div class="interactions-empty" role="status"><p>${escape(why || "Nothing has been tested for this class yet. The test holds groups of channels low and high on the network itself; it takes some seconds to minutes in the background.")}</p>${button}</div>`;
  };
  const drawBusy = (body, { says, share, left, cancelling }) => {
    if (!body.querySelector(".interactions-busy")) {
      body.innerHTML = `<div class="interactions-busy"><span role="status" class="state"></span><div class="progress" role="progressbar" aria-label="Test of interactions"><div class="bar"></div></div><span class="muted left"></span><button class="button" data-stop>Cancel</button></div>`;
    }
    const bar = body.querySelector(".progress");
    body.querySelector(".state").textContent = says;
    body.querySelector(".left").textContent = left;
    body.querySelector("[data-stop]").disabled = cancelling;
    bar.classList.toggle("endless", share === null);
    bar.firstChild.style.width = share === null ? "" : percent(share);
    if (share !== null) bar.setAttribute("aria-valuenow", Math.round(100 * share));
  };

  // groups that interact on an ellipse, called pairs as lines between them, the others in rows below
  const layout = told => {
    const called = told.pairs.filter(pair => pair.called), ring = told.groups.map((_, i) => i).filter(i => called.some(({ a, b }) => a === i || b === i));
    const alone = told.groups.map((_, i) => i).filter(i => !ring.includes(i)), per = Math.floor(WIDE / (BOX.width + 6));
    const ringed = ring.length ? (ring.length === 2 ? 100 : RING) : 0, from = ringed + (ring.length && alone.length ? 34 : 20);
    const places = new Map();
    ring.forEach((group, i) => {
      const angle = (2 * Math.PI * i) / ring.length - (ring.length === 2 ? Math.PI : Math.PI / 2);
      places.set(group, [WIDE / 2 + (WIDE / 2 - BOX.width / 2 - 12) * Math.cos(angle), ringed / 2 + (ringed / 2 - BOX.height / 2 - 8) * Math.sin(angle)]);
    });
    alone.forEach((group, i) => places.set(group, [BOX.width / 2 + 2 + (i % per) * (BOX.width + 6), from + BOX.height / 2 + LINE * Math.floor(i / per)]));
    return { called, ring, alone, places, from, height: (alone.length ? from + LINE * Math.ceil(alone.length / per) : ringed) + 2 };
  };
  const ends = ([x1, y1], [x2, y2]) => { // where the line between two boxes leaves them
    const [dx, dy] = [x2 - x1, y2 - y1], t = Math.min(BOX.width / 2 / Math.abs(dx || 1e-9), BOX.height / 2 / Math.abs(dy || 1e-9));
    return [[x1 + t * dx, y1 + t * dy], [x2 - t * dx, y2 - t * dy]];
  };
  const keyOf = ({ a, b }, { groups }) => `${groups[a].channels[0]},${groups[b].channels[0]}`;
  const edge = (pair, told, { places, ring }, largest) => {
    const [[x1, y1], [x2, y2]] = ends(places.get(pair.a), places.get(pair.b)), up = pair.interaction > 0;
    const apart = Math.abs(ring.indexOf(pair.a) - ring.indexOf(pair.b)), t = ring.length > 3 && apart !== 1 && apart !== ring.length - 1 ? 0.36 : 0.5; // names of lines through the middle would meet there
    const words = `${short(pair)} ${minus(pair.interaction)}`, said = `${title(pair)}: ${named(told.groups[pair.a])} and ${named(told.groups[pair.b])}, I ${minus(pair.interaction)} logits`;
    const line = `x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"`;
    return `<g class="edge" data-groups="${keyOf(pair, told)}" tabindex="0" role="button" aria-label="${escape(said)}"><line ${line} stroke="transparent" stroke-width="14"/>
      <line class="stroke" ${line} stroke="var(${up ? "--pos" : "--neg"})" stroke-width="${(1.5 + (3.5 * Math.abs(pair.interaction)) / largest).toFixed(1)}" ${up ? "" : 'stroke-dasharray="7 4"'}/>
      <text class="called" x="${(x1 + t * (x2 - x1)).toFixed(1)}" y="${(y1 + t * (y2 - y1) + 4).toFixed(1)}" text-anchor="middle" font-size="12" font-weight="600" paint-order="stroke" stroke="var(--panel)" stroke-width="4" fill="var(--text)">${words}</text></g>`;
  };
  const node = (group, i, { places }, now) => {
    const [x, y] = places.get(i), logo = now.logo(group.shown, LOGO);
    const more = group.channels.length > 4 ? `${group.channels.slice(0, 4).join(", ")}, …` : group.channels.join(", ");
    return `<g class="node" data-channel="${group.shown}" tabindex="0" role="button" aria-label="Group ${named(group)}, swing ${minus(group.swing)} logits" transform="translate(${(x - BOX.width / 2).toFixed(1)} ${(y - BOX.height / 2).toFixed(1)})">
      <rect width="${BOX.width}" height="${BOX.height}" rx="6" fill="var(--panel)" stroke="var(--line)"/>${logo ? `<g transform="translate(8 4)">${logo}</g>` : ""}
      <text x="8" y="${logo ? 45 : 22}" font-size="11" fill="var(--text)">${more}</text><text x="${BOX.width - 8}" y="${logo ? 45 : 40}" text-anchor="end" font-size="11" fill="var(--muted)">${minus(group.swing)}</text></g>`;
  };
  const network = (told, now) => {
    const at = layout(told), { called, ring, alone, from } = at, largest = Math.max(...called.map(pair => Math.abs(pair.interaction)), 1);
    const words = alone.length ? `<text x="2" y="${from - 8}" font-size="11" fill="var(--muted)">${ring.length ? "no interaction" : "groups, none of which interact"}</text>` : "";
    const drawing = words + told.groups.map((group, i) => node(group, i, at, now)).join("") + called.map(pair => edge(pair, told, at, largest)).join("");
    return { drawing, height: at.height };
  };

  // one pair: its square, I beside what random groups give, the same in sequences, contexts
  const square = (pair, told, now) => {
    const [f00, f10, f01, f11] = pair.f, low = Math.min(...pair.f), span = Math.max(...pair.f) - low || 1;
    const cell = value => `<td><div class="level" style="width:${percent((value - low) / span)}"></div>${minus(value)}</td>`;
    const head = (letter, group, level) => `${letter} ${level}${level === "high" ? now.logo(group.shown, LOGO) : ""}`;
    const [a, b] = [told.groups[pair.a], told.groups[pair.b]];
    return `<table class="square"><caption>Mean logit of the class</caption><thead><tr><td></td><th scope="col">${head("b", b, "low")}</th><th scope="col">${head("b", b, "high")}</th></tr></thead>
      <tbody><tr><th scope="row">${head("a", a, "low")}</th>${cell(f00)}${cell(f01)}</tr><tr><th scope="row">${head("a", a, "high")}</th>${cell(f10)}${cell(f11)}</tr></tbody></table>`;
  };
  const scale = (pair, { q95, q99 }) => { // |I| on a line, with the quantiles of random groups as a band
    const [wide, size, [low, high]] = [340, Math.abs(pair.interaction), pair.interval.map(Math.abs).sort((x, y) => x - y)];
    const most = 1.1 * Math.max(size, high, q99 ?? 0, 1), x = value => ((value / most) * wide).toFixed(1);
    return `<svg class="scale" width="${wide + 12}" height="46" role="img" aria-label="The size of I beside that of random groups"><g transform="translate(4 0)">
      <rect x="0" y="10" width="${x(q99 ?? 0)}" height="12" fill="var(--soft)"/><rect x="0" y="10" width="${x(q95 ?? 0)}" height="12" fill="var(--bar)"/><path d="M0 22H${wide}" stroke="var(--line)"/>
      <path d="M${x(low)} 16H${x(high)}" stroke="var(--accent)" stroke-width="3"/><circle cx="${x(size)}" cy="16" r="5" fill="var(--accent)"/>
      <text x="0" y="38">0</text><text x="${wide}" y="38" text-anchor="end">|I| ${number(most, 2)} logits</text></g></svg>`;
  };
  const context = ({ group, level, interaction, name, acting, f }) =>
    `<tr><th scope="row">ch ${group.join(", ")} ${level}</th><td>${title({ name, acting })}</td><td class="value">${minus(interaction)}</td><td class="value">${f.map(minus).join(", ")}</td></tr>`;
  const contexts = rows => `<table class="table small"><thead><tr><th>beside</th><th>reads</th><th class="value">I (logits)</th><th class="value">neither, a, b, both</th></tr></thead><tbody>${rows.map(context).join("")}</tbody></table>`;
  const inSequences = ({ sequences, noSequences, called }) => {
    if (noSequences) return `<p class="warn">In sequences: ${escape(noSequences)}</p>`;
    if (!sequences) return called ? "" : '<p class="muted">Pairs that are called, and those on request, are tested in sequences too.</p>';
    const { f, interaction, interval, agrees, n_fragments: n, n_sequences: m, fragment_bp: [a, b] } = sequences;
    return `<p><strong class="${agrees ? "agrees" : "warn"}">${agrees ? "✓ Sequences agree" : "✗ Sequences do not agree"}</strong>: ${title(sequences)}, I ${minus(interaction)} logits, ${range(interval)}. <span class="muted">Logits ${f.map(minus).join(", ")} with neither, a, b, both: ${n} fragments of ${a} and ${b} bp put into ${m} shuffled sequences.</span></p>`;
  };
  const detail = (pair, told, now) => {
    const { q95, q99 } = told.null, [a, b] = [told.groups[pair.a], told.groups[pair.b]];
    const decides = pair.decision ? `<p>Held against a logit of 0 the sum decides as <strong>${pair.decision}</strong>: a threshold, not an interaction.</p>` : "";
    const alike = pair.alike ? `<p class="warn">The filters of these groups look like ${pair.alike}: doubles of one motif interact without any logic between motifs.</p>` : "";
    const depends = pair.dependsOn.length ? `<p class="warn">It depends on a third group:</p>${contexts(pair.dependsOn)}` : "";
    const others = pair.context.length ? `<details><summary>Beside each other group</summary>${contexts(pair.context)}</details>` : "";
    return `<h3>${title(pair)}</h3><p>${escape(pair.means)}</p><p class="who">a <button class="link" data-channel="${a.shown}">${named(a)}</button> b <button class="link" data-channel="${b.shown}">${named(b)}</button></p>
      ${square(pair, told, now)}<p>I = ${minus(pair.interaction)} logits <span class="muted">(both − a − b + neither), 95% interval ${range(pair.interval)}</span></p>${scale(pair, told.null)}
      <p class="muted">Between random groups of equal size |I| is below ${number(q95)} in 95% and ${number(q99)} in 99%. ${pair.called ? "" : "Called are |I| above 1 logit and a quarter of the largest effect."}</p>
      ${decides}${alike}${inSequences(pair)}${depends}${others}`;
  };

  const row = (pair, told) => {
    const seen = pair.sequences ? (pair.sequences.agrees ? "✓ agree" : "✗ differ") : "–";
    return `<tr data-row="${keyOf(pair, told)}"><th scope="row"><button class="link" data-groups="${keyOf(pair, told)}">${named(told.groups[pair.a])} × ${named(told.groups[pair.b])}</button></th><td>${title(pair)}${pair.called ? ` <span data-again="${keyOf(pair, told)}"></span>` : ""}${pair.requested ? ' <span class="muted">on request</span>' : ""}${pair.decision ? ` <span class="muted">${pair.decision} at the threshold</span>` : ""}</td>
      <td class="value">${minus(pair.interaction)}</td><td class="value">${range(pair.interval)}</td><td>${seen}</td></tr>`;
  };
  const table = (pairs, told) => `<div class="scroll" tabindex="0" role="region" aria-label="Pairs of groups"><table class="table small"><thead><tr><th>a × b</th><th>reads</th><th class="value">I (logits)</th><th class="value">95% interval</th><th>sequences</th></tr></thead><tbody>${pairs.map(pair => row(pair, told)).join("")}</tbody></table></div>`;
  const form = () => `<form class="interactions-ask"><span class="muted">Test the groups of channels</span><input name="a" type="number" min="0" required aria-label="Channel of group a"><span class="muted">and</span><input name="b" type="number" min="0" required aria-label="Channel of group b"><button class="button">Test</button></form>`;
  const drawDone = (body, told, now) => {
    const called = told.pairs.filter(pair => pair.called), rest = told.pairs.filter(pair => !pair.called), { drawing, height } = network(told, now);
    body.innerHTML = `<p class="finding">${escape(told.title)}</p>${told.why ? `<p class="warn">${escape(told.why)}</p>` : ""}
      ${told.groups.length ? `<div class="interactions-parts"><figure><svg class="interactions-network" viewBox="0 0 ${WIDE} ${height}" role="group" aria-label="Groups of channels and their interactions">${drawing}</svg>
      <figcaption class="muted">A box is a group of channels, with its swing from low to high in logits; a line is a called interaction: solid more than the sum, dashed less.</figcaption></figure><div class="interactions-detail" aria-live="polite"></div></div>` : ""}
      ${called.length ? table(called, told) : ""}${rest.length ? `<details class="interactions-rest"${called.length && !rest.some(pair => pair.decision) ? "" : " open"}><summary>${rest.length} pair${rest.length === 1 ? "" : "s"} without an interaction</summary>${table(rest, told)}</details>` : ""}${form()}`;
  };

  const draw = (body, told, now, fresh = false) => {
    const inside = body.contains(document.activeElement);
    clearTimeout(body.timer);
    body.form = now.form;
    body.pair = null;
    if (!fresh) body.asked = null;
    if (told.stage === "done") {
      drawDone(body, told, now);
      drd.fillAgain();
    } else if (told.stage === "busy") drawBusy(body, told);
    else drawEmpty(body, told);
    if (told.stage === "busy") body.timer = setTimeout(() => ask(body, now), POLL);
    else if (told.stage !== "done" && !fresh && told.drawn) ask(body, now); // an answer that was kept may be old
    told.drawn = true;
    if (inside && !body.contains(document.activeElement)) body.querySelector("button, a")?.focus({ preventScroll: true });
    act(body, now);
  };
  const mark = (body, told, now) => {
    if ((body.asked ?? address({ ...now, selection: { ...now.selection, tested: [] } })) !== address(now)) return void ask(body, now);
    if (told.stage !== "done") return act(body, now);
    if (body.form !== now.form) return void draw(body, told, now, true) ?? mark(body, told, now);
    const [x, y] = now.selection.groups ?? [], holds = (group, channel) => told.groups[group].channels.includes(channel);
    const pair = told.pairs.find(({ a, b }) => (holds(a, x) && holds(b, y)) || (holds(a, y) && holds(b, x))) ?? told.pairs[0];
    if (pair && body.pair !== pair) body.querySelector(".interactions-detail").innerHTML = detail(pair, told, now);
    body.pair = pair;
    for (const one of body.querySelectorAll("[data-groups], [data-row]")) {
      const chosen = Boolean(pair) && (one.dataset.groups ?? one.dataset.row) === keyOf(pair, told);
      one.classList.toggle("chosen", chosen);
      if (one.dataset.groups) one.setAttribute("aria-pressed", chosen);
    }
    drd.markChannel(body, now.channel);
    act(body, now);
  };
  const act = (body, now) => {
    body.onclick = async event => {
      const { target } = event, groups = target.closest?.("[data-groups]")?.dataset.groups;
      if (groups) drd.go({ groups: groups.split(",").map(Number) });
      if (target.closest?.("[data-test]")) { target.disabled = true; await test(body, now); }
      if (target.closest?.("[data-stop]")) {
        target.disabled = true;
        const answer = await drd.send(`/act/runs/${body.told.id}/cancel`);
        if (answer.refused) drd.toast({ text: answer.refused, tone: "bad" });
        ask(body, now);
      }
    };
    body.onkeydown = event => {
      if (!["Enter", " "].includes(event.key) || !event.target.matches("g[role=button]")) return;
      event.preventDefault();
      event.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    };
    body.onsubmit = event => {
      event.preventDefault();
      const { a, b } = Object.fromEntries(new FormData(event.target)), pair = [Number(a), Number(b)];
      const tested = [...now.selection.tested, ...pair];
      drd.go({ tested, groups: pair });
      test(body, { ...now, selection: { ...now.selection, tested, groups: pair } });
    };
  };

  const file = (told, now, heading) => {
    if (told.stage !== "done") return drd.sheet(heading, [{ words: told.why || "Nothing has been tested yet." }]);
    const { drawing, height } = network(told, now);
    const words = told.pairs.filter(pair => pair.called).map((pair, i) => `<text x="12" y="${height + 84 + 18 * i}">${escape(`${title(pair)}: ${named(told.groups[pair.a])} × ${named(told.groups[pair.b])}, I ${minus(pair.interaction)} logits (${range(pair.interval)})`)}</text>`);
    return drd.file(heading, { width: WIDE + 24, height: height + 90 + 18 * words.length }, `<text x="12" y="44" font-weight="600">${escape(told.title)}</text><g transform="translate(12 58)">${drawing}</g>${words.join("")}`);
  };
  drd.more.interactions = { draw, mark, file };
})((window.dash_clientside ??= {}).deepresolve ??= {});
