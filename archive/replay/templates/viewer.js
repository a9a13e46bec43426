// The service worker of ReplayWeb.page's page. What its own worker answers gets a second policy, which only adds to the first: nothing
// is asked of another origin, by no socket either, and a document leads neither its window nor a new one elsewhere.
"use strict";
if (typeof FetchEvent === "function") {
  const KEPT = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; form-action 'self'; frame-ancestors 'self'";
  const SANDBOX = "; sandbox allow-scripts allow-same-origin allow-forms allow-downloads allow-modals allow-pointer-lock";
  const REPLAYED = new URL("w/", self.registration.scope).href;
  const answer = FetchEvent.prototype.respondWith;
  const bounded = (url, given) => {
    if (given.type === "opaque" || given.type === "opaqueredirect" || given.type === "error") return given;
    const headers = new Headers(given.headers);
    const document = url.startsWith(REPLAYED) && /^(text\/html|application\/xhtml|image\/svg|text\/xml|application\/xml|$)/.test(headers.get("content-type") || "");
    headers.append("Content-Security-Policy", KEPT + (document ? SANDBOX : ""));
    headers.set("X-DNS-Prefetch-Control", "off");
    headers.set("Referrer-Policy", "no-referrer");
    const empty = [101, 204, 205, 304].includes(given.status);
    return new Response(empty ? null : given.body, { status: given.status, statusText: given.statusText, headers });
  };
  FetchEvent.prototype.respondWith = function (given) {
    answer.call(this, Promise.resolve(given).then((response) => bounded(this.request.url, response)));
  };
}
importScripts("wabac.js");
