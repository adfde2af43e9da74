// Files on their way to the server: dropped or chosen, with a bar and a way to stop.
(drd => {
  let sending = null; // { path, request, shown } of the upload on its way

  const size = bytes => {
    for (const unit of ["bytes", "kB", "MB"]) {
      if (bytes < 1024) return `${unit === "bytes" ? bytes : bytes.toPrecision(3)} ${unit}`;
      bytes /= 1024;
    }
    return `${bytes.toPrecision(3)} GB`;
  };
  const part = (box, name) => box.querySelector(`.${name}`);
  const boxOf = path => document.querySelector(`[data-upload="${path}"]`); // the page may have been made anew
  const say = (path, text, answer) => { // a refusal may come with a file that is the way out
    const box = boxOf(path);
    if (!box) return text && drd.toast({ text, tone: "bad" });
    part(box, "refused").textContent = text ?? "";
    part(box, "refused").hidden = !text;
    if (answer?.file) part(box, "refused").append(" ", Object.assign(document.createElement("a"), { href: drd.at(answer.href), download: answer.file, textContent: `Save ${answer.file}` }));
  };
  const busy = (box, text, share, stoppable) => {
    part(box, "drop-idle").hidden = text !== null;
    part(box, "drop-busy").hidden = text === null;
    if (text === null) return;
    part(box, "drop-says").textContent = text;
    const bar = part(box, "progress");
    bar.classList.toggle("endless", share === null);
    if (share !== null) bar.setAttribute("aria-valuenow", Math.round(100 * share));
    bar.firstChild.style.width = share === null ? "" : `${100 * share}%`;
    box.querySelector("[data-stop]").hidden = !stoppable;
  };

  drd.showUpload = () => { // a page was put on screen while files are on their way
    const box = sending && boxOf(sending.path);
    if (box) busy(box, ...sending.shown);
  };
  drd.chooseModel = (model, output, about) => { // another network or output is another form
    const { model: now, head } = about ?? {};
    if (!model || !now || (model === now && output === head)) return;
    const query = new URLSearchParams(model === now ? { model, output } : { model });
    drd.visit(`/new?${query}`);
  };
  drd.started = started => {
    if (!started) return;
    if (started.said) drd.toast({ text: started.said });
    drd.visit(started.href);
  };

  // what a model is called: its folder, else its weights, else its first file
  const called = (files, folder) => {
    const main = files.find(file => /\.(keras|pt2|onnx|h5|hdf5|hdf)$/i.test(file.name)) ?? files[0];
    return folder || main.name.replace(/\.[^.]+$/, "");
  };

  // what the server is told of the files: a field of the form names the network they are for
  const told = (box, files, folder) => {
    const form = box.closest("[data-model]")?.dataset;
    const about = form ? { model: form.model, output: form.output } : { name: called(files, folder) };
    const genome = box.querySelector("[data-genome] input")?.value; // what regions are of
    return { ...about, ...(genome && { genome }), files: JSON.stringify(files.map(file => [file.name, file.size])) };
  };
  // they are here: a model's card opens, a file of a field is chosen there
  const arrived = (path, { href, options, value }, model) => {
    const box = boxOf(path), field = box?.dataset.input;
    if (href && box) drd.visit(href);
    else if (href) drd.toast({ text: "The model has been read.", href });
    else if (!field) drd.toast({ text: "The file has been read; a new run can use it." });
    else {
      const same = box.closest("[data-model]").dataset.model === model;
      window.dash_clientside.set_props(`new-${field}`, same ? { data: options, value } : { data: options });
    }
  };

  const upload = async (box, files, folder, length) => {
    const path = box.dataset.upload, total = files.reduce((sum, file) => sum + file.size, 0);
    if (sending) return say(path, "Another upload is on its way. Wait until it is done, or cancel it.");
    say(path, null);
    if (!files.length) return say(path, "No file of a model is in there. Choose its JSON and HDF5 files.");
    if (total > Number(box.dataset.limit)) return say(path, `These are ${size(total)}; ${box.dataset.words} is the most taken here.`);
    const query = { ...told(box, files, folder), ...(length && { length }) }, request = new XMLHttpRequest(), mine = (sending = { path, request, shown: [null] });
    const show = (...shown) => {
      mine.shown = shown;
      const now = boxOf(path);
      if (now) busy(now, ...shown);
    };
    const done = (text, answer) => {
      if (sending === mine) sending = null;
      show(null);
      if (text) say(path, text, answer);
      const now = boxOf(path);
      if (answer?.weights && now) drd.askWiring(now, answer.weights, wiring => upload(now, [...files.filter(file => !file.name.endsWith(".toml")), new File([wiring], "architecture.toml")], folder || called(files)));
      else if (answer?.length && now) drd.askLength(now, length => upload(now, files, folder, length));
      else if (!text) arrived(path, answer, query.model);
    };
    request.open("POST", drd.at(`${path}?${new URLSearchParams(query)}`));
    request.setRequestHeader("X-DeepResolve", "1");
    request.upload.onprogress = event => show(`${size(event.loaded)} of ${size(total)} sent`, event.loaded / Math.max(1, total), true);
    request.upload.onload = () => show(`Reading and checking ${query.name ? "the model" : "the file"} …`, null, false);
    request.onload = () => {
      if (request.status !== 200) return done(`The server did not take this (${request.status}). Try again.`);
      const answer = JSON.parse(request.responseText);
      done(answer.refused, answer);
    };
    request.onerror = () => done("The connection broke. Nothing was kept; send it again.");
    request.onabort = () => done("Stopped. Nothing was kept.");
    show(`0 of ${size(total)} sent`, 0, true);
    const room = await drd.fetch("/upload/room").then(got => got.json(), () => ({})); // before the bytes go
    if (room.refused || mine.stopped) return done(room.refused ?? "Stopped. Nothing was kept.");
    request.send(new Blob(files));
  };

  const stop = () => {
    if (!sending) return;
    sending.stopped = true;
    sending.request.abort();
  };
  const fits = (box, file) => (box.dataset.accept ?? "").split(",").some(end => file.name.toLowerCase().endsWith(end));
  const inside = async folder => { // the files of a dropped folder, not those of its folders
    const reader = folder.createReader(), found = [];
    for (;;) {
      const some = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!some.length) return Promise.all(found.filter(one => one.isFile).map(one => new Promise((done, fail) => one.file(done, fail))));
      found.push(...some);
    }
  };
  const dropped = async (box, transfer) => {
    const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.()), files = [...transfer.files];
    const folder = entries.find(entry => entry?.isDirectory);
    if (folder) upload(box, (await inside(folder)).filter(file => fits(box, file)), folder.name);
    else upload(box, box.dataset.input ? files.slice(0, 1) : files);
  };

  // ask for files: what is done with them depends on where the button is
  const pick = button => {
    const input = document.createElement("input"), box = button.closest("[data-upload]");
    const folder = button.dataset.pick === "folder";
    Object.assign(input, { type: "file", multiple: Boolean(box && !box.dataset.input), webkitdirectory: folder });
    input.onchange = () => {
      const files = [...input.files];
      if (!files.length) return;
      if (!box) drd.picked?.(button, files[0]);
      else if (folder) upload(box, files.filter(file => file.webkitRelativePath.split("/").length === 2 && fits(box, file)), files[0].webkitRelativePath.split("/")[0]);
      else upload(box, files);
    };
    input.click();
  };

  document.addEventListener("click", event => {
    const button = event.target.closest?.("[data-pick]");
    if (button) pick(button);
    if (event.target.closest?.("[data-stop]")) stop();
  });
  const target = event => event.target.closest?.("[data-upload]");
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, event => {
      const box = target(event);
      event.preventDefault(); // a file beside the box must not replace the page
      if (event.dataTransfer) event.dataTransfer.dropEffect = box && !sending ? "copy" : "none";
      document.querySelectorAll(".drop.over").forEach(one => one.classList.toggle("over", one === box));
      box?.classList.add("over");
    });
  }
  document.addEventListener("dragleave", event => { if (!event.relatedTarget) document.querySelectorAll(".drop.over").forEach(one => one.classList.remove("over")); });
  document.addEventListener("drop", event => {
    const box = target(event);
    event.preventDefault();
    box?.classList.remove("over");
    if (box && !sending) dropped(box, event.dataTransfer);
  });
  window.addEventListener("beforeunload", event => { if (sending) event.preventDefault(); });
})((window.dash_clientside ??= {}).deepresolve ??= {});
