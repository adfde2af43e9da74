// What stands in for the server, the address bar and Dash where the app is one file: the scripts
// after this one are those of the app, and find these names in the place of the browser's own.
const index = JSON.parse(document.getElementById("offline-index").textContent);
const dash = (window.dash_clientside ??= {}), app = (dash.deepresolve ??= {});
const KEPT_OUT = ["of", "seen"]; // they tell answers of other times apart
const QUIET = /^\/(feed|data\/[^/]+\/trials\.json)$/; // what is followed; nothing ever changes here
const NOT_HERE = "This file does not hold it; the dashboard that it comes from does.";

// the address: all of it stands behind the # of the file
const location = {
  get pathname() { return `#${(window.location.hash.slice(1) || index.first).split("?")[0]}`; },
  get search() { const [, ...asked] = (window.location.hash.slice(1) || index.first).split("?"); return asked.length ? `?${asked.join("?")}` : ""; },
  get href() { return window.location.href; },
  hash: "",
  origin: "https://offline.invalid", // the base of addresses that are taken apart
  reload: () => window.location.reload(),
  assign: async href => { // a file
    const got = await fetch(href), [, name, ending] = href.split("?")[0].match(/([^/.]+)\.(\w+)$/) ?? [];
    if (got.ok && name) app.save(await got.blob(), `${app.read().run}-${name}.${ending}`, "text/plain");
    else app.toast({ text: NOT_HERE });
  },
};
const history = {
  get state() { return window.history.state; },
  pushState: (state, title, href) => moved("pushState", href),
  replaceState: (state, title, href) => moved("replaceState", href),
};
const moved = (how, href) => {
  const why = app.missing(href);
  if (why && !/[?&]story=/.test(href)) app.toast({ text: why, seconds: 6 });
  else window.history[how]({}, "", href);
};
// a browser may keep nothing for files
const memory = new Map();
const localStorage = {
  getItem: key => { try { return window.localStorage.getItem(key); } catch { return memory.get(key) ?? null; } },
  setItem: (key, value) => { try { window.localStorage.setItem(key, value); } catch { memory.set(key, String(value)); } },
};

// answers: packs of them stand in the file, each unpacked when it is first needed
const packs = new Map(); // name -> promise of answers by key
const bytesOf = text => Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
const unpacked = async element => {
  const stream = new Blob([bytesOf(element.textContent)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const whole = new Uint8Array(await new Response(stream).arrayBuffer()), line = whole.indexOf(10);
  const told = JSON.parse(new TextDecoder().decode(whole.subarray(0, line)));
  return told.map(([key, start, size, rows]) => [key, { body: whole.subarray(line + 1 + start, line + 1 + start + size), rows }]);
};
const pack = name => {
  const all = () => [...document.querySelectorAll(`[data-pack="${CSS.escape(name)}"]`)].map(unpacked);
  if (!packs.has(name)) packs.set(name, Promise.all(all()).then(found => new Map(found.flat())));
  return packs.get(name);
};
const packName = (path, asked) => {
  const [, , run, part] = path.split("/");
  if (part === "channel") return `${run} channels`;
  if (asked.target !== undefined) return `${run} ${asked.target}`;
  return asked.pair !== undefined ? `${run} pairs` : run;
};
const find = async (path, asked) => {
  const key = path + Object.keys(asked).sort().map(name => `&${name}=${asked[name]}`).join("");
  const other = { ...asked }, names = [packName(path, asked), path.split("/")[2]];
  for (const name of new Set(names)) {
    const found = (await pack(name)).get(key);
    if (found) return found;
  }
  delete other.row;
  return asked.row === undefined ? null : row(await find(path, other), Number(asked.row));
};
// one row of a matrix that is kept whole, or without its lower half
const row = (found, at) => {
  if (!found?.rows) return null;
  const { body, rows } = found, cells = body.length / 4;
  const n = rows > 0 ? rows : Math.round((Math.sqrt(8 * cells + 1) - 1) / 2);
  if (!(at >= 0 && at < n)) return null;
  if (rows > 0) return { body: body.subarray(at * (body.length / n), (at + 1) * (body.length / n)) };
  const out = new Uint8Array(4 * n), first = r => r * n - (r * (r - 1)) / 2; // place of the diagonal
  for (let j = 0; j < n; j++) {
    const place = 4 * (at <= j ? first(at) + j - at : first(j) + at - j);
    out.set(body.subarray(place, place + 4), 4 * j);
  }
  return { body: out };
};
const read = async (path, asked) => {
  const found = await find(path, asked);
  return found && JSON.parse(new TextDecoder().decode(found.body));
};
const made = told => ({ body: new TextEncoder().encode(JSON.stringify(told)) });

// what the server says of two things at once is put together from what it says of each
const together = async (path, asked) => {
  const { pair, ...alone } = asked, [, , run, part, number, name] = path.split("/");
  if (path.endsWith("/classes/pair.json") && pair) return find(path, { ...asked, pair: pair.split(",").reverse().join() });
  if (pair && part === "class.json") {
    const told = await read(path, alone), words = await pairWords(run, asked);
    return told && made({ ...told, pair: words ?? told.pair });
  }
  if (pair && part === "ofiv.json") return withSecond(run, path, asked);
  const differs = path.match(/^(.*\/classes\/)difference-(\w+)\.f32$/);
  if (differs) return difference(differs[1], differs[2], asked);
  if (part === "channel" && name === "all.json") return ofClass(run, path, asked, Number(number));
  return null;
};
// a row of the similarity minus that of another comparison, as correlations and cosines
const floats = ({ body }) => new Float32Array(body.slice().buffer);
const difference = async (base, name, asked) => {
  const { row: at, ...whole } = asked, side = which => find(`${base}${which}.f32`, asked);
  const [one, other, all] = await Promise.all([side("similarity"), side(name), find(`${base}${name}.f32`, whole)]);
  if (!one || !other) return null;
  const [mine, second, every] = [one, other, all].map(floats), n = mine.length;
  const norm = name === "last_layer" ? i => Math.sqrt(every[i * n - (i * (i - 1)) / 2]) || NaN : () => 1;
  return { body: new Uint8Array(mine.map((value, i) => value - second[i] / norm(i) / norm(Number(at))).buffer) };
};
const otherOf = ({ target, pair }) => pair.split(",").find(one => one !== target) ?? target;
const pairWords = async (run, { target, pair, regime }) => {
  const told = await read(`/data/${run}/pair-words.json`, { target, ...(regime && { regime }) });
  return told?.[otherOf({ target, pair })];
};
// the compared class as open circles, before the trace that holds the second axis
const withSecond = async (run, path, asked) => {
  const { pair, ...alone } = asked, told = await read(path, alone), other = otherOf(asked), { regime } = asked;
  const second = told && other !== asked.target && (await read(`/data/${run}/class.json`, { target: other, ...(regime && { regime }) }));
  if (!second) return told && made(told);
  const { targets, names } = index.runs[run], name = names[targets.indexOf(Number(other))], { channels, x } = told.figure.layout.meta;
  told.figure.data.splice(-1, 0, {
    ...index.second, x, y: channels.map(channel => second.rows.ofiv[second.rows.channel.indexOf(channel)]), name,
    customdata: channels, text: channels.map(channel => `channel ${channel}, ${name}`),
  });
  told.notes.splice(told.notes.findLastIndex(note => note[3]) + 1, 0, [name, "OFIV of the compared class.", "plain", "○", "", []]);
  return made(told);
};
const ofClass = async (run, path, asked, channel) => {
  const { regime } = asked, more = regime ? { regime } : {};
  const told = await read(path, { ...asked, target: String(index.runs[run].targets[0]) });
  if (!told?.relatives) return told && made(told);
  const table = await read(`/data/${run}/channels/table.json`, { target: asked.target, ...more });
  if (!table) return null;
  const place = one => index.runs[run].channels.indexOf(one), { relatives } = told;
  relatives.ofiv = table.family_ofiv[place(channel)];
  for (const one of relatives.members) one.ofiv = table.ofiv[place(one.channel)];
  return made(told);
};

const fetch = async (address, { method = "GET" } = {}) => {
  const [path, query] = address.replace(/^#/, "").split("?");
  if (method !== "GET") return new Response("This file has no server behind it: nothing can be changed in it.", { status: 403 });
  if (QUIET.test(path)) return new Promise(() => {});
  const asked = Object.fromEntries([...new URLSearchParams(query)].filter(([name]) => !KEPT_OUT.includes(name)));
  const found = (await find(path, asked)) ?? (await together(path, asked));
  return found ? new Response(found.body) : new Response(NOT_HERE, { status: 404 });
};
