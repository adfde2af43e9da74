// Below which path a proxy shows the dashboard (DRD_PREFIX). Scripts and pages speak of addresses
// without it; it is added where an address leaves for the server or the address bar.
(drd => {
  const config = document.getElementById("_dash-config")?.textContent;
  const root = (config ? JSON.parse(config).requests_pathname_prefix : "/").replace(/\/$/, "");
  const below = path => path === root || path.startsWith(`${root}/`) || path.startsWith(`${root}?`);

  drd.at = path => (root && path.startsWith("/") && !below(path) ? root + path : path);
  drd.inner = path => (root && below(path) ? path.slice(root.length) || "/" : path);
  drd.stream = (path, options) => fetch(drd.at(path), options);
  drd.fetch = async (path, options) => { // with all of its body, so that one that breaks off is no answer
    const got = await drd.stream(path, options);
    return new Response(await got.arrayBuffer(), got);
  };
  if (!root) return;

  // a link gets its whole address before it can be followed, copied or opened beside
  const whole = event => {
    const link = event.target.closest?.("a[href^='/']"), href = link?.getAttribute("href");
    if (href && !below(href)) link.setAttribute("href", drd.at(href));
  };
  for (const name of ["pointerover", "pointerdown", "focusin", "click"]) document.addEventListener(name, whole, true);
  // links of Dash write the address bar themselves
  window.addEventListener("_dashprivate_pushstate", () => {
    const { pathname, search, hash } = location;
    if (!below(pathname)) history.replaceState({}, "", drd.at(pathname) + search + hash);
  }, true);
})((window.dash_clientside ??= {}).deepresolve ??= {});
