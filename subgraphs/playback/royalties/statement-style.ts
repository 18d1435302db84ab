/** How a statement looks, on a screen and on A4. */
export const STATEMENT_STYLE = `
:root { --ink: #16181d; --soft: #6b7280; --line: #e4e6eb; --accent: #0f766e; --paper: #fff }
* { box-sizing: border-box; margin: 0 }
body { background: #eef0f3; color: var(--ink); font: 15px/1.5 Inter, 'Segoe UI', 'DejaVu Sans', system-ui, sans-serif;
  font-variant-numeric: tabular-nums lining-nums }
main { max-width: 52rem; margin: 2.5rem auto; padding: 3.5rem; background: var(--paper); border-radius: 6px;
  box-shadow: 0 1px 2px #0001, 0 12px 40px #0000000f }
header { display: grid; grid-template-columns: auto 1fr auto; gap: 0 1.5rem; align-items: end; padding-bottom: 1.5rem;
  border-bottom: 2px solid var(--ink) }
.mark { grid-column: 1 / -1; margin-bottom: 2rem; color: var(--accent); font-weight: 700; letter-spacing: .18em; text-transform: uppercase;
  font-size: .8rem }
h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -.02em }
header div { grid-column: 1 / 3 } header div p, .state { color: var(--soft) }
h2 { margin-bottom: .6rem; font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; color: var(--soft) }
section { margin-top: 2.25rem }
.figures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1.5rem }
dt { color: var(--soft) } dd { font-size: 1.2rem; font-weight: 600; white-space: nowrap }
abbr { color: var(--soft); font-size: .75rem; font-weight: 400 } .pool dd { color: var(--accent) }
small { color: var(--soft); font-size: .72em; font-weight: 400 } .pool small { color: inherit; opacity: .65 }
.bar { height: 8px; margin-top: 1rem; border-radius: 4px; background: var(--line); overflow: hidden; transform: scaleX(-1) }
.bar i { display: block; height: 100%; background: var(--accent) }
.columns { display: grid; grid-template-columns: 1.45fr 1fr; gap: 2.5rem }
table { width: 100%; border-collapse: collapse } th, td { padding: .4rem 0; border-bottom: 1px solid var(--line); text-align: left }
th { color: var(--soft); font-size: .8rem; font-weight: 500 } .n { text-align: right; white-space: nowrap; padding-left: 1.25rem }
td.share, .role { color: var(--soft) } tfoot td { border-bottom: 0; border-top: 2px solid var(--ink); font-weight: 600 }
.payouts td:first-child { overflow-wrap: anywhere } .note { margin-top: .75rem; color: var(--soft); font-size: .85rem }
footer { display: flex; gap: 2rem; justify-content: space-between; margin-top: 3rem; color: var(--soft); font-size: .75rem }
footer p:last-child { white-space: nowrap }
@media (max-width: 40rem) { main { margin: 0; padding: 1.5rem } .figures, .columns { grid-template-columns: 1fr } }
@page { size: A4; margin: 18mm 16mm 20mm; @bottom-right { content: counter(page) ' / ' counter(pages); font: 9pt sans-serif; color: #6b7280 } }
@media print {
  body { background: none; font-size: 10pt } main { max-width: none; margin: 0; padding: 0; box-shadow: none }
  thead { display: table-header-group } tfoot { display: table-row-group } tr, .figures, .columns { break-inside: avoid }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}`
