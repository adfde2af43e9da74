// A panel taken away: a figure for print drawn by the server, or the rows behind it.
(drd => {
  const KEPT = "drd-take", OWN = "own"; // the last choice, in the browser; a width of one's own
  const KINDS = [["svg", "SVG: lines and text that can be edited"], ["pdf", "PDF: the same, with its font"], ["png", "PNG: dots"], ["tsv", "Rows: the numbers (TSV)"]];
  const WIDTHS = [["85", "85 mm, one column"], ["114", "114 mm, one and a half"], ["174", "174 mm, two columns"], [OWN, "other width"]];
  const DOTS = ["150", "300", "600"];
  const made = (tag, properties, ...children) => drd.made(tag, properties, ...children);
  const kept = () => { try { return JSON.parse(localStorage.getItem(KEPT)) ?? {}; } catch { return {}; } };
  const keep = choice => { try { localStorage.setItem(KEPT, JSON.stringify(choice)); } catch { /* it is asked for again */ } };

  const select = (name, label, pairs, value) => {
    const box = made("select", { className: "line", name }, ...pairs.map(([key, text]) => made("option", { value: key, textContent: text })));
    box.value = pairs.some(([key]) => key === value) ? value : pairs[0][0];
    return { box, field: made("label", { className: "field" }, made("span", { textContent: label }), box) };
  };
  const number = (name, label, value, hint) => {
    const box = made("input", { className: "line", name, type: "number", min: 20, max: 400, step: "any", value: value ?? "", placeholder: hint ?? "" });
    return { box, field: made("label", { className: "field" }, made("span", { textContent: label }), box) };
  };

  // what the page shows, in the words of its address, with what it shows without being asked
  const shown = () => {
    if (drd.read().page === "compare") return drd.comparedQuery();
    const selection = drd.read(), run = drd.open(), query = new URLSearchParams(location.search);
    for (const key of ["story", "step", "present"]) query.delete(key);
    const target = selection.target ?? run.targets?.[0];
    if (target !== undefined && target !== null) query.set("target", target);
    if (selection.page === "channel") query.set("channel", selection.channel);
    if (selection.page === "class") {
      const channel = drd.channel(), second = drd.second(selection, run);
      if (channel !== null && channel !== undefined) query.set("channel", channel);
      if (second) query.set("second", second);
    }
    return { run: run.run ?? run.id, query };
  };
  const get = async address => {
    const got = await drd.fetch(address).catch(() => null);
    if (got?.ok) return got;
    throw new Error(!got ? "The server cannot be reached." : got.status < 500 ? await got.text() : "The server could not draw this; its log says why.");
  };
  const nameOf = got => got.headers.get("Content-Disposition")?.match(/filename="([^"]+)"/)?.[1] ?? "figure";

  drd.take = button => {
    const names = button.dataset.take.split(","), titles = JSON.parse(button.dataset.titles), rows = JSON.parse(button.dataset.rows);
    const last = kept(), fixed = button.href, { run, query } = fixed ? {} : shown(); // a page may know the address
    const which = select("which", "Picture", names.map((name, i) => [name, titles[i]]), names[0]);
    const kind = select("kind", "As", KINDS, last.kind), width = select("width", "Width", WIDTHS, last.width), own = number("own", "Width (mm)", last.own ?? 120), height = number("height", "Height (mm)", null, "as it suits");
    const dots = select("dots", "Dots per inch", DOTS.map(one => [one, one]), last.dots ?? "300");
    const picture = made("div", { className: "take-picture", tabIndex: 0 }), file = made("output", { className: "take-name" }), wrong = made("p", { className: "refused", role: "alert", hidden: true });
    picture.setAttribute("role", "region");
    picture.setAttribute("aria-label", "What will be saved");
    const save = made("button", { className: "button main", textContent: "Save" }), copy = made("button", { type: "button", className: "button", textContent: "Copy rows", title: "All rows as tab-separated text, to paste into a spreadsheet" });
    const cite = made("button", { type: "button", className: "button", textContent: "Cite this view", title: "A zip for readers and reviewers: the figure, its rows, the run, a paragraph of methods; `verify` checks it" });
    const close = made("button", { type: "button", className: "button", textContent: "Close" });
    const fields = made("div", { className: "take-fields" }, ...(names.length > 1 ? [which.field] : []), kind.field, width.field, own.field, height.field, dots.field,
      made("div", { className: "field" }, made("span", { textContent: "The file" }), file), wrong, made("div", { className: "actions" }, save, copy, cite, close));
    const form = made("form", { method: "dialog" }, made("h2", { textContent: `Take away: ${button.closest(".panel")?.getAttribute("aria-label") ?? titles[0]}` }), made("div", { className: "take-parts" }, picture, fields));
    const box = made("dialog", { className: "take" }, form);
    box.setAttribute("aria-label", "Take away");

    const place = () => names.indexOf(which.box.value);
    const address = as => {
      const asked = new URLSearchParams(fixed ? fixed.split("?")[1] : query);
      if (as !== "tsv") {
        asked.set("width", width.box.value === OWN ? own.box.value : width.box.value);
        if (height.box.value) asked.set("height", height.box.value);
      }
      if (as === "png") asked.set("dpi", dots.box.value);
      return `${fixed ? fixed.split("?")[0].replace(/\.\w+$/, "") : `/data/${run}/figure/${which.box.value}`}.${as}?${asked}`;
    };
    const refuse = text => { wrong.textContent = text ?? ""; wrong.hidden = !text; };
    let drawing = null, link = null; // what is on its way, and the picture on screen
    const show = async () => {
      const as = kind.box.value, dotted = as === "png", table = as === "tsv";
      own.field.hidden = table || width.box.value !== OWN;
      for (const one of [width, height]) one.field.hidden = table;
      dots.field.hidden = !dotted;
      copy.hidden = !rows[place()];
      cite.hidden = Boolean(fixed) || run === "compare"; // one run is cited
      kind.box.querySelector('[value="tsv"]').disabled = !rows[place()];
      if (table && !rows[place()]) { kind.box.value = "svg"; return show(); }
      const mine = (drawing = {});
      picture.setAttribute("aria-busy", "true");
      try {
        const got = await get(address(table ? "tsv" : "svg"));
        const part = table ? made("pre", { textContent: (await got.text()).split("\n").slice(0, 14).join("\n") }) : made("img", { alt: titles[place()], src: URL.createObjectURL(await got.blob()) });
        if (drawing !== mine) return;
        if (link) URL.revokeObjectURL(link);
        link = table ? null : part.src;
        picture.replaceChildren(part);
        file.textContent = nameOf(got).replace(/\.\w+$/, `.${as}`);
        refuse("");
      } catch (error) {
        if (drawing !== mine) return;
        picture.replaceChildren();
        refuse(error.message);
      }
      picture.removeAttribute("aria-busy");
      save.disabled = !wrong.hidden;
    };
    form.onsubmit = async event => {
      event.preventDefault();
      const as = kind.box.value;
      save.disabled = true;
      try {
        const got = await get(address(as));
        drd.save(await got.blob(), nameOf(got), got.headers.get("Content-Type"));
        keep({ kind: as, width: width.box.value, own: own.box.value, dots: dots.box.value });
        box.close();
        drd.toast({ text: `Saved as ${nameOf(got)}.`, tone: "good" });
      } catch (error) {
        refuse(error.message);
      }
      save.disabled = false;
    };
    copy.onclick = async () => {
      try {
        await drd.copy(await (await get(address("tsv"))).text());
        drd.toast({ text: "All rows are copied.", tone: "good" });
        box.close();
      } catch (error) {
        refuse(error.message === "refused" ? "The browser does not let this page copy; save the rows instead." : error.message);
      }
    };
    cite.onclick = async () => {
      cite.disabled = true;
      try {
        const got = await get(address("svg").replace("/figure/", "/cite/").replace(".svg?", ".zip?"));
        drd.save(await got.blob(), nameOf(got), "application/zip");
        box.close();
        drd.toast({ text: `Saved as ${nameOf(got)}. Its numbers are checked with: python -m deepresolve_dash verify ${nameOf(got)}`, tone: "good", seconds: 20 });
      } catch (error) {
        refuse(error.message);
      }
      cite.disabled = false;
    };
    close.onclick = () => box.close();
    let typing = null;
    for (const one of [which, kind, width, dots]) one.box.onchange = show;
    for (const one of [own, height]) one.box.oninput = () => { clearTimeout(typing); typing = setTimeout(show, 400); };
    box.onclose = () => {
      clearTimeout(typing);
      drawing = null;
      if (link) URL.revokeObjectURL(link);
      box.remove();
      button.focus();
    };
    document.body.append(box);
    box.showModal();
    kind.box.focus();
    show();
  };
  document.addEventListener("click", event => {
    const button = event.target.closest?.("[data-take]");
    if (button && (button.href || drd.open() || drd.compareNow())) drd.take(button);
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
