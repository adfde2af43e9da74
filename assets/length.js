// A model that takes sequences of any length: a form that asks which is meant.
(drd => {
  // the box that the model was dropped on; `send` takes the length in bp
  drd.askLength = (drop, send) => {
    document.querySelectorAll(".wiring").forEach(one => one.remove());
    const box = Object.assign(document.createElement("form"), { className: "panel wiring" });
    box.setAttribute("aria-label", "Length of the sequences");
    box.innerHTML = `<h2>How long are its sequences?</h2>
      <p class="muted">The model takes any length. Use the one that it was trained with, or that you want to look at: longer ones take longer.</p>
      <p class="fields"><label class="field"><span>Length of the sequences, bp</span><input name="length" type="number" min="1" max="10000000" step="1" required value="1000"></label></p>
      <p class="actions"><button class="button main">Read the model</button><button class="button" type="button" data-leave>Cancel</button></p>`;
    drop.after(box);
    box.onsubmit = event => {
      event.preventDefault();
      const length = box.querySelector("[name=length]").value; // elements.length is their number
      box.remove();
      drop.scrollIntoView({ block: "nearest" }); // it shows how far the files are
      send(length);
    };
    box.querySelector("[data-leave]").onclick = () => box.remove();
    box.querySelector("[name=length]").select();
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
