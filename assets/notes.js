// Notes and stars of the run on screen: which there are, and the buttons that set them.
(drd => {
  const STAR = '<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M8 1.6l2 4.2 4.5.6-3.3 3.2.8 4.6L8 12l-4 2.2.8-4.6L1.5 6.4 6 5.8z" stroke="currentColor" stroke-width="1.2" stroke-linejoin="round"/></svg>';
  const NOTE = '<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M2 2.7h12v8H7.5L4.5 13.5v-2.800H2z" fill="none" stroke="currentColor" stroke-width="1.2" stroke-linejoin="round"/></svg>';
  const FIRST = { class: "class", channel: "channel", channels: "channel", classes: "pair" }; // what a page is about
  let of = null, told = null, byThing = new Map(); // id of the run, what the server says of it, its notes by thing

  const runId = () => { const run = drd.open(); return run ? (run.run ?? run.id) : null; };
  const key = (kind, thing) => `${kind} ${thing}`;
  drd.notes = () => (of && of === runId() ? told : null);
  drd.notesOf = (kind, thing) => (drd.notes() && byThing.get(key(kind, thing))) || [];
  drd.starsOf = (kind, thing) => drd.notesOf(kind, thing).filter(note => note.star);
  const mine = stars => stars.some(note => note.writer === told.me);
  // a mark beside the name of a thing in a list; nothing without a star
  drd.starMark = (kind, thing) => {
    const stars = drd.starsOf(kind, thing);
    return stars.length ? `<span class="star" role="img" aria-label="starred" title="${drd.escape(starredBy(stars))}">${STAR}</span>` : "";
  };
  const starredBy = stars => `Starred by ${stars.map(note => (note.writer === told.me ? "you" : note.writer)).join(", ")}`;

  // what is on screen and can be noted: [{ kind, thing }], what the page is about comes first
  drd.notable = () => {
    const run = drd.open(), id = runId();
    if (!id) return [];
    const one = drd.read(), found = [];
    const target = one.page === "classes" ? null : run.targets?.includes(one.target) ? one.target : one.page === "channel" || one.page === "channels" ? run.targets[0] : null;
    if (target !== null) found.push({ kind: "class", thing: String(target) });
    const channel = { class: () => drd.channel(), channels: () => drd.layerNow()?.chosen }[one.page]?.() ?? one.channel;
    if (channel !== null && channel !== undefined && run.channels?.includes(channel)) found.push({ kind: "channel", thing: String(channel) });
    const pair = one.pair && one.pair[0] !== one.pair[1] && one.pair.every(index => run.targets?.includes(index)) ? one.pair : null;
    if (pair) found.push({ kind: "pair", thing: [...pair].sort((a, b) => a - b).join() });
    found.push({ kind: "view", thing: drd.viewAddress() });
    const first = FIRST[one.page] ?? "view";
    return [...found.filter(({ kind }) => kind === first), ...found.filter(({ kind }) => kind !== first)];
  };
  drd.thingWords = ({ kind, thing }) => {
    const run = drd.open(), named = index => `${index} ${run?.names?.[run.targets.indexOf(Number(index))] ?? ""}`.trim();
    if (kind === "class") return `Class ${named(thing)}`;
    if (kind === "channel") return drd.spoken(Number(thing), "Channel");
    if (kind === "pair") return `Classes ${thing.split(",").map(named).join(" and ")}`;
    return `View: ${drd.viewWords(thing, { bare: true })}`;
  };

  const take = answer => {
    told = answer;
    byThing = new Map();
    for (const note of told.notes) {
      const at = key(note.kind, note.thing);
      byThing.set(at, [...(byThing.get(at) ?? []), note]);
    }
    window.dispatchEvent(new CustomEvent("drd-notes"));
  };
  drd.loadNotes = async () => {
    const id = runId();
    if (!id || !drd.can("see")) return;
    const got = await drd.fetch(`/data/${id}/notes.json`).catch(() => null), answer = got?.ok ? await got.json() : null;
    if (id !== runId() || !answer) return;
    of = id;
    take(answer);
  };
  // what is sent about notes answers with those there are then; null when it was refused
  drd.sendNote = async (what, values) => {
    const id = runId(), answer = await drd.send(`/act/runs/${id}/notes/${what}`, values);
    if (answer.refused) {
      drd.toast({ text: answer.refused, tone: "bad" });
      return null;
    }
    if (id === runId()) take(answer);
    return answer;
  };
  drd.toggleStar = async one => {
    if (!drd.notes()?.may || !one) return;
    const on = !mine(drd.starsOf(one.kind, one.thing));
    if (await drd.sendNote("star", { ...one, on, address: drd.viewAddress() })) document.getElementById("spoken").textContent = `${drd.thingWords(one)}: star ${on ? "set" : "taken off"}.`;
  };
  drd.starButton = one => {
    const stars = drd.starsOf(one.kind, one.thing), on = mine(stars), may = drd.notes().may;
    const button = drd.made("button", { type: "button", className: `button round star-button${stars.length ? " on" : ""}`, disabled: !may });
    const label = `${on ? "Take the star off" : "Star"}: ${drd.thingWords(one)}`;
    button.innerHTML = STAR;
    button.setAttribute("aria-pressed", on);
    button.setAttribute("aria-label", label);
    button.title = stars.length ? `${starredBy(stars)}${may && !on ? "; press to star it too" : ""}` : label;
    button.onclick = () => drd.toggleStar(one);
    return button;
  };
  const noteButton = one => {
    const n = drd.notesOf(one.kind, one.thing).filter(note => !note.star).length, label = `${n ? `${n} note${n === 1 ? "" : "s"} on` : "Write a note on"} ${drd.thingWords(one)}`;
    const button = drd.made("button", { type: "button", className: `button note-button${n ? " on" : ""}`, title: label });
    button.innerHTML = NOTE + (n ? `<span>${n}</span>` : "");
    button.setAttribute("aria-label", label);
    button.onclick = () => drd.openNotes(one, button);
    button.hidden = !n && !drd.notes().may;
    return button;
  };

  // the buttons beside what is on screen, and the one in the header
  drd.drawMarks = () => {
    const here = drd.notes() ? drd.notable() : [];
    for (const place of document.querySelectorAll("[data-marks]")) {
      const one = here.find(({ kind }) => kind === place.dataset.marks), focus = place.contains(document.activeElement) ? [...place.children].indexOf(document.activeElement) : -1;
      const now = one ? [one.kind, one.thing, drd.notesOf(one.kind, one.thing).map(note => note.id + note.writer), drd.notes().may, drd.thingWords(one)].join() : "";
      if (place.drdShows === now) continue;
      place.drdShows = now;
      place.hidden = !one;
      place.replaceChildren(...(one ? [drd.starButton(one), noteButton(one)] : []));
      if (focus >= 0) place.children[focus]?.focus();
    }
    const open = document.getElementById("notes-open"), n = drd.notes()?.notes.length ?? 0;
    if (!open) return;
    open.hidden = !drd.notes();
    open.textContent = n ? `Notes ${n}` : "Notes";
  };

  const follow = () => {
    const id = runId();
    if (id && id !== of) {
      [of, told, byThing] = [null, null, new Map()];
      drd.loadNotes();
    }
    drd.drawMarks();
    drd.drawNotes();
  };
  for (const name of ["drd-page", "drd-view", "popstate", "_dashprivate_pushstate"]) window.addEventListener(name, follow);
  window.addEventListener("drd-notes", () => { drd.drawMarks(); drd.drawNotes(); });
  document.addEventListener("click", event => { if (event.target.closest?.("#notes-open")) drd.openNotes(null, event.target); });
})((window.dash_clientside ??= {}).deepresolve ??= {});
