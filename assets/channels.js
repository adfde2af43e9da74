// The list of channels (only rows on screen exist) and the card of the selected one.
(drd => {
  const ROW = 34;
  let rows = null, selection = null, context = null;

  drd.number = (value, digits = 3) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (value === 0) return "0";
    const size = Math.abs(value);
    const text = size >= 1e-3 && size < 1e4 ? size.toPrecision(digits) : size.toExponential(digits - 1);
    return (value < 0 ? "−" : "") + text;
  };
  drd.signed = value => (value > 0 ? "+" : "") + drd.number(value);
  drd.escape = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
  const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

  // the selected channel, or the first of the ranking
  drd.channel = (among = rows, chosen = selection) => {
    if (!among) return null;
    return among.channel.includes(chosen?.channel) ? chosen.channel : among.channel[0];
  };
  drd.stepChannel = by => {
    const place = rows?.channel.indexOf(drd.channel()) + by;
    if (place >= 0 && place < rows?.channel.length) drd.go({ channel: rows.channel[place] }, { replace: true });
  };

  drd.drawChannels = async (newRows, newSelection, run, glyphs) => {
    if (!newRows || !run) return;
    const changed = rows?.channel !== newRows.channel || selection?.channel !== newSelection?.channel;
    [rows, selection] = [newRows, newSelection];
    const form = selection?.logo ?? "bits";
    const heights = await drd.heights(run, form).catch(error => {
      drd.notice(`The logos cannot be shown. ${error.message}`);
    });
    context = { heights, form, run, glyphs };
    drawList(changed);
    drawCard();
  };

  const logo = (channel, size) => {
    const { heights, run, form, glyphs } = context;
    return heights ? drd.logo(heights, run, run.channels.indexOf(channel), form, glyphs, size) : "";
  };

  const drawList = reveal => {
    const list = document.getElementById("channels");
    if (!list) return;
    if (!list.firstChild) {
      list.innerHTML = '<div class="spacer"></div>';
      list.addEventListener("scroll", () => requestAnimationFrame(fill));
      list.addEventListener("click", event => {
        const row = event.target.closest("[data-channel]");
        if (row) drd.go({ channel: Number(row.dataset.channel) });
      });
      new ResizeObserver(() => fill()).observe(list);
    }
    list.firstChild.style.height = `${rows.channel.length * ROW}px`;
    const at = rows.channel.indexOf(drd.channel()) * ROW;
    if (reveal && (at < list.scrollTop || at + ROW > list.scrollTop + list.clientHeight)) {
      list.scrollTop = Math.max(0, at - list.clientHeight / 2);
    }
    fill();
  };

  const fill = () => {
    const list = document.getElementById("channels");
    if (!list?.firstChild || !rows) return;
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 2);
    const last = Math.min(rows.channel.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 2);
    const chosen = drd.channel();
    let html = "";
    for (let i = first; i < last; i++) html += row(i, rows.channel[i] === chosen);
    list.firstChild.innerHTML = html;
  };

  const row = (i, chosen) => {
    const { run } = context, channel = rows.channel[i], kind = rows.kind[i];
    return `<div class="row${chosen ? " chosen" : ""}" role="option" aria-selected="${chosen}" data-channel="${channel}" style="top:${i * ROW}px">
      <span class="rank">${i + 1}</span><span class="name">ch ${channel}</span>
      <span class="logo">${logo(channel, { width: 118, height: 28 }) || '<span class="none">no logo</span>'}</span>
      <span class="value">${drd.signed(rows.ofiv[i])}</span><span class="value muted">${drd.number(rows.level[i])}</span>
      <span class="kind kind-${kind}" title="${run.kinds[kind]}">${rows.n_trials ? run.marks[kind] : ""}</span></div>`;
  };

  const drawCard = () => {
    const card = document.getElementById("card");
    if (!card) return;
    if (!card.drdSized) {
      card.drdSized = true;
      new ResizeObserver(() => card.isConnected && drawCard()).observe(card);
    }
    const { run, heights } = context, i = rows.channel.indexOf(drd.channel()), channel = rows.channel[i];
    const title = document.querySelector("#card-panel h2");
    if (title) title.textContent = `Channel ${channel}`;
    document.getElementById("card-regime").textContent =
      `rank ${i + 1} of ${rows.channel.length}`;
    const picture = heights
      ? logo(channel, { width: Math.max(240, card.clientWidth - 4), height: Math.max(88, Math.min(card.closest(".presented") ? 320 : 190, card.clientHeight * 0.42)), axis: true })
      : run.offsets ? '<p class="empty">The logos could not be loaded.</p>'
      : '<p class="empty">No logo: the cut lies deeper than the first convolution, so this channel has no filter over bases of its own.</p>';
    const facts = cardFacts(i, run).map(([key, value, wide]) => `<div${wide ? ' class="wide"' : ""}><dt>${key}</dt><dd>${value}</dd></div>`).join("");
    card.innerHTML = `<div class="big-logo">${picture}</div><dl>${facts}</dl>`;
    card.onclick = event => {
      const { channel: other, target } = event.target.dataset;
      if (other) drd.go({ channel: Number(other) });
      if (target) drd.go({ target: Number(target) });
    };
  };

  const cardFacts = (i, run) => {
    const kind = rows.kind[i], n = rows.n_trials;
    const facts = [
      ["OFIV", `${drd.signed(rows.ofiv[i])} <span class="muted">[${drd.number(rows.low[i])}, ${drd.number(rows.high[i])}]</span>`],
      ["IL", `${drd.number(rows.level[i])} <span class="muted">component ${rows.component[i] + 1}</span>`],
      ["kind", n === 0 ? "–" : `<span class="kind kind-${kind}">${run.marks[kind]}</span> ${run.kinds[kind]}`],
      ["sign", `+ in ${rows.up[i]}, − in ${rows.down[i]} of ${plural(n, "trial")}`],
    ];
    if (rows.gradient) facts.push(["gradient", `${drd.signed(rows.gradient[i])} <span class="muted">at the base map</span>`]);
    if (rows.swing) facts.push(["swing", `${drd.signed(rows.swing[i])} logits <span class="muted">low to high</span>`]);
    if (rows.partners[i].length) {
      const links = rows.partners[i].slice(0, 4).map(k => `<button class="link" data-channel="${k}">ch ${k}</button>`).join(" ");
      facts.push(["opposed", `${links} <span class="muted">in both orders: XOR-like</span>`, true]);
    }
    const all = rows.classes[i], named = t => drd.escape(run.names[run.targets.indexOf(t)]);
    const classes = all.slice(0, 2).map(t => `<button class="link" data-target="${t}">${named(t)}</button>`); // what one line holds
    if (all.length > 2) classes.push(`<span class="muted" title="${all.slice(2).map(named).join(", ")}">+${all.length - 2}</span>`);
    facts.push(["strongest for", classes.join(", ") || "no class", true]);
    return facts;
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
