// The drawer of notes: write one on what is on screen, look through those of the run.
(drd => {
  const KINDS = [["", "everything"], ["this", "about the chosen one"], ["note", "notes"], ["star", "stars"], ["class", "classes"], ["channel", "channels"], ["pair", "pairs of classes"], ["view", "views"]];
  const LONGEST = 2000; // characters
  let box = null, opener = null, parts = {}, wanted = null, editing = null; // wanted: the thing that is chosen above, editing: id of a note

  const options = (select, pairs, value) => {
    const now = JSON.stringify(pairs);
    if (select.drdPairs !== now) {
      select.drdPairs = now;
      select.replaceChildren(...pairs.map(([key, text]) => drd.made("option", { value: key, textContent: text })));
    }
    select.value = pairs.some(([key]) => key === value) ? value : pairs[0]?.[0] ?? "";
  };
  const field = (label, input) => drd.made("label", { className: "field" }, drd.made("span", { textContent: label }), input);
  const named = (tag, label, more = {}) => {
    const made = drd.made(tag, { className: "line", ...more });
    made.setAttribute("aria-label", label);
    return made;
  };

  const build = () => {
    const about = drd.made("select", { className: "line" }), star = drd.made("span"), text = named("textarea", "Note", { rows: 4, maxLength: LONGEST, placeholder: "What did you see?" });
    const count = drd.made("span", { className: "muted" }), add = drd.made("button", { type: "submit", className: "button main", textContent: "Add note" });
    const form = drd.made("form", { className: "note-new" }, drd.made("div", { className: "note-about" }, field("About", about), star), text, drd.made("div", { className: "actions" }, add, count));
    const who = named("select", "Whose notes"), kind = named("select", "Which notes"), find = named("input", "Find in the notes", { type: "search", placeholder: "Find" });
    const file = drd.made("a", { className: "button", textContent: "TSV", title: "All notes and stars of this run as a table", download: "" });
    const list = drd.made("ul", { className: "note-list" }), said = drd.made("p", { className: "muted note-said", role: "status" }), close = drd.made("button", { type: "button", className: "button round", textContent: "×", title: "Close (Escape)" });
    close.setAttribute("aria-label", "Close the notes");
    const reads = drd.made("p", { className: "muted", textContent: "You can read these notes; whoever may change things here can write some.", hidden: true });
    box = drd.made("aside", { id: "notes-drawer", className: "notes-drawer" }, drd.made("div", { className: "panel-head" }, drd.made("h2", { textContent: "Notes and stars" }), drd.made("div", { className: "fill" }), file, close), form, reads, drd.made("div", { className: "note-tools" }, kind, who, find), said, list);
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", "Notes and stars");
    parts = { about, star, text, count, add, form, who, kind, find, file, list, said, reads };
    close.onclick = shut;
    about.onchange = () => { wanted = chosen(); draw(); };
    text.oninput = counted;
    text.onkeydown = event => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(); };
    form.onsubmit = event => { event.preventDefault(); write(); };
    for (const one of [who, kind]) one.onchange = () => draw();
    find.oninput = () => draw();
    box.onkeydown = event => {
      event.stopPropagation(); // keys of the page are not for what is typed here
      if (event.key === "Escape") shut();
    };
    document.body.append(box);
  };
  const counted = () => {
    const n = parts.text.value.length;
    parts.count.textContent = n > LONGEST - 300 ? `${LONGEST - n} characters left` : n ? "Ctrl-Enter adds it" : "";
  };
  const shut = () => {
    if (!box) return;
    const unsaved = parts.text.value.trim();
    box.remove();
    [box, editing] = [null, null];
    if (unsaved) kept = unsaved;
    (opener?.isConnected ? opener : document.getElementById("notes-open"))?.focus({ preventScroll: true });
  };
  let kept = ""; // what was typed and not added yet

  drd.openNotes = (one = null, from = document.activeElement) => {
    if (!drd.notes()) return;
    opener = from;
    if (!box) {
      build();
      parts.text.value = kept;
      kept = "";
    }
    wanted = one ?? drd.notable()[0];
    parts.kind.drdPairs = null;
    options(parts.kind, KINDS, one && drd.notesOf(one.kind, one.thing).length ? "this" : "");
    draw();
    counted();
    (drd.notes().may ? parts.text : parts.kind).focus();
    drd.loadNotes(); // others may have written
  };
  const chosen = () => {
    const [kind, ...thing] = parts.about.value.split(" ");
    return kind ? { kind, thing: thing.join(" ") } : null;
  };
  const write = async () => {
    const one = chosen(), text = parts.text.value;
    if (!text.trim()) return parts.text.focus();
    parts.add.disabled = true;
    const answer = await drd.sendNote("add", { ...one, text, address: drd.viewAddress() });
    if (!box) return;
    parts.add.disabled = false;
    if (!answer) return;
    parts.text.value = "";
    counted();
    parts.text.focus();
  };

  const when = seconds => {
    const date = new Date(1000 * seconds), pad = n => String(n).padStart(2, "0"), day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`, time = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
    return { short: date.toDateString() === new Date().toDateString() ? time : day, long: `${day} ${time}` };
  };
  const place = ({ kind, thing, address }) => {
    const { id, run } = drd.open(), at = run ?? id;
    if (kind === "view") return thing;
    if (address) return address;
    if (kind === "pair") return drd.classesHref({ run: at, pair: thing.split(",").map(Number) });
    return kind === "class" ? drd.href({ run: at, target: Number(thing) }) : drd.channelHref({ run: at, channel: Number(thing) });
  };
  const entry = note => {
    const { short, long } = when(note.changed ?? note.written), link = drd.linked({ href: place(note), textContent: drd.thingWords(note), title: "Open the view in which this was written" });
    const time = drd.made("time", { textContent: `${note.writer}, ${short}${note.changed ? " (changed)" : ""}`, title: long, className: "muted" });
    const head = drd.made("div", { className: "note-head" }, link, time), item = drd.made("li", { className: note.star ? "is-star" : "" }, head);
    item.dataset.note = note.id;
    if (note.star) head.insertAdjacentHTML("afterbegin", drd.starMark(note.kind, note.thing));
    else if (editing === note.id) item.append(editor(note));
    else item.append(drd.made("p", { className: "note-text", textContent: note.text }));
    if (note.own && editing !== note.id) {
      const button = (words, press) => drd.made("button", { type: "button", className: "link", textContent: words, onclick: press });
      const remove = button(note.star ? "Take off" : "Delete", () => drop(note)), tools = drd.made("div", { className: "note-actions" }, ...(note.star ? [] : [button("Edit", () => { editing = note.id; draw(); box.querySelector(".note-edit textarea")?.focus(); })]), remove);
      (note.star ? head : item).append(tools);
    }
    return item;
  };
  const editor = note => {
    const text = named("textarea", "Text of the note", { rows: 4, maxLength: LONGEST, value: note.text }), stop = () => { editing = null; draw(); };
    const form = drd.made("form", { className: "note-edit" }, text, drd.made("div", { className: "actions" }, drd.made("button", { className: "button main", textContent: "Save" }), drd.made("button", { type: "button", className: "button", textContent: "Cancel", onclick: stop })));
    form.onsubmit = async event => {
      event.preventDefault();
      if (text.value.trim() === note.text) return stop();
      if (await drd.sendNote(`${note.id}/edit`, { revision: note.revision, text: text.value })) stop();
    };
    text.onkeydown = event => {
      if (event.key === "Escape") { event.stopPropagation(); stop(); }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    };
    return form;
  };
  const drop = async note => {
    if (!(await drd.sendNote(`${note.id}/delete`))) return;
    const back = () => (note.star ? drd.sendNote("star", { kind: note.kind, thing: note.thing, on: true, address: note.address }) : drd.sendNote(`${note.id}/restore`));
    const undo = !note.star || note.writer === drd.notes()?.me;
    drd.toast({ text: note.star ? "The star is taken off." : "The note is deleted.", label: "Undo", act: undo ? back : undefined, seconds: 20 });
  };

  // notes and stars that fit what is chosen, the newest first
  const shown = () => {
    const { kind, who, find } = parts, words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = { "": () => true, this: note => note.kind === wanted?.kind && note.thing === wanted?.thing, note: note => !note.star, star: note => note.star };
    const fit = fits[kind.value] ?? (note => note.kind === kind.value);
    return drd.notes().notes.filter(note => fit(note) && (!who.value || note.writer === who.value) && words.every(word => `${note.text} ${note.writer} ${drd.thingWords(note)}`.toLowerCase().includes(word))).reverse();
  };
  const draw = () => {
    const told = drd.notes();
    if (!told) return shut();
    const { about, star, form, reads, who, kind, file, list, said } = parts, things = drd.notable();
    if (!things.some(one => one.kind === wanted?.kind && one.thing === wanted?.thing)) wanted = things.find(one => one.kind === wanted?.kind) ?? things[0];
    form.hidden = !told.may;
    reads.hidden = told.may;
    options(about, things.map(one => [`${one.kind} ${one.thing}`, drd.thingWords(one)]), `${wanted.kind} ${wanted.thing}`);
    star.replaceChildren(drd.starButton(wanted));
    const people = [...new Set(told.notes.map(note => note.writer))].sort();
    options(who, [["", "everybody"], ...people.map(name => [name, name])], who.value);
    who.hidden = people.length < 2;
    options(kind, KINDS, kind.value);
    const { id, run } = drd.open();
    file.href = `/data/${run ?? id}/notes.tsv`;
    file.hidden = !told.notes.length;
    const found = shown();
    said.textContent = !told.notes.length ? "No note and no star on this run yet." : found.length === told.notes.length ? "" : `${found.length} of ${told.notes.length} shown`;
    if (editing && list.querySelector(".note-edit")?.closest("[data-note]")?.dataset.note === editing && found.some(note => note.id === editing)) return; // what is typed stays
    list.replaceChildren(...found.map(entry));
  };
  drd.drawNotes = () => { if (box) draw(); };
})((window.dash_clientside ??= {}).deepresolve ??= {});
