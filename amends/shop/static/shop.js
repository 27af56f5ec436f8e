// What a shop's own script may do with the chat: open it, and say who the shopper is.
document.addEventListener("click", async ({ target }) => {
  if (target.closest("[data-open-chat]")) window.Amends?.open();
  const button = target.closest("[data-sign-in]");
  if (button) await signIn(button);
});

async function signIn(button) {
  const answer = await fetch("/identity", { method: "POST" });
  if (!answer.ok) return;
  const { token } = await answer.json();
  await window.Amends?.identify(token);
  button.disabled = true;
  button.textContent = "Signed in as Robin";
}
