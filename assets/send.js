// What changes something on the server: buttons that say what they do, notices, questions.
(drd => {
  const set = (id, props) => window.dash_clientside.set_props(id, props);

  drd.visit = href => {
    history.pushState({}, "", drd.at(href));
    drd.moved();
    window.scrollTo(0, 0);
  };
  drd.refresh = () => { // the page on show, made anew
    if (drd.page) set("page-key", { data: { ...drd.page, stamp: performance.now() } });
  };

  // what whoever is here may do: see, change, administer, share
  drd.can = what => (document.documentElement.dataset.can ?? "").split(" ").includes(what);

  drd.send = async (path, values = {}) => {
    const body = values instanceof Blob ? values : JSON.stringify(values);
    try {
      const got = await drd.fetch(path, { method: "POST", body, headers: { "X-DeepResolve": "1" } });
      if (got.ok) return got.json();
      const why = [401, 403, 413].includes(got.status) && (await got.text());
      return { refused: why || `The server could not do this (${got.status}).` };
    } catch {
      return { refused: "The server cannot be reached. Nothing was changed." };
    }
  };

  // a notice in the corner: text, a link to open, an action to take
  drd.toast = ({ text, href, label = "Open", act, tone = "", seconds = 12 }) => {
    const place = document.getElementById("toasts"), note = document.createElement("div");
    note.className = `toast ${tone}`;
    note.append(Object.assign(document.createElement("span"), { textContent: text }));
    const add = (name, press, title) => {
      const button = Object.assign(document.createElement("button"), { className: "button", textContent: name, title: title ?? "" });
      button.onclick = () => { note.remove(); press(); };
      note.append(button);
    };
    if (href) add(label, () => drd.visit(href));
    if (act) add(label, act);
    add("×", () => {}, "Close this notice");
    let timer = null;
    const leave = () => { timer = setTimeout(() => note.remove(), seconds * 1000); };
    note.onmouseenter = note.onfocusin = () => clearTimeout(timer);
    note.onmouseleave = note.onfocusout = leave;
    leave();
    place.append(note);
    while (place.children.length > 4) place.firstChild.remove();
  };

  // a question with yes and no, or with a line of text; null when it is left
  drd.ask = (question, { yes = "Yes", field, value = "" } = {}) => new Promise(done => {
    const box = document.createElement("dialog"), form = document.createElement("form");
    form.method = "dialog";
    form.innerHTML = `<p>${drd.escape(question)}</p>${field ? `<input name="text" class="line" aria-label="${drd.escape(field)}" maxlength="120">` : ""}
      <div class="actions"><button class="button main" value="yes">${drd.escape(yes)}</button><button class="button" value="no" formnovalidate>Cancel</button></div>`;
    box.append(form);
    document.body.append(box);
    if (field) Object.assign(form.elements.text, { value, required: true });
    box.onclose = () => {
      const said = box.returnValue === "yes" ? (field ? form.elements.text.value : true) : null;
      box.remove();
      done(said);
    };
    box.showModal();
    if (field) form.elements.text.select();
  });

  const act = async button => {
    const told = button.dataset, values = JSON.parse(told.send ?? "{}");
    if (told.ask && !(await drd.ask(told.ask, { yes: button.textContent }))) return;
    if (told.field) {
      const text = await drd.ask(`${button.textContent}:`, { yes: "Save", field: told.field, value: told.value });
      if (text === null || text === told.value) return;
      values[told.field] = text;
    }
    button.disabled = true;
    const answer = await drd.send(told.act, values);
    button.disabled = false;
    if (answer.refused) return drd.toast({ text: answer.refused, tone: "bad" });
    if (told.said) {
      const undo = told.undo && (async () => {
        const back = await drd.send(told.undo);
        if (back.refused) drd.toast({ text: back.refused, tone: "bad" });
        else drd.changed();
      });
      drd.toast({ text: told.said, label: "Undo", act: undo || undefined, seconds: 20 });
    }
    const then = told.then || answer.href;
    if (then && then !== drd.inner(location.pathname)) drd.visit(then);
    else drd.changed();
  };
  // a page that follows the server by itself need not be made anew
  drd.changed = () => (document.getElementById("queue") && drd.poll ? drd.poll() : drd.refresh());

  document.addEventListener("click", event => {
    const button = event.target.closest?.("[data-act]");
    if (button) act(button);
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
