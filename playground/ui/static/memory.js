/** What this tab remembers over a reload. It may be forbidden; then a reload simply starts anew. */
export function recall(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    // see recall
  }
}
