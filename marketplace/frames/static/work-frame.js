// On the page around a frame: makes the frame as tall as the page in it says it is.
(() => {
  const LEAST = 120, MOST = 20000, CHANGES = 500; // pixels; a page that grows with its frame ends
  const frame = document.querySelector("iframe.work-frame[data-fit=page]");
  if (!frame) return;
  let changes = 0;
  window.addEventListener("message", (event) => {
    const said = event.data;
    if (event.source !== frame.contentWindow || said?.marketplace !== "height") return;
    if (!Number.isFinite(said.height) || (changes += 1) > CHANGES) return;
    frame.style.height = `${Math.min(Math.max(said.height, LEAST), MOST)}px`;
  });
})();
