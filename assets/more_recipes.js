// Recipes as cards, and the channels that speak against a class beside the classes they speak for.
(drd => {
  const LISTED = 12; // channels of a recipe before "and more"
  const { escape, number, signed, percent } = drd;
  let all = new Set(); // recipes whose channels are all listed: class and place

  const sign = value => `<span class="sign ${value > 0 ? "plus" : "minus"}">${value > 0 ? "+" : "−"}</span>`;
  const ingredient = ({ channel, fiv }, now) =>
    `<button class="ingredient" data-channel="${channel}" title="FIV ${signed(fiv)} feature-map units in the trial shown">
      <span class="logo">${now.logo(channel, { width: 92, height: 26 })}</span><span class="name">${sign(fiv)} ${drd.escape(drd.spoken(channel))}</span><span class="muted">${signed(fiv)}</span></button>`;
  const row = (label, channels, now) =>
    channels.length ? `<div class="ingredients-line">${label ? `<span class="label">${label}</span>` : ""}<div class="ingredients">${channels.map(one => ingredient(one, now)).join("")}</div></div>` : "";

  const card = (recipe, place, told, now) => {
    const { trials, of, share, score, weight, stability, medoid, channels, unsure } = recipe;
    const several = told.recipes.length > 1, key = `${now.selection.target} ${place}`;
    const shown = all.has(key) ? channels : channels.slice(0, LISTED), more = channels.length - shown.length;
    const own = shown.filter(one => !one.common), common = shown.filter(one => one.common);
    const facts = [
      ["share", `${percent(share)} <span class="muted">${trials.length} of ${of} trials</span>`],
      ["best score", `${number(score)} <span class="muted">logits</span>`],
      ["mean weight", number(weight)],
      ["stability", `<span class="${unsure ? "warn" : ""}">${stability === null ? "–" : stability.toFixed(2)}${unsure ? ", unsure" : ""}</span>`],
    ].map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("");
    return `<article class="recipe" aria-label="Recipe ${place + 1} of ${told.recipes.length}">
      <div class="recipe-head"><h3>${several ? `Way ${place + 1}` : "The way"}</h3><dl>${facts}</dl><div class="fill"></div>
        <button class="button" data-trial="${medoid}" title="The trial closest to the others of this recipe; its FIV is shown">trial ${medoid}</button>
        <button class="button" data-set="${channels.map(one => one.channel).join(",")}" title="Mark these channels in every view">Mark channels</button></div>
      ${row(several && common.length ? "own" : "", own, now)}${row("in all ways", common, now)}
      ${more ? `<button class="link" data-all="${key}">and ${more} more</button>` : ""}</article>`;
  };

  const draw = (body, told, now) => {
    const shares = told.recipes.map((one, i) => `<span style="flex-grow:${one.share}" title="way ${i + 1}: ${percent(one.share)} of the trials">way ${i + 1}: ${percent(one.share)}</span>`).join("");
    body.innerHTML = `<p class="finding">${escape(told.title)}</p><p class="muted">${escape(told.why)}</p>
      ${told.recipes.length > 1 ? `<div class="shares" role="img" aria-label="Shares of the trials: ${told.recipes.map(one => percent(one.share)).join(", ")}">${shares}</div>` : ""}
      <div class="recipes-list">${told.recipes.map((one, i) => card(one, i, told, now)).join("")}</div>`;
    body.form = now.form;
  };
  const cell = ({ channel, fiv }, now) => ({ logo: now.logo(channel, { width: 92, height: 26 }), words: `${fiv > 0 ? "+" : "−"} ${drd.spoken(channel)}`, value: signed(fiv) });
  const cells = (label, channels, now) => (channels.length ? [...(label ? [{ words: label, muted: true }] : []), { cells: channels.map(one => cell(one, now)) }] : []);
  const file = (told, now, title) => drd.sheet(title, [{ words: told.title, strong: true }, ...told.recipes.flatMap(({ trials, of, share, score, weight, stability, unsure, channels }, i) => {
    const several = told.recipes.length > 1, listed = channels.slice(0, LISTED), more = channels.length - listed.length;
    const sure = stability === null ? "–" : `${stability.toFixed(2)}${unsure ? ", unsure" : ""}`;
    return [
      { words: `${several ? `Way ${i + 1}` : "The way"}: share ${percent(share)} (${trials.length} of ${of} trials), best score ${number(score)} logits, mean weight ${number(weight)}, stability ${sure}` },
      ...cells(several && listed.some(one => one.common) ? "own" : "", listed.filter(one => !one.common), now),
      ...cells(several ? "in all ways" : "", listed.filter(one => one.common), now),
      ...(more ? [{ words: `and ${more} more channels`, muted: true }] : []),
    ];
  }), { words: "A sign and a number: the FIV of the trial closest to the others, feature-map units.", muted: true }]);
  drd.more.recipes = {
    draw,
    file,
    mark: (body, told, now) => {
      if (body.form !== now.form) draw(body, told, now);
      drd.markChannel(body, now.channel);
      for (const one of body.querySelectorAll("[data-trial]")) one.classList.toggle("chosen", Number(one.dataset.trial) === now.selection.trial);
      body.onclick = event => {
        const key = event.target.dataset.all;
        if (!key) return;
        all.add(key);
        draw(body, told, now);
        drd.markChannel(body, now.channel);
        body.querySelector(".recipe .ingredient")?.focus({ preventScroll: true });
      };
    },
  };

  const named = ({ target, name, about }, value = "") =>
    `<button class="link" data-target="${target}" title="${escape(about || `class ${target}`)}">${escape(name)}</button>${about ? ` <span class="muted">${escape(about)}</span>` : ""}${value ? ` <span class="muted">${value}</span>` : ""}`;
  const against = (one, now) => {
    const hidden = one.n - one.classes.length;
    const classes = one.classes.map(other => `<li>${named(other, `+${percent(other.scaled)}`)}</li>`).join("") + (hidden > 0 ? `<li class="muted">and ${hidden} more</li>` : "");
    return `<tr data-channel="${one.channel}"><th scope="row"><button class="link" data-channel="${one.channel}">${drd.escape(drd.spoken(one.channel))}</button></th>
      <td class="logo">${now.logo(one.channel, { width: 100, height: 26 })}</td><td class="value">${signed(one.ofiv)}</td><td class="value">−${percent(-one.scaled)}</td><td class="value">${percent(one.share)}</td>
      <td>${one.n ? `<ul class="classes">${classes}</ul>` : '<span class="muted">no class favours it</span>'}</td></tr>`;
  };
  const ruled = one =>
    `<tr><th scope="row">${named(one)}</th><td class="value">${percent(one.share)}</td><td class="value muted">${percent(one.chance)}</td></tr>`;
  const drawElimination = (body, told, now) => {
    body.form = now.form;
    if (told.empty) return (body.innerHTML = drd.emptyLine(told.empty));
    const rivals = told.rivals.length
      ? `<table class="table small rivals"><caption>Classes that favour most of it</caption><thead><tr><th>class</th><th class="value">explains</th><th class="value" title="Share of all channels that this class favours: what it would explain of channels picked blindly">by chance</th></tr></thead><tbody>${told.rivals.map(ruled).join("")}</tbody></table>` : "";
    body.innerHTML = `<p class="finding">${percent(told.explained)} of what speaks against this class lies on channels that another class favours <span class="muted">(${percent(told.expected)} of all channels are favoured by one)</span></p>
      <div class="elimination-parts"><div class="scroll" tabindex="0" role="region" aria-label="Channels against the class"><table class="table small"><thead><tr><th>channel</th><th>logo</th><th class="value">OFIV<br>(feature-map units)</th><th class="value">of the<br>largest |OFIV|</th><th class="value">of all<br>negative OFIV</th><th>speaks for, in % of the largest |OFIV| there</th></tr></thead>
      <tbody>${told.channels.map(one => against(one, now)).join("")}</tbody></table></div>${rivals}</div>`;
  };
  const short = words => (words.length > 92 ? `${words.slice(0, 91)}…` : words);
  const fileElimination = (told, now, title) => {
    if (told.empty) return drd.sheet(title, [{ words: told.empty }]);
    const end = 'text-anchor="end"', favoured = one => one.classes.map(({ name, scaled }) => `${name} +${percent(scaled)}`).join(", ") + (one.n > one.classes.length ? `, and ${one.n - one.classes.length} more` : "");
    return drd.sheet(title, [
      { words: `${percent(told.explained)} of what speaks against this class lies on channels that another class favours (${percent(told.expected)} of all channels are favoured by one)`, strong: true },
      { columns: [[16, "channel", ""], [270, "OFIV", end], [370, "of all negative", end], [390, "speaks for, in % of the largest |OFIV| there", ""]], muted: true },
      ...told.channels.map(one => ({
        columns: [[16, drd.spoken(one.channel), ""], [270, signed(one.ofiv), end], [370, percent(one.share), end], [390, short(one.n ? favoured(one) : "no class favours it"), ""]],
        logo: now.logo(one.channel, { width: 100, height: 26 }) || " ", at: 84,
      })),
      { words: "OFIV in feature-map units.", muted: true },
    ]);
  };
  drd.more.elimination = {
    draw: drawElimination,
    file: fileElimination,
    mark: (body, told, now) => {
      if (body.form !== now.form) drawElimination(body, told, now);
      drd.markChannel(body, now.channel);
    },
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
