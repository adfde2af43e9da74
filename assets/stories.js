// Stories: put this view into one; the page on which steps are put in order.
(drd => {
  const LAST = "drd-story"; // the story that a view was added to last
  const make = (tag, props = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  };
  const field = (label, input) => make("label", { className: "field" }, make("span", { textContent: label }), input);
  const options = (pairs, value) => {
    const select = make("select", { className: "line" }, ...pairs.map(([key, text]) => make("option", { value: key, textContent: text })));
    if (value !== undefined) select.value = value;
    return select;
  };

  // changes go out one after the other, each on the revision that the one before has made
  let going = Promise.resolve();
  drd.saveStory = now => (going = going.then(async () => {
    const { id, revision, title, steps } = now();
    const told = await drd.send(`/act/stories/${id}/save`, { revision, title, steps });
    if (told.refused) {
      drd.toast({ text: told.refused, tone: "bad", label: "Load again", act: () => location.reload() });
      return null;
    }
    drd.storyChanged(told);
    return told;
  }));

  drd.addToStory = async () => {
    const answer = await drd.fetch("/data/stories.json").then(got => got.json(), () => null);
    if (!answer) return drd.toast({ text: "The stories cannot be loaded: the server cannot be reached.", tone: "bad" });
    const mine = answer.filter(one => one.own), known = localStorage.getItem(LAST);
    const stories = options([...mine.map(one => [one.id, one.title]), ["", "A new story"]], mine.find(one => one.id === known)?.id ?? mine[0]?.id ?? "");
    const title = make("input", { className: "line", maxLength: 120, required: true });
    const shown = options([["", "The whole page"], ...drd.panels().map(panel => [panel.name, panel.title])], drd.presented() ?? "");
    const caption = make("textarea", { className: "line", maxLength: 500, rows: 3 });
    const form = make("form", { method: "dialog" }, make("h2", { textContent: "Add this view to a story" }),
      field("Story", stories), field("Title", title), field("Show", shown), field("Caption", caption),
      make("div", { className: "actions" }, make("button", { className: "button main", value: "yes", textContent: "Add" }),
        make("button", { className: "button", value: "no", textContent: "Cancel", formNoValidate: true })));
    const box = make("dialog", { className: "add-step" }, form);
    const isNew = () => { title.disabled = title.parentElement.hidden = Boolean(stories.value); };
    stories.onchange = isNew;
    isNew();
    form.setAttribute("aria-label", "Add this view to a story");
    box.onclose = async () => {
      box.remove();
      if (box.returnValue !== "yes") return;
      const step = { address: drd.viewAddress(), panel: shown.value, caption: caption.value };
      const told = stories.value
        ? await drd.send(`/act/stories/${stories.value}/add`, step)
        : await drd.send("/act/stories/new", { title: title.value, steps: [step] });
      if (told.refused) return drd.toast({ text: told.refused, tone: "bad" });
      localStorage.setItem(LAST, told.id);
      drd.storyChanged(told);
      drd.toast({ text: `Added as step ${told.n} of “${told.title}”.`, href: told.edit, label: "Steps" });
    };
    document.body.append(box);
    box.showModal();
    (stories.value ? caption : title).focus();
  };

  // the page of one story
  let open = null, runs = new Map(); // the story on this page; names of runs by id
  drd.showStory = async () => {
    const place = document.getElementById("story-steps"), id = place?.closest("[data-story]").dataset.story;
    if (!id || place.firstChild) return;
    const read = address => drd.fetch(address).then(got => (got.ok ? got.json() : null), () => null);
    const [told, known] = await Promise.all([read(`/data/stories/${id}.json`), read("/data/search.json")]);
    if (!place.isConnected) return;
    runs = new Map((known?.runs ?? []).map(run => [run.id, run.name]));
    if (!told) { place.textContent = "The story cannot be loaded: the server cannot be reached."; return; }
    open = told;
    draw(place);
  };
  let waiting = 0; // changes on their way
  const save = async (place, change, { still = false, then } = {}) => {
    open = { ...open, ...change };
    waiting++;
    const told = await drd.saveStory(() => open);
    waiting--;
    if (!told || !place.isConnected) return; // what was typed stays on screen
    open = { ...(waiting ? open : told), revision: told.revision };
    if (!still && !waiting) draw(place);
    then?.();
  };

  const draw = place => {
    const fixed = !open.own, heading = document.querySelector(".story .page-head h1");
    const name = () => { if (heading) heading.textContent = open.title; };
    name();
    const title = make("input", { className: "line", value: open.title, maxLength: 120, disabled: fixed });
    title.onchange = () => (title.value.trim() ? save(place, { title: title.value }, { still: true, then: name }) : (title.value = open.title));
    const link = make("button", { className: "button", textContent: "Copy link" });
    link.onclick = () => drd.copyLink(`/stories/${open.id}`);
    const copy = make("button", { className: "button", textContent: fixed ? "Copy and edit" : "Make a copy" });
    copy.dataset.act = `/act/stories/${open.id}/copy`;
    const head = fixed
      ? make("p", { className: "muted", textContent: open.shipped ? "This story comes with the program. Copy it to change it." : "This story is somebody else's. Copy it to change it." })
      : field("Title", title);
    const steps = make("ol", { className: "steps" }, ...open.steps.map((one, i) => step(place, one, i, fixed)));
    const none = make("p", { className: "empty", textContent: "No step yet. Open a result, choose a view, and press “Add to story” at the top." });
    place.replaceChildren(make("div", { className: "story-head" }, head, make("div", { className: "actions" }, link, copy)), open.steps.length ? steps : none);
  };

  const step = (place, one, i, fixed) => {
    const { page } = pageOf(one.address), known = JSON.parse(place.closest("[data-panels]").dataset.panels)[page] ?? {};
    const names = one.panel && !known[one.panel] ? { ...known, [one.panel]: one.panel } : known;
    const shown = options([["", "The whole page"], ...Object.entries(names)], one.panel);
    const caption = make("textarea", { className: "line", value: one.caption, maxLength: 500, rows: 2, disabled: fixed });
    shown.disabled = fixed;
    shown.setAttribute("aria-label", `What step ${i + 1} shows`);
    caption.setAttribute("aria-label", `Caption of step ${i + 1}`);
    const with_ = change => open.steps.map((other, k) => (k === i ? { ...other, ...change } : other));
    shown.onchange = () => save(place, { steps: with_({ panel: shown.value }) }, { still: true });
    caption.onchange = () => save(place, { steps: with_({ caption: caption.value }) }, { still: true });
    const view = make("a", { href: one.view, textContent: viewWords(one.address, { called: one.called, motif: one.motif }) });
    view.dataset.visit = "";
    const item = make("li", {}, make("div", { className: "step-head" }, make("strong", { textContent: i + 1 }), view, make("span", { className: "fill" }), shown), caption);
    if (fixed) return item;
    const button = (text, label, press, off) => {
      const made = make("button", { className: "button round", textContent: text, title: label, disabled: off, onclick: press });
      made.setAttribute("aria-label", `${label}: step ${i + 1}`);
      return made;
    };
    item.firstChild.append(
      button("↑", "Move up", () => move(place, i, -1), i === 0),
      button("↓", "Move down", () => move(place, i, 1), i === open.steps.length - 1),
      button("×", "Remove", () => remove(place, i)),
    );
    item.onkeydown = event => {
      const by = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      move(place, i, by);
    };
    return item;
  };
  const move = (place, i, by) => {
    const steps = [...open.steps], to = i + by;
    if (to < 0 || to >= steps.length) return;
    steps.splice(to, 0, ...steps.splice(i, 1));
    save(place, { steps }, { then: () => {
      const [up, down] = place.querySelectorAll(".steps li")[to].querySelectorAll(".step-head .round");
      (by < 0 && !up.disabled ? up : !down.disabled ? down : up).focus();
      document.getElementById("spoken").textContent = `Step ${i + 1} is now step ${to + 1}.`;
    } });
  };
  const remove = (place, i) => {
    const gone = open.steps[i];
    const back = () => {
      if (!place.isConnected) return drd.toast({ text: "Open the story again to change it.", tone: "bad" });
      const steps = [...open.steps];
      steps.splice(i, 0, gone);
      save(place, { steps });
    };
    save(place, { steps: open.steps.filter((_, k) => k !== i) }, {
      then: () => drd.toast({ text: `Step ${i + 1} is removed.`, label: "Undo", act: back, seconds: 20 }),
    });
  };
  const pageOf = address => {
    const { pathname, search } = new URL(address, location.origin);
    return drd.parse(pathname, search);
  };
  const readable = path => { try { return decodeURI(path); } catch { return path; } };
  // an address in words
  const viewWords = (address, { bare = false, called, motif } = {}) => {
    const { pathname, search } = new URL(address, location.origin), query = new URLSearchParams(search), told = pageOf(address);
    const run = drd.open(), here = run?.id === told.run && run?.targets ? run.names?.[run.targets.indexOf(told.target)] : null;
    const name = called ?? here ?? readable(pathname.match(/\/class\/\d+-(.*)$/)?.[1] ?? "");
    const like = motif ?? (run?.id === told.run ? drd.calledOf(told.channel) : "");
    const what = { class: `class ${told.target} ${name}`, classes: "classes compared", channels: "channels", channel: `channel ${told.channel}${like && ` (${like})`}`, probe: "a sequence" }[told.page];
    const page = told.page === "compare" ? "runs compared" : what && bare ? what.trim() : what ? `${runs.get(told.run) ?? `run ${told.run}`}, ${what.trim()}` : pathname === "/" ? "results" : readable(pathname);
    const short = value => (value.length > 24 ? `${value.slice(0, 20)}…` : value), more = [...query].map(([key, value]) => `${key} ${short(value)}${key === "class" && name ? ` ${name}` : ""}`).join(", ");
    return more ? `${page}, ${more}` : page;
  };

  drd.viewWords = viewWords;

  window.addEventListener("drd-page", () => {
    drd.showStory();
    const add = document.getElementById("story-add");
    if (add) add.hidden = !drd.can("change") || ["stories", "story", "new", "people", "sweep", "missing"].includes(drd.read().page);
  });
  document.addEventListener("click", event => { if (event.target.closest?.("#story-add")) drd.addToStory(); });
})((window.dash_clientside ??= {}).deepresolve ??= {});
