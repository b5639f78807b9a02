/** The numbers of a figure as CSV: one table where its curves share an axis, a matrix for each heatmap and surface. */

/** figure: {data, layout} with plain or typed arrays -> CSV text. */
export function tableOf({ data, layout }) {
  const drawn = data.filter((trace) => trace.visible !== false);
  const matrices = drawn.filter((trace) => trace.z?.length && trace.z[0]?.length !== undefined);
  const curves = drawn.filter((trace) => !matrices.includes(trace) && trace.x?.length);
  const blocks = [];
  for (const trace of matrices) addMatrix(blocks, trace);
  if (curves.length) blocks.push({ rows: sameX(curves) ? wide(curves, layout) : long(curves) });
  const texts = blocks.map(({ rows }) => rows.map((row) => row.map(cell).join(",")).join("\r\n"));
  return texts.join("\r\n\r\n") + "\r\n";
}

const nameOf = (trace) => trace.meta?.name ?? trace.name ?? "";

/** Rows and columns under their names; blank columns only set others apart. */
function addMatrix(blocks, trace) {
  const { x, y, z } = { x: trace.x, y: trace.y, z: trace.z, ...trace.meta };
  const named = Array.from(x, (name, column) => [name, column]).filter(([name]) => name !== " ");
  const rows = Array.from(y, (name, row) => [name, ...named.map(([, column]) => z[row][column])]);
  blocks.push({ rows: [[nameOf(trace), ...named.map(([name]) => name)], ...rows] });
}

function sameX(curves) {
  const [{ x: first }] = curves;
  return curves.every(({ x }) => x.length === first.length && x.every((value, i) => value === first[i]));
}

/** One row a place on the x axis, one column a curve. */
function wide(curves, layout) {
  const title = layout.xaxis?.title?.text || "x";
  const rows = [[title, ...curves.map(nameOf)]];
  curves[0].x.forEach((value, i) => rows.push([value, ...curves.map(({ y }) => y[i])]));
  return rows;
}

/** One row a point, with the name of its curve. */
function long(curves) {
  const solid = curves.some(({ z }) => z);
  const rows = [["series", "x", "y", ...(solid ? ["z"] : [])]];
  for (const trace of curves) {
    trace.x.forEach((value, i) => {
      if (value !== null && !Number.isNaN(value)) rows.push([nameOf(trace), value, trace.y[i], ...(solid ? [trace.z?.[i]] : [])]);
    });
  }
  return rows;
}

/** Text that a spreadsheet would run as a formula is made plain; numbers stay numbers, gaps stay empty. */
function cell(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (typeof value === "number") return String(Number(value.toPrecision(9)));
  const text = String(value).replace(/<[^>]*>/g, "");
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
