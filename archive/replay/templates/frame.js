// Around a replayed page: shows the banner of whatever capture the frame holds, and leads it back when it tries to leave.
"use strict";
(() => {
  const frame = document.getElementById("page"), banner = document.getElementById("banner");
  const { mode } = document.body.dataset;
  let { url, time } = document.body.dataset, told = true, asked = 0, led = [], pending = null;
  const first = location.href;
  document.documentElement.classList.add("scripted");

  // A page says which capture it is, with a word that the server signed for it; what stands in the banner comes from there.
  addEventListener("message", async (event) => {
    const said = event.source === frame.contentWindow && event.data && event.data.tangthu;
    if (!said || typeof said.record !== "string" || !/^[0-9a-f]{32}$/.test(said.proof)) return;
    told = true;
    pending = null;
    const mine = ++asked;
    const answer = await fetch(`/replay/banner/${said.proof}/${encodeURI(said.record)}`);
    if (!answer.ok || mine !== asked) return;
    const here = answer.headers.get("X-Address");
    url = answer.headers.get("X-Url");
    time = /^\/web\/(\d{14})/.exec(here)[1];
    const open = banner && document.getElementById("details").open;
    const text = await answer.text();
    if (!banner || mine !== asked) return;
    banner.innerHTML = text;
    document.getElementById("details").open = open;
    document.title = `${banner.querySelector("time").textContent} · ${url}`;
    history.replaceState(null, "", said.record === document.body.dataset.record ? first : here);
  });

  // Something else than a page that says what it is: the banner must not speak for it.
  let loads = 0;
  frame.addEventListener("load", () => {
    if (pending && !told) {  // the browser's word on what was forbidden came after our answer to it
      frame.src = pending;
      pending = null;
      return;
    }
    if (loads++ && !told && banner) banner.textContent = document.body.dataset.unknown;
    told = false;
  });

  // A script sent the frame out of the archive: it is kept in, and led to the capture of where it wanted to go.
  document.addEventListener("securitypolicyviolation", (event) => {
    if (event.effectiveDirective !== "frame-src") return;
    const now = Date.now();
    led = led.filter((then) => now - then < 10000);
    if (led.length > 5 || !/^https?:/.test(event.blockedURI)) return;
    led.push(now);
    const wanted = new URL(event.blockedURI);
    const whole = wanted.origin === location.origin ? new URL(wanted.pathname + wanted.search + wanted.hash, url).href : wanted.href;
    told = false;
    frame.src = pending = `/web/${time}${mode}/${whole}`;
  });
})();
