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

  drd.theme = clicks => {
    if (clicks) localStorage.setItem(stored, chosen() === "dark" ? "light" : "dark");
    show(chosen());
    return chosen();
  };
  drd.keys = clicks => Boolean(clicks);

  const press = id => document.getElementById(id)?.click();
  const actions = {
    j: () => drd.stepChannel?.(1),
    k: () => drd.stepChannel?.(-1),
    "]": () => drd.step(1),
    "[": () => drd.step(-1),
    t: () => press("theme-button"),
    "?": () => press("help-button"),
  };
  const pages = { r: "/", m: "/models", q: "/runs", n: "/new" }; // after g
  let going = 0; // when g was pressed
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    const page = Date.now() - going < 1500 && pages[event.key];
    going = event.key === "g" ? Date.now() : 0;
    if (page) drd.visit(page);
    else actions[event.key]?.();
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
