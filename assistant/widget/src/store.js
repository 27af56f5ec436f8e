/** What outlives a reload, per server and shared by its tabs; kept in memory where the browser refuses storage. */
export function store(server, area = browserStorage()) {
  const refused = new Map(); // what the browser would not take: private mode, a full quota
  const full = (key) => `amends.${key}@${server}`;
  return {
    full,
    get(key) {
      try {
        return refused.has(key) ? refused.get(key) : JSON.parse(area.getItem(full(key)));
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        area.setItem(full(key), JSON.stringify(value));
        refused.delete(key);
      } catch {
        refused.set(key, value);
      }
    },
  };
}

function browserStorage() {
  try {
    return window.localStorage; // reading the property throws where cookies are blocked
  } catch {
    return null;
  }
}
