import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { openTestBooks, type TestBooks } from '../testing/books.ts'
import { importRights } from './rights-import.ts'

let house: TestBooks
let folder: string

beforeAll(async () => {
  ;[house, folder] = await Promise.all([openTestBooks(), mkdtemp(join(tmpdir(), 'cadenza-rights-'))])
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const HEADER = 'track,work,title,holder,name,role,basis_points,from,until'
const [SONG, OTHER] = [derivedId('track', 'song'), derivedId('track', 'other')]

async function run(...lines: string[]) {
  const file = join(folder, 'rights.csv')
  await writeFile(file, `${lines.join('\n')}\n`)
  const faults: string[] = []
  const outcome = await importRights({
    ...{ file, db: house.db },
    onFault: (line, reason) => faults.push(`${line}: ${reason}`),
    onProgress: () => undefined,
  })
  return { ...outcome, faults }
}
const shares = () =>
  house.db.$queryRaw<{ line: string }[]>`
    SELECT concat_ws(' ', side, subject_id, valid, name, role, basis_points) AS line FROM rights_share
      JOIN rights_agreement ON rights_agreement.id = agreement_id JOIN rights_holder ON rights_holder.id = holder_id
     ORDER BY side, subject_id, basis_points DESC`.then((rows) => rows.map(({ line }) => line))

test('recordings, works and which recording is of which work come in, and once more changes nothing', async () => {
  const file = [
    HEADER,
    `${SONG},,,label-1,"Label, Inc.",LABEL,7000,2026-01-01,2027-01-01`,
    `${SONG},,,p-1,Pro,PRODUCER,3000,2026-01-01,2027-01-01`,
    `${SONG},T-1,A song,ipi-1,Sol,SONGWRITER,10000,,`,
  ]
  const expected = [
    `RECORDING ${SONG} [2026-01-01,2027-01-01) Label, Inc. LABEL 7000`,
    `RECORDING ${SONG} [2026-01-01,2027-01-01) Pro PRODUCER 3000`,
    `WORK ${derivedId('work', 'T-1')} (,) Sol SONGWRITER 10000`,
  ]

  expect(await run(...file)).toEqual({ agreements: 2, skipped: 0, faults: [] })
  expect(await shares()).toEqual(expected)
  expect(await run(...file)).toEqual({ agreements: 2, skipped: 0, faults: [] })
  expect(await shares()).toEqual(expected)
  expect(await house.db.recordingWork.findMany()).toEqual([
    { recordingId: SONG, workId: derivedId('work', 'T-1') },
  ])
})

test('an agreement that does not hold is named by its line, and the others are in', async () => {
  const { agreements, skipped, faults } = await run(
    HEADER,
    `${OTHER},,,label-1,,,9999,,`,
    `${SONG},,,label-1,,,5000,2028-01-01,`,
    `${SONG},,,p-1,,,5000,2028-01-01,`,
    `track_x,,,label-1,,,10000,,`,
    `${OTHER},,,who,,,10000,2026-01-01,`,
    `${OTHER},,,label-1,Label,KING,10000,2026-02-01,`,
    `${OTHER},,,label-1,Label,LABEL,many,2026-03-01,`,
  )

  expect([agreements, skipped]).toEqual([1, 5])
  expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual(['2', '5', '6', '7', '8'])
  expect(faults.join()).toContain('The shares add up to 9999, not to 10,000 basis points')
  expect(faults.join()).toContain('Nobody is known by who yet')
})

test('what is no file of rights ends in one sentence', async () => {
  await expect(run('track,holder', `${SONG},label-1`)).rejects.toThrow(/must name the columns: work, title/)
  await expect(run(HEADER, `${SONG},,,"label`)).rejects.toThrow(/mend it and run the import again/)
  await expect(
    importRights({
      file: join(folder, 'none.csv'),
      db: house.db,
      onFault: () => undefined,
      onProgress: () => undefined,
    }),
  ).rejects.toThrow(/cannot be read/)
})
