/** Parts of an address, in the words of engine.io-client's own parser, which is older than URL. */
export function parse(address) {
  const { protocol, hostname, port, pathname } = new URL(address);
  return { protocol: protocol.slice(0, -1), host: hostname, port, path: pathname, query: "" };
}
