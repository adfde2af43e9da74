// Which page is on screen, as the callbacks of Dash decide it in the app.
dash.no_update = Symbol("no update");
const byId = id => document.getElementById(id);
const glyphs = index.glyphs;
let shownKey = null;

const pageOf = href => {
  const [path, ...asked] = href.replace(/^#/, "").split("?");
  return app.parse(path, asked.length ? `?${asked.join("?")}` : "");
};
const templateOf = ({ page, run }) => byId(`page-${page}-${run}`);
const listed = ({ classes, of }) => (classes.length === of ? `all ${of}` : `${classes.length} of ${of}`);
// why an address cannot be shown here; empty when it can
app.missing = href => {
  const wanted = pageOf(href), run = index.runs[wanted.run];
  if (!run || !templateOf(wanted)) return NOT_HERE;
  const { page, target, channel } = wanted, always = page === "class" ? [] : [null, undefined, run.targets[0]];
  if (![...always, ...run.classes].includes(target)) {
    const name = run.names[run.targets.indexOf(target)];
    return name === undefined ? `This run has no class ${target}.` : `Class ${target} (${name}) is not in this file, which holds ${listed(run)} classes. ${NOT_HERE}`;
  }
  if (page === "channel" && !run.pages.includes(channel)) return `The page of channel ${channel} is not in this file. ${NOT_HERE}`;
  return "";
};
const nothing = why => {
  const page = app.made("div", { className: "list-page" }, app.made("p", { className: "empty lead", textContent: why }));
  const back = app.linked({ href: app.at(index.first), className: "button main", textContent: "Back to the start of this file" });
  page.append(app.made("p", {}, back));
  return page;
};
const SERVED = ["card", "channels", "important", "varying"]; // pictures that only a server draws
// a figure for print needs a server; the picture on screen does not
const inBrowser = button => {
  const [name] = button.dataset.take.split(",");
  if (SERVED.includes(name)) return button.remove();
  delete button.dataset.take;
  button.dataset.download = name;
  Object.assign(button, { className: "button", textContent: "SVG", title: "Save this picture as SVG" });
};
const show = key => {
  shownKey = key;
  const page = templateOf(key).content.cloneNode(true);
  for (const option of page.querySelectorAll("[data-key=bars] option")) if (!index.runs[key.run].bars.includes(option.value)) option.remove();
  const about = page.firstElementChild.dataset; // each channel has a map of its own in each class
  if (about.run) about.run = JSON.stringify({ ...JSON.parse(about.run), noMap: "Maps over positions are not in this file; the dashboard that it comes from shows them." });
  const regimes = page.querySelector("#regime-select");
  if (regimes && !index.runs[key.run].regimes) regimes.hidden = true;
  for (const button of page.querySelectorAll("[data-take]")) inBrowser(button);
  byId("page").replaceChildren(page);
  app.shown(true, glyphs);
};
const follow = () => {
  const why = app.missing(location.pathname + location.search);
  if (why) {
    Object.assign(app, { run: null, cohort: null, layer: null, page: null, root: null });
    shownKey = null;
    byId("page").replaceChildren(nothing(why));
    window.dispatchEvent(new CustomEvent("drd-page"));
    return;
  }
  const selection = app.parse(location.pathname, location.search), key = app.pageKey(selection, shownKey);
  if (key !== dash.no_update) show(key);
};
const properties = {
  notice: ({ children }) => { byId("notice").textContent = children ?? ""; },
  help: ({ opened }) => { if (opened) byId("help").showModal(); else byId("help").close(); },
  partial: ({ hidden }) => { if (byId("partial")) byId("partial").hidden = hidden; },
  "page-key": ({ data }) => show(data),
};
dash.set_props = (id, told) => properties[id]?.(told);

app.copyLink = async href => { // it opens this file at this view
  const link = window.location.href.split("#")[0] + app.at(href);
  await app.copy(link).then(() => app.toast({ text: "The link is copied; it opens this file where it lies now." }), () => app.ask("Copy this link:", { yes: "Done", field: "Link", value: link }));
};
// the next class that the file holds
app.step = by => {
  const selection = app.read(), run = index.runs[selection.run];
  const all = run?.targets.filter(one => run.classes.includes(one)), at = all?.indexOf(selection.target ?? all[0]);
  if (all?.[at + by] !== undefined) app.go({ target: all[at + by] });
};
let plotly = null;
app.plotly = () => (plotly ??= unpackedText(byId("offline-plotly")).then(text => {
  document.head.append(app.made("script", { textContent: text }));
  return window.Plotly;
}));
const unpackedText = async element => {
  const stream = new Blob([bytesOf(element.textContent)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
};

document.addEventListener("click", event => {
  const opens = event.target.closest?.("[data-dialog]")?.dataset.dialog;
  if (opens) byId(opens).showModal();
  if (event.target.matches?.("dialog.file-dialog") || event.target.closest?.("dialog.file-dialog [data-close], dialog.file-dialog a")) event.target.closest("dialog").close();
});
for (const name of ["popstate", "_dashprivate_pushstate"]) window.addEventListener(name, follow);
if (window.DecompressionStream) {
  if (!window.location.hash) window.history.replaceState({}, "", `#${index.first}`);
  follow();
} else byId("page").textContent = "This browser is too old for this page. Open it with Firefox 113, Chrome 80, Safari 16.4, or a later one.";
