// Read-only links to the run or story on screen: made, copied, listed and revoked.
(drd => {
  const DAYS = [[1, "1 day"], [7, "7 days"], [30, "30 days"], [90, "90 days"], [365, "a year"]];
  const make = (tag, props = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  };
  const select = (label, pairs, value) => {
    const box = make("select", { className: "line" }, ...pairs.map(([key, text]) => make("option", { value: key, textContent: text })));
    box.value = value;
    return { box, field: make("label", { className: "field" }, make("span", { textContent: label }), box) };
  };

  // what can be shared here: { name, make, list, to } each
  const things = () => {
    const page = drd.read(), run = drd.open(), found = [];
    const story = page.page === "story" ? { id: page.story, title: document.querySelector(".story h1")?.textContent ?? "this story" } : drd.story();
    if (story) found.push({ name: `the story “${story.title}”`, make: `/act/stories/${story.id}/share`, list: `/data/links/${story.id}.json`, to: "" });
    if (run) found.push({ name: `the run ${run.name}`, make: `/act/runs/${run.run ?? run.id}/share`, list: `/data/${run.run ?? run.id}/links.json`, to: drd.viewAddress() });
    return found;
  };
  const day = seconds => new Date(1000 * seconds).toISOString().slice(0, 10);

  drd.share = () => {
    const all = things();
    if (!all.length) return;
    const what = select("Show", all.map((one, i) => [i, one.name]), 0), days = select("For", DAYS, 30);
    const says = make("p", { className: "muted", textContent: "Whoever has the link sees this and nothing else, without logging in, and can change nothing." });
    const wrong = make("p", { className: "refused", role: "alert", hidden: true }), made = make("div", { className: "share-made", hidden: true }), list = make("div", { className: "share-list" });
    const create = make("button", { type: "button", className: "button main", textContent: "Make a link" });
    const form = make("form", { method: "dialog" }, make("h2", { textContent: "Share, read-only" }), says, ...(all.length > 1 ? [what.field] : [make("p", { textContent: all[0].name.replace(/^t/, "T") })]), days.field, wrong, made, list,
      make("div", { className: "actions" }, create, make("button", { className: "button", textContent: "Close" })));
    form.setAttribute("aria-label", "Share, read-only");
    const box = make("dialog", { className: "add-step share" }, form), thing = () => all[Number(what.box.value)];
    const refuse = text => { wrong.textContent = text ?? ""; wrong.hidden = !text; };
    const draw = async () => {
      const got = await drd.fetch(thing().list).catch(() => null);
      if (!got?.ok) return list.replaceChildren();
      const links = await got.json();
      const rows = links.map(link => {
        const revoke = make("button", { type: "button", className: "button", textContent: "Revoke", title: "End this link now" });
        revoke.onclick = async () => {
          revoke.disabled = true;
          const answer = await drd.send(`/act/links/${link.id}/revoke`);
          refuse(answer.refused);
          made.hidden = made.hidden || made.dataset.id === link.id;
          draw();
        };
        const opened = link.opened ? `last opened ${day(link.opened)}` : "never opened";
        return make("li", {}, make("span", { textContent: `${link.user}, ${day(link.created)}, ${link.left} days left, ${opened}` }), ...(link.mine ? [revoke] : []));
      });
      list.replaceChildren(...(rows.length ? [make("h3", { textContent: "Links that live" }), make("ul", {}, ...rows)] : []));
    };
    create.onclick = async () => {
      create.disabled = true;
      const answer = await drd.send(thing().make, { days: Number(days.box.value) });
      create.disabled = false;
      refuse(answer.refused);
      if (answer.refused) return;
      const to = thing().to ? `?${new URLSearchParams({ to: thing().to })}` : "";
      const line = make("input", { className: "line", readOnly: true, value: location.origin + drd.at(answer.href + to) });
      line.setAttribute("aria-label", "The link");
      const copy = make("button", { type: "button", className: "button", textContent: "Copy" });
      copy.onclick = () => { line.select(); drd.copyLink(answer.href + to); };
      made.dataset.id = answer.id;
      made.replaceChildren(make("div", { className: "actions" }, line, copy), make("p", { className: "muted", textContent: "It is shown this once: copy it now." }));
      made.hidden = false;
      line.select();
      draw();
    };
    what.box.onchange = () => { made.hidden = true; draw(); };
    box.onclose = () => box.remove();
    document.body.append(box);
    box.showModal();
    draw();
  };

  const offer = () => {
    const button = document.getElementById("share-open");
    if (button) button.hidden = !drd.can("share") || !things().length;
  };
  for (const name of ["drd-page", "drd-view"]) window.addEventListener(name, offer);
  document.addEventListener("click", event => { if (event.target.closest?.("#share-open")) drd.share(); });
})((window.dash_clientside ??= {}).deepresolve ??= {});
