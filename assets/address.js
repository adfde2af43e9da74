// The selection is the address: read it, change it, tell who shows it.
(drd => {
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const keep = () => window.dash_clientside.no_update;

  // readers of one value of the query; null is what cannot be read
  const word = text => text || null;
  const whole = text => (/^\d+$/.test(text) ? Number(text) : null);
  const wholes = text => (/^\d+(,\d+)*$/.test(text) ? text.split(",").map(Number) : null);
  const two = text => (wholes(text)?.length === 2 ? wholes(text) : null);
  const flag = text => (text === "1" ? 1 : null);
  const amount = text => (/^\d{1,4}(\.\d{1,4})?$/.test(text) ? Number(text) : null);
  const column = text => (/^-?[a-z]+$/.test(text) ? text : null); // with a minus: from the other end
  const one = (...allowed) => text => (allowed.includes(text) ? text : null);

  // what the query of a class page may say: name, how it is read, and what is left out of it
  drd.KEYS = [
    { name: "regime", read: word, initial: null },
    { name: "channel", read: whole, initial: null },
    { name: "trial", read: whole, initial: null },
    { name: "pair", read: two, initial: null },
    { name: "set", read: wholes, initial: [] }, // channels that are marked in every view
    { name: "only", read: flag, initial: 0 }, // the list shows those alone
    { name: "rows", read: one("clustered"), initial: "score" }, // order of the trials
    { name: "columns", read: one("level", "clustered"), initial: "ofiv" }, // order of the channels
    { name: "levels", read: one("rank"), initial: "histogram" },
    { name: "bars", read: one("all", "5", "10", "20", "50"), initial: "few" }, // at either end
    { name: "card", read: one("map"), initial: "logo" },
    { name: "logo", read: one("weights"), initial: "bits" },
    { name: "second", read: word, initial: null }, // the comparison beside the similarity
    { name: "important", read: amount, initial: 20 }, // least |OFIV|, percent of the largest
    { name: "important-by", read: column, initial: "share" },
    { name: "varying", read: amount, initial: null }, // least spread, percent; else the method's rule
    { name: "varying-by", read: column, initial: "share" },
    { name: "groups", read: two, initial: null }, // a channel of either group of the pair that is looked at
    { name: "tested", read: wholes, initial: [] }, // channels of pairs whose groups are tested on request
    { name: "story", read: word, initial: null },
    { name: "step", read: whole, initial: null }, // of the story, from 1
    { name: "present", read: word, initial: null }, // panel that fills the screen
  ];

  const between = text => (/^-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3}$/.test(text) ? text.split(",").map(Number) : null);
  // what the query of the page of all classes may say
  drd.CLASSES_KEYS = [
    { name: "regime", read: word, initial: null },
    { name: "pair", read: two, initial: null },
    { name: "channel", read: whole, initial: null },
    { name: "second", read: word, initial: null }, // the comparison beside the similarity
    { name: "as", read: one("difference"), initial: "beside" }, // how it is shown
    { name: "cut", read: amount, initial: 0.5 }, // of the tree, in 1 - A
    { name: "zoom", read: two, initial: null }, // first and last place in the clustered order
    { name: "find", read: word, initial: null },
    { name: "brush", read: between, initial: null }, // of the scatter: from and to in A, and in the second
    { name: "against", read: one("last_layer"), initial: "label_correlation" }, // what pairs disagree with
    { name: "end", read: one("apart"), initial: "alike" }, // which of them come first
    { name: "pairs", read: word, initial: null }, // words that they must hold
    { name: "known", read: flag, initial: 0 }, // known interactions alone
    { name: "rows", read: word, initial: null }, // of the rectangle: column=value, or all
    { name: "columns", read: word, initial: null },
    { name: "low", read: amount, initial: 15 }, // quantiles of strong similarities, percent
    { name: "high", read: amount, initial: 85 },
    { name: "row", read: whole, initial: null }, // class that is marked in the map of all OFIVs
    { name: "factor", read: word, initial: null }, // looked at over cells
    { name: "story", read: word, initial: null },
    { name: "step", read: whole, initial: null },
    { name: "present", read: word, initial: null },
  ];

  const kept = text => (/^[0-9a-f]{64}$/.test(text) ? text : null); // the hash of a file
  const parts = text => (/^JASPAR\d{4},[A-Z]+,[a-z]+$/.test(text) ? text : kept(text));
  // what the query of the table of channels, and of the page of a channel, may say
  drd.LAYER_KEYS = [
    { name: "class", read: whole, initial: null }, // the first of the run
    { name: "regime", read: word, initial: null },
    { name: "channel", read: whole, initial: null }, // of the table; on its own page the path names it
    { name: "face", read: one("filter", "ascent", "activation"), initial: "best" },
    { name: "sort", read: column, initial: "rank" },
    { name: "find", read: word, initial: null },
    { name: "weak", read: flag, initial: 0 }, // matches that are not significant too
    { name: "source", read: text => (text === "random" ? text : kept(text)), initial: "own" }, // sequences
    { name: "database", read: parts, initial: null },
    { name: "threshold", read: amount, initial: null }, // of activation, percent of the maximum
    { name: "floor", read: amount, initial: 25 }, // of the ascent, percent of its largest value
    { name: "facet", read: whole, initial: 0 },
    { name: "form", read: one("probability", "weights"), initial: "bits" },
    { name: "colours", read: one("meme", "safe"), initial: "weblogo" },
    { name: "turned", read: flag, initial: 0 }, // reverse complement
    { name: "trim", read: flag, initial: 0 },
    { name: "below", read: flag, initial: 0 }, // the negative part of a filter
    { name: "story", read: word, initial: null },
    { name: "step", read: whole, initial: null },
    { name: "present", read: word, initial: null },
  ];

  const letters = text => (/^[ACGTN]+$/.test(text) ? text : null);
  // what the query of the probe may say; sequences are left out when they are too long for a link
  drd.PROBE_KEYS = [
    { name: "class", read: whole, initial: null }, // the first of the run
    { name: "layer", read: word, initial: null }, // of a model; a run has its own
    { name: "sequence", read: letters, initial: null },
    { name: "second", read: letters, initial: null },
    { name: "edits", read: text => (/^\d+[ACGTN](,\d+[ACGTN])*$/.test(text) ? text : null), initial: null }, // such as 12T,40A
    { name: "order", read: one("importance"), initial: "activation" }, // of the channels
    { name: "more", read: whole, initial: null }, // channels shown
    { name: "by", read: one("difference", "index"), initial: "score" }, // what classes are sorted by
    { name: "find", read: word, initial: null },
    { name: "zoom", read: one("wide"), initial: "fit" },
    { name: "regime", read: word, initial: null },
    { name: "story", read: word, initial: null },
    { name: "step", read: whole, initial: null },
    { name: "present", read: word, initial: null },
  ];

  const ids = text => (/^[0-9A-Za-z]+(,[0-9A-Za-z]+)*$/.test(text) ? [...new Set(text.split(","))] : null);
  const perRun = text => (/^(\d+|-)(,(\d+|-))*$/.test(text) ? text : null);
  // what the query of the page of several runs may say
  drd.COMPARE_KEYS = [
    { name: "runs", read: ids, initial: [] },
    { name: "class", read: perRun, initial: null }, // output index in each run, - where it has none
    { name: "regime", read: word, initial: null },
    { name: "by", read: one("index", "motif"), initial: "auto" }, // what channels are paired by
    { name: "found", read: one("5", "10", "20", "50"), initial: "important" },
    { name: "two", read: two, initial: [0, 1] }, // places of the runs held against each other
    { name: "mark", read: text => (/^\d,\d+$/.test(text) ? text : null), initial: null }, // place of a run, its channel
    { name: "sort", read: column, initial: null },
    { name: "least", read: whole, initial: 0 }, // runs in which a channel of the table is found
    { name: "find", read: word, initial: null },
    { name: "story", read: word, initial: null },
    { name: "step", read: whole, initial: null },
    { name: "present", read: word, initial: null },
  ];

  drd.run = null; // description of the run whose class is on screen
  drd.cohort = null; // description of the run whose classes are on screen
  drd.layer = null; // description of the run whose channels are on screen
  drd.probe = null; // description of the run or model that sequences are shown to
  drd.open = () => drd.run ?? drd.cohort ?? drd.layer ?? (drd.probe?.run ? drd.probe : null);
  drd.page = null; // key of the page on screen

  // pages without a selection, by their address; the rest of a key are arguments of the page
  const plain = (path, search) => {
    const query = new URLSearchParams(search || "");
    if (path === "/") return { page: "gallery", path, ...(Number(query.get("first")) > 0 && { first: Number(query.get("first")) }) };
    if (path === "/models") return { page: "models", path };
    if (path === "/runs") return { page: "queue", path };
    if (path === "/new") return { ...Object.fromEntries(query), page: "new", path };
    if (path === "/people") return { page: "people", path };
    if (path === "/stories") return { page: "stories", path };
    const story = path.match(/^\/stories\/([^/]+)(?:\/edit)?$/);
    if (story) return { page: "story", path, story: decodeURIComponent(story[1]) };
    const sweep = path.match(/^\/sweeps\/([^/]+)$/);
    if (sweep) return { page: "sweep", path, sweep: decodeURIComponent(sweep[1]) };
    const model = path.match(/^\/models\/([^/]+)$/);
    return model && { page: "model", path, model: decodeURIComponent(model[1]) };
  };
  const readable = path => { try { return Boolean(decodeURIComponent(path)); } catch { return false; } };

  drd.parse = (pathname, search) => {
    if (pathname === undefined || pathname === null) return keep();
    const path = drd.inner(pathname).replace(/\/+$/, "") || "/";
    if (!readable(path)) return { page: "missing", path };
    const known = plain(path, search);
    if (known) return known;
    const query = new URLSearchParams(search || "");
    const told = keys => Object.fromEntries(keys.map(({ name, read, initial }) => [name, read(query.get(name) ?? "") ?? initial]));
    if (path === "/compare") return { ...told(drd.COMPARE_KEYS), page: "compare", path };
    const all = path.match(/^\/runs\/([^/]+)\/classes$/);
    if (all) return { ...told(drd.CLASSES_KEYS), page: "classes", path, run: decodeURIComponent(all[1]) };
    const layer = path.match(/^\/runs\/([^/]+)\/(?:channels|channel\/(\d+))$/);
    if (layer) {
      const said = told(drd.LAYER_KEYS), single = layer[2] !== undefined;
      return { ...said, page: single ? "channel" : "channels", path, run: decodeURIComponent(layer[1]), target: said.class, channel: single ? Number(layer[2]) : said.channel };
    }
    const probe = path.match(/^\/(runs|models)\/([^/]+)\/probe$/);
    if (probe) {
      const said = told(drd.PROBE_KEYS), of = decodeURIComponent(probe[2]), ofRun = probe[1] === "runs";
      return { ...said, page: "probe", path, run: ofRun ? of : null, model: ofRun ? null : of, target: said.class };
    }
    const found = path.match(/^\/runs\/([^/]+)\/class\/(\d+)(?:-[^/]*)?$/);
    if (!found) return { page: "missing", path };
    return { ...told(drd.KEYS), page: "class", path, run: decodeURIComponent(found[1]), target: Number(found[2]) };
  };
  drd.read = () => drd.parse(location.pathname, location.search);

  const slug = name => name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60);
  const queryOf = (one, keys) => { // without what is left out
    const query = new URLSearchParams();
    for (const { name: key, initial } of keys) {
      const value = one[key] ?? initial;
      if (String(value) !== String(initial)) query.set(key, value);
    }
    const text = query.toString().replaceAll("%2C", ",");
    return text && `?${text}`;
  };
  drd.href = one => {
    const known = drd.open(), name = known ? slug(known.names[known.targets.indexOf(one.target)] ?? "") : "";
    return `/runs/${encodeURIComponent(one.run)}/class/${one.target}${name && "-" + name}${queryOf(one, drd.KEYS)}`;
  };
  drd.classesHref = one => `/runs/${encodeURIComponent(one.run)}/classes${queryOf(one, drd.CLASSES_KEYS)}`;

  drd.channelsHref = one => `/runs/${encodeURIComponent(one.run)}/channels${queryOf(one, drd.LAYER_KEYS)}`;
  drd.channelHref = one => `/runs/${encodeURIComponent(one.run)}/channel/${one.channel}${queryOf({ ...one, channel: null }, drd.LAYER_KEYS)}`;
  drd.probeHref = one => `/${one.run ? "runs" : "models"}/${encodeURIComponent(one.run ?? one.model)}/probe${queryOf(one, drd.PROBE_KEYS)}`;
  drd.compareHref = one => `/compare${queryOf(one, drd.COMPARE_KEYS)}`;
  const HREFS = { compare: drd.compareHref, class: drd.href, classes: drd.classesHref, channels: drd.channelsHref, channel: drd.channelHref, probe: drd.probeHref };

  drd.go = (change, { replace = false } = {}) => {
    const before = drd.read();
    if (!HREFS[before.page]) return;
    const after = { ...before, ...change };
    if (after.regime === "each") after.regime = null;
    if (before.page === "compare") return put(before, drd.compareHref(after), replace);
    if (before.page === "probe") {
      if (change.target !== undefined) after.class = change.target;
      if (change.channel !== undefined) return drd.visit(drd.channelHref({ run: before.run, class: before.target, regime: before.regime, channel: change.channel }));
      return put(before, drd.probeHref(after), replace);
    }
    if (before.page.startsWith("channel")) { // the class is one of the things that are said of channels
      if (change.target !== undefined) after.class = change.target;
      if (before.page === "channel" && after.channel !== before.channel) Object.assign(after, { facet: 0, threshold: null });
      return put(before, HREFS[before.page](after), replace);
    }
    if (before.page === "classes") {
      if (change.second && change.second !== before.second) after.brush = null; // its axis is another one
      const { run, regime, pair, channel } = after; // a class has a page of its own
      return put(before, change.target === undefined ? drd.classesHref(after) : drd.href({ run, regime, target: change.target, pair: pair?.includes(change.target) ? pair : null, channel }), replace);
    }
    if (after.target !== before.target) {
      after.trial = null;
      if (!change.groups) Object.assign(after, { groups: null, tested: [] });
      if (!change.pair) after.pair = null;
    }
    put(before, drd.href(after), replace);
  };
  const put = (before, href, replace) => {
    if (href === HREFS[before.page](before)) return;
    history[replace ? "replaceState" : "pushState"]({}, "", drd.at(href));
    drd.moved();
  };
  // the address was changed: pages of classes follow by themselves, Dash brings any other page
  drd.moved = () => window.dispatchEvent(new CustomEvent(drd.show() || drd.showCohort() || drd.showLayer() || drd.showProbe() || drd.showCompare() ? "drd-view" : "_dashprivate_pushstate"));
  drd.step = by => { // to a neighbouring class
    if (drd.read().page === "compare") return drd.stepCompared(by);
    const run = drd.run ?? drd.layer ?? drd.probe, place = run?.targets.indexOf(drd.read().target ?? run.targets[0]) + by;
    if (place >= 0 && place < run?.targets.length) drd.go({ target: run.targets[place] });
  };

  drd.pageKey = (selection, old) => {
    if (!selection) return keep();
    const { page, run, target } = selection;
    if (page === "class" && drd.run?.id === run && old?.run === run && drd.run.targets.includes(target)) return keep();
    if (page === "classes" && drd.cohort?.id === run && old?.page === page && old.run === run) return keep();
    if (page.startsWith("channel") && drd.layer?.id === run && old?.page === page && old.run === run && (page === "channels" || drd.layer.channels.includes(selection.channel))) return keep();
    if (page === "compare" && old?.page === page) return keep();
    const asked = selection.run ?? selection.model;
    if (page === "probe" && drd.probe?.id === asked && old?.page === page && (old.run ?? old.model) === asked && (old.layer ?? null) === selection.layer) return keep();
    drd.page = page === "probe" ? { page, run, model: selection.model, layer: selection.layer } : page === "class" ? { page, run, target } : page === "compare" ? { page } : ["classes", "channels"].includes(page) ? { page, run } : page === "channel" ? { page, run, channel: selection.channel } : selection;
    if (!same(drd.page, old)) drd.notice(null); // it was about the page before
    if (page !== "class" || run !== drd.run?.id) drd.run = null;
    if (page !== "classes" || run !== drd.cohort?.id) drd.cohort = null;
    if (!page.startsWith("channel") || run !== drd.layer?.id) drd.layer = null;
    if (page !== "probe" || asked !== drd.probe?.id) drd.probe = null;
    return same(drd.page, old) ? keep() : drd.page;
  };
  const TABS = { class: "gallery", classes: "gallery", channels: "gallery", channel: "gallery", probe: "gallery", compare: "gallery", model: "models", story: "stories", sweep: "queue" }; // pages that lie behind a tab
  drd.tabs = selection => {
    for (const tab of document.querySelectorAll("[data-tab]")) {
      if (tab.dataset.tab === (TABS[selection?.page] ?? selection?.page)) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
  };
  // a page is on screen: what the scripts fill in it
  drd.shown = (children, glyphs, tries = 60) => {
    if (!children) return;
    const root = document.getElementById("page")?.firstElementChild;
    if (root && root !== drd.root) {
      Object.assign(drd, { root, glyphs });
      if (root.dataset.run) drd.opened(JSON.parse(root.dataset.run));
      if (root.dataset.layer) drd.openLayer(JSON.parse(root.dataset.layer), glyphs);
      if (root.dataset.probe) drd.openProbe(JSON.parse(root.dataset.probe), glyphs);
      if (root.dataset.cohort) drd.openCohort(JSON.parse(root.dataset.cohort), glyphs);
      if (root.dataset.compare) drd.openCompare(glyphs);
      drd.showClasses();
      drd.showChoices();
      drd.showUpload();
      drd.drawQueue();
      window.dispatchEvent(new CustomEvent("drd-page"));
    } else if (tries) requestAnimationFrame(() => drd.shown(children, glyphs, tries - 1));
  };
  document.addEventListener("click", event => {
    const by = event.target.closest?.("[data-step]")?.dataset.step;
    if (by) drd.step(Number(by));
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
