import type { SqlExecutor } from '#shared/database.ts'
import { decimal } from './amounts.ts'
import { readMonth } from './month.ts'
import { type PayoutRow, readRejections, type Statement } from './statement.ts'
import { allPayouts } from './statement-csv.ts'
import { STATEMENT_STYLE } from './statement-style.ts'

const REASONS: Readonly<Record<string, string>> = {
  UNDER_30_SECONDS: 'Heard for less than 30 seconds',
  PREVIEW: 'Previews',
  REPEAT: 'Repeats within the window',
  BOT_LOOP: 'Loops',
  BOT_HOURS: 'Impossible hours',
  BOT_SHARED_DEVICE: 'Too many accounts on a device',
}

/** A statement as one HTML page, made for print: no script, nothing fetched. Piece by piece, since it has every payout. */
export async function* statementPage(db: SqlExecutor, statement: Statement): AsyncGenerator<string> {
  yield head(statement)
  yield figures(statement)
  yield streams(statement, await readRejections(db, statement))
  yield `<section><h2>Payouts</h2><table class="payouts"><thead><tr><th>Rights holder</th><th>Role</th>
    <th class="n">Streams</th><th class="n">${statement.currency}</th></tr></thead><tbody>`
  for await (const payouts of allPayouts(db, statement)) yield payouts.map(payoutRow).join('')
  yield `</tbody><tfoot><tr><td colspan="3">The pool, paid out to the last unit</td>
    <td class="n">${money(statement.poolMicros)}</td></tr></tfoot></table></section>${foot(statement)}`
}

function head({ month, correction, at }: Statement): string {
  const title = readMonth(month).from.toLocaleDateString('en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
  const state = correction === 0 ? 'Closed' : `Correction ${correction}, made`
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>Royalty statement, ${title}</title><style>${STATEMENT_STYLE}</style></head><body><main>
    <header><p class="mark">Cadenza</p><div><h1>${title}</h1><p>Royalty statement</p></div>
    <p class="state">${state} ${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })}</p></header>`
}

function figures({ revenueMicros, poolMicros, currency }: Statement): string {
  const share = revenueMicros === 0n ? 0 : Number((poolMicros * 10_000n) / revenueMicros) / 100
  const figure = (name: string, micros: bigint, style = ''): string =>
    `<div class="figure ${style}"><dt>${name}</dt><dd>${money(micros)} <abbr>${currency}</abbr></dd></div>`
  return `<section><dl class="figures">${figure('Revenue', revenueMicros)}
    ${figure('Kept', revenueMicros - poolMicros)}${figure('Pool', poolMicros, 'pool')}</dl>
    <div class="bar" role="img" aria-label="${share}% of the revenue is the pool"><i style="width:${share}%"></i></div></section>`
}

function streams(statement: Statement, rejected: readonly { reason: string; count: number }[]): string {
  const { billableStreams, streams: all, terms, poolMicros, weight } = statement
  const row = (name: string, count: number): string =>
    `<tr><td>${name}</td><td class="n">${thousands(count)}</td><td class="n share">${all === 0 ? '–' : `${((count / all) * 100).toFixed(1)} %`}</td></tr>`
  const rates = Object.entries(terms.tierWeights).map(([tier, one]) => {
    const micros = weight === 0n ? 0 : (Number(poolMicros) * one) / Number(weight)
    return `<tr><td>${tier}</td><td class="n">${thousands(one)}</td><td class="n">${(micros / 1e6).toFixed(9)}</td></tr>`
  })
  return `<section class="columns"><div><h2>Plays</h2><table><tbody>${row('Billed', billableStreams)}
    ${rejected.map(({ reason, count }) => row(REASONS[reason] ?? escaped(reason), count)).join('')}</tbody>
    <tfoot>${row('All plays of the month', all)}</tfoot></table></div>
    <div><h2>Rate of a stream</h2><table><thead><tr><th>Tier</th><th class="n">Weight</th><th class="n">${statement.currency}</th></tr></thead>
    <tbody>${rates.join('')}</tbody></table><p class="note">Of what a stream earns, ${terms.recordingBasisPoints / 100} % are the
    recording’s and ${(10_000 - terms.recordingBasisPoints) / 100} % the work’s.</p></div></section>`
}

function payoutRow({ name, role, streams: count, amountMicros }: PayoutRow): string {
  return `<tr><td>${escaped(name)}</td><td class="role">${escaped(role.toLowerCase())}</td><td class="n">${thousands(count)}</td>
    <td class="n">${money(amountMicros)}</td></tr>`
}

function foot({ month, correction, terms }: Statement): string {
  return `<footer><p>Every amount is exact to a millionth of a unit. What is left over in a division goes, a unit each, to those whose part was cut
    most. A track is billed once a listener and ${terms.repeatWindowMs / 60_000} minutes. A closed month never changes: what comes later is booked in
    the month that runs.</p><p>${month} · ${correction === 0 ? 'close' : `correction ${correction}`}</p></footer></main></body></html>`
}

/** The cents as everybody reads them, and the rest of the digits small beside them. */
function money(micros: bigint): string {
  const text = decimal(micros, ',')
  return `<span class="money">${text.slice(0, -4)}<small>${text.slice(-4)}</small></span>`
}

function thousands(count: number): string {
  return count.toLocaleString('en-US')
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
