// Find by typing: classes, channels, pages, runs, models, stories, and what can be done here.
(drd => {
  const MOST = 60; // rows on screen
  const read = address => drd.fetch(address).then(got => (got.ok ? got.json() : null), () => null);
  const known = new WeakMap(); // run on screen -> promise of what its classes and channels are found by
  const inRun = run => {
    if (run && !known.has(run)) known.set(run, read(`/data/${run.id}/search.json`).then(told => told ?? (known.delete(run), null)));
    return run ? known.get(run) : null;
  };

  // one line of the list; it is found by its label, then by its other words, shown or not
  const spaced = text => ` ${text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ")} `;
  const item = (kind, label, detail, open, unseen = "") => ({
    kind, label, detail, open, name: spaced(`${kind} ${label}`), words: spaced(`${detail} ${unseen}`), plain: `${label} ${detail}`.toLowerCase(),
  });
  const press = id => () => document.getElementById(id)?.click();
  const pages = () => [["Results", "/"], ["Models", "/models"], ["Queue", "/runs"], ["Stories", "/stories"], ["Runs compared", "/compare"], ["New run", "/new"], ["People", "/people"]].filter(([, href]) => href === "/" || drd.can({ "/new": "change", "/people": "administer" }[href] ?? "see"))
    .map(([label, href]) => item("page", label, "", () => drd.visit(href)));
  const actions = () => {
    const found = [
      item("action", "Copy the link of this view", "", () => drd.copyLink(location.pathname + location.search), "share url address"),
      item("action", "Light or dark", "", press("theme-button"), "theme colours"),
      item("action", "Keys", "", press("help-button"), "keyboard shortcuts help"),
      drd.can("change") && item("action", "New story", "", async () => {
        const title = await drd.ask("New story:", { yes: "Save", field: "title" });
        const told = title && (await drd.send("/act/stories/new", { title }));
        if (told?.refused) drd.toast({ text: told.refused, tone: "bad" });
        else if (told) drd.visit(told.href);
      }),
    ].filter(Boolean);
    if (drd.can("share") && document.getElementById("share-open")?.hidden === false) found.push(item("action", "Share, read-only", "", drd.share, "link"));
    if (document.getElementById("story-add")?.hidden === false) found.push(item("action", "Add this view to a story", "", drd.addToStory, "save step"));
    if (document.querySelector("[data-offline]") && drd.open()) found.push(item("action", "Offline page", "this result as one file", () => drd.askOffline(), "html usb save export"));
    if (drd.notes()) found.push(item("action", "Notes and stars of this run", "", () => drd.openNotes(), "write comment annotate"));
    if (drd.story()) found.push(item("action", "Leave the story", "", () => drd.visit(drd.viewAddress()), "close"));
    const one = drd.read();
    if (drd.run) found.push(item("page", "Classes compared", "similarity, clusters, pairs of this run", () => drd.visit(drd.classesHref({ run: drd.run.id, regime: one.regime, pair: one.pair })), "matrix tree cluster"));
    const run = drd.open();
    if (run && drd.can("see")) found.push(item("page", "Compare this run", "with other seeds, layers, l2, networks", () => drd.visit(drd.compareHref({ runs: [run.run ?? run.id] })), "replication runs"));
    if (run && !["channels", "channel"].includes(one.page)) found.push(item("page", "Channels", "what each channel of this run sees", () => drd.visit(drd.channelsHref({ run: run.id, regime: one.regime, channel: one.channel, class: one.target })), "logo motif table"));
    if (run && one.page !== "probe") found.push(item("page", "Probe a sequence", "scores, channels and bases of a pasted sequence", () => drd.visit(drd.probeHref({ run: run.id, regime: one.regime, class: one.target })), "paste fasta mutagenesis variant"));
    if (drd.layer || drd.probe?.run) found.push(item("page", "Classes compared", "similarity, clusters, pairs of this run", () => drd.visit(drd.classesHref({ run: run.id, regime: one.regime })), "matrix tree cluster"));
    if (drd.cohort || drd.layer || drd.probe || one.page === "compare") for (const { name, title, element } of drd.panels()) found.push(item("panel", title, "go to", () => go(name, element)), item("present", title, "full screen", () => drd.present(name)));
    if (!drd.run) return found;
    found.push(item("action", "Show me around", "", () => drd.tour(), "tour help guide"));
    found.push(item("action", "Previous class", "", () => drd.step(-1)), item("action", "Next class", "", () => drd.step(1)));
    if (drd.run.regimes.length > 1) {
      for (const regime of [null, ...drd.run.regimes]) {
        found.push(item("regime", regime ?? "headline", regime ? "show all numbers of this ascent" : "each number from the ascent it is read in", () => drd.go({ regime })));
      }
    }
    for (const { name, title, element } of drd.panels()) {
      found.push(item("panel", title, "go to", () => go(name, element)), item("present", title, "full screen", () => drd.present(name)));
    }
    for (const button of document.querySelectorAll("#page [data-download]")) {
      found.push(item("download", button.closest(".panel")?.querySelector("h2")?.textContent ?? "", button.title || button.textContent, () => button.click()));
    }
    return found;
  };
  const go = (name, element) => {
    if (drd.presented()) return drd.present(name);
    element.tabIndex = -1;
    element.scrollIntoView({ block: "nearest" });
    element.focus({ preventScroll: true });
  };
  const elsewhere = told => [
    ...told.stories.map(one => item("story", one.title, one.shipped ? "demo" : "", () => drd.visit(one.first))),
    ...told.runs.map(one => item("run", one.name, `${one.words} ${one.id}`, () => drd.visit(one.href))),
    ...told.models.map(one => item("model", one.name, "", () => drd.visit(one.href))),
  ];
  const starred = (kind, thing) => (drd.starsOf(kind, thing).length ? "★ starred  " : "");
  const ofRun = told => [
    ...told.classes.map(([target, name, words]) => item("class", `${target}  ${name}`, starred("class", target) + words, () => drd.go({ target }))),
    ...told.channels.map(([channel, pattern]) => item("channel", `Channel ${channel}`, starred("channel", channel) + pattern, () => drd.go({ channel }))),
  ];

  // how well an item fits all words: lower is better, null is not at all
  const fit = (one, words) => {
    let sum = 0;
    for (const word of words) {
      if (one.name.includes(` ${word} `)) sum += 0;
      else if (one.name.includes(` ${word}`)) sum += 1;
      else if (one.words.includes(` ${word} `)) sum += 2;
      else if (one.words.includes(` ${word}`)) sum += 3;
      else if (one.name.includes(word)) sum += 4;
      else if (one.plain.includes(word)) sum += 5;
      else return null;
    }
    return sum;
  };
  // without a word: what can be done comes before hundreds of classes
  const ORDER = ["page", "action", "story", "run", "model", "panel"];
  const rank = one => ORDER.indexOf(one.kind) + 1 || ORDER.length + 1;
  drd.search = (items, text) => {
    const words = spaced(text).trim().split(" ").filter(Boolean);
    if (!words.length) return text.trim() ? [] : [...items].sort((a, b) => rank(a) - rank(b));
    return items.map((one, at) => ({ one, at, score: fit(one, words) }))
      .filter(({ score }) => score !== null)
      .sort((a, b) => a.score - b.score || a.at - b.at)
      .map(({ one }) => one);
  };

  // of the classes in a list to pick from, those that hold every word typed
  (window.dashMantineFunctions ??= {}).findClass = ({ options, search, limit }) => {
    const words = search.toLowerCase().split(/\s+/);
    return options.filter(({ label }) => words.every(word => label.toLowerCase().includes(word))).slice(0, limit);
  };

  const HTML = `<input class="line" type="text" role="combobox" aria-expanded="true" aria-autocomplete="list" aria-controls="found" aria-label="Find" autocomplete="off" spellcheck="false">
    <div class="found-none muted" hidden>Nothing fits all of these words.</div>
    <ul id="found" role="listbox" aria-label="Found"></ul>
    <div class="found-foot muted"><span role="status"></span><span>↑ ↓ choose, Enter opens, Escape closes</span></div>`;
  // of one kind alone, all of them can be looked through
  drd.find = async ({ only = null, chosen = () => false } = {}) => {
    const box = document.createElement("dialog");
    box.className = "finder";
    const name = only ? `Find a ${only}` : "Find", most = only ? 5000 : MOST;
    box.setAttribute("aria-label", name);
    box.innerHTML = HTML;
    const [input, none, list, said] = ["input", ".found-none", "ul", "[role=status]"].map(part => box.querySelector(part));
    input.placeholder = only ? name : drd.run ? "Class, cell, assay, channel, pattern, page, action" : "Run, model, story, page, action";
    let items = only ? [] : [...actions(), ...pages()], found = [], at = 0;
    const choose = to => {
      at = Math.max(0, Math.min(found.length, most, to + 1) - 1);
      for (const [i, row] of [...list.children].entries()) row.setAttribute("aria-selected", i === at);
      if (list.children[at]) list.children[at].scrollIntoView({ block: "nearest" });
      if (found.length) input.setAttribute("aria-activedescendant", `found-${at}`);
      else input.removeAttribute("aria-activedescendant");
    };
    const draw = () => {
      found = drd.search(items, input.value);
      list.innerHTML = found.slice(0, most).map((one, i) => `<li id="found-${i}" role="option" data-at="${i}"><span class="kind-name">${one.kind}</span><span class="label">${drd.escape(one.label)}</span><span class="muted">${drd.escape(one.detail)}</span></li>`).join("");
      none.hidden = found.length > 0 || !items.length;
      said.textContent = found.length > most ? `${most} of ${found.length.toLocaleString("en")} shown` : `${found.length} found`;
      choose(input.value ? 0 : Math.max(0, found.findIndex(chosen)));
    };
    const open = one => {
      box.close();
      one?.open();
    };
    input.oninput = draw;
    box.onkeydown = event => {
      const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
      if (by) choose(Math.max(0, at + by));
      else if (event.key === "Enter") open(found[at]);
      else if (event.key === "Tab") input.focus(); // there is nothing else to go to
      else return;
      event.preventDefault();
    };
    list.onclick = event => open(found[event.target.closest("[data-at]")?.dataset.at]);
    box.onmousedown = event => { if (event.target === box) box.close(); };
    box.onclose = () => box.remove();
    document.body.append(box);
    draw();
    box.showModal();
    const run = drd.open(), [everywhere, here] = await Promise.all([read("/data/search.json"), inRun(run)]);
    if (!box.open || run !== (drd.open())) return;
    items = [...(here ? ofRun(here) : []), ...items, ...(everywhere ? elsewhere(everywhere) : [])].filter(one => !only || one.kind === only);
    draw();
  };
  const shown = ({ label }) => label === document.getElementById("class-select")?.textContent;
  document.addEventListener("click", event => {
    if (event.target.closest?.("#find")) drd.find();
    if (event.target.closest?.("#class-select")) drd.find({ only: "class", chosen: shown });
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
