/** How many of our words the shopper has not seen; what was seen is shared by the tabs and outlives a reload. */
export function unread(store) {
  const seen = () => store.get("seen") ?? 0; // seconds, the server's clock
  const ours = (messages) => messages.filter(({ role }) => role === "bot" || role === "agent");
  return {
    count: (messages) => ours(messages).filter(({ at }) => at > seen()).length,
    see(messages) {
      const newest = Math.max(0, ...ours(messages).map(({ at }) => at));
      if (newest > seen()) store.set("seen", newest);
    },
  };
}
