import { expect, test } from 'vitest'
import { heardMs } from '../../subgraphs/playback/services/listening.ts'
import { createChance } from '../demo/chance.ts'
import { HABITS, listen } from './listening.ts'

test.each(HABITS)('what was heard follows from what is told: %s', (habit) => {
  for (let seed = 0; seed < 100; seed++) {
    const chance = createChance(`listening ${seed}`)
    const {
      moves,
      heardMs: heard,
      lastsMs,
    } = listen(habit, Math.floor(chance.between(40_000, 90_000)), chance)
    const events = moves.map(({ kind, positionMs, afterMs }, n) => ({
      eventId: `${n}`,
      kind,
      positionMs,
      at: afterMs,
    }))

    expect(heardMs(events), `seed ${seed}`).toBe(heard)
    expect(moves.at(-1)?.afterMs).toBe(lastsMs)
    expect(new Set(moves.map(({ afterMs }) => afterMs)).size, `seed ${seed}`).toBe(moves.length)
  }
})

test('a second and the first millisecond of it decide', () => {
  const chance = createChance('edge')
  expect(listen('short of it', 60_000, chance).heardMs).toBe(29_999)
  expect(listen('just enough', 60_000, chance).heardMs).toBe(30_000)
})
