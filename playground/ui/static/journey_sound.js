/** Lets the chosen sound be heard. */
export class Player {
  constructor(repaint) {
    this.repaint = repaint;
    this.source = null;
  }

  /** Play from the start, or stop if it plays. */
  toggle({ values, rate }) {
    if (this.source) return this.stop();
    this.context ??= new AudioContext();
    this.context.resume();
    const buffer = this.context.createBuffer(1, values.length, rate);
    buffer.copyToChannel(Float32Array.from(values), 0);
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    source.onended = () => this.source === source && this.stop();
    source.start();
    Object.assign(this, { source, began: this.context.currentTime, seconds: values.length / rate });
    return this.tick();
  }

  tick() {
    if (!this.source) return;
    this.repaint();
    requestAnimationFrame(() => this.tick());
  }

  stop() {
    const { source } = this;
    this.source = null;
    source?.stop();
    this.repaint();
  }

  /** How much of it has been heard, 0 to 1; null while it is silent. */
  position() {
    return this.source ? Math.min(1, (this.context.currentTime - this.began) / this.seconds) : null;
  }

  close() {
    this.stop();
    this.context?.close();
  }
}
