// The list of channels; only rows on screen exist.
(drd => {
  const ROW = 34;
  let rows = null, selection = null, context = null;
  let reveal = false; // scroll to the selected channel
  let places = []; // of the channels in the list, within the ranking

  drd.number = (value, digits = 3) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (value === 0) return "0";
    const size = Math.abs(value);
    const text = size >= 1e-3 && size < 1e4 ? size.toPrecision(digits) : size.toExponential(digits - 1);
    return (value < 0 ? "−" : "") + text;
  };
  // both ends of an interval in as many digits as tell them apart; nothing where five do not
  drd.interval = (low, high, joint) => {
    const digits = [3, 4, 5].find(n => drd.number(low, n) !== drd.number(high, n));
    return digits ? `${drd.number(low, digits)}${joint}${drd.number(high, digits)}` : low === null || low === undefined ? "–" : "";
  };
  // a name in a number of letters, its middle left out: names of a family differ at their ends
  drd.middle = (name, most) => (name.length <= most ? name : `${name.slice(0, Math.max(1, Math.ceil((most - 1) / 2)))}…${name.slice(name.length - Math.max(1, Math.floor((most - 1) / 2)))}`);
  // a channel as it is spoken of: its number, and the known motif it resembles
  drd.calledOf = channel => drd.open()?.called?.[channel] ?? "";
  drd.spoken = (channel, word = "ch") => `${word} ${channel}${drd.calledOf(channel) && ` (${drd.calledOf(channel)})`}`;
  drd.linked = properties => { // a link that is followed without a new page
    const link = drd.made("a", properties);
    link.dataset.visit = "";
    return link;
  };
  drd.signed = value => (value > 0 ? "+" : "") + drd.number(value);
  drd.escape = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

  // the selected channel, or the first of the ranking
  drd.channel = (among = rows, chosen = drd.read()) => {
    if (!among) return null;
    return among.channel.includes(chosen?.channel) ? chosen.channel : among.channel[0];
  };
  drd.stepChannel = by => {
    const at = places.findIndex(place => rows.channel[place] === drd.channel()), next = places[at + by] ?? (at < 0 ? places[0] : undefined);
    if (next !== undefined) drd.go({ channel: rows.channel[next] }, { replace: true });
  };

  drd.drawChannels = async (newRows, newSelection, run, glyphs) => {
    reveal ||= rows?.channel !== newRows.channel || ["channel", "only"].some(key => selection?.[key] !== newSelection[key]);
    [rows, selection] = [newRows, newSelection];
    const alone = selection.only && selection.set.length;
    places = rows.channel.map((_, i) => i).filter(i => !alone || selection.set.includes(rows.channel[i]));
    drd.showSet(selection);
    const form = selection?.logo ?? "bits";
    const heights = await drd.heights(run, form).catch(error => {
      drd.notice(`The logos cannot be shown. ${error.message}`);
    });
    const strongest = await drd.loadStrongest(newSelection, run).catch(() => null);
    if (selection !== newSelection) return;
    context = { heights, form, run, glyphs, strongest };
    drawList();
    drd.drawCard(rows, selection, context, logo);
    drd.markAgain();
  };

  const logo = (channel, size, draw = drd.logo) => {
    const { heights, run, form, glyphs } = context;
    return heights ? draw(heights, run, run.channels.indexOf(channel), form, glyphs, size) : "";
  };
  drd.smallLogo = (channel, size) => (context?.run === drd.run && context ? logo(channel, size, drd.logoCore) : "");
  drd.table = channels => { // tab-separated, in the order of the ranking
    const names = ["channel", "rank", "ofiv", "ofiv_low", "ofiv_high", "motif", "kind", "inconsistency", "component", "trials_up", "trials_down"];
    const lines = rows.channel.flatMap((channel, i) => (!channels.includes(channel) ? [] : [[
      channel, i + 1, rows.ofiv[i], rows.low[i], rows.high[i], drd.calledOf(channel), context.run.kinds[rows.kind[i]], rows.level[i], rows.component[i] + 1, rows.up[i], rows.down[i],
    ]]));
    return drd.tsv([names, ...lines]);
  };

  const pressed = {
    " ": () => drd.toggleInSet(drd.channel()),
    Escape: () => drd.chooseSet([]),
    ArrowDown: () => drd.stepChannel(1),
    ArrowUp: () => drd.stepChannel(-1),
  };
  const drawList = () => {
    const list = document.getElementById("channels");
    if (!list) return;
    if (!list.firstChild) {
      list.innerHTML = '<div class="spacer"></div>';
      list.addEventListener("scroll", () => requestAnimationFrame(fill));
      list.addEventListener("click", event => {
        const row = event.target.closest("[data-channel]");
        if (row && (event.ctrlKey || event.metaKey)) drd.toggleInSet(Number(row.dataset.channel));
        else if (row) drd.go({ channel: Number(row.dataset.channel) });
      });
      list.addEventListener("keydown", event => {
        const act = pressed[event.key];
        if (act) { event.preventDefault(); act(); }
      });
      new ResizeObserver(() => fill()).observe(list);
    }
    list.firstChild.style.height = `${places.length * ROW}px`;
    const at = places.findIndex(place => rows.channel[place] === drd.channel()) * ROW;
    if (reveal && at >= 0 && (at < list.scrollTop || at + ROW > list.scrollTop + list.clientHeight)) {
      list.scrollTop = Math.max(0, at - list.clientHeight / 2);
    }
    reveal = false;
    fill();
  };

  const fill = () => {
    const list = document.getElementById("channels");
    if (!list?.firstChild || !rows) return;
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 2);
    const last = Math.min(places.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 2);
    const chosen = drd.channel();
    let html = "";
    for (let i = first; i < last; i++) html += row(places[i], i * ROW, rows.channel[places[i]] === chosen);
    list.firstChild.innerHTML = html;
    list.setAttribute("aria-activedescendant", `row-${chosen}`);
  };

  for (const name of ["drd-notes", "drd-again"]) window.addEventListener(name, () => context && fill());

  const row = (i, top, chosen) => {
    const { run } = context, channel = rows.channel[i], kind = rows.kind[i], marked = selection.set.includes(channel);
    return `<div id="row-${channel}" class="row${chosen ? " chosen" : ""}${marked ? " marked" : ""}" role="option" aria-selected="${chosen}" aria-checked="${marked}" data-channel="${channel}" style="top:${top}px">
      <span class="rank">${i + 1}</span><span class="name">ch ${channel}${drd.starMark("channel", channel)}${drd.calledOf(channel) && ` <small title="${drd.escape(drd.calledOf(channel))}">${drd.escape(drd.calledOf(channel))}</small>`}</span>
      <span class="logo">${logo(channel, { width: 118, height: 28 }) || '<span class="none">no logo</span>'}${drd.againBadge(channel)}</span>
      <span class="value">${drd.signed(rows.ofiv[i])}</span><span class="value muted">${drd.number(rows.level[i])}</span>
      <span class="kind kind-${kind}" title="${run.kinds[kind]}">${rows.n_trials ? run.marks[kind] : ""}</span></div>`;
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
