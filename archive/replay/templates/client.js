// Runs first in every replayed page: what scripts ask for while they run is led into the archive as well.
// The page's policy forbids everything else, so nothing here is a wall; it only makes more of a page work.
"use strict";
(() => {
  const own = document.currentScript, { time, mode, url, record, proof } = own.dataset;
  const origin = new URL(own.src).origin, web = `${origin}/web/`;
  own.remove();
  if (proof && window.top !== window) window.top.postMessage({ tangthu: { record, proof } }, origin);

  // Addresses -----------------------------------------------------------------------------------------------------
  const inside = /^\/web\/\d{1,14}[a-z]{0,10}_?\//, archived = /^\/web\/\d{1,14}[a-z]{0,10}_?\/(.*)$/s;
  const URL_ = window.URL, String_ = String;
  function base() {  // what relative addresses are read from: the live address of the document, or of its base element
    try {
      const here = new URL_(document.baseURI), found = archived.exec(here.pathname + here.search);
      if (here.origin === origin && found) return found[1];
    } catch { /* about:srcdoc and the like */ }
    return url;
  }
  function lead(value, kind) {
    const text = String_(value).trim();
    if (!text || text[0] === "#" || /^(?!https?:)[a-z][a-z0-9+.-]*:/i.test(text)) return value;
    let to;
    try {
      to = new URL_(text, document.baseURI);
      if (to.origin === origin && inside.test(to.pathname)) return value;
      to = new URL_(text, base());
    } catch { return value; }
    if (to.origin === origin) {
      if (to.pathname.startsWith("/replay/")) return value;
      to = new URL_(to.pathname + to.search + to.hash, base());  // "/x" that a script made absolute by location.origin
    }
    return `${web}${time}${kind === undefined ? mode : kind}/${to.href}`;
  }
  const leadSet = (value) => String_(value).replace(/([\s,]*)([^\s]*[^\s,])((?:\s[^,]*)?(?:,|$))/g, (_, before, at, after) => before + lead(at, "im_") + after);
  const leadCss = (value) => String_(value).replace(/(url\(\s*)(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))/gi, (whole, before, a, b, c) => {
    const to = lead(a ?? b ?? c, "oe_"), quote = a !== undefined ? '"' : b !== undefined ? "'" : "";
    return before + quote + to + quote;
  });
  const leadHtml = (value) => {  // only what would be asked for before it can be seen in the document
    const text = String_(value);
    if (!/<[a-z]/i.test(text)) return value;
    return text.replace(/(<[a-z][^\s>]*(?:\s[^>]*?)?\s(src|href|action|poster|data|background)\s*=\s*["']?)((?:https?:)?\/(?!web\/\d)[^\s"'>]*)/gi,
      (whole, before, name, at) => before + lead(at, kinds[`${(/^<([^\s>]*)/.exec(before)[1]).toUpperCase()}.${name.toLowerCase()}`]))
      .replace(/(<[a-z][^>]*?\s(?:integrity)\s*=)/gi, (whole) => whole.replace(/integrity\s*=$/i, "_integrity="));
  };

  // Attributes ----------------------------------------------------------------------------------------------------
  const kinds = {
    "IMG.src": "im_", "INPUT.src": "im_", "VIDEO.poster": "im_", "SCRIPT.src": "js_", "IFRAME.src": "if_", "FRAME.src": "if_",
    "EMBED.src": "oe_", "AUDIO.src": "oe_", "VIDEO.src": "oe_", "SOURCE.src": "oe_", "TRACK.src": "oe_", "OBJECT.data": "oe_",
    "LINK.href": "cs_", "A.href": undefined, "AREA.href": undefined, "FORM.action": undefined, "BUTTON.formaction": undefined,
    "INPUT.formaction": undefined, "BASE.href": undefined, "IMAGE.href": "im_", "USE.href": "im_", "BODY.background": "im_",
    "TABLE.background": "im_", "TD.background": "im_",
  };
  const known = (element, name) => `${element.tagName.toUpperCase()}.${name.replace("xlink:", "")}`;
  function mended(element, name, value) {
    name = String_(name).toLowerCase();
    if (value === null || value === undefined) return value;
    if (name === "srcset" || name === "imagesrcset") return leadSet(value);
    if (name === "style") return leadCss(value);
    if (name === "srcdoc") return leadHtml(value);
    if (name === "target" || name === "formtarget") return /^_?(blank|top|parent|new)$/i.test(value) ? "_self" : value;
    const key = known(element, name);
    if (!(key in kinds)) return value;
    return lead(value, key === "LINK.href" && !/stylesheet/i.test(element.rel) ? "oe_" : kinds[key]);
  }
  const setAttribute = Element.prototype.setAttribute, getAttribute = Element.prototype.getAttribute;
  const removeAttribute = Element.prototype.removeAttribute;
  function patch(holder, name, make) {
    const old = holder && holder[name];
    if (typeof old === "function") Object.defineProperty(holder, name, { value: make(old), writable: true, configurable: true });
  }
  function patchSetter(holder, name, change) {
    const old = holder && Object.getOwnPropertyDescriptor(holder, name);
    if (old && old.set) Object.defineProperty(holder, name, { ...old, set(value) { old.set.call(this, change(this, value)); } });
  }
  patch(Element.prototype, "setAttribute", (old) => function (name, value) {
    if (/^(integrity|nonce)$/i.test(name)) return undefined;
    return old.call(this, name, mended(this, name, value));
  });
  patch(Element.prototype, "setAttributeNS", (old) => function (space, name, value) {
    return old.call(this, space, name, mended(this, String_(name), value));
  });
  const properties = {
    HTMLImageElement: ["src", "srcset"], HTMLScriptElement: ["src"], HTMLLinkElement: ["href", "imageSrcset"], HTMLAnchorElement: ["href", "target"],
    HTMLAreaElement: ["href", "target"], HTMLIFrameElement: ["src", "srcdoc"], HTMLFrameElement: ["src"], HTMLMediaElement: ["src"],
    HTMLSourceElement: ["src", "srcset"], HTMLTrackElement: ["src"], HTMLEmbedElement: ["src"], HTMLObjectElement: ["data"],
    HTMLInputElement: ["src", "formAction"], HTMLButtonElement: ["formAction"], HTMLFormElement: ["action", "target"],
    HTMLVideoElement: ["poster"], HTMLBaseElement: ["href"],
  };
  for (const [kind, names] of Object.entries(properties))
    for (const name of names)
      patchSetter(window[kind] && window[kind].prototype, name, (element, value) => mended(element, name, value));
  for (const kind of ["HTMLScriptElement", "HTMLLinkElement"]) patchSetter(window[kind].prototype, "integrity", () => "");
  for (const name of ["innerHTML", "outerHTML"])
    for (const holder of [Element.prototype, ShadowRoot.prototype]) patchSetter(holder, name, (_, value) => leadHtml(value));
  for (const name of ["setHTMLUnsafe", "setHTML"])
    for (const holder of [Element.prototype, ShadowRoot.prototype]) patch(holder, name, (old) => function (text, ...rest) { return old.call(this, leadHtml(text), ...rest); });
  patch(Element.prototype, "insertAdjacentHTML", (old) => function (where, text) { return old.call(this, where, leadHtml(text)); });
  patch(Range.prototype, "createContextualFragment", (old) => function (text) { return old.call(this, leadHtml(text)); });
  for (const name of ["write", "writeln"]) patch(Document.prototype, name, (old) => function (...texts) { return old.call(this, leadHtml(texts.join(""))); });

  patch(DOMParser.prototype, "parseFromString", (old) => function (text, kind) { return old.call(this, leadHtml(text), kind); });
  patchSetter(Attr.prototype, "value", (attribute, value) => (attribute.ownerElement ? mended(attribute.ownerElement, attribute.name, value) : value));
  for (const name of ["setAttributeNode", "setAttributeNodeNS"])
    patch(Element.prototype, name, (old) => function (attribute) { attribute.value = mended(this, attribute.name, attribute.value); return old.call(this, attribute); });
  for (const name of ["setNamedItem", "setNamedItemNS"])
    patch(NamedNodeMap.prototype, name, (old) => function (attribute) {
      const gone = old.call(this, attribute);
      if (attribute.ownerElement) attribute.value = `${attribute.value}`;
      return gone;
    });
  // A link to a server makes the browser connect as soon as it stands in the document, before anybody sees it there:
  // no policy forbids that, so links are mended on their way in.
  function mendLinks(nodes) {
    for (const node of nodes) {
      if (!(node instanceof Node)) continue;
      if (node.tagName && node.tagName.toUpperCase() === "LINK") mend(node);
      else if (node.querySelectorAll && node.firstElementChild) node.querySelectorAll("link").forEach(mend);
    }
  }
  const insertions = [
    [Node.prototype, ["appendChild", "insertBefore", "replaceChild"]], [Range.prototype, ["insertNode", "surroundContents"]],
    ...[Element, Document, DocumentFragment].map((kind) => [kind.prototype, ["append", "prepend", "replaceChildren", "moveBefore"]]),
    [Element.prototype, ["before", "after", "replaceWith", "insertAdjacentElement"]], [CharacterData.prototype, ["before", "after", "replaceWith"]],
  ];
  for (const [holder, names] of insertions)
    for (const name of names)
      patch(holder, name, (old) => function (...nodes) { mendLinks(nodes); return old.apply(this, nodes); });

  // What came in another way is mended where it is seen; the policy has kept it from loading until then.
  const watched = ["src", "href", "srcset", "action", "formaction", "poster", "data", "style", "background", "xlink:href", "target"];
  function mend(element) {
    for (const name of watched) {
      const value = getAttribute.call(element, name);
      if (value === null) continue;
      const to = mended(element, name, value);
      if (to !== value) setAttribute.call(element, name, to);
    }
    if (element.tagName === "SCRIPT" || element.tagName === "LINK") removeAttribute.call(element, "integrity");
  }
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") { mend(change.target); continue; }
      for (const node of change.addedNodes) {
        if (node.nodeType !== 1) continue;
        mend(node);
        for (const inner of node.querySelectorAll("[src],[href],[srcset],[action],[formaction],[poster],[data],[style],[background],[target]")) mend(inner);
      }
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: watched.filter((name) => name !== "xlink:href") });
  // There are no windows to open: what names neither a frame of the page nor itself goes where it is.
  const named = (name) => [...document.querySelectorAll("iframe[name],frame[name]")].find((frame) => getAttribute.call(frame, "name") === name);
  function stay(element) {
    const name = getAttribute.call(element, "target");
    if (name && name[0] !== "_" && !named(name)) setAttribute.call(element, "target", "_self");
  }
  addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a[href],area[href]");
    if (link) { mend(link); stay(link); }
  }, true);
  addEventListener("submit", (event) => { if (event.target instanceof HTMLFormElement) stay(event.target); }, true);

  // Requests ------------------------------------------------------------------------------------------------------
  patch(window, "fetch", (old) => function (what, ...rest) {
    const there = what instanceof Request ? lead(what.url, "oe_") : lead(what, "oe_");
    if (what instanceof Request) return old.call(window, what.url === there ? what : new Request(there, what), ...rest);
    return old.call(window, there, ...rest);
  });
  patch(XMLHttpRequest.prototype, "open", (old) => function (method, where, ...rest) { return old.call(this, method, lead(where, "oe_"), ...rest); });
  patch(navigator, "sendBeacon", () => () => true);
  for (const name of ["WebSocket", "WebTransport", "RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel"])
    if (name in window) Object.defineProperty(window, name, { value: undefined, configurable: false, writable: false });
  if (window.EventSource) {
    const Old = window.EventSource;
    window.EventSource = function (where, options) { return new Old(lead(where, "oe_"), options); };
    window.EventSource.prototype = Old.prototype;
  }
  patch(window, "open", () => function (where, name) {  // no second window: it would stand outside of the frame
    const frame = named(String_(name));
    if (where && frame) frame.src = where;
    else if (where) location.href = lead(where);
    return frame ? frame.contentWindow : null;
  });
  for (const name of ["pushState", "replaceState"])
    patch(History.prototype, name, (old) => function (state, title, where) {
      return old.call(this, state, title, where === undefined || where === null ? where : lead(where));
    });
  patch(CSSStyleSheet.prototype, "insertRule", (old) => function (rule, ...rest) { return old.call(this, leadCss(rule), ...rest); });
  patch(CSSStyleSheet.prototype, "replace", (old) => function (text) { return old.call(this, leadCss(text)); });
  patch(CSSStyleSheet.prototype, "replaceSync", (old) => function (text) { return old.call(this, leadCss(text)); });

  // What a sandbox has not, so that scripts that ask for it go on: kept in memory, gone with the page. -------------
  function give(holder, name, value) { try { Object.defineProperty(holder, name, value); } catch { /* the browser has it its own way */ } }
  class Kept {
    #held = new Map();
    get length() { return this.#held.size; }
    key(index) { return [...this.#held.keys()][index] ?? null; }
    getItem(key) { return this.#held.get(String_(key)) ?? null; }
    setItem(key, value) { this.#held.set(String_(key), String_(value)); }
    removeItem(key) { this.#held.delete(String_(key)); }
    clear() { this.#held.clear(); }
  }
  for (const name of ["localStorage", "sessionStorage"]) {
    const kept = new Kept();
    const like = new Proxy(kept, {
      get: (_, key) => (key in Kept.prototype ? (typeof kept[key] === "function" ? kept[key].bind(kept) : kept[key]) : kept.getItem(key) ?? undefined),
      set: (_, key, value) => (kept.setItem(key, value), true), deleteProperty: (_, key) => (kept.removeItem(key), true),
      has: (_, key) => key in Kept.prototype || kept.getItem(key) !== null,
    });
    give(window, name, { get: () => like, configurable: true });
  }
  const cookies = new Map();
  give(Document.prototype, "cookie", {
    get: () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    set(text) {
      const [pair, ...rest] = String_(text).split(";"), at = pair.indexOf("="), name = pair.slice(0, at < 0 ? 0 : at).trim();
      if (rest.some((part) => /^\s*max-age\s*=\s*(0|-)/i.test(part) || (/^\s*expires\s*=/i.test(part) && Date.parse(part.split("=")[1]) < Date.now()))) cookies.delete(name);
      else cookies.set(name, pair.slice(at + 1).trim());
    },
    configurable: true,
  });
  give(Document.prototype, "domain", { get: () => { try { return new URL_(url).hostname; } catch { return ""; } }, set() {}, configurable: true });
  give(Navigator.prototype, "serviceWorker", { get: () => undefined, configurable: true });
})();
