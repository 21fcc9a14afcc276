"use strict";
(() => {
  // How often the sections are asked for, how long an answer may take, and after how long
  // without one everything counts as stale. In milliseconds.
  const ASK = 2500, WAIT = 8000, LOST = 8000;
  const main = document.getElementById("sections");
  const alarm = document.getElementById("alarm");
  const live = document.getElementById("live");
  const orders = document.getElementById("orders");
  const ordered = document.getElementById("ordered");
  let answered = Date.now();
  let skew = 0;
  let failed = false;
  let next = 0;

  // The server's clock is what ages are measured by.
  const settle = () => {
    skew = Date.now() - Number(document.getElementById("content").dataset.now);
    answered = Date.now();
  };
  const seconds = (ms) => Math.max(0, Math.floor(ms / 1000));

  const tick = () => {
    const now = Date.now() - skew;
    const silence = Date.now() - answered;
    const lost = failed || silence > LOST;
    for (const stamp of document.querySelectorAll(".stamp[data-at]")) {
      const age = now - Number(stamp.dataset.at);
      const trouble = stamp.dataset.trouble || (lost ? "no answer from the server" : "");
      const stale = trouble !== "" || age > Number(stamp.dataset.limit);
      const when = stamp.querySelector(".when");
      const time = when.textContent.slice(0, "as of 00:00:00".length);
      const text = !stale ? time
        : time + ", " + seconds(age) + " s old" + (trouble ? ": " + trouble : "");
      if (when.textContent !== text) when.textContent = text;
      stamp.classList.toggle("stale", stale);
    }
    for (const section of document.querySelectorAll("section")) {
      const stale = section.querySelector(".stamp.stale") !== null;
      section.classList.toggle("stale", stale);
      section.classList.toggle("fresh", !stale);
    }
    live.className = lost ? "lost" : "live";
    const said = lost ? "no connection" : "live";
    if (live.textContent !== said) live.textContent = said;
    alarm.hidden = !lost;
    if (lost) {
      alarm.textContent = "smtpd has not answered for " + seconds(silence)
        + " s. What is shown here is as old as each section says.";
    }
  };

  const replace = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("content");
    if (!fresh) throw new Error("no sections");
    const focused = document.activeElement && document.activeElement.value;
    main.replaceChildren(document.adoptNode(fresh));
    if (focused) {
      const again = [...main.querySelectorAll("button")].find((it) => it.value === focused);
      if (again) again.focus();
    }
    settle();
  };

  const ask = async () => {
    clearTimeout(next);
    next = 0;
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), WAIT);
    try {
      const answer = await fetch("/?part=sections&span=" + main.dataset.span,
        { signal: end.signal, cache: "no-store", credentials: "omit" });
      if (!answer.ok) throw new Error(answer.status);
      replace(await answer.text());
      failed = false;
    } catch {
      failed = true;
    } finally {
      clearTimeout(timer);
      tick();
      next = setTimeout(ask, ASK);
    }
  };

  const order = async (event) => {
    event.preventDefault();
    const form = new URLSearchParams(new FormData(orders, event.submitter));
    ordered.textContent = "…";
    try {
      const answer = await fetch("/order", { method: "POST", body: form, credentials: "omit" });
      ordered.textContent = await answer.text();
    } catch {
      ordered.textContent = "no answer";
    }
  };

  if (orders) orders.addEventListener("submit", order);
  // A tab that was hidden has slept.
  document.addEventListener("visibilitychange", () => {
    tick();
    if (!document.hidden && next) ask();
  });
  settle();
  tick();
  setInterval(tick, 500);
  next = setTimeout(ask, ASK);
})();
