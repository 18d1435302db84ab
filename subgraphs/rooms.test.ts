import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ERROR_CODES } from '#shared/errors.ts'
import { ROOMS } from '../schema/supergraph.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const FURNITURE = [
  'README.md',
  'index.ts',
  'server.ts',
  'context.ts',
  'loaders.ts',
  'events.ts',
  'models.ts',
  'resolvers/index.ts',
  'services',
]
const MOST_LINES = 250

test.each(ROOMS)('%s has the same furniture as every room', (room) => {
  expect(FURNITURE.filter((piece) => !existsSync(join(ROOT, 'subgraphs', room, piece)))).toEqual([])
})

test(`no file is longer than ${MOST_LINES} lines`, () => {
  const long = sources(ROOT).filter((file) => !/\.(test|e2e)\.ts$/.test(file) && lines(file) > MOST_LINES)

  expect(long.map((file) => file.slice(ROOT.length))).toEqual([])
})

test('the README lists every room and every error code', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

  for (const name of [...ROOMS, ...Object.keys(ERROR_CODES)]) expect(readme).toContain(`\`${name}\``)
})

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (/^(node_modules|generated|discography|\..*)$/.test(name)) return []
    if (statSync(path).isDirectory()) return sources(path)
    return /\.tsx?$/.test(name) ? [path] : []
  })
}

function lines(file: string): number {
  return readFileSync(file, 'utf8').split('\n').length - 1
}
