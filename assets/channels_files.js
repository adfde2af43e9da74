// Motif files of a user: sent once, kept by the server, chosen for the look at the channels.
(drd => {
  const send = async (button, file) => {
    const words = button.textContent;
    if (file.size > Number(button.dataset.limit)) return drd.toast({ text: `${file.name} is larger than ${button.dataset.words}, the most taken here. Take a part of the motifs.`, tone: "bad" });
    Object.assign(button, { disabled: true, textContent: `Reading ${file.name} …` });
    const answer = await drd.send(`/upload/motifs?${new URLSearchParams({ files: JSON.stringify([[file.name, file.size]]) })}`, file);
    Object.assign(button, { disabled: false, textContent: words });
    if (answer.refused) return drd.toast({ text: answer.refused, tone: "bad" });
    for (const group of document.querySelectorAll(".layer-page [data-files]")) {
      group.querySelector(`[value="${answer.database}"]`)?.remove();
      group.prepend(drd.made("option", { value: answer.database, textContent: answer.label }));
      group.hidden = false;
    }
    if (drd.layer) drd.go({ database: answer.database });
  };
  document.addEventListener("click", event => {
    const button = event.target.closest?.(".layer-page [data-meme]");
    if (!button) return;
    const input = drd.made("input", { type: "file", accept: ".meme,.txt" });
    input.onchange = () => input.files[0] && send(button, input.files[0]);
    input.click();
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
