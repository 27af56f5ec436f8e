/** What socket.io-client takes from engine.io-client. */
export { Socket } from "engine.io-client/socket.js";
export { installTimerFunctions } from "engine.io-client/util.js";
export { nextTick } from "engine.io-client/globals.js";
