// The page of people: users and links, drawn from one answer; what is changed is asked first.
(drd => {
  const made = (...parts) => drd.made(...parts);
  const ROLES = { viewer: "viewer: sees everything", member: "member: starts runs, sends files", admin: "admin: changes everything" };
  const body = name => document.querySelector(`#people-${name} .people-body`);
  const count = (n, one) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
  const day = seconds => new Date(1000 * seconds).toISOString().slice(0, 10);
  const when = seconds => {
    const date = new Date(1000 * seconds), pad = n => String(n).padStart(2, "0");
    const text = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
    return made("time", { dateTime: date.toISOString(), textContent: text });
  };
  drd.peopleTime = when;

  // a table with a caption for those who cannot see; cells are text or elements
  drd.peopleTable = (heads, rows) => {
    const head = made("tr", {}, ...heads.map(text => made("th", { scope: "col", textContent: text })));
    const lines = rows.map(cells => made("tr", {}, ...cells.map((cell, i) => made(i ? "td" : "th", i ? {} : { scope: "row" }, cell ?? ""))));
    return made("table", { className: "table" }, made("thead", {}, head), made("tbody", {}, ...lines));
  };
  const button = (text, title, key, press) => {
    const one = made("button", { type: "button", className: "button", textContent: text, title, onclick: press });
    one.setAttribute("aria-label", title);
    one.dataset.key = key;
    return one;
  };
  const fieldOf = (label, input) => made("label", { className: "field" }, made("span", { textContent: label }), input);
  const chooser = (label, value) => {
    const box = made("select", { className: "line" }, ...Object.entries(ROLES).map(([key, text]) => made("option", { value: key, textContent: text })));
    box.value = value;
    if (label) box.setAttribute("aria-label", label);
    return box;
  };

  // a password is in one answer and nowhere else: it stays on screen until it is put away
  const showPassword = (told, then) => {
    const line = made("input", { className: "line", readOnly: true, value: told.password });
    line.setAttribute("aria-label", `Password of ${told.name}`);
    const says = made("span", { className: "muted" });
    says.setAttribute("role", "status");
    const copy = made("button", { type: "button", className: "button", textContent: "Copy" });
    copy.onclick = async () => {
      line.select();
      const done = await Promise.resolve(navigator.clipboard?.writeText(told.password)).then(() => Boolean(navigator.clipboard), () => false);
      says.textContent = done ? "Copied." : "Press Ctrl-C to copy it.";
    };
    const form = made("form", { method: "dialog" }, made("h2", { textContent: `Password of ${told.name}` }),
      made("p", { className: "muted", textContent: `It is shown this once and kept nowhere. Give it to ${told.name}, who is ${told.role === "admin" ? "an" : "a"} ${told.role}.` }),
      made("div", { className: "actions people-password" }, line, copy), made("div", { className: "actions" }, made("button", { className: "button main", textContent: "Done" }), says));
    const box = made("dialog", { className: "add-step" }, form);
    box.setAttribute("aria-label", `Password of ${told.name}`);
    box.onclose = () => { box.remove(); then?.(); };
    document.body.append(box);
    box.showModal();
    line.select();
  };

  const send = async (path, values, said) => {
    const told = await drd.send(path, values);
    if (told.refused) drd.toast({ text: told.refused, tone: "bad" });
    else if (said) drd.toast({ text: said, tone: "good" });
    await drd.loadPeople();
    return told.refused ? null : told;
  };
  const at = (name, what) => `/act/people/${encodeURIComponent(name)}/${what}`;
  const YOU = "This is you. ";

  const changeRole = async (one, box) => {
    const role = box.value, lower = one.me && role !== "admin";
    const question = `${lower ? YOU : ""}Make ${one.name} ${role === "admin" ? "an" : "a"} ${role}? ${lower ? "You could not undo it, and you are logged out." : `${one.name} has to log in again.`}`;
    if (!(await drd.ask(question, { yes: `Make ${role}` }))) { box.value = one.role; return; }
    if (!(await send(at(one.name, "role"), { role, sure: true }, `${one.name} is ${role === "admin" ? "an" : "a"} ${role} now.`))) box.value = one.role;
  };
  const reset = async one => {
    if (!(await drd.ask(`${one.me ? YOU : ""}Make a new password for ${one.name}? The old one is void${one.me ? "; you stay in here, and are logged out elsewhere." : `, and ${one.name} is logged out everywhere.`}`, { yes: "New password" }))) return;
    const told = await send(at(one.name, "reset"));
    if (told) showPassword(told);
  };
  const remove = async (one, verb) => {
    const stays = one.runs ? ` ${one.runs === 1 ? "The run of" : `The ${one.runs.toLocaleString("en")} runs of`} ${one.name} ${one.runs === 1 ? "stays" : "stay"}.` : "";
    if (!(await drd.ask(`${one.me ? `${YOU}You could not come back in. ` : ""}${verb} ${one.name}? Sessions and links of ${one.name} end at once.${stays}`, { yes: verb }))) return;
    await send(at(one.name, "remove"), { sure: true }, `${one.name} is removed.`);
  };

  const addForm = () => {
    const name = made("input", { className: "line", maxLength: 64, required: true, autocomplete: "off", spellcheck: false, placeholder: "such as ann or ann@lab.org" });
    name.setAttribute("autocapitalize", "none");
    const role = chooser("", "member"), refused = made("p", { className: "refused", hidden: true });
    refused.setAttribute("role", "alert");
    const form = made("form", { className: "people-add" }, fieldOf("Name", name), fieldOf("Role", role), made("button", { className: "button main", textContent: "Add user" }), refused);
    form.setAttribute("aria-label", "Add a user");
    name.dataset.key = "add";
    form.onsubmit = async event => {
      event.preventDefault();
      const told = await drd.send("/act/people/add", { name: name.value, role: role.value });
      refused.textContent = told.refused ?? "";
      refused.hidden = !told.refused;
      if (told.refused) return name.select();
      name.value = "";
      await drd.loadPeople();
      showPassword(told, () => document.querySelector('[data-key="add"]')?.focus());
    };
    return form;
  };
  const again = name => {
    const field = document.querySelector('[data-key="add"]');
    if (!field) return;
    field.value = name;
    field.form.scrollIntoView({ block: "nearest" });
    field.focus();
  };

  const SAYS = { removed: "removed", nobody: "nobody in particular", other: "no user" };
  const roleOf = one => {
    if (one.kind === "signed on") return made("span", { textContent: one.role === "none" ? "not let in" : `${one.role}, by single sign-on` });
    if (one.kind !== "user") return made("span", { className: "muted", textContent: SAYS[one.kind] });
    const box = chooser(`Role of ${one.name}`, one.role);
    box.dataset.key = `role ${one.name}`;
    box.onchange = () => changeRole(one, box);
    return box;
  };
  const actionsOf = one => {
    const here = [];
    if (one.kind === "user") here.push(button("New password", `New password for ${one.name}`, `reset ${one.name}`, () => reset(one)), button("Remove", `Remove ${one.name}`, `remove ${one.name}`, () => remove(one, "Remove")));
    if (one.kind === "signed on") here.push(button("Add", `Give ${one.name} a role here`, `add ${one.name}`, () => again(one.name)), button("Shut out", `Let ${one.name} in no more`, `remove ${one.name}`, () => remove(one, "Shut out")));
    if (one.kind === "removed") here.push(button("Add again", `Add ${one.name} again`, `add ${one.name}`, () => again(one.name)));
    return made("div", { className: "actions" }, ...here);
  };
  const nameOf = one => made("span", {}, one.kind === "nobody" ? made("span", { className: "muted", textContent: one.name }) : one.name, ...(one.me ? [made("span", { className: "muted", textContent: " (you)" })] : []));
  const drawUsers = users => {
    const place = body("users"), named = users.some(one => one.kind === "user");
    const rows = users.map(one => [
      nameOf(one), roleOf(one), one.seen ? when(one.seen) : one.kind === "user" ? "never" : "",
      one.runs || one.kind === "user" ? `${one.runs.toLocaleString("en")}${one.active ? ` (${one.active} in the queue)` : ""}` : "", one.results, one.files, actionsOf(one),
    ]);
    const table = users.length ? drd.peopleTable(["name", "role", "last log-in", "runs", "results", "files", ""], rows) : made("p", { className: "empty", textContent: "Nobody has a name here yet." });
    const form = place.querySelector(".people-add") ?? (named ? addForm() : "");
    place.replaceChildren(form, table);
    document.querySelector("#people-users .regime").textContent = named ? count(users.filter(one => one.kind === "user").length, "user") : "";
  };

  let most = 20; // links on screen
  const drawLinks = links => {
    const place = body("links");
    document.querySelector("#people-links .regime").textContent = links.length ? count(links.length, "link") : "";
    if (!links.length) return place.replaceChildren(made("p", { className: "empty", textContent: "No link is out. “Share” at the top of a result or a story makes one." }));
    const rows = links.slice(0, most).map(link => {
      const to = made("a", { href: link.href, textContent: link.title });
      to.dataset.visit = "";
      const revoke = button("Revoke", `Revoke the link to ${link.title} by ${link.user}`, `revoke ${link.id}`, async () => {
        if (await drd.ask(`Revoke the link of ${link.user} to ${link.title}? Whoever came by it is turned away at once.`, { yes: "Revoke" })) await send(`/act/links/${link.id}/revoke`, {}, "The link is revoked.");
      });
      return [to, link.story ? "story" : "run", link.user, day(link.created), `${day(link.expires)} (${count(link.left, "day")})`, link.opened ? when(link.opened) : "never", made("div", { className: "actions" }, revoke)];
    });
    const more = made("button", { className: "button more", textContent: `Show more (${links.length - most} not shown)`, hidden: links.length <= most, onclick: () => { most += 100; drawLinks(links); } });
    place.replaceChildren(drd.peopleTable(["shows", "", "made by", "made", "ends", "last opened", ""], rows), more);
  };

  drd.loadPeople = async () => {
    const got = await drd.fetch("/data/people.json").catch(() => null);
    if (!body("users")) return;
    if (!got?.ok) {
      const why = got && got.status < 500 ? await got.text() : "The people cannot be loaded: the server cannot be reached.";
      for (const name of ["users", "links"]) body(name)?.replaceChildren(made("p", { className: "refused", textContent: why }));
      return;
    }
    const told = await got.json(), kept = document.activeElement?.dataset?.key;
    if (!body("users")) return;
    drawUsers(told.users);
    drawLinks(told.links);
    drd.drawRecordFilter(told);
    for (const name of ["users", "links"]) body(name).classList.remove("muted");
    if (kept) document.querySelector(`[data-key="${CSS.escape(kept)}"]`)?.focus();
  };
  window.addEventListener("drd-page", () => { if (document.getElementById("people")) drd.loadPeople(); });
})((window.dash_clientside ??= {}).deepresolve ??= {});
