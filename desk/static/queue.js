// The queue's page: filters that apply at once, keys, and a notice of new tickets when asked for.
(() => {
  "use strict";
  const ASKED = "amends-desk-notices";
  const queue = document.getElementById("queue");
  const button = document.getElementById("notices");

  for (const select of document.querySelectorAll(".filters select")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }

  // What nobody filled in does not stand in the address.
  document.querySelector(".filters").addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
  });

  // j and k go down and up, o opens.
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = [...document.querySelectorAll(".ticket-row")];
    const at = rows.indexOf(document.activeElement);
    if (event.key === "j") rows[Math.min(at + 1, rows.length - 1)]?.focus();
    if (event.key === "k") rows[Math.max(at - 1, 0)]?.focus();
    if (event.key === "o" && at >= 0) rows[at].click();
  });

  // Two short tones, made here: no file to load, and none that a strict policy forbids.
  let audio = null;
  function ring() {
    audio ??= new AudioContext();
    for (const [pitch, start] of [[660, 0], [880, 0.16]]) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.12, audio.currentTime + start);
      volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + start + 0.15);
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + start);
      tone.stop(audio.currentTime + start + 0.16);
    }
  }

  const isOn = () => localStorage.getItem(ASKED) === "on";

  function follow() {
    button.setAttribute("aria-pressed", String(isOn()));
    if (isOn()) document.documentElement.dataset.listens = "hidden";
    else delete document.documentElement.dataset.listens;
    document.dispatchEvent(new Event("desk:listens"));
  }

  button.hidden = false;
  button.addEventListener("click", async () => {
    localStorage.setItem(ASKED, isOn() ? "off" : "on");
    follow();
    if (!isOn()) return;
    ring();
    // Without leave, or where browsers have none to give, the sound remains.
    if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  });
  follow();

  const open = () => [...queue.querySelectorAll("[data-status=open]")];
  const known = new Set(open().map((row) => row.dataset.reference));

  function tell(row) {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    // No words of the shopper: others may see the screen.
    const notice = new Notification("New ticket", { body: `${row.dataset.reference}: ${row.dataset.category}`, tag: row.dataset.reference });
    notice.addEventListener("click", () => window.focus());
  }

  queue.addEventListener("htmx:afterSettle", () => {
    const fresh = open().filter((row) => !known.has(row.dataset.reference));
    for (const row of fresh) known.add(row.dataset.reference);
    if (!isOn() || !fresh.length) return;
    ring();
    fresh.forEach(tell);
  });
})();
