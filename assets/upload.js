// Files on their way to the server: dropped or chosen, with a bar and a way to stop.
(drd => {
  let sending = null; // the request on its way

  const size = bytes => {
    for (const unit of ["bytes", "kB", "MB"]) {
      if (bytes < 1024) return `${unit === "bytes" ? bytes : bytes.toPrecision(3)} ${unit}`;
      bytes /= 1024;
    }
    return `${bytes.toPrecision(3)} GB`;
  };
  const part = (box, name) => box.querySelector(`.${name}`);
  const say = (box, text) => {
    const line = part(box, "refused");
    line.textContent = text ?? "";
    line.hidden = !text;
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

  // one file for a field of the form: it becomes a choice there, and is chosen
  drd.pickedInput = async (button, file) => {
    const kind = button.dataset.input, { model, output } = button.closest("[data-model]").dataset;
    const query = new URLSearchParams({ files: JSON.stringify([[file.name, file.size]]), model, output });
    button.disabled = true;
    const answer = await drd.send(`/upload/${kind}?${query}`, file);
    button.disabled = false;
    say(button.closest(".chooser").parentElement, answer.refused);
    if (!answer.refused) window.dash_clientside.set_props(`new-${kind}`, { data: answer.options, value: answer.value });
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
    const main = files.find(file => /\.(h5|hdf5|hdf)$/i.test(file.name)) ?? files[0];
    return folder || main.name.replace(/\.[^.]+$/, "");
  };

  const upload = (box, files, folder) => {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    say(box, null);
    if (!files.length) return say(box, "No file of a model is in there. Choose its JSON and HDF5 files.");
    if (total > Number(box.dataset.limit)) return say(box, `These are ${size(total)}; ${box.dataset.words} is the most taken here.`);
    const query = new URLSearchParams({ name: called(files, folder), files: JSON.stringify(files.map(file => [file.name, file.size])) });
    const request = (sending = new XMLHttpRequest());
    const done = (text, href) => {
      sending = null;
      if (box.isConnected) busy(box, null);
      if (text) say(box, text);
      if (href && box.isConnected) drd.visit(href);
      else if (href) drd.toast({ text: "The model has been read.", href });
    };
    request.open("POST", `${box.dataset.upload}?${query}`);
    request.setRequestHeader("X-DeepResolve", "1");
    request.upload.onprogress = event => busy(box, `${size(event.loaded)} of ${size(total)} sent`, event.loaded / Math.max(1, total), true);
    request.upload.onload = () => busy(box, "Reading and checking the model …", null, false);
    request.onload = () => {
      if (request.status !== 200) return done(`The server did not take this (${request.status}). Try again.`);
      const answer = JSON.parse(request.responseText);
      done(answer.refused, answer.href);
    };
    request.onerror = () => done("The connection broke. Nothing was kept; send it again.");
    request.onabort = () => done("Stopped. Nothing was kept.");
    busy(box, `0 of ${size(total)} sent`, 0, true);
    request.send(new Blob(files));
  };

  const fits = (box, file) => box.dataset.accept.split(",").some(end => file.name.toLowerCase().endsWith(end));
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
    else upload(box, files);
  };

  // ask for files: what is done with them depends on where the button is
  const pick = button => {
    const input = document.createElement("input"), box = button.closest("[data-upload]");
    const folder = button.dataset.pick === "folder";
    Object.assign(input, { type: "file", multiple: Boolean(box), webkitdirectory: folder });
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
    if (event.target.closest?.("[data-stop]")) sending?.abort();
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
