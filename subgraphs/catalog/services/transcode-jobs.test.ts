import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PROCESS_MARK } from '#shared/process-mark.ts'
import { createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { createTranscodeJobs, type TranscodeJob, type TranscodeJobs } from './transcode-jobs.ts'

let catalog: TestCatalog
let jobs: TranscodeJobs

beforeAll(async () => {
  catalog = await createTestCatalog()
  jobs = createTranscodeJobs(catalog.db, 'FILE')
})
afterAll(() => catalog[Symbol.asyncDispose]())
beforeEach(async () => {
  await catalog.db.transcodeJob.deleteMany()
  await jobs.queue(catalog.db, ['one'])
})

const row = () => catalog.db.transcodeJob.findUniqueOrThrow({ where: { id: 'one' } })
const take = async (): Promise<TranscodeJob> =>
  (await jobs.lease()) ?? expect.fail('there is nothing to take')
const endLease = () =>
  catalog.db
    .$executeRaw`UPDATE transcode_job SET leased_until = clock_timestamp() - interval '1 second' WHERE state = 'RUNNING'`
const isDue = () => catalog.db.$executeRaw`UPDATE transcode_job SET queued_at = clock_timestamp()`

test('of many who ask at once one gets the job, and the other kind never does', async () => {
  const leases = await Promise.all(Array.from({ length: 8 }, () => jobs.lease()))

  expect(leases.filter((job) => job !== null)).toEqual([{ id: 'one', lease: 1 }])
  await jobs.queue(catalog.db, ['two'])
  expect(await createTranscodeJobs(catalog.db, 'UPLOAD').lease()).toBeNull()
})

test('a job that is done is done once: who lost the lease writes nothing, renews nothing and fails nothing', async () => {
  const slow = await take()
  await endLease()
  const fast = await take()

  expect(await jobs.finish(catalog.db, slow)).toBe(false)
  expect(await jobs.renew(slow, 0.5)).toBe(false)
  await jobs.fail(slow, { code: 'X', message: 'x', isFinal: true })
  await jobs.giveBack(slow)
  expect(await jobs.renew(fast, 0.5)).toBe(true)
  expect((await jobs.find(['one']))[0]).toEqual({ id: 'one', state: 'RUNNING', progress: 0.5, failure: null })
  expect(await jobs.finish(catalog.db, fast)).toBe(true)
  expect(await jobs.lease()).toBeNull()
})

test('the fault of the recording ends it at once, another fault after the third time, each with its reason', async () => {
  await jobs.fail(await take(), { code: 'TRUNCATED', message: 'Its end is missing.', isFinal: true })
  expect((await jobs.find(['one']))[0]).toMatchObject({
    state: 'FAILED',
    failure: { code: 'TRUNCATED', message: 'Its end is missing.' },
  })

  await jobs.queue(catalog.db, ['one'])
  for (const state of ['QUEUED', 'QUEUED', 'FAILED']) {
    await isDue()
    await jobs.fail(await take(), { code: 'NO_ROOM', message: 'The disk is full.', isFinal: false })
    expect((await row()).state).toBe(state)
  }
})

test('a recording is not to blame for ten ends of its process, but for the eleventh', async () => {
  for (let turn = 0; turn <= 10; turn++) {
    await take()
    await endLease()
  }
  expect(await jobs.lease()).toBeNull()
  expect(await row()).toMatchObject({ state: 'FAILED', failureCode: 'LOST' })
})

test('what a process of this machine had that is gone is taken at once, what lives keeps its lease', async () => {
  await take()
  await jobs.takeFromGone()
  expect(await jobs.lease()).toBeNull()

  const gone = PROCESS_MARK.replace(/\d+$/, '4194305') // beyond the highest id a process can have
  await catalog.db.transcodeJob.update({ where: { id: 'one' }, data: { leasedBy: gone } })
  await jobs.takeFromGone()
  expect((await take()).id).toBe('one')
})

test('a job that is given back costs no attempt, and one that is queued again begins anew', async () => {
  await jobs.giveBack(await take())
  expect(await row()).toMatchObject({ state: 'QUEUED', attempts: 0, losses: 0 })

  const running = await take()
  await jobs.queue(catalog.db, ['one'])
  expect(await jobs.finish(catalog.db, running)).toBe(false)
  expect(await row()).toMatchObject({ state: 'QUEUED', progress: 0 })
})
