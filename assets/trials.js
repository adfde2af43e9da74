// Enough trials? The light of a class, and the button that adds trials to its run.
(drd => {
  const POLL = 1000; // ms between looks at a run that is computed
  const { escape, percent } = drd;
  let told = null, timer = null, asked = ""; // what the server says of the run on screen

  const place = () => document.getElementById("trials");
  drd.showLight = ([text, why, tone, mark, kind]) => {
    const light = place()?.querySelector(".light");
    if (!light) return;
    Object.assign(light, { className: `chip light ${tone}`, title: `${why} Press to see how they settle.`, hidden: false });
    light.innerHTML = `<span class="mark ${kind}" aria-hidden="true">${mark}</span>${escape(text)}`;
  };

  const parts = {
    impossible: ({ why }) => `<button class="button" title="${escape(why)}">More trials</button>`,
    ready: ({ more, known, time, why }) => `<button class="button" title="${escape(`${why ? `${why}. ` : ""}The same run with ${more} trials: ${known ? `${known} are there already, the others take` : "takes"} about ${time}.`)}">More trials</button>`,
    busy: ({ more, says, share, left, id }) => `<a class="button" data-visit href="/runs?run=${id}" title="${escape(`${says}${left ? `, ${left}` : ""}. Open the queue.`)}">${more} trials: ${escape(share === null ? says : percent(share))}</a>
      <div class="progress${share === null ? " endless" : ""}" role="progressbar" aria-label="${more} trials" ${share === null ? "" : `aria-valuenow="${Math.round(100 * share)}"`}><div class="bar" style="${share === null ? "" : `width:${(100 * share).toFixed(1)}%`}"></div></div>`,
    done: ({ more }) => `<a class="button main" data-visit>Open the run with ${more} trials</a>`,
  };
  const draw = () => {
    const body = place()?.querySelector(".more-trials");
    if (!body || !told) return;
    const html = parts[told.stage](told);
    if (body.drdHtml !== html) body.innerHTML = body.drdHtml = html; // what has the focus is left alone
    const link = body.querySelector("a[data-visit]:not([href^='/runs?'])");
    if (told.stage === "done") link.setAttribute("href", drd.href({ ...drd.read(), run: told.id }));
  };
  const ask = async () => {
    clearTimeout(timer);
    const { id } = drd.run ?? {};
    asked = id;
    if (!id || !place()) return;
    const got = await drd.fetch(`/data/${id}/trials.json`).catch(() => null);
    const answer = got?.ok ? await got.json() : null;
    if (asked !== id || drd.run?.id !== id || !place()) return;
    told = answer ?? told;
    draw();
    if (!answer || told?.stage === "busy") timer = setTimeout(ask, answer ? POLL : 4 * POLL);
  };
  const start = () => {
    told = null;
    ask();
  };

  document.addEventListener("click", async event => {
    const button = event.target.closest?.("#trials .more-trials button");
    if (!button || !told) return;
    if (told.stage === "impossible") return drd.toast({ text: told.why });
    button.disabled = true;
    const answer = await drd.send(`/act/runs/${drd.run.id}/trials`);
    button.disabled = false;
    if (answer.refused) drd.toast({ text: answer.refused, tone: "bad" });
    ask();
    drd.poll?.();
  });
  window.addEventListener("drd-page", start);
  for (const name of ["drd-view", "popstate"]) window.addEventListener(name, draw);
})((window.dash_clientside ??= {}).deepresolve ??= {});
