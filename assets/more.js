// The panels below the first screen: each asks for its data when it comes near the screen.
(drd => {
  const views = (drd.more = {}); // panel -> { draw(body, told, now), mark(body, told, now) }
  const answers = drd.keep(40);
  const near = new WeakSet(); // bodies that are on screen, or almost
  const { forget } = drd;
  drd.forget = () => { // names of classes stand in answers too
    forget();
    answers.clear();
  };
  let now = null; // { selection, run, glyphs, channel, logo } that everything here is drawn from

  const address = name => {
    const { selection, run } = now, query = new URLSearchParams({ target: selection.target, of: run.stamp });
    if (selection.regime) query.set("regime", selection.regime);
    return `/data/${run.id}/${name}.json?${query}`;
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
    const name = body.dataset.more, wanted = address(name);
    body.wanted = wanted;
    if (body.shown === wanted) return views[name].mark?.(body, body.told, now);
    try {
      const told = await answers.get(wanted, got => got.json());
      if (body.wanted !== wanted || !body.isConnected) return;
      Object.assign(body, { told, shown: wanted });
      document.getElementById(`${name}-regime`).textContent = told.regime;
      drd.noteChips(name, told.notes ?? []);
      views[name].draw(body, told, now);
      views[name].mark?.(body, told, now);
    } catch (error) {
      if (body.wanted !== wanted) return;
      body.shown = null;
      body.replaceChildren(drd.made("p", { className: "empty", textContent: `This cannot be shown. ${error.message}` }));
    }
  };

  drd.drawMore = async (selection, rows, run, glyphs) => {
    const form = selection.logo, heights = await drd.heights(run, form).catch(() => null);
    const at = drd.read();
    if (at.page !== "class" || at.run !== run.id) return;
    const logo = (channel, size) => (heights ? drd.logo(heights, run, run.channels.indexOf(channel), form, glyphs, size) : "");
    now = { selection, run, channel: drd.channel(rows, selection), logo, form };
    for (const body of document.querySelectorAll("[data-more]")) {
      if (!body.watched) observer.observe(body);
      body.watched = true;
      show(body);
    }
  };

  drd.moreFile = async name => {
    const { told } = document.querySelector(`[data-more="${name}"]`), { file } = views[name];
    return told && file(told, now, `${document.querySelector(`#${name}-panel h2`).textContent}, ${document.title}`);
  };

  // helpers of the views
  drd.made = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  drd.noteChips = (name, notes) => {
    const chips = notes.map(([text, why, tone, mark, kind, channels]) => {
      const chip = channels?.length
        ? drd.made("button", { className: `chip ${tone} pick`, title: why })
        : drd.made("span", { className: `chip ${tone}`, title: why, tabIndex: 0 });
      if (channels?.length) chip.dataset.channels = channels.join(",");
      if (mark) chip.append(drd.made("span", { className: `mark ${kind}`, textContent: mark }));
      chip.append(text);
      return chip;
    });
    document.getElementById(`${name}-notes`).replaceChildren(...chips);
  };
  drd.percent = (value, digits = 0) => (value === null || Number.isNaN(value) ? "–" : `${(100 * value).toFixed(digits)}%`);
  drd.emptyLine = text => `<p class="empty">${drd.escape(text)}</p>`;
  // the elements that carry the selected channel
  drd.markChannel = (body, channel) => {
    for (const one of body.querySelectorAll("[data-channel]")) {
      const chosen = Number(one.dataset.channel) === channel;
      one.classList.toggle("chosen", chosen);
      if (one.tagName === "BUTTON") one.setAttribute("aria-pressed", chosen);
    }
  };

  document.addEventListener("click", event => {
    const jump = event.target.closest?.("[data-jump]");
    if (jump) drd.jump(jump.dataset.jump);
    const one = event.target.closest?.(".more-body :is([data-channel], [data-target], [data-trial], [data-set])");
    if (!one) return;
    const { channel, target, trial, set } = one.dataset;
    if (channel) drd.go({ channel: Number(channel) });
    if (target) drd.go({ target: Number(target) });
    if (trial) drd.go({ trial: Number(trial) });
    if (set) drd.go({ set: set.split(",").map(Number) });
  });
  drd.jump = name => {
    const panel = document.getElementById(`${name}-panel`);
    if (!panel) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    panel.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    panel.tabIndex = -1;
    panel.focus({ preventScroll: true });
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
