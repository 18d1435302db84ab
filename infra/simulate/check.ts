import { type Json, list } from '../testing/client.ts'
import type { Account } from './account.ts'
import { type Answer, type DatedPlay, inAll } from './oracle.ts'
import type { HeardPlay } from './simulation.ts'

/** A line of somebody's history, the last first. */
export interface HistoryLine {
  trackId: string
  startedAt: number
  msPlayed: number
  counted: boolean
}

const HISTORY = `query History($after: String) { viewer { history(first: 100, after: $after) {
  edges { playedAt msPlayed counted node { __typename ... on Track { id } } } pageInfo { hasNextPage endCursor } } } }`

/** All of an account's history, page by page. */
export async function readHistory(account: Account): Promise<HistoryLine[]> {
  const lines: HistoryLine[] = []
  let after: string | null = null
  do {
    const page: Json | undefined = (await account.ask(HISTORY, { after }))['viewer']?.['history']
    for (const edge of list(page?.['edges']))
      lines.push({
        trackId: String(edge['node']?.['id']),
        startedAt: Date.parse(String(edge['playedAt'])),
        msPlayed: Number(edge['msPlayed']),
        counted: String(edge['counted']) === 'true',
      })
    after = page?.['pageInfo']?.['hasNextPage'] ? String(page['pageInfo']?.['endCursor']) : null
  } while (after !== null)
  return lines
}

/** Gives each play the moment at which it began by the server's word; says what of the history is not as it was. */
export function dateByHistory(
  plays: readonly HeardPlay[],
  history: readonly HistoryLine[],
): { dated: DatedPlay[]; differences: string[] } {
  const differences: string[] = []
  const expected = plays.toSorted((one, other) => other.answeredAt - one.answeredAt)
  const user = plays[0]?.userId ?? ''
  if (history.length !== expected.length)
    differences.push(`history of ${user}: ${history.length} lines, not ${expected.length}`)
  const dated = expected.map((play, index) => {
    const line = history[index]
    const { trackId, heardMs, askedAt, answeredAt } = play
    const isThen = line !== undefined && line.startedAt >= askedAt && line.startedAt <= answeredAt
    if (
      line?.trackId !== trackId ||
      line.msPlayed !== heardMs ||
      line.counted !== heardMs >= 30_000 ||
      !isThen
    )
      differences.push(
        `history of ${user}, line ${index + 1}: ${JSON.stringify(line)}, not ${JSON.stringify({ trackId, heardMs, askedAt, answeredAt })}`,
      )
    return { ...play, startedAt: line?.startedAt ?? answeredAt }
  })
  return { dated, differences }
}

/** What of one tally is not as it has to be. Zero and nothing are the same. */
export function compare(
  what: string,
  seen: Readonly<Record<string, number>>,
  wanted: Readonly<Record<string, number>>,
): string[] {
  const keys = [...new Set([...Object.keys(seen), ...Object.keys(wanted)])].sort()
  return keys.flatMap((key) => {
    const [is, be] = [seen[key] ?? 0, wanted[key] ?? 0]
    return is === be ? [] : [`${what} ${key}: ${is}, not ${be}`]
  })
}

const COUNTS = `query Counts($ids: [ID!]!) { nodes(ids: $ids) { ... on Track { id playCount } } }`

/** How often each track was played, as anybody is told. */
export async function readPlayCounts(
  account: Account,
  ids: readonly string[],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let from = 0; from < ids.length; from += 50)
    for (const node of list((await account.ask(COUNTS, { ids: ids.slice(from, from + 50) }))['nodes']))
      counts[String(node['id'])] = Number(node['playCount'] ?? 0)
  return counts
}

/** Counts of tracks since `before`, against the answer. */
export async function checkPlayCounts(
  account: Account,
  answer: Answer,
  before: Readonly<Record<string, number>>,
): Promise<string[]> {
  const after = await readPlayCounts(account, Object.keys(before))
  const since = Object.fromEntries(
    Object.entries(after).map(([id, plays]) => [id, plays - (before[id] ?? 0)]),
  )
  return compare('plays of', since, inAll(answer.hourly.track))
}

const DASHBOARD = `query Dashboard($id: ID!) { artist(id: $id) { analytics(days: 60) {
  plays listeners hourly { hour plays } byCountry { country plays } byDevice { kind plays } topTracks(first: 100) { plays track { id } } } } }`

/** What each artist is told, as an administrator sees it. Behind the plays by a second or two. */
export async function checkDashboards(admin: Account, { hourly, listeners }: Answer): Promise<string[]> {
  const seen = { plays: {}, hours: {}, listeners: {} } as Record<string, Record<string, number>>
  const wanted: typeof seen = { plays: inAll(hourly.artist), hours: {}, listeners }
  for (const [id, hours] of Object.entries(hourly.artist)) {
    const analytics = (await admin.ask(DASHBOARD, { id }))['artist']?.['analytics']
    const say = (what: string, key: string, value: unknown) => {
      seen[what] = { ...seen[what], [key]: Number(value) }
    }
    say('plays', id, analytics?.['plays'])
    say('listeners', id, analytics?.['listeners'])
    for (const each of list(analytics?.['hourly']))
      say('hours', `${id} ${new Date(String(each['hour'])).toISOString()}`, each['plays'])
    for (const [hour, plays] of Object.entries(hours))
      wanted['hours'] = { ...wanted['hours'], [`${id} ${hour}`]: plays }
  }
  return Object.keys(wanted).flatMap((what) =>
    compare(`${what} told to`, seen[what] ?? {}, wanted[what] ?? {}),
  )
}
