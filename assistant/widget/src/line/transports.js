/** How packets travel: a WebSocket, and requests where a proxy lets none through. */
import { Fetch } from "engine.io-client/transports/polling-fetch.js";
import { WS } from "engine.io-client/transports/websocket.js";

export const transports = { websocket: WS, polling: Fetch };
