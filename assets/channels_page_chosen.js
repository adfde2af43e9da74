// Beside the table: the channel that is chosen in it, with all of its faces.
(drd => {
  const WORDS = { filter: "Filter", activation: "Activation logo", ascent: "Receptive-field ascent" };

  drd.drawChosen = async now => {
    const body = document.querySelector(".chosen-body"), { told, chosen, run, selection } = now, i = told.channel.indexOf(chosen);
    const at = column => told[column]?.[i] ?? null, called = at("called");
    const faces = await Promise.all(told.faces.map(name => drd.loadFaces(now, name).catch(() => null)));
    if (now !== drd.layerNow() || now.chosen !== chosen || now.told !== told || !body.isConnected) return;
    document.querySelector(".chosen-channel h2").textContent = `Channel ${chosen}${called ? ` (${called})` : ""}`;
    drd.drawMarks();
    const wide = Math.max(200, body.clientWidth - 4);
    const logos = faces.map((face, k) => face && `<figure class="big-logo"><figcaption class="muted">${WORDS[told.faces[k]]}, bits</figcaption>${drd.logo(face.heights, { offsets: face.offsets }, i, "bits", now.glyphs, { width: wide, height: 84, axis: true })}</figure>`).filter(Boolean).join("");
    const facts = [
      ["OFIV", `${drd.signed(at("ofiv"))} <span class="muted">rank ${at("rank")} of ${told.channel.length}</span>`],
      ["IL", `${drd.number(at("level"))} <span class="muted">${drd.escape(run.kinds[at("kind")])}</span>`],
    ];
    if (at("match")) facts.push(["motif", `${drd.escape(at("match").join(", "))} <span class="muted">p ${drd.number(at("p_value"), 2)}, q ${drd.number(at("q_value"), 2)}${at("q_value") <= told.q ? "" : ": not significant"}</span>`]);
    if (at("maximum") !== null) facts.push(["largest", `${drd.number(at("maximum"))} <span class="muted">in shuffled sequences ${drd.number(at("background"))}</span>`]);
    if (at("members") > 1) facts.push(["family", `${at("members")} channels, OFIV ${drd.signed(at("family_ofiv"))} together <span class="muted">${drd.escape(at("relation"))}</span>`]);
    body.innerHTML = `${logos || drd.emptyLine("No logo yet: the cut lies deeper than the first convolution, so a look at the channels must come first.")}<dl>${facts.map(([key, value]) => `<div><dt>${key}</dt><dd>${value}</dd></div>`).join("")}</dl>
      <p><a class="button main" href="${drd.channelHref({ ...selection, channel: chosen })}" data-visit>Open channel ${chosen}</a></p>`;
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
