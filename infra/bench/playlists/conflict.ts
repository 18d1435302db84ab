import { readFile, writeFile } from 'node:fs/promises'
import { createChance } from '../../../gateway/execute/testing/chance.ts'
import { chooseSeed } from '../seed.ts'
import { drawIntents, ITEMS, type Item } from './conflict/intent.ts'
import { judgeRound, type Verdict } from './conflict/judge.ts'
import type { CreateScheme } from './conflict/scheme.ts'
import { indexAddressed, itemsAndAnchors, lastWriteWins, sortedSet } from './conflict/schemes.ts'

const SCHEMES: Record<string, CreateScheme> = {
  'index-addressed': indexAddressed,
  'Redis lock, sorted set': sortedSet,
  'last write wins': lastWriteWins,
  Cadenza: itemsAndAnchors,
}
const EDITORS = [2, 10]
const README = new URL('../../../README.md', import.meta.url)
const MARKS = ['<!-- bench: conflict -->\n', '<!-- /bench -->'] as const

/**
 * `npm run bench -- conflict [edits] [seed]`: the same random edits by people who saw the same list, made in four ways. A simulation; ours
 * is the model that the room is tested against. Writes its table into the README.
 */
export async function run([count = '20000', given = '20261121']: readonly string[]): Promise<void> {
  const seed = chooseSeed(given)
  const rows = Object.entries(SCHEMES).map(([name, create]) => {
    const verdicts = EDITORS.map((editors) => simulate(create, editors, Number(count), seed))
    return `| ${[name, ...verdicts.flatMap(cells)].join(' | ')} |`
  })
  const heads = EDITORS.flatMap((n) => [`${n} editors: wrong item`, 'lost', 'wrong place'])
  const table = [`| | ${heads.join(' | ')} |`, `|---${'|--:'.repeat(heads.length)}|`, ...rows, ''].join('\n')
  process.stdout.write(table)
  await writeIntoReadme(table)
}

function simulate(create: CreateScheme, editors: number, count: number, seed: number): Verdict {
  const chance = createChance(seed)
  const start = Array.from({ length: ITEMS }, (_, id): Item => ({ id, track: id }))
  const scheme = create(start, createChance(seed + 1))
  const verdict: Verdict = { edits: 0, wrongItem: 0, lost: 0, misplaced: 0, refused: 0 }
  let nextId = ITEMS
  while (verdict.edits < count) {
    judgeRound(
      scheme,
      drawIntents(chance, scheme.list(), editors, () => nextId++),
      verdict,
    )
  }
  return verdict
}

function cells({ edits, wrongItem, lost, misplaced }: Verdict): string[] {
  return [wrongItem, lost, misplaced].map((one) => `${((one / edits) * 100).toFixed(1)} %`)
}

async function writeIntoReadme(table: string): Promise<void> {
  const readme = await readFile(README, 'utf8')
  const [begin, end] = MARKS
  const from = readme.indexOf(begin)
  const to = readme.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`The README has no place for the table: ${begin.trim()}`)
  await writeFile(README, `${readme.slice(0, from + begin.length)}${table}${readme.slice(to)}`)
}
