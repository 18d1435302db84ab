import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { PrismaClient } from '../../catalog/generated/prisma/client.ts'
import { newId } from '../id.ts'
import { publish } from '../outbox.ts'
import { createFileStorage } from '../storage/file-storage.ts'
import { createScratch } from '../storage/scratch.ts'
import type { ObjectStorage } from '../storage/storage.ts'
import { createLogger } from '../telemetry.ts'
import { createTestLog, type TestLog } from '../testing/log.ts'
import { createPrivacyPart } from './privacy-part.ts'
import { type ExportedPart, type PrivacyRequest, privacyFolder, sayPrivacyRequested } from './requests.ts'

const PATIENCE = { timeout: 15_000, interval: 20 }

let home: string
let bench: TestLog
let storage: ObjectStorage

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cadenza-test-'))
  const scratch = createScratch(join(home, 'scratch'))
  storage = createFileStorage({ folder: join(home, 'objects'), scratch, secret: '', publicUrl: '' })
  bench = await createTestLog()
})
afterAll(async () => {
  await bench[Symbol.asyncDispose]()
  await rm(home, { recursive: true })
})

/** A process that does the parts of catalogue; `section` says what it finds. */
function startPart(section: string, store: ObjectStorage = storage): ReturnType<typeof createPrivacyPart> {
  const part = createPrivacyPart({
    ...{ room: 'catalog', databaseUrl: bench.url, db: bench.reader as PrismaClient, log: bench.log },
    ...{ storage: store, scratch: createScratch(join(home, 'scratch')) },
    logger: createLogger('test', 'silent'),
    sections: { section },
    erase: async () => undefined,
  })
  part.start()
  return part
}

/** Asks for an export of somebody; returns the job's id. */
async function request(): Promise<string> {
  const jobId = newId('privacy')
  const asked: PrivacyRequest = { jobId, userId: newId('user'), kind: 'EXPORT', rooms: ['catalog'] }
  await bench.writer.$transaction((tx) => publish(tx, [sayPrivacyRequested(jobId, asked)]))
  return jobId
}

test('of two processes at one part, because a lease was too short, the first one done is believed and has its file', async () => {
  let release: () => void = () => undefined
  const isReleased = new Promise<void>((resolve) => {
    release = resolve
  })
  let isStuck = false
  const slowStorage: ObjectStorage = {
    ...storage,
    async putFile(key, path) {
      isStuck = true
      await isReleased
      await storage.putFile(key, path)
    },
  }
  const slow = startPart(`SELECT 'slow' AS who, $1::text AS id`, slowStorage)
  const jobId = await request()
  await vi.waitFor(() => expect(isStuck).toBe(true), PATIENCE)
  const fast = startPart(`SELECT 'fast' AS who, $1::text AS id`)
  await bench.reader.$executeRaw`UPDATE privacy_part SET due_at = clock_timestamp() WHERE job_id = ${jobId}`
  const answers = (): PromiseLike<{ part: ExportedPart }[]> =>
    bench.reader
      .$queryRaw`SELECT payload->'part' AS part FROM outbox WHERE topic = 'catalog.privacy-answered.v1' AND key = ${jobId}`
  try {
    await vi.waitFor(async () => expect(await answers()).toHaveLength(1), PATIENCE)
  } finally {
    release()
    await Promise.all([slow.stop(), fast.stop()])
  }

  const [answer] = await answers()
  const content = await buffer((await storage.read(answer?.part.key ?? '')).body)
  expect(await answers()).toHaveLength(1)
  expect(content.toString()).toContain('"fast"')
  expect(createHash('sha256').update(content).digest('hex')).toBe(answer?.part.sha256)
  const stored: string[] = []
  for await (const { key } of storage.list(privacyFolder(jobId))) stored.push(key)
  expect(stored).toEqual([answer?.part.key])
})
