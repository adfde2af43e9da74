// A whole run taken away: a choice of files, and what has arrived of the one that is being made.
(drd => {
  const CHOICES = [
    ["tables.zip", "Tables (TSV, zip)", "every number: channels, classes, trials with their FIVs, pairs of classes; notes"],
    ["matrix.h5ad", "Matrix for scanpy (h5ad)", "classes by channels with OFIV, IL, kinds, names and motifs; opens in anndata and scanpy"],
    ["ensemble.nc", "Ensemble (netCDF)", "the raw results of all trials; opens in xarray"],
    ["summary.nc", "Summary (netCDF)", "what is derived from them"],
    ["run.json", "Settings (JSON)", "everything that decides the numbers"],
  ];
  const size = bytes => (bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 2 ** 20).toFixed(1)} MB`);
  let going = null; // what stops the file that is being made

  const save = async (href, name, say) => {
    going = new AbortController();
    const got = await drd.stream(href, { signal: going.signal });
    if (!got.ok) throw new Error(got.status < 500 ? await got.text() : "The server could not make it; its log says why.");
    const reader = got.body.getReader(), parts = [];
    for (let bytes = 0; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      say(`${size((bytes += value.length))} so far …`);
    }
    const whole = new Blob(parts);
    drd.save(whole, name, got.headers.get("Content-Type"));
    return whole.size;
  };
  drd.takeRun = button => {
    const { made } = drd, run = drd.open(), list = made("ul", { className: "away-list" }), told = made("p", { className: "muted", role: "status" });
    const close = made("button", { className: "button", textContent: "Close", value: "no" });
    const row = (words, what, act) => made("li", {}, Object.assign(act, { className: "button", textContent: words }), made("span", { className: "muted", textContent: what }));
    for (const [name, words, what] of CHOICES) {
      const act = made("button", { type: "button" });
      act.onclick = async () => {
        if (going) return;
        const say = text => { told.textContent = `${words}: ${text}`; };
        say("being made …");
        try {
          say(`saved, ${size(await save(`/data/${run.id}/away/${name}`, `${run.id}-${name}`, say))}.`);
        } catch (error) {
          if (error.name !== "AbortError") say(error instanceof TypeError ? "The connection broke off." : error.message);
        }
        going = null;
      };
      list.append(row(words, what, act));
    }
    if (run.targets.length > 1) {
      const tree = made("a", { href: drd.at(`/data/${run.id}/tree.nwk`), download: "" });
      list.append(row("Tree of classes (Newick)", "the dendrogram with its distances, for programs for trees", tree));
    }
    const page = made("button", { type: "button" });
    page.onclick = () => { box.close(); drd.askOffline(); };
    list.append(row("Offline page (HTML)", "one file with the interactive views, for a stick or a mail", page));
    const cite = made("p", { className: "muted", textContent: "A single view, with all that is needed to check its numbers: Take away at its panel, then Cite this view." });
    const box = made("dialog", { className: "away" }, made("form", { method: "dialog" }, made("h2", { textContent: "Take this result away" }), list, cite, told, made("div", { className: "actions" }, close)));
    box.setAttribute("aria-label", "Take this result away");
    box.onclose = () => { going?.abort(); box.remove(); button.focus(); };
    document.body.append(box);
    box.showModal();
  };
  document.addEventListener("click", event => {
    const button = event.target.closest?.("[data-away]");
    if (button) drd.takeRun(button);
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
