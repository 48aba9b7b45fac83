// The page on which a worker works: the countdown, and the way on after a submission.
// Without it everything still works, by the links and buttons on the page.
(() => {
  "use strict";
  const AUTO = "accept-next"; // the worker's wish, for this tab
  const AFTER = "accept-after"; // the assignment after which it holds

  const words = (seconds) => {
    const two = (number) => String(number).padStart(2, "0");
    const days = Math.floor(seconds / 86400);
    const rest = seconds % 86400;
    const clock = `${Math.floor(rest / 3600)}:${two(Math.floor((rest % 3600) / 60))}:${two(rest % 60)}`;
    return days ? `${days} d ${clock}` : clock;
  };

  const countDown = () => {
    const clock = document.getElementById("clock");
    if (!clock) return;
    const news = document.getElementById("clock-news");
    const atFirst = Number(clock.dataset.seconds);
    const speed = Number(clock.dataset.speed); // seconds of the HIT's time in one of ours
    const began = performance.now();
    const moments = [[300, "Five minutes left."], [60, "One minute left."], [15, "Fifteen seconds left."]]
      .filter(([seconds]) => seconds < atFirst);
    const show = () => {
      const left = Math.max(0, Math.floor(atFirst - ((performance.now() - began) / 1000) * speed));
      clock.textContent = words(left);
      clock.classList.toggle("late", left <= 60);
      // A screen reader hears of a few moments only, not of every second.
      while (moments.length && left <= moments[0][0]) news.textContent = moments.shift()[1];
      if (left > 0) return;
      clearInterval(timer);
      document.getElementById("time-up").hidden = false;
    };
    const timer = setInterval(show, 500);
    show();
  };

  const offerToGoOn = () => {
    const choice = document.getElementById("auto-choice");
    const work = document.getElementById("work");
    if (!choice || !work) return;
    const box = document.getElementById("auto");
    const keep = () => {
      sessionStorage.setItem(AUTO, box.checked ? "yes" : "no");
      sessionStorage.setItem(AFTER, work.dataset.assignment);
    };
    box.checked = sessionStorage.getItem(AUTO) === "yes";
    box.addEventListener("change", keep);
    choice.hidden = false;
    keep();
  };

  // A frame says that it submitted: ask the server what is true, then go on.
  const listen = () => {
    const work = document.getElementById("work");
    if (!work) return;
    const { assignment } = work.dataset;
    let asking = false;
    const ask = async (tries) => {
      try {
        const response = await fetch(`/work/${assignment}/state`, { headers: { Accept: "application/json" } });
        const { status } = await response.json();
        if (status !== "Accepted") return location.replace(`/work/${assignment}`);
      } catch {
        // Tried again below.
      }
      if (tries > 1) return setTimeout(() => ask(tries - 1), 1000);
      asking = false;
    };
    window.addEventListener("message", (event) => {
      const said = event.data;
      if (asking || !said || said.marketplace !== "submitted") return;
      asking = true;
      ask(5);
    });
  };

  const goOn = () => {
    const next = document.getElementById("next");
    if (!next || sessionStorage.getItem(AFTER) !== next.dataset.after) return;
    sessionStorage.removeItem(AFTER);
    if (sessionStorage.getItem(AUTO) === "yes") next.requestSubmit();
  };

  countDown();
  offerToGoOn();
  listen();
  goOn();
})();
