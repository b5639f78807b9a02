/** Is the page touched, and not pointed at? Then nothing can be hovered over. */
export const byFinger = () => Boolean(globalThis.matchMedia?.("(hover: none)").matches);
