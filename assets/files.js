// Pictures to take away, light whatever the screen is, with real text; text to the clipboard.
(drd => {
  const THEME = "data-mantine-color-scheme";
  const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${drd.escape(words)}</text>`;

  // what is made while the colours are those of paper
  drd.onPaper = make => {
    const root = document.documentElement, theme = root.getAttribute(THEME);
    root.setAttribute(THEME, "light");
    try {
      return make();
    } finally {
      root.setAttribute(THEME, theme);
    }
  };
  // outside of this page the names of colours mean nothing
  const colour = name => getComputedStyle(document.body).getPropertyValue(name).trim();
  const plain = drawing => drawing.replace(/var\((--[\w-]+)\)/g, (_, name) => colour(name))
    .replace(/class="base-([ACGT])"/g, (_, base) => `fill="${colour(`--base-${base.toLowerCase()}`)}"`);
  drd.file = (title, { width, height }, drawing) => drd.onPaper(() => `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" color="${colour("--text")}" font-family="Inter, Liberation Sans, Arial, sans-serif" font-size="12">
    <rect width="${width}" height="${height}" fill="#ffffff"/><g fill="currentColor">${text(12, 18, title, 'font-size="13"')}${plain(drawing)}</g></svg>`);

  // lines of text and logos below each other: parts are { indent, words, size, logo, strong }
  const WIDE = 1000, LINE = 20, SLOT = 118, TALL = 62;
  drd.sheet = (title, lines) => {
    let y = 30;
    const drawn = lines.map(line => {
      if (line.cells) { // boxes with a logo each, as many beside each other as there is room for
        const per = Math.floor((WIDE - 32) / SLOT), from = y + 4;
        y += 4 + TALL * Math.ceil(line.cells.length / per);
        return line.cells.map(({ logo, words, value }, i) => {
          const [x, top] = [16 + SLOT * (i % per), from + TALL * Math.floor(i / per)];
          return `<g transform="translate(${x} ${top})"><rect width="${SLOT - 8}" height="${TALL - 8}" rx="6" fill="none" stroke="var(--line)"/>${logo ? `<g transform="translate(8 4)">${logo}</g>` : ""}${text(8, 46, words)}${text(SLOT - 16, 46, value, 'text-anchor="end" fill="var(--muted)"')}</g>`;
        }).join("");
      }
      const tall = line.logo ? 34 : LINE;
      y += tall;
      const columns = line.columns ?? [[16, line.words, ""]];
      return columns.map(([x, words, more]) => text(x, y - (line.logo ? 10 : 4), words, `${more} ${line.strong ? 'font-weight="600"' : ""} ${line.muted ? 'fill="var(--muted)"' : ""}`)).join("")
        + (line.logo ? `<g transform="translate(${line.at} ${y - 30})">${line.logo}</g>` : "");
    });
    return drd.file(title, { width: WIDE, height: y + 16 }, drawn.join(""));
  };

  // rows of a table, where no text is a formula once it is pasted into a spreadsheet
  const cell = value => {
    const line = String(value ?? "").replace(/[\t\r\n]+/g, " ");
    return typeof value === "string" && /^'*\s*[=+\-@]/.test(line) ? `'${line}` : line;
  };
  drd.tsv = rows => rows.map(row => `${row.map(cell).join("\t")}\n`).join("");

  // rejected when the browser does not let this page copy
  drd.copy = async text => {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // without https, or without leave
      const area = drd.made("textarea", { value: text, className: "unseen" });
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) throw new Error("refused");
    }
  };

  drd.save = (content, name, type = "image/svg+xml") => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const draw = view => {
    if (view === "il" || view === "ofiv") return drd.chartFile(view);
    if (drd.cohort) return drd.cohortFiles[view]();
    if (drd.more[view]) return drd.moreFile(view);
    return drd.matrixFile(view === "card" ? "fim" : view);
  };
  document.addEventListener("click", async event => {
    const view = event.target.closest?.("[data-download]")?.dataset.download;
    if (!view || !(drd.run || drd.cohort)) return;
    const { run, target, card, logo } = drd.read();
    if (view === "card" && card !== "map") return location.assign(drd.at(`/data/${run}/logo-${logo}-${drd.channel()}.svg`));
    const drawing = await Promise.resolve().then(() => draw(view)).catch(error => drd.notice(`The picture cannot be saved. ${error.message}`));
    if (drawing) drd.save(drawing, drd.cohort ? `${run}-classes-${view}.svg` : `${run}-class-${target}-${view}.svg`);
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
