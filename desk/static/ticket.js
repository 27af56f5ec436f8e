// The ticket's page: drafts that survive a reload, replies that are shown once, suggestions.
(() => {
  "use strict";
  const page = document.querySelector(".ticket");
  const log = document.getElementById("log");
  const form = document.getElementById("reply");
  const box = form.elements.text;
  const id = form.elements.id;
  const DRAFT = `amends-desk-draft-${page.dataset.reference}`;

  // With the id: what may have arrived before the reload is shown once after it.
  let attempted = null;
  const keep = () => {
    if (box.value) sessionStorage.setItem(DRAFT, JSON.stringify({ text: box.value, id: id.value, attempted }));
    else sessionStorage.removeItem(DRAFT);
  };
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
  if (draft && !box.value) {
    box.value = draft.text;
    id.value = draft.id;
    attempted = draft.attempted;
  }
  box.addEventListener("input", keep);

  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return `reply-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  };

  form.addEventListener("htmx:configRequest", (event) => {
    if (event.target !== form) return;
    // Other words than those that may have arrived are another reply.
    if (attempted !== null && attempted !== box.value) id.value = newId();
    attempted = box.value;
    event.detail.parameters.id = id.value;
    keep();
  });

  document.body.addEventListener("reply-sent", (event) => {
    // What was typed while it was on its way stays.
    if (box.value === attempted) box.value = "";
    attempted = null;
    id.value = event.detail.id;
    keep();
    box.focus();
  });

  document.body.addEventListener("note-kept", () => {
    document.getElementById("note-text").value = "";
  });

  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.querySelector("[type=submit]")?.click();
  });

  for (const suggestion of document.querySelectorAll(".suggestion")) {
    suggestion.addEventListener("click", () => {
      box.value = box.value ? `${box.value.trimEnd()}\n\n${suggestion.textContent}` : suggestion.textContent;
      keep();
      box.focus();
    });
  }

  // The newest line is in sight, unless somebody reads further up.
  let follows = true;
  const toEnd = () => { if (follows) log.scrollTop = log.scrollHeight; };
  log.addEventListener("scroll", () => {
    follows = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  });
  log.addEventListener("htmx:afterSettle", toEnd);
  log.addEventListener("load", toEnd, true); // pictures
  toEnd();
})();
