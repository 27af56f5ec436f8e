// Keeps the page up to date: one stream of events, closed while nobody looks at the tab.
(() => {
  "use strict";
  const FIRST_WAIT_MS = 1000;
  const LONGEST_WAIT_MS = 30000;

  // Whether a hidden tab has a reason to listen: somebody asked to be told of new tickets.
  const listensHidden = () => document.documentElement.dataset.listens === "hidden";
  const isAsleep = () => document.hidden && !listensHidden();

  function show(state) {
    const sign = document.getElementById("live");
    if (!sign || sign.dataset.state === state) return;
    const words = { live: "Live", lost: "Not connected, trying again", wait: "Connecting" };
    sign.dataset.state = state;
    sign.querySelector(".words").textContent = words[state];
  }

  // What the SSE extension takes for an EventSource. The real one comes and goes behind it.
  function stream(url) {
    const listeners = new Map();
    let source = null;
    let retry = null;
    let wait = FIRST_WAIT_MS;

    // Whatever was missed while there was no stream is fetched by those who listen.
    function refresh() {
      for (const [name, those] of listeners) {
        for (const listener of [...those]) listener(new MessageEvent(name, { data: "" }));
      }
    }

    function end() {
      clearTimeout(retry);
      source?.close();
      source = null;
    }

    function begin() {
      end();
      source = new EventSource(url);
      source.addEventListener("open", () => {
        wait = FIRST_WAIT_MS;
        show("live");
        refresh();
      });
      source.addEventListener("error", () => {
        show("lost");
        if (source?.readyState !== EventSource.CLOSED) return; // the browser tries by itself
        refresh(); // a session that has ended leads to the sign-in page
        retry = setTimeout(begin, wait);
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      });
      source.addEventListener("reload", refresh);
      source.addEventListener("signed-out", () => location.reload());
      for (const [name, those] of listeners) {
        for (const listener of those) source.addEventListener(name, listener);
      }
    }

    function follow() {
      if (isAsleep()) {
        end();
        show("wait");
      } else if (!source) {
        begin();
      }
    }

    document.addEventListener("visibilitychange", follow);
    document.addEventListener("desk:listens", follow);
    follow();
    return {
      readyState: EventSource.OPEN,
      addEventListener(name, listener) {
        if (!listeners.has(name)) listeners.set(name, new Set());
        listeners.get(name).add(listener);
        source?.addEventListener(name, listener);
      },
      removeEventListener(name, listener) {
        listeners.get(name)?.delete(listener);
        source?.removeEventListener(name, listener);
      },
      close() {
        end();
        document.removeEventListener("visibilitychange", follow);
        document.removeEventListener("desk:listens", follow);
      },
    };
  }

  htmx.createEventSource = stream;

  // What is open stays open, whatever a live update says.
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name) => name !== "open";

  // Whether the page asked by itself; the sign above says already how that went.
  const isQuiet = (event) => event.detail.requestConfig.verb === "get" || event.detail.elt.matches("[data-rests]");

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isAsleep() && isQuiet(event)) event.preventDefault();
  });

  function say(words) {
    const place = document.getElementById("said") ?? document.getElementById("live");
    (place?.querySelector(".words") ?? place).textContent = words;
  }

  document.addEventListener("htmx:sendError", (event) => {
    if (isQuiet(event)) return;
    say("The desk did not answer. Nobody knows whether that was done: look, and try again.");
  });

  document.addEventListener("htmx:responseError", (event) => {
    if (isQuiet(event)) return;
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const words = page.querySelector("main p")?.textContent.trim();
    say(words || `Nothing was done: the desk answered with ${event.detail.xhr.status}.`);
  });
})();
