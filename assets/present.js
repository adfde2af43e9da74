// One panel over the whole screen, and the steps of a story: the address says both.
(drd => {
  const root = document.documentElement;
  let story = null, wanted = null; // the open story, and the id that the address names
  let shown = null, hole = null; // panel over the whole screen, and what keeps its place

  const query = () => new URLSearchParams(location.search);
  const changed = changes => { // the address with these keys; null takes one out
    const all = query();
    for (const [key, value] of Object.entries(changes)) value === null ? all.delete(key) : all.set(key, value);
    const text = all.toString().replaceAll("%2C", ",");
    return drd.inner(location.pathname) + (text && `?${text}`);
  };
  drd.viewAddress = () => changed({ story: null, step: null, present: null });
  drd.story = () => story;

  // the panels of the class page in their order: [{name, title, element}]
  drd.panels = () => [...document.querySelectorAll(".class-page .panel[id$='-panel']")].map(element => ({
    element, name: element.id.slice(0, -6), title: element.querySelector("h2")?.textContent ?? "",
  }));
  drd.presented = () => shown?.id.slice(0, -6) ?? null;
  drd.present = name => drd.visit(changed({ present: name }));
  drd.togglePresent = () => {
    if (shown) return drd.present(null);
    const near = document.activeElement?.closest?.(".class-page .panel") ?? document.querySelector(".class-page .panel:hover");
    const panel = near?.id.slice(0, -6) || step()?.panel || drd.panels()[0]?.name;
    if (panel) drd.present(panel);
  };

  // the step on show, and its neighbours
  const place = () => Math.max(1, Math.min(story?.steps.length ?? 1, Number(query().get("step")) || 1));
  const step = () => story?.steps[place() - 1];
  const neighbour = by => {
    if (wanted) return story?.steps[place() - 1 + by]?.view;
    if (!shown) return null;
    const names = drd.panels().map(panel => panel.name), at = names.indexOf(drd.presented()) + by;
    return names[at] && changed({ present: names[at] });
  };
  drd.turn = by => { // true when there is something to turn
    if (!wanted && !shown) return false;
    const href = neighbour(by);
    if (href) drd.visit(href);
    if (href && !query().get("present")) scrollTo(0, 0);
    return true;
  };
  drd.leave = () => {
    if (shown) drd.present(null);
    else if (wanted) drd.visit(changed({ story: null, step: null }));
    else return false;
    return true;
  };

  const fill = name => {
    const panel = name ? document.querySelector(`.class-page [id="${CSS.escape(name)}-panel"]`) : null;
    if (panel === shown) return;
    const before = shown;
    before?.classList.remove("presented");
    hole?.remove();
    shown = panel;
    document.getElementById("pointer").hidden = true; // what it spoke of is somewhere else now
    root.toggleAttribute("data-presenting", Boolean(panel));
    if (panel) {
      hole = document.createElement("div"); // else the other panels move into its place
      hole.className = panel.className;
      panel.after(hole);
      panel.classList.add("presented");
      panel.tabIndex = -1;
      panel.focus({ preventScroll: true });
    } else before?.querySelector("[data-present]")?.focus({ preventScroll: true });
  };

  const load = async id => {
    if (id === wanted) return;
    [wanted, story] = [id, null];
    if (!id) return;
    const got = await drd.fetch(`/data/stories/${encodeURIComponent(id)}.json`).catch(() => null);
    const told = got?.ok ? await got.json() : null;
    if (wanted !== id) return;
    story = told;
    if (!told) {
      drd.toast({ text: got ? await got.text() : "The story cannot be loaded: the server cannot be reached.", tone: "bad" });
      return drd.visit(changed({ story: null, step: null }));
    }
    tell();
  };
  drd.storyChanged = told => { // it was changed here
    if (told.id !== wanted) return;
    story = told;
    tell();
  };

  const BAR = `<button class="button round" data-turn="-1" aria-label="Previous">‹</button><span class="place"></span>
    <button class="button round" data-turn="1" aria-label="Next">›</button><p class="caption" role="status"></p>
    <button class="button back">Back to this step</button><button class="button keep">Keep this view</button>
    <span class="title muted"></span><button class="button full" title="One panel over the whole screen (p)">Full screen</button>
    <button class="button link-out">Copy link</button><a class="button steps" data-visit>Steps</a>
    <button class="button round leave" title="Leave (Escape)" aria-label="Leave">×</button>`;
  const bar = () => {
    const element = document.getElementById("story-bar");
    if (!element || element.firstChild) return element;
    element.innerHTML = BAR;
    element.onclick = event => {
      const button = event.target.closest("button");
      if (button?.dataset.turn) drd.turn(Number(button.dataset.turn));
      else if (button?.matches(".leave")) drd.leave();
      else if (button?.matches(".full")) drd.togglePresent();
      else if (button?.matches(".back")) drd.visit(step().view);
      else if (button?.matches(".keep")) keep();
      else if (button?.matches(".link-out")) drd.copyLink(`/stories/${story.id}`);
    };
    new ResizeObserver(() => root.style.setProperty("--story-bar", `${element.offsetHeight}px`)).observe(element);
    return element;
  };
  // what is presented without a story
  const shownClass = () => {
    const { page, run, target } = drd.read(), at = drd.run && drd.run.id === run ? drd.run.targets.indexOf(target) : -1;
    if (page === "compare") return document.title.split(" · ")[0];
    return at < 0 ? "" : `${drd.run.names[at]} · ${drd.run.name}`;
  };
  new MutationObserver(() => shown && !story && tell()).observe(document.head, { childList: true, subtree: true, characterData: true });
  const say = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const tell = () => {
    const element = bar();
    if (!element) return;
    const open = Boolean(story), now = step();
    element.hidden = !open && !shown;
    root.toggleAttribute("data-story", !element.hidden);
    if (element.hidden) return;
    const find = name => element.querySelector(name), panels = drd.panels();
    const [at, of] = open ? [place(), story.steps.length] : [panels.findIndex(panel => panel.element === shown) + 1, panels.length];
    say(find(".place"), `${at} of ${of}`);
    say(find(".caption"), open ? now?.caption ?? "This story has no steps." : shownClass());
    say(find(".title"), open ? story.title : "");
    find("[data-turn='-1']").disabled = !neighbour(-1);
    find("[data-turn='1']").disabled = !neighbour(1);
    const away = open && now && !drd.sameView(now.address, drd.viewAddress());
    find(".back").hidden = !away;
    find(".keep").hidden = !away || story.shipped;
    find(".full").hidden = Boolean(shown) || !panels.length;
    find(".link-out").hidden = find(".steps").hidden = !open;
    if (open) find(".steps").href = story.edit;
    const next = open && story.steps[place()];
    if (next) ahead(next.address);
  };
  const read = address => {
    const { pathname, search } = new URL(address, location.origin);
    const { path, ...told } = drd.parse(pathname, search); // its words are for people only
    return told.page === "class" ? told : { ...told, path };
  };
  drd.sameView = (one, other) => JSON.stringify(read(one)) === JSON.stringify(read(other));
  const ahead = address => { // the next step's class, while this one is talked about
    const next = read(address);
    if (next.page === "class" && next.run === drd.run?.id) drd.prefetch(next);
  };
  const keep = async () => {
    const at = place() - 1, steps = story.steps.map((one, i) => (i === at ? { ...one, address: drd.viewAddress() } : one));
    const told = await drd.saveStory(() => ({ ...story, steps }));
    if (told) drd.toast({ text: `Step ${at + 1} shows this view now.` });
  };

  const follow = () => {
    fill(query().get("present"));
    load(query().get("story"));
    tell();
  };
  for (const name of ["popstate", "_dashprivate_pushstate", "drd-view", "drd-page"]) window.addEventListener(name, follow);

  document.addEventListener("click", event => {
    const name = event.target.closest?.("[data-present]")?.dataset.present;
    if (name) drd.present(name);
  });
  drd.copyLink = async href => {
    const link = location.origin + drd.at(href);
    try {
      await navigator.clipboard.writeText(link);
      drd.toast({ text: "The link is copied." });
    } catch { // without leave, or over plain http
      await drd.ask("Copy this link:", { yes: "Done", field: "Link", value: link });
    }
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
