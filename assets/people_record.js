// The record on the page of people: filtered by the address, a page at a time, or all as TSV.
(drd => {
  const made = (...parts) => drd.made(...parts);
  const body = () => document.querySelector("#people-record .people-body");
  const asked = () => {
    const query = new URLSearchParams(location.search), page = Number(query.get("page"));
    return { by: query.get("by") ?? "", what: query.get("what") ?? "", page: Number.isInteger(page) && page > 0 ? page : 0 };
  };
  const queryOf = values => {
    const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();
    return query && `?${query}`;
  };
  const go = change => {
    const after = { ...asked(), page: 0, ...change };
    history.pushState({}, "", drd.at(`/people${queryOf(after)}`));
    load();
  };

  const filter = (label, key, values) => {
    const now = asked()[key], all = !now || values.includes(now) ? values : [now, ...values];
    const box = made("select", { className: "line" }, made("option", { value: "", textContent: "all" }), ...all.map(value => made("option", { value, textContent: value })));
    box.value = now;
    box.onchange = () => go({ [key]: box.value });
    box.setAttribute("aria-label", label);
    box.dataset.filter = key;
    box.dataset.key = `record ${key}`;
    return made("label", { className: "chooser-line" }, label, box);
  };
  drd.drawRecordFilter = ({ by, what }) => {
    const place = body(), head = place.querySelector(".people-filter") ?? made("div", { className: "people-filter actions" });
    const file = made("a", { className: "button", textContent: "TSV", title: "All lines that pass the filter, as a table" });
    file.dataset.file = "";
    head.replaceChildren(filter("By", "by", by), filter("What", "what", what), file);
    if (!head.isConnected) place.replaceChildren(head, made("div", { className: "people-lines" }));
    place.classList.remove("muted");
    load();
  };

  let latest = 0; // the answer to an earlier question is dropped
  const load = async () => {
    const place = document.querySelector(".people-lines"), mine = ++latest, now = asked();
    if (!place) return;
    for (const box of document.querySelectorAll(".people-filter [data-filter]")) box.value = now[box.dataset.filter];
    document.querySelector(".people-filter [data-file]").href = drd.at(`/data/people/record.tsv${queryOf({ ...now, page: 0 })}`);
    const got = await drd.fetch(`/data/people/record.json${queryOf(now)}`).catch(() => null);
    const told = got?.ok ? await got.json() : null;
    if (mine !== latest || !place.isConnected) return;
    if (!told) return place.replaceChildren(made("p", { className: "refused", textContent: "The record cannot be loaded: the server cannot be reached." }));
    const rows = told.lines.map(line => [drd.peopleTime(Date.parse(line.time) / 1000), line.user, line.what, line.about, line.address]);
    const none = now.page ? "There is nothing on this page of the record." : now.by || now.what ? "No line of the record passes this filter." : "Nothing is recorded yet.";
    const step = (text, by, off) => made("button", { type: "button", className: "button", textContent: text, disabled: off, onclick: () => go({ page: now.page + by }) });
    const pager = made("div", { className: "actions people-pager" }, step("Newer", -1, !now.page), made("span", { className: "muted", textContent: `page ${now.page + 1}` }), step("Older", 1, !told.more));
    pager.hidden = !now.page && !told.more;
    place.replaceChildren(rows.length ? drd.peopleTable(["time", "by", "what", "about", "from"], rows) : made("p", { className: "empty", textContent: none }), pager);
  };
  window.addEventListener("popstate", () => { if (document.querySelector(".people-lines")) load(); });
})((window.dash_clientside ??= {}).deepresolve ??= {});
