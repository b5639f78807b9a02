/** Counted for tests and benchmarks, on the window so that they can be read from outside. */
export const counters = (window.__nnp ??= {
  frames: 0, // received
  painted: 0,
  longest: 0, // ms of the longest painting so far
  last: 0, // ms of the last one
  bytes: 0, // received in all
  mounts: 0, // stages built: stays 1 however often the page reruns
  mode: "connecting",
  header: null, // of the last frame
  weights: null, // of the last frame, in its flat layout
  plane: null, // the output plane in the window: {x, y, size}
  linkAt: () => null, // (parameter, out, in) -> [x, y] in the window
});
