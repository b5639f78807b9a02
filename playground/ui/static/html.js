/** Small pieces of HTML as text, escaped. */
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ESCAPES[c]);

/** An element; attributes that are false or missing are left out, true ones stand alone. `content` is HTML already. */
export function tag(name, attributes, content = "") {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== false && value !== null && value !== undefined)
    .map(([key, value]) => (value === true ? ` ${key}` : ` ${key}="${escape(value)}"`));
  return `<${name}${written.join("")}>${name === "input" ? "" : `${content}</${name}>`}`;
}

/** A button that says what it does: `label` for those who hear it, `tip` for those who point at it. */
export const button = ({ label, tip, ...attributes }, content) =>
  tag("button", { type: "button", "aria-label": label, title: tip, ...attributes }, content);

/** The options of a select from choices {name, title, help}. */
export const options = (choices, chosen) =>
  choices
    .map(({ name, title, help }) =>
      tag("option", { value: name, title: help, selected: name === chosen }, escape(title)),
    )
    .join("");
