/**
 * Keeps the picture up to date: ask for a frame, paint it, ask for the next. Never more than one question is open, so a
 * slow network or a slow machine gives fewer frames and never a queue.
 */
const IDLE_MS = 250; // just after something happened
const REST_MS = 1000; // a paused run that nobody touches: only to say that somebody watches
const BUSY_MS = 4000;

export class FrameLoop {
  /**
   * view(): what the eyes ask for now. onFrame(buffer): resolves when painted.
   * onAnswer(object): what came instead of a frame, null after a frame.
   */
  constructor({ channel, run, view, onFrame, onAnswer }) {
    Object.assign(this, { channel, run, view, onFrame, onAnswer });
    this.commands = [];
    this.playing = false;
    this.closed = false;
    this.touched = performance.now();
    this.lastView = "";
    this.wake = null;
    this.onVisible = () => this.kick();
    document.addEventListener("visibilitychange", this.onVisible);
    this.turn();
  }

  /** Send a command with the next question, at once. A newer edit of the same weight, or own sample, replaces a waiting one. */
  command(command) {
    const same = (other) =>
      other.name === command.name &&
      (command.name === "speed" ||
        command.name === "own" ||
        (command.name === "edit" && other.parameter === command.parameter && `${other.index}` === `${command.index}`));
    const waiting = this.commands.findIndex(same);
    if (waiting >= 0) this.commands[waiting] = command;
    else this.commands.push(command);
    this.kick();
  }

  /** Something has changed: do not wait for the next heartbeat. */
  kick() {
    this.touched = performance.now();
    this.kicked = true;
    this.wake?.();
  }

  close() {
    this.closed = true;
    document.removeEventListener("visibilitychange", this.onVisible);
    this.wake?.();
  }

  async turn() {
    while (!this.closed) {
      // a hidden tab does not watch: the server pauses a run that nobody watches, and commands still go out
      if (document.hidden && !this.commands.length) {
        await this.sleep(60000);
        continue;
      }
      this.kicked = false;
      const command = this.commands.shift() ?? null;
      const view = this.view();
      const seen = JSON.stringify({ ...view, have: 0 });
      const answer = await this.channel.ask({
        kind: "frame",
        run: this.run,
        command,
        view: { ...view, have_view: seen === this.lastView },
      });
      if (this.closed) return;
      let fresh = false;
      if (answer instanceof ArrayBuffer) {
        fresh = answer.byteLength > 0;
        if (fresh) {
          this.lastView = seen;
          await this.onFrame(answer);
        }
        this.onAnswer(null);
      } else if (answer.lost) {
        // what can be said twice without harm is said again; a step is not
        if (command && ["play", "pause", "speed", "edit", "own"].includes(command.name)) this.commands.unshift(command);
        await this.sleep(200);
      } else {
        this.onAnswer(answer);
        if (answer.error) await this.sleep(REST_MS);
      }
      if (this.kicked || this.commands.length) continue;
      if (this.playing) {
        if (!fresh) await this.sleep(30);
      } else {
        await this.sleep(performance.now() - this.touched < BUSY_MS ? IDLE_MS : REST_MS);
      }
    }
  }

  sleep(ms) {
    if (this.kicked && !this.closed && ms < 60000) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
