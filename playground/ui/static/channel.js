/**
 * One way to the server for everything live: ask a question, get its answer, one at a time.
 *
 * The way is a WebSocket. Where a proxy does not let it through (two failed openings or three seconds), the same
 * questions travel as component messages through Streamlit ("pull"), and the socket is tried again now and then.
 * The token goes as a subprotocol, because addresses end up in logs.
 */
const OPEN_TRIES = 2;
const SHUT_OUT_TRIES = 3;
const OPEN_PATIENCE_MS = 3000;
const ANSWER_PATIENCE_MS = 15000;
const RETRY_SOCKET_MS = 30000;
const PULL_PACE_MS = 60; // a rerun a question: leave the server time for everybody else

/** The address of the frame route beside the page: right under a base path, and wss on https. */
export function frameAddress(base = document.baseURI) {
  const url = new URL("frames", base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = url.hash = "";
  return url.href;
}

/** ArrayBuffer of base64 text, as binary answers travel in pull mode. */
export function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}

export class Channel {
  /**
   * token: what the page was given for this browser session.
   * fallbackSend(text): hands a question to Streamlit; its answer comes back through `receive`.
   * onShutOut(): the server is there perhaps, but does not let this token in any more.
   * onMode(mode): "connecting" | "socket" | "reconnecting" | "pull".
   */
  constructor({ token, fallbackSend = null, onMode = () => {}, onShutOut = () => {}, address = null }) {
    this.token = token;
    this.fallbackSend = fallbackSend;
    this.onMode = onMode;
    this.onShutOut = onShutOut;
    this.address = address;
    this.mode = "connecting";
    this.queue = [];
    this.flying = null; // {n, text, resolve, timer}
    this.counter = 0;
    this.failures = 0;
    this.everOpened = false;
    this.closed = false;
    this.lastPull = 0;
    this.open();
    this.patience = setTimeout(() => this.mode === "connecting" && this.pull(), OPEN_PATIENCE_MS);
  }

  /** The answer to a question: an ArrayBuffer, a plain object, or {lost: true} if the way broke under it. */
  ask(message) {
    return new Promise((resolve) => {
      if (this.closed) return resolve({ lost: true });
      this.queue.push({ n: ++this.counter, message, resolve });
      this.pump();
    });
  }

  /** The answer to a question sent through Streamlit. `reply` is JSON text, or base64 of a binary frame. */
  receive(replyTo, reply) {
    if (!this.flying || this.flying.n !== replyTo || !this.flying.pulled || reply == null) return;
    this.settle(reply.startsWith("{") ? parse(reply) : fromBase64(reply));
  }

  /** Streamlit has rerun the page without answering: the question that went through it is lost. */
  abandon() {
    if (this.flying?.pulled) this.settle({ lost: true });
  }

  /** Go on under another token (the page was given a new one). */
  renew(token) {
    if (token === this.token) return;
    this.token = token;
    this.failures = 0;
    if (this.socket) return this.socket.close();
    clearTimeout(this.retry);
    this.open();
  }

  close() {
    this.closed = true;
    clearTimeout(this.patience);
    clearTimeout(this.retry);
    if (this.socket) this.socket.close();
    this.lose();
    for (const asked of this.queue.splice(0)) asked.resolve({ lost: true });
  }

  open() {
    if (this.closed || this.socket) return;
    let socket;
    try {
      socket = new WebSocket(this.address ?? frameAddress(), [`nnp.${this.token}`]);
    } catch {
      return this.pull();
    }
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.everOpened = true;
      this.failures = 0;
      this.setMode("socket");
      this.pump();
    };
    socket.onmessage = ({ data }) => this.settle(typeof data === "string" ? parse(data) : data);
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (this.closed) return;
      if (!this.flying?.pulled) this.lose();
      this.failures += 1;
      this.again();
    };
  }

  /** After a broken or refused socket: try again soon, or carry on through Streamlit. */
  again() {
    if (!this.everOpened && this.failures >= OPEN_TRIES) this.pull();
    if (this.everOpened && this.failures > 6) this.pull();
    if (this.mode === "socket") this.setMode("reconnecting");
    // a server that was started anew knows neither the token nor the session, so the page must introduce itself again
    if (this.everOpened && this.failures >= SHUT_OUT_TRIES) this.onShutOut();
    const wait = this.mode === "pull" ? RETRY_SOCKET_MS : Math.min(8000, 250 * 2 ** Math.min(this.failures, 5));
    clearTimeout(this.retry);
    const spread = 0.8 + 0.4 * Math.random(); // a class must not return in one instant
    this.retry = setTimeout(() => this.open(), wait * spread);
  }

  pull() {
    if (!this.fallbackSend || this.closed) return;
    this.setMode("pull");
    this.pump();
  }

  pump() {
    if (this.flying || !this.queue.length) return;
    const bySocket = this.socket?.readyState === WebSocket.OPEN;
    if (!bySocket && this.mode !== "pull") return; // the question waits for the way to open
    if (!bySocket) {
      const early = this.lastPull + PULL_PACE_MS - performance.now();
      if (early > 0) {
        clearTimeout(this.pace);
        this.pace = setTimeout(() => this.pump(), early);
        return;
      }
    }
    const asked = this.queue.shift();
    asked.pulled = !bySocket;
    asked.timer = setTimeout(() => this.silence(), ANSWER_PATIENCE_MS);
    this.flying = asked;
    const text = JSON.stringify({ ...asked.message, n: asked.n });
    if (bySocket) {
      this.socket.send(text);
    } else {
      this.lastPull = performance.now();
      this.fallbackSend(text);
    }
  }

  /** No answer for long: the network is dead without having said so. */
  silence() {
    const pulled = this.flying?.pulled;
    this.lose();
    if (!pulled && this.socket) this.socket.close();
    this.pump();
  }

  settle(answer) {
    const asked = this.flying;
    if (!asked) return;
    clearTimeout(asked.timer);
    this.flying = null;
    asked.resolve(answer);
    this.pump();
  }

  lose() {
    if (this.flying) this.settle({ lost: true });
  }

  setMode(mode) {
    if (this.mode === mode) return;
    this.mode = mode;
    this.onMode(mode);
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { error: "The server's answer could not be read." };
  }
}

const shared = new Map();

/** One channel a token for all figures of the page, apart from the stage's own: a heavy figure never delays a frame. */
export function sharedChannel({ token, fallbackSend = null }) {
  let channel = shared.get(token);
  if (!channel || channel.closed) {
    for (const [old, former] of shared) {
      former.close();
      shared.delete(old);
    }
    channel = new Channel({ token, fallbackSend });
    shared.set(token, channel);
  }
  if (fallbackSend) channel.fallbackSend = fallbackSend;
  return channel;
}
