/**
 * What every live picture shares: its place on the page, its run, the way to the server, and what it tells the page.
 *
 * A picture extends LivePicture with `view()`, `take(buffer)`, `arrange(data)`, `said(answer)`, `newRun()`, `resize()` and `look()`.
 */
import { Channel } from "./channel.js";
import { Controls, listenToKeys } from "./controls.js";
import { counters } from "./counters.js";
import { decodeFrame } from "./frame.js";
import { FrameLoop } from "./live.js";
import { recall, remember } from "./memory.js";

const RUN = "playground.run"; // this tab's run, so that a reload finds it again
const RELOADED = "playground.reloaded"; // when the page last came back by itself
const RELOAD_PAUSE_MS = 30000;
const RESUME_WAIT_MS = 400;
const EVENT_PATIENCE_MS = 3000; // so long an event waits for the page's answer to the one before
const HOMELESS_MS = 2000; // so long a picture that was taken off the page may come back to it
const PRESSED_MS = 1500; // so long a pressed button shows what it was pressed for

/** A style sheet that came with the modules, or of the folder and the version of the module that asks for it. */
export function styleSheet(name, moduleAddress) {
  const sheet = new CSSStyleSheet();
  const address = moduleAddress.startsWith("blob:")
    ? window.__nnpFiles.then((made) => made[name])
    : Promise.resolve(new URL(name + new URL(moduleAddress).search, moduleAddress));
  const ready = address
    .then((found) => fetch(found))
    .then((answer) => answer.text())
    .then((text) => sheet.replaceSync(text));
  return { sheet, ready };
}

/**
 * The `mount(component)` that Streamlit calls at every rerun. There is one picture for an element, however often that
 * happens; what is new in the data is taken over, nothing is built again, so nothing flickers. It returns the clean-up,
 * which Streamlit also calls for calls that a newer one has overtaken.
 *
 * When clicks follow each other fast, Streamlit at times takes the element away and puts another in its place. The
 * picture then moves there with all that it has: what was chosen on it, and what it has not told the page yet.
 */
export function mounting(selector, sheets, build) {
  const pictures = new WeakMap(); // of the element that a picture fills
  let homeless = null;
  const dress = (root) => {
    const scope = root.getRootNode();
    scope.adoptedStyleSheets = [...(scope.adoptedStyleSheets ?? []), ...sheets.map(({ sheet }) => sheet)];
  };
  const furnish = (root, component) => {
    const picture = homeless?.data.kind === component.data.kind ? homeless : null;
    homeless = null;
    if (picture) {
      root.replaceWith(picture.root);
      dress(picture.root);
      return pictures.get(picture.root);
    }
    counters.mounts += 1;
    dress(root);
    const entry = { calls: 0, picture: build(root, component) };
    pictures.set(root, entry);
    return entry;
  };
  return async (component) => {
    await Promise.all(sheets.map(({ ready }) => ready));
    const root = component.parentElement.querySelector(selector);
    const entry = pictures.get(root) ?? furnish(root, component);
    const { picture } = entry;
    const mine = ++entry.calls;
    if (homeless === picture) homeless = null;
    picture.update(component);
    return () => {
      if (entry.calls !== mine) return;
      homeless = picture;
      if (!picture.root.isConnected) picture.hush();
      setTimeout(() => {
        if (entry.calls !== mine) return;
        if (homeless === picture) homeless = null;
        pictures.delete(picture.root);
        picture.destroy();
      }, HOMELESS_MS);
    };
  };
}

export class LivePicture {
  constructor(root, component, html) {
    this.root = root;
    root.innerHTML = html;
    this.find = (selector) => root.querySelector(selector);
    this.events = [];
    this.data = component.data;
    this.playPending = null;
    this.controls = new Controls(root, (name, value) => this.act(name, value));
  }

  /** Listen to the page; called when all parts of the picture are there. */
  begin({ data }) {
    this.sized = new ResizeObserver(() => this.root.isConnected && this.resize());
    this.sized.observe(this.root);
    this.deaf = listenToKeys(
      (name) => this.act(name),
      () => this.root.isConnected && this.root.clientWidth > 0,
    );
    // Streamlit calls when the theme changes; a system's own change, a page zoom or a lower window may come silently
    this.watchman = setInterval(() => this.root.isConnected && this.look(), 1000);
    const stored = recall(this.memory);
    if (data.fresh && stored && stored !== data.run) {
      this.holdUntil = performance.now() + RESUME_WAIT_MS;
      this.wantResume = stored;
      setTimeout(() => this.watch(), RESUME_WAIT_MS);
    }
  }

  /** Streamlit has rerun the page. */
  update(component) {
    const { data } = component;
    this.setTriggerValue = component.setTriggerValue;
    this.data = data;
    if (this.wantResume) {
      this.emit({ resume: this.wantResume });
      this.wantResume = null;
    }
    if (this.sending && data.heard >= this.sent) {
      clearTimeout(this.sending);
      this.sending = null;
    }
    this.arrange(data);
    this.sendEvents();
    if (data.reply != null) this.channel?.receive(data.reply_to, data.reply);
    else if (this.emitted) this.channel?.abandon(); // an event has overtaken the question that was under way
    this.emitted = false;
    if (this.holdUntil && (!data.fresh || performance.now() > this.holdUntil)) this.holdUntil = 0;
    if (!this.holdUntil) this.watch();
    this.loop?.kick();
  }

  /** Where this tab keeps its run: every kind of data has one. */
  get memory() {
    return this.data.kind ? `${RUN}.${this.data.kind}` : RUN;
  }

  /** Watch the run that the page names: a new loop for a new run, on the same channel. */
  watch() {
    this.holdUntil = 0;
    const { run, token } = this.data;
    if (!token || this.destroyed) return;
    remember(this.memory, run);
    this.channel?.renew(token);
    this.channel ??= new Channel({
      token,
      fallbackSend: (text) => this.setTriggerValue("message", text),
      onMode: (mode) => this.setMode(mode),
      onShutOut: () => this.comeBack(),
    });
    if (this.loop?.run === run) return;
    this.loop?.close();
    this.seq = 0;
    this.newRun();
    this.loop = new FrameLoop({
      channel: this.channel,
      run,
      view: () => this.view(),
      onFrame: (buffer) => this.take(buffer),
      onAnswer: (answer) => this.said(answer?.error ?? null),
    });
    this.loop.playing = this.controls.isPlaying ?? false;
  }

  /**
   * The server was started anew and does not know this page. Its widgets are dead too, so the page loads again as soon as
   * the server answers: the address holds the experiment, this tab remembers its run, and the run's checkpoint is on disk.
   */
  async comeBack() {
    const last = +(recall(RELOADED) ?? 0);
    if (this.destroyed || Date.now() - last < RELOAD_PAUSE_MS) return;
    const alive = await fetch(new URL("_stcore/health", document.baseURI)).catch(() => null);
    if (!alive?.ok || this.channel.mode === "socket") return;
    remember(RELOADED, Date.now());
    window.location.reload();
  }

  /** The frame in a message of the run that is watched; null if it is none. */
  open(buffer) {
    if (!this.root.isConnected) return null;
    let frame;
    try {
      frame = decodeFrame(buffer);
    } catch {
      return null;
    }
    const { header } = frame;
    if (header.run !== this.loop?.run) return null;
    counters.frames += 1;
    counters.bytes += buffer.byteLength;
    counters.header = this.lastHeader = header;
    this.seq = header.seq;
    return frame;
  }

  setMode(mode) {
    counters.mode = mode;
    this.root.dataset.mode = mode;
    const stale = mode === "reconnecting";
    this.root.classList.toggle("stale", stale);
    this.controls.badge(stale ? "reconnecting …" : null);
  }

  // ---- what people do ----

  /** A button of the transport, or its key. */
  act(name, value) {
    if (name === "new_weights") return this.emit({ new_weights: true });
    if (!this.loop) return undefined;
    if (name === "play") {
      const on = !this.controls.isPlaying;
      this.setPlaying(on);
      this.playPending = { on, until: performance.now() + PRESSED_MS };
      return this.loop.command({ name: on ? "play" : "pause" });
    }
    this.loop.command(name === "speed" ? { name, value } : { name });
    if (name === "speed") this.controls.phase({ speed: value, phase: this.phase });
    return undefined;
  }

  setPlaying(on) {
    const pending = this.playPending;
    if (pending && pending.on !== on && performance.now() < pending.until) return;
    if (pending?.on === on) this.playPending = null;
    this.controls.playing(on);
    if (this.loop) this.loop.playing = on;
    if (this.root.dataset.playing !== String(on)) this.root.dataset.playing = on;
  }

  /**
   * Tell the page. Events wait until the one before was answered, since Streamlit keeps only the last of two; a newer one
   * of the same sort replaces one that waits.
   */
  emit(event) {
    this.events = this.events.filter((waiting) => sort(waiting) !== sort(event));
    this.events.push(event);
    this.sendEvents();
  }

  sendEvents() {
    if (!this.events.length || !this.setTriggerValue || this.sending || !this.root.isConnected) return;
    this.sending = setTimeout(() => {
      this.sending = null;
      this.sendEvents();
    }, EVENT_PATIENCE_MS);
    this.emitted = true;
    this.sent = Math.max(Date.now(), (this.sent ?? 0) + 1); // also after this picture is made anew, numbers grow
    this.setTriggerValue("event", { ...this.events.shift(), number: this.sent });
  }

  /** Does the page not know yet all that was changed here? */
  get ahead() {
    return Boolean(this.sending || this.events.length);
  }

  /** The picture was taken off the page, perhaps for a moment. */
  hush() {}

  destroy() {
    this.destroyed = true;
    this.loop?.close();
    this.channel?.close();
    this.sized.disconnect();
    this.deaf();
    clearInterval(this.watchman);
    clearTimeout(this.sending);
  }
}

/** What an event is about: the fields of a change, else its name. */
const sort = (event) => (event.change ? `change ${Object.keys(event.change)}` : Object.keys(event).join());
