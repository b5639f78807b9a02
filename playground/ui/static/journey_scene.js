/** The HTML of the journey: tools over it, the way itself, and what stands below it. */
import { button, tag } from "./html.js";

const tab = (name, word, tip) =>
  tag("button", { type: "button", role: "tab", "data-tab": name, title: tip, "aria-selected": "false" }, word);

const LOOKS = [
  ["", "nothing", "Show the sample as it is"],
  ["gradient", "gradient", "Which numbers would change the answer most if they changed a little"],
  ["occlusion", "occlusion", "How much less sure it is when a part is covered"],
];

export const SCENE = `
  <div class="tools">
    <div class="pick">
      ${button({ class: "before", label: "The sample before", tip: "The sample before on the wall" }, "‹")}
      <b class="which">–</b>
      ${button({ class: "after", label: "The next sample", tip: "The next sample on the wall" }, "›")}
    </div>
    <label class="type" hidden><span>Type</span><input type="text" name="own" maxlength="200" autocomplete="off" spellcheck="false"
      aria-label="Type your own text: the answer follows while you type" placeholder="your own text" /></label>
    ${button({ class: "draw", tip: "Draw your own picture: the answer follows while you draw" }, "✎ Draw your own")}
    ${button({ class: "listen", tip: "Hear the chosen sound" }, "▶ Listen")}
    <output class="mini" aria-hidden="true"></output>
    <span class="spacer"></span>
    <div class="look" role="radiogroup" aria-label="What did it look at?"><span>What did it look at?</span>
      ${LOOKS.map(([name, word, tip]) => tag("button", { type: "button", role: "radio", "data-look": name, title: tip, "aria-checked": String(name === "") }, word)).join("")}
    </div>
  </div>
  <div class="way scene"><div class="strip"><canvas role="img" aria-label="The journey of one sample through the network"></canvas><div class="steps"></div></div></div>
  <div class="below">
    <section class="panels">
      <div class="tabs" role="tablist">${tab("wall", "Test samples", "All test samples, the wrong ones marked")}${tab("paint", "Photo and painting", "The photo beside what the network paints")}${tab("write", "What it writes", "Names that the network writes now")}${tab("draw", "Draw your own", "Draw with the mouse, a finger or a pen")}${tab("layer", "Layer", "The chosen layer, large")}</div>
      <div class="panel wall" data-panel="wall"></div>
      <div class="panel paint" data-panel="paint" hidden></div>
      <div class="panel write" data-panel="write" hidden></div>
      <div class="panel draw" data-panel="draw" hidden></div>
      <div class="panel lens" data-panel="layer" hidden></div>
    </section>
    <section class="curves"><canvas role="img" aria-label="Loss curves"></canvas></section>
  </div>
  <div class="tip" hidden></div>`;
