import { expect, test } from 'vitest'
import type { LogEvent } from './event-log.ts'
import { recordInbox } from './inbox.ts'
import { createTestLog, TOPIC } from './testing/log.ts'

const event = (id: string): LogEvent => ({
  id,
  topic: TOPIC,
  key: 'k',
  at: new Date(),
  payload: {},
  position: { xid: '1', seq: '1' },
})
const idsOf = (events: readonly LogEvent[]): string[] => events.map(({ id }) => id)

test('an event is had once, brought again later or twice at once', async () => {
  await using bench = await createTestLog()
  const [a, b, c] = ['a', 'b', 'c'].map(event) as [LogEvent, LogEvent, LogEvent]

  expect(idsOf(await recordInbox(bench.reader, 'catalog.one', [a, b, a, b]))).toEqual(['a', 'b'])
  expect(idsOf(await recordInbox(bench.reader, 'catalog.one', [b, c, c]))).toEqual(['c'])
  expect(idsOf(await recordInbox(bench.reader, 'catalog.other', [a]))).toEqual(['a'])
})
