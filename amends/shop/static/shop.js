// What a shop's own script may do with the chat: open it, and say who the shopper is.
const SIGNED_IN = "tarn.signed-in"; // A real shop has a cookie for this.
const script = document.querySelector("script[src$='/widget.js']");

// The tag is async: the chat may come after this script, or not at all.
const chat = new Promise((ready) => {
  if (window.Amends) ready(window.Amends);
  else script.addEventListener("load", () => ready(window.Amends));
});

document.addEventListener("click", async ({ target }) => {
  if (target.closest("[data-open-chat]")) (await chat).open();
  if (target.closest("[data-sign-in]")) await signIn();
  if (target.closest("[data-sign-out]")) await signOut();
});

async function signIn() {
  const answer = await fetch("/identity", { method: "POST" });
  if (!answer.ok) return;
  sessionStorage.setItem(SIGNED_IN, "Robin");
  show(true);
  const { token } = await answer.json();
  (await chat).identify(token);
}

async function signOut() {
  sessionStorage.removeItem(SIGNED_IN);
  show(false);
  (await chat).identify(null);
}

function show(isSignedIn) {
  document.querySelector("[data-sign-in]").hidden = isSignedIn;
  document.querySelector("[data-sign-out]").hidden = !isSignedIn;
}

// On every page: whoever reads it may have come from another one, or have left the chat alone so far.
if (sessionStorage.getItem(SIGNED_IN) && document.querySelector("[data-sign-in]")) signIn();
