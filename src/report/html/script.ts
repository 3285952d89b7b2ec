// The script of the HTML report: it filters and sorts the table of checks, and opens what a link
// points at. Without it the page says the same. Its hash stands in the page's own policy.

/** Runs at the end of the body. Touches nothing but attributes and the order of rows. */
export const SCRIPT = `
(() => {
  const find = (id) => document.getElementById(id);
  const form = find('controls');
  const body = document.querySelector('#checks tbody');
  const filter = find('filter');
  const rows = body ? [...body.rows] : [];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const inOrder = rows.toSorted((a, b) => a.dataset.at - b.dataset.at);
  const update = () => {
    const wanted = new Set([...form.querySelectorAll('[name=verdict]:checked')].map((box) => box.value));
    const words = filter.value.toLowerCase().split(/\\s+/);
    const cases = new Set();
    let shown = 0;
    for (const row of rows) {
      const visible = wanted.has(row.dataset.verdict) && words.every((word) => texts.get(row).includes(word));
      row.hidden = !visible;
      if (visible) { shown += 1; cases.add(row.dataset.case); }
    }
    for (const one of document.querySelectorAll('details[data-case]')) one.hidden = !cases.has(one.dataset.case) && one.dataset.checks !== '0';
    find('shown').textContent = shown + ' of ' + rows.length + ' checks';
  };
  const sort = () => body.append(...(find('worst-first').checked ? rows : inOrder));
  const reveal = () => {
    const target = find(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    target.hidden = false;
    const details = target.closest('details');
    if (details) details.open = true;
    target.scrollIntoView();
  };
  if (form && body) {
    form.hidden = false;
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', (event) => (event.target.id === 'worst-first' ? sort() : update()));
    addEventListener('keydown', (event) => {
      if (event.key !== '/' || event.target === filter) return;
      event.preventDefault();
      filter.focus();
    });
  }
  addEventListener('hashchange', reveal);
  reveal();
})();
`;
