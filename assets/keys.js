// Keys, and the choice of light or dark.
(drd => {
  const stored = "mantine-color-scheme-value";
  const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const chosen = () => {
    const value = localStorage.getItem(stored);
    return value === "dark" || value === "light" ? value : system();
  };
  const show = value => document.documentElement.setAttribute("data-mantine-color-scheme", value);
  show(chosen());

  document.addEventListener("click", event => {
    if (!event.target.closest?.("#theme-button")) return;
    localStorage.setItem(stored, chosen() === "dark" ? "light" : "dark");
    show(chosen());
    drd.repaint();
    if (drd.run) drd.show();
  });
  // paper is white and has its own width, whatever the screen is
  const printing = on => {
    document.documentElement.toggleAttribute("data-printing", on);
    show(on ? "light" : chosen());
    drd.repaint();
    drd.fitCharts();
  };
  window.addEventListener("beforeprint", () => printing(true));
  window.addEventListener("afterprint", () => printing(false));
  drd.shownTheme = () => document.documentElement.getAttribute("data-mantine-color-scheme");
  drd.keys = clicks => Boolean(clicks);

  const press = id => document.getElementById(id)?.click();
  const actions = {
    j: () => drd.stepChannel?.(1),
    k: () => drd.stepChannel?.(-1),
    "]": () => drd.step(1),
    "[": () => drd.step(-1),
    t: () => press("theme-button"),
    p: () => drd.togglePresent(),
    a: () => document.getElementById("story-add")?.hidden === false && drd.addToStory(),
    n: () => drd.openNotes(),
    s: () => drd.toggleStar(drd.notable()[0]),
    S: () => drd.toggleStar(drd.notable().find(({ kind }) => kind === "channel")),
    "/": () => drd.find(),
    "?": () => press("help-button"),
  };
  const pages = { r: "/", m: "/models", q: "/runs", n: "/new", s: "/stories", p: "/people" }; // after g
  const ofRun = key => {
    const run = drd.open(), { regime, pair, target, channel } = drd.read();
    if (key === "c" && run) return drd.classesHref({ run: run.id, regime, pair });
    if (key === "x" && run) return drd.probeHref({ run: run.id, regime, class: target });
    return key === "l" && run ? drd.channelsHref({ run: run.id, regime, channel, class: target }) : null;
  };
  const turns = { ArrowLeft: -1, PageUp: -1, ArrowRight: 1, PageDown: 1 };
  let going = 0; // when g was pressed
  // what the arrow keys mean elsewhere: a matrix, a list
  const busy = element => element.closest?.("[role=application], [role=listbox], [role=slider], [role=tablist]");
  const covered = () => document.querySelector("dialog[open]") || // popovers stay in the page when they are closed
    [...document.querySelectorAll(".mantine-Modal-content, .mantine-Popover-dropdown")].some(one => one.checkVisibility());
  const turn = event => {
    if (event.key === "Escape") return (drd.presented() || !busy(event.target)) && drd.leave();
    const by = turns[event.key];
    return Boolean(by) && (event.key.startsWith("Page") || !busy(event.target)) && drd.turn(by);
  };
  document.addEventListener("keydown", event => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) drd.find();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || covered()) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (turn(event)) return event.preventDefault();
    const page = Date.now() - going < 1500 && (event.key !== "p" || drd.can("administer")) && (pages[event.key] ?? ofRun(event.key));
    going = event.key === "g" ? Date.now() : 0;
    if (page) drd.visit(page);
    else if (actions[event.key]) {
      if ("/n".includes(event.key)) event.preventDefault(); // else it is typed into what opens
      actions[event.key]();
    }
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
