/** A table as text: numbers to the right, a line under the header. */
export function formatTable(header, rows) {
  const cells = [header, ...rows].map((row) =>
    row.map((value) => (typeof value === 'number' ? value.toLocaleString('en-US') : (value ?? '').toString())),
  );
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const numeric = header.map((_, column) =>
    rows.every((row) => row[column] === null || !Number.isNaN(Number(row[column]))),
  );
  const line = (row) =>
    row
      .map((text, column) => (numeric[column] ? text.padStart(widths[column]) : text.padEnd(widths[column])))
      .join('  ')
      .trimEnd();
  return [line(cells[0]), widths.map((width) => '─'.repeat(width)).join('  '), ...cells.slice(1).map(line)].join('\n');
}

/** The same in Markdown; `right` says of each column whether it stands to the right. */
export function markdownTable(header, rows, right) {
  const line = (cells) =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell)).join(' | ')} |`;
  return [line(header), line(right.map((yes) => (yes ? '---:' : '---'))), ...rows.map(line)].join('\n');
}
