// The lower panels of the page of all classes: each asks for its data when it comes near the screen.
(drd => {
  // panel -> { address(now), draw(body, told, now), mark(body, told, now), tsv(told, now), file(told, now, title) }
  const views = {};
  drd.addBelow = (name, view) => {
    views[name] = view;
    if (!view.file) return;
    (drd.cohortFiles ??= {})[name] = () => { // its picture; nothing while there is none
      const { told } = document.querySelector(`[data-below="${name}"]`);
      if (told && !told.empty) return view.file(told, now, `${document.querySelector(`#${name}-panel h2`).textContent}, ${drd.cohort.name}`);
      return drd.toast({ text: "There is no picture yet.", seconds: 4 });
    };
  };
  const near = new WeakSet(); // bodies that are on screen, or almost
  let now = null; // { selection, run, glyphs, logo, heights } that everything here is drawn from

  // where a view of all classes comes from
  drd.belowAddress = (view, { selection, run }, asked = {}) => {
    const query = new URLSearchParams({ of: run.stamp });
    if (selection.regime) query.set("regime", selection.regime);
    for (const [key, value] of Object.entries(asked)) if (value !== null && value !== "") query.set(key, value);
    return `/data/${run.id}/classes-more/${view}.json?${query}`;
  };
  const observer = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) near.add(target);
      else near.delete(target);
      if (isIntersecting) show(target);
    }
  }, { rootMargin: "200px" });

  const show = async body => {
    if (!now || !near.has(body)) return;
    const name = body.dataset.below, view = views[name], wanted = view.address(now);
    body.wanted = wanted;
    if (body.shown === wanted) return view.mark?.(body, body.told, now);
    try {
      const told = await drd.loadAt(wanted);
      if (body.wanted !== wanted || !body.isConnected) return;
      Object.assign(body, { told, shown: wanted });
      document.getElementById(`${name}-regime`).textContent = told.regime;
      drd.noteChips(name, told.notes ?? []);
      view.draw(body, told, now);
      view.mark?.(body, told, now);
      if (view.logos && !now.heights) withLogos(body, view);
    } catch (error) {
      if (body.wanted !== wanted) return;
      body.shown = null;
      body.replaceChildren(drd.made("p", { className: "empty", textContent: `This cannot be shown. ${error.message}` }));
    }
  };
  // filters stand in the large file of a run: what is drawn without them is drawn again once they are here
  const withLogos = async (body, view) => {
    const page = now, { run } = page;
    run.offsets ??= (await drd.loadAt(`/data/${run.id}/run.json`).catch(() => ({ offsets: 0 }))).offsets;
    page.heights = await drd.heights(run, "bits").catch(() => null);
    if (!page.heights || now.run !== run || !body.isConnected || !body.told) return;
    now.heights = page.heights;
    view.draw(body, body.told, now);
    view.mark?.(body, body.told, now);
  };
  const logo = (channel, size) => {
    const { heights, run, glyphs } = now;
    return heights ? drd.logo(heights, run, run.channels.indexOf(channel), "bits", glyphs, size) : "";
  };
  window.addEventListener("drd-cohort", ({ detail }) => {
    now = { ...detail, logo, heights: now?.run === detail.run ? now.heights : null };
    for (const body of document.querySelectorAll("[data-below]")) {
      if (!body.watched) observer.observe(body);
      body.watched = true;
      show(body);
    }
  });

  // helpers of the views
  drd.controls = (name, html) => { // of the head of a panel, made once
    const place = document.querySelector(`[data-controls="${name}"]`);
    if (!place.firstChild) place.innerHTML = html;
    return place;
  };
  drd.chooserOf = (label, key, options, chosen) => // options: [value, words]
    `<label class="chooser-line">${drd.escape(label)}<select data-choose="${key}">${options.map(([value, words]) => `<option value="${drd.escape(value)}"${value === chosen ? " selected" : ""}>${drd.escape(words)}</option>`).join("")}</select></label>`;
  drd.calledColumns = spec => ({ ...spec, columns: spec.columnIds.map(channel => drd.spoken(channel)), sideways: true }); // channels with what they resemble
  drd.classLink = ({ target, name }) => `<button class="link" data-target="${target}" title="Open class ${target}">${drd.escape(name)}</button>`;
  drd.leftOut = classes => {
    if (!classes?.length) return "";
    const some = classes.slice(0, 12).map(drd.classLink).join(", "), more = classes.length - 12;
    return `<p class="muted left-out">Left out, because the positive part of their OFIV is constant or unknown: ${some}${more > 0 ? ` and ${more} more` : ""}.</p>`;
  };
  drd.signedBar = value => { // a share from -1 to 1 as a bar on either side of the middle, and its number
    const size = Math.min(1, Math.abs(value)) * 50, side = value < 0 ? `right:50%` : `left:50%`;
    return `<span class="signed-bar"><i class="${value < 0 ? "minus" : "plus"}" style="${side};width:${size.toFixed(1)}%"></i></span><span class="signed-value">${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(100 * value).toFixed(0)}%</span>`;
  };
  // a slider that writes to the address once it is let go; says its value meanwhile
  drd.slider = (place, key, { says }) => {
    const input = place.querySelector(`[data-slide="${key}"]`), output = input.nextElementSibling;
    const say = () => { output.textContent = says(Number(input.value)); input.setAttribute("aria-valuetext", output.textContent); };
    input.oninput = () => { input.held = true; say(); };
    input.onchange = () => { input.held = false; drd.go({ [key]: Number(input.value) }, { replace: true }); };
    return value => { // as the address says
      if (input.held) return;
      input.value = value;
      say();
    };
  };

  document.addEventListener("change", event => {
    const key = event.target.dataset?.choose;
    if (key) drd.go({ [key]: event.target.value }, { replace: true });
  });
  document.addEventListener("click", async event => {
    const tsv = event.target.closest?.("[data-tsv]")?.dataset.tsv;
    if (!tsv) return;
    const { told } = document.querySelector(`[data-below="${tsv}"]`), rows = told && views[tsv].tsv(told, now);
    if (!rows || rows.length < 2) return drd.toast({ text: "There are no rows to copy.", seconds: 4 });
    const n = rows.length - 1;
    await drd.copy(drd.tsv(rows)).then(
      () => drd.toast({ text: `${n} row${n === 1 ? "" : "s"} copied.`, seconds: 4 }),
      () => drd.toast({ text: "The browser does not let this page copy.", tone: "bad" }));
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
